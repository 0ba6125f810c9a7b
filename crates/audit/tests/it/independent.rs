//! Our files, read by a verifier that others wrote: the Python package `aics-tlog`, in the folder that `CODA_AICS_TLOG` names.
//!
//! CONTRIBUTING.md says how to get it. Without it the tests say so and pass, unless `CODA_REQUIRE_AICS_TLOG=1`.

use std::env;
use std::ffi::OsString;
use std::fs;
use std::path::Path;
use std::process::{Command, Output};

use coda_audit::{SignedCheckpoint, tiles};

use crate::fixture::{North, Witnessing};

/// Seconds: the cosignatures are of the tests' own time.
const ANY_AGE: &str = "10000000000";

struct Verifier {
    folder: OsString,
    keys: Vec<String>,
}

impl Verifier {
    fn new(log: &North, witnesses: &[&Witnessing]) -> Option<Self> {
        let Some(folder) = env::var_os("CODA_AICS_TLOG") else {
            assert!(
                env::var_os("CODA_REQUIRE_AICS_TLOG").is_none_or(|value| value != "1"),
                "CODA_AICS_TLOG is not set"
            );
            println!("skipped: CODA_AICS_TLOG is not set");
            return None;
        };
        let mut keys = vec!["--log-key".to_owned(), log.key.verifier().to_string()];
        for Witnessing { witness, .. } in witnesses {
            keys.extend(["--witness-key".to_owned(), witness.key().verifier().to_string()]);
        }
        keys.extend(
            ["--quorum", "2", "--origin", "coda/north", "--max-age", ANY_AGE, "--max-future", ANY_AGE]
                .map(str::to_owned),
        );
        Some(Self { folder, keys })
    }

    fn python(&self, arguments: &[&str]) -> Output {
        Command::new("python3").args(arguments).env("PYTHONPATH", &self.folder).output().unwrap()
    }

    /// Runs a command of it, and says whether it accepted.
    fn accepts(&self, command: &str, arguments: &[&str]) -> bool {
        let keys: Vec<_> = self.keys.iter().map(String::as_str).collect();
        let output = self.python(&[&["-m", "aics_tlog", command], keys.as_slice(), arguments].concat());
        let (report, errors) = (String::from_utf8(output.stdout).unwrap(), String::from_utf8(output.stderr).unwrap());
        // One JSON object, whatever it found; anything else is an error of the test.
        assert!(report.starts_with('{'), "{report}{errors}");
        println!("{command}: {report}");
        output.status.success()
    }

    /// Whether every tile and every entry of a folder is that of its checkpoint.
    fn audits(&self, tiles: &Path, checkpoint: &SignedCheckpoint) -> bool {
        let text = checkpoint.to_string();
        let mut lines = text.lines().skip(1);
        let code = "import sys, base64, aics_tlog as a\n\
            from aics_tlog.tiles import FileSystemTileReader\n\
            r = a.audit_tiles(FileSystemTileReader(sys.argv[1]), int(sys.argv[2]), base64.b64decode(sys.argv[3]))\n\
            print('audited', r.size)";
        let output = self.python(&["-c", code, tiles.to_str().unwrap(), lines.next().unwrap(), lines.next().unwrap()]);
        let errors = String::from_utf8(output.stderr).unwrap();
        assert!(output.status.success() || errors.contains("TileVerificationError"), "{errors}");
        output.status.success()
    }
}

#[test]
fn another_verifier_accepts_our_checkpoints_tiles_and_proofs() {
    let (log, [one, two]) = (North::with(300), [1, 2].map(Witnessing::new));
    let Some(verifier) = Verifier::new(&log, &[&one, &two]) else { return };
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name).to_str().unwrap().to_owned();

    let old = log.cosigned(0, &[&one, &two]);
    fs::write(path("old"), old.to_string()).unwrap();
    let more: Vec<_> = (0..400).map(|number| format!("v{number}")).collect();
    log.append(&more.iter().map(String::as_str).collect::<Vec<_>>());
    let new = log.cosigned(300, &[&one, &two]);
    fs::write(path("new"), new.to_string()).unwrap();
    let tiles = folder.path().join("tiles");
    tiles::export(&log.snapshot(), &new, &tiles).unwrap();
    let tiles_text = tiles.to_str().unwrap();

    assert!(verifier.accepts("verify-checkpoint", &["--note", &path("new")]));
    assert!(verifier.accepts("verify-checkpoint", &["--tiles", tiles_text]));
    assert!(verifier.accepts("verify-consistency", &["--tiles", tiles_text, "--old-checkpoint", &path("old")]));
    for sequence in [1, 256, 257, 512, 700] {
        fs::write(path("line"), log.snapshot().line(sequence).unwrap()).unwrap();
        let index = (sequence - 1).to_string();
        assert!(
            verifier.accepts("verify-inclusion", &["--tiles", tiles_text, "--leaf", &path("line"), "--index", &index])
        );
        assert!(
            !verifier.accepts("verify-inclusion", &["--tiles", tiles_text, "--leaf", &path("line"), "--index", "5"])
        );
        // Our proof, without the tiles.
        let proof = coda_audit::RecordProof::new(&log.snapshot(), sequence, &new).unwrap().to_string();
        let hashes: Vec<_> = proof.split_once("\n\n").unwrap().0.lines().skip(2).collect();
        fs::write(path("proof"), hashes.join("\n")).unwrap();
        let arguments =
            ["--checkpoint", &path("new"), "--proof", &path("proof"), "--leaf", &path("line"), "--index", &index];
        assert!(verifier.accepts("verify-inclusion", &arguments));
    }
    assert!(verifier.audits(&tiles, &new));
}

#[test]
fn another_verifier_finds_what_was_changed() {
    let (log, [one, two]) = (North::with(300), [1, 2].map(Witnessing::new));
    let Some(verifier) = Verifier::new(&log, &[&one, &two]) else { return };
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name).to_str().unwrap().to_owned();
    let checkpoint = log.cosigned(0, &[&one, &two]);
    let tiles = folder.path().join("tiles");
    tiles::export(&log.snapshot(), &checkpoint, &tiles).unwrap();
    assert!(verifier.audits(&tiles, &checkpoint));

    for (file, place) in [("entries/000", 100), ("entries/001.p/44", 2000), ("0/000", 3000), ("1/000.p/1", 3)] {
        let file = tiles.join("tile").join(file);
        let whole = fs::read(&file).unwrap();
        let mut changed = whole.clone();
        changed[place] ^= 1;
        fs::write(&file, changed).unwrap();
        assert!(!verifier.audits(&tiles, &checkpoint), "{}", file.display());
        fs::write(&file, whole).unwrap();
    }
    assert!(verifier.audits(&tiles, &checkpoint));

    // The log as an insider with its key writes it: neither continues the other, and nobody cosigned.
    let rewritten = North::of((1..=301).map(|number| format!("u{}", if number == 7 { 0 } else { number })));
    let forged = rewritten.checkpoint();
    fs::write(path("forged"), forged.to_string()).unwrap();
    assert!(!verifier.accepts("verify-checkpoint", &["--note", &path("forged")]));
    let [three, four] = [1, 2].map(Witnessing::new);
    let forged = rewritten.cosigned(0, &[&three, &four]);
    tiles::export(&rewritten.snapshot(), &forged, &tiles).unwrap();
    fs::write(path("old"), checkpoint.to_string()).unwrap();
    let arguments = ["--tiles", tiles.to_str().unwrap(), "--old-checkpoint", &path("old")];
    assert!(!verifier.accepts("verify-consistency", &arguments));
}
