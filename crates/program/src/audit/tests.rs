use clap::Parser as _;
use coda_audit::{AuditLog, Event, LogKey, Name, Seed, Submission, Witness, WitnessKey};
use coda_model::UserId;
use tempfile::TempDir;
use time::macros::datetime;

use super::*;

// Of the public key of RFC 8032, section 7.1, test 1.
const KEY: &str = "n+fda12f92+AddamAGCsQq31Uv+08lkBzoO4XLz2qYjJa8CGmj3B1Ea";
const WITNESS: &str = "n+fd56ae6b+BNdamAGCsQq31Uv+08lkBzoO4XLz2qYjJa8CGmj3B1Ea";

#[derive(Debug, clap::Parser)]
struct Line {
    #[command(subcommand)]
    audit: Audit,
}

/// A log of three lines with a checkpoint of two, cosigned by one witness.
struct Site {
    folder: TempDir,
    log: LogVerifier,
    witness: WitnessVerifier,
}

impl Site {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let now = datetime!(2026-11-22 12:00 UTC);
        let name = |text| Name::new(text).unwrap();
        let log = AuditLog::open(&folder.path().join("log")).unwrap();
        let append = |user| {
            log.append(&Event::GrantsListed { by: UserId::new(user).unwrap(), address: None }, now).unwrap();
        };
        append("a");
        append("b");
        let key = LogKey::new(name("coda/north"), &Seed::new([1; 32])).unwrap();
        let witness = WitnessKey::new(name("coda/south"), &Seed::new([2; 32])).unwrap();
        let witness = Witness::new(folder.path(), witness, vec![key.verifier().clone()]);
        let mut checkpoint = log.checkpoint(&key).unwrap();
        let submission = Submission::new(&log.snapshot().unwrap(), 0, &checkpoint).unwrap();
        let witness_verifier = witness.key().verifier().clone();
        checkpoint.add(&witness.add(&submission, now).unwrap(), &witness_verifier).unwrap();
        fs::write(folder.path().join("checkpoint"), checkpoint.to_string()).unwrap();
        append("c");
        Self { folder, log: key.verifier().clone(), witness: witness_verifier }
    }

    fn path(&self, name: &str) -> String {
        self.folder.path().join(name).to_str().unwrap().to_owned()
    }

    /// What `verify` says of the log, or the chain of errors.
    fn verify(&self, more: &[&str]) -> String {
        let (log, checkpoint) = (self.path("log"), self.path("checkpoint"));
        let (key, witness) = (self.log.to_string(), self.witness.to_string());
        let arguments = ["", "verify", &log, "--checkpoint", &checkpoint, "--log-key", &key, "--witness-key", &witness];
        let Audit::Verify { file, against } = Line::try_parse_from(arguments.iter().chain(more)).unwrap().audit else {
            panic!("another command");
        };
        let said = verify(&file, against).unwrap_or_else(|error| format!("{error:#}\n"));
        said.replace(self.folder.path().to_str().unwrap(), "FOLDER")
    }
}

#[test]
fn a_log_is_held_against_its_checkpoint() {
    let site = Site::new();
    insta::assert_snapshot!(site.verify(&[]), @"
    unbroken, lines under the checkpoint: 2, after it: 1
    cosigned by coda/south at 2026-11-22T12:00:00Z
    ");
    insta::assert_snapshot!(site.verify(&["--quorum", "2"]), @"2 cosignatures are wanted, of 1 witnesses");
    let other = WitnessKey::new(Name::new("coda/west").unwrap(), &Seed::new([3; 32])).unwrap().verifier().to_string();
    insta::assert_snapshot!(site.verify(&["--witness-key", &other]), @"the checkpoint is not to be believed: 1 of the witnesses cosigned the checkpoint; 2 must");
    assert_eq!(site.verify(&["--witness-key", &other, "--quorum", "1"]), site.verify(&[]));

    let text = fs::read_to_string(site.path("log")).unwrap();
    fs::write(site.path("log"), text.replace("\"b\"", "\"x\"")).unwrap();
    insta::assert_snapshot!(site.verify(&[]), @"FOLDER/log:2: this line is not what was written; keep the file and find out who changed it");
    fs::remove_file(site.path("log.hashes")).unwrap();
    insta::assert_snapshot!(site.verify(&[]), @"the first 2 records of FOLDER/log are not those of its checkpoint: the log was rewritten; keep the file and find out who did it");
    fs::write(site.path("log"), text.split_inclusive('\n').next().unwrap()).unwrap();
    insta::assert_snapshot!(site.verify(&[]), @"FOLDER/log has 1 records, and its checkpoint has 2: lines were cut off; keep the file and find out who did it");
}

#[test]
fn a_checkpoint_is_not_taken_without_keys() {
    for arguments in [
        vec!["", "verify", "log", "--checkpoint", "c"],
        vec!["", "verify", "log", "--quorum", "1"],
        // Whoever has the log's key could sign a log that was written anew.
        vec!["", "verify", "log", "--checkpoint", "c", "--log-key", KEY, "--witness-key", WITNESS, "--quorum", "0"],
        vec!["", "verify", "log", "--checkpoint", "c", "--log-key", "k", "--witness-key", "w"],
    ] {
        assert!(Line::try_parse_from(&arguments).is_err(), "{arguments:?}");
    }
    let whole = ["", "verify", "log", "--checkpoint", "c", "--log-key", KEY, "--witness-key", WITNESS, "--quorum", "1"];
    Line::try_parse_from(whole).unwrap();
}

#[test]
fn a_line_is_proved_and_a_log_exported() {
    let site = Site::new();
    let run = |arguments: &[&str]| Line::try_parse_from(arguments).unwrap().audit.run();
    let (log, checkpoint, proof) = (site.path("log"), site.path("checkpoint"), site.path("proof"));
    run(&["", "prove", &log, "2", "--checkpoint", &checkpoint, "--out", &proof]).unwrap();
    let policy = Policy::new(site.log.clone(), vec![site.witness.clone()], 1).unwrap();
    let line = Snapshot::open(Path::new(&log)).unwrap().line(2).unwrap();
    let proof: RecordProof = fs::read_to_string(proof).unwrap().parse().unwrap();
    assert_eq!(proof.verify(&line, &policy).unwrap().head.size, 2);
    // The third line came after the checkpoint.
    assert!(run(&["", "prove", &log, "3", "--checkpoint", &checkpoint]).is_err());
    run(&["", "export", &log, "--checkpoint", &checkpoint, &site.path("tiles")]).unwrap();
    assert_eq!(fs::read(site.path("tiles/checkpoint")).unwrap(), fs::read(checkpoint).unwrap());
}

#[test]
fn lines_are_shown_as_they_are_asked_for() {
    let site = Site::new();
    let show = |more: &[&str]| {
        let log = site.path("log");
        let Audit::Show { file, with, since, last } =
            Line::try_parse_from(["", "show", &log].iter().chain(more)).unwrap().audit
        else {
            panic!("another command");
        };
        show(&file, with.as_deref(), since, last).unwrap()
    };
    insta::assert_snapshot!(show(&[]), @r"
    1  2026-11-22T12:00:00Z  grants-listed  by=a
    2  2026-11-22T12:00:00Z  grants-listed  by=b
    3  2026-11-22T12:00:00Z  grants-listed  by=c
    ");
    assert_eq!(show(&["--last", "1"]), show(&["--with", "\"c\""]));
    assert_eq!(show(&["--since", "2026-11-22"]), show(&[]));
    assert_eq!(show(&["--since", "2026-11-23"]), "");
    let soon = Line::try_parse_from(["", "show", "log", "--since", "soon"]).unwrap_err().to_string();
    assert!(soon.contains("\"soon\" is not a date; write it as 2026-11-30"), "{soon}");
    // What looks like more than it is is quoted.
    assert_eq!(shown(&Value::from("ok  by=mo")), "\"ok  by=mo\"");
}
