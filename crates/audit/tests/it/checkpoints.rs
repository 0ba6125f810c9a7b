//! What logs and witnesses sign.

use std::fs;

use coda_audit::{
    AuditError, AuditLog, CheckpointError, Cosignature, SignedCheckpoint, Snapshot, Submission, tiles, verify_cosigned,
};
use time::{Duration, OffsetDateTime};

use crate::fixture::{NOW, North, Witnessing, listed};

#[test]
fn a_checkpoint_is_a_signed_note_with_cosignatures() {
    let (log, witness) = (North::with(3), Witnessing::new(1));
    let checkpoint = log.cosigned(0, &[&witness]);
    insta::assert_snapshot!(checkpoint, @"
    coda/north
    3
    HRskCF1jBdCkpHUAO+AjYduLpHcVkNBZiLCkMff0a2A=

    — coda/north t34j9nMMDb1r0wmIslzlwiXeb4oTgrzv8DzWVAtOX/p8cSyDDxPzAAgp9wqhaIyjrim2m+ZKRfW5MHtScvlRk/39ZQo=
    — coda/witness1 opEg/QAAAABrAtlA5XiotrUODqMpZl0819ga4763u35UVyrUWieWMuj0q8oBZmwypOk5pvx+9V9/lhMk1f4249m8J4Sp1GR9gMQPDQ==
    ");
    let read: SignedCheckpoint = checkpoint.to_string().parse().unwrap();
    assert_eq!(read, checkpoint);
    assert_eq!(read.cosigned(witness.witness.key().verifier()).unwrap(), Some(NOW));
    assert_eq!(read.cosigned(Witnessing::new(2).witness.key().verifier()).unwrap(), None);
}

#[test]
fn the_tree_is_that_of_rfc_6962_whatever_its_size() {
    for size in [0, 1, 2, 3, 7, 8, 255, 256, 257] {
        let log = North::with(size);
        let head = log.checkpoint().verify(log.key.verifier()).unwrap();
        assert_eq!(head.size, size);
        let text = fs::read_to_string(&log.path).unwrap();
        assert_eq!(head.root.to_string(), root(&text.lines().collect::<Vec<_>>()));
        // A reader without the hashes computes the same.
        fs::remove_file(log.hashes()).unwrap();
        assert_eq!(Snapshot::open(&log.path).unwrap().head(), head);
    }
}

/// The definition of RFC 6962, section 2.1, by other code.
fn root(lines: &[&str]) -> String {
    use aws_lc_rs::digest::{SHA256, digest};
    fn hash(lines: &[&str]) -> Vec<u8> {
        let bytes = match lines {
            [] => vec![],
            [line] => [b"\0", line.as_bytes()].concat(),
            _ => {
                let (left, right) = lines.split_at(lines.len().next_power_of_two() / 2);
                [b"\x01", hash(left).as_slice(), &hash(right)].concat()
            }
        };
        digest(&SHA256, &bytes).as_ref().to_vec()
    }
    use base64::prelude::{BASE64_STANDARD, Engine as _};
    BASE64_STANDARD.encode(hash(lines))
}

#[test]
fn records_after_the_checkpoint_are_told_to_be_uncovered() {
    let (log, [one, two]) = (North::with(3), [1, 2].map(Witnessing::new));
    let checkpoint = log.cosigned(0, &[&one, &two]);
    let policy = log.policy(&[&one, &two], 2);
    log.append(&["v", "w"]);
    let coverage = verify_cosigned(&log.path, &checkpoint, &policy).unwrap();
    assert_eq!((coverage.trusted.head.size, coverage.uncovered), (3, 2));
    assert_eq!(coverage.trusted.cosigned.len(), 2);
    assert_eq!(coverage.trusted.cosigned[0].1, NOW);
}

#[test]
fn a_checkpoint_of_an_empty_log_can_be_continued() {
    let (log, witness) = (North::with(0), Witnessing::new(1));
    log.cosigned(0, &[&witness]);
    log.append(&["a"]);
    let checkpoint = log.cosigned(0, &[&witness]);
    let coverage = verify_cosigned(&log.path, &checkpoint, &log.policy(&[&witness], 1)).unwrap();
    assert_eq!(coverage.trusted.head.size, 1);
}

#[test]
fn a_checkpoint_is_of_what_is_on_the_disk() {
    let log = North::with(1);
    log.log.announce(&[listed("a"), listed("b")], NOW).unwrap();
    assert_eq!(log.checkpoint().verify(log.key.verifier()).unwrap().size, 3);
    // The hashes are kept only after their lines came to the disk.
    assert_eq!(fs::metadata(log.hashes()).unwrap().len(), 4 * 32);
}

#[test]
fn another_program_makes_the_checkpoint_of_the_same_log() {
    let log = North::with(3);
    let other = AuditLog::open(&log.path).unwrap();
    log.append(&["x"]);
    assert_eq!(other.checkpoint(&log.key).unwrap(), log.checkpoint());
}

#[test]
fn a_cosignature_is_for_one_witness_one_text_and_one_time() {
    let (log, [one, two]) = (North::with(3), [1, 2].map(Witnessing::new));
    let submission = log.submission(0);
    let cosignature = one.witness.add(&submission, NOW).unwrap();
    let mut checkpoint = submission.checkpoint().clone();
    assert!(matches!(checkpoint.add(&cosignature, two.witness.key().verifier()), Err(CheckpointError::Cosignature)));
    log.append(&["x"]);
    let mut longer = log.checkpoint();
    assert!(matches!(longer.add(&cosignature, one.witness.key().verifier()), Err(CheckpointError::False(_))));
    assert_eq!(longer, log.checkpoint());
    // The time is signed too.
    let later =
        one.witness.add(&Submission::new(&log.snapshot(), 3, submission.checkpoint()).unwrap(), NOW + Duration::HOUR);
    let (name, [early, late]) = ("coda/witness1", [&cosignature, &later.unwrap()].map(parts));
    let forged: Cosignature = line(name, &[&late[..12], &early[12..]].concat()).parse().unwrap();
    assert!(matches!(checkpoint.add(&forged, one.witness.key().verifier()), Err(CheckpointError::False(_))));
    checkpoint.add(&cosignature, one.witness.key().verifier()).unwrap();
    assert!(one.witness.add(&log.submission(3), OffsetDateTime::UNIX_EPOCH - Duration::HOUR).is_err());
}

/// The key's id, the time and the signature.
fn parts(cosignature: &Cosignature) -> Vec<u8> {
    use base64::prelude::{BASE64_STANDARD, Engine as _};
    BASE64_STANDARD.decode(cosignature.to_string().trim_end().rsplit_once(' ').unwrap().1).unwrap()
}

fn line(name: &str, bytes: &[u8]) -> String {
    use base64::prelude::{BASE64_STANDARD, Engine as _};
    format!("— {name} {}\n", BASE64_STANDARD.encode(bytes))
}

#[test]
fn a_log_that_has_another_tree_proves_nothing() {
    let (log, other) = (North::with(3), North::of(["x", "u2", "u3"].map(str::to_owned)));
    let prove = |old, checkpoint: &SignedCheckpoint| Submission::new(&log.snapshot(), old, checkpoint);
    assert!(matches!(prove(0, &other.checkpoint()), Err(AuditError::OtherTree { size: 3, .. })));
    // The witness saw more than there is: this log was cut.
    assert!(matches!(prove(4, &log.checkpoint()), Err(AuditError::OtherTree { size: 4, .. })));
    assert!(matches!(prove(0, &North::with(4).checkpoint()), Err(AuditError::OtherTree { size: 4, .. })));
    // Hashes that were changed while the log was open prove nothing either.
    let checkpoint = log.checkpoint();
    let hashes = fs::read(log.hashes()).unwrap();
    let prove_with = |changed: usize| {
        let mut hashes = hashes.clone();
        hashes[changed * 32] ^= 1;
        fs::write(log.hashes(), hashes).unwrap();
        prove(1, &checkpoint)
    };
    // The node over the first two records, which is part of the root; and the second record, which is part of the proof.
    assert!(matches!(prove_with(2), Err(AuditError::OtherTree { size: 3, .. })));
    assert!(matches!(prove_with(1), Err(AuditError::Hashes { .. })));
    fs::write(log.hashes(), &hashes).unwrap();
    prove(1, &checkpoint).unwrap();
    // Nor is it exported under another's checkpoint.
    let refused = tiles::export(&log.snapshot(), &other.checkpoint(), log.path.parent().unwrap());
    assert!(matches!(refused, Err(AuditError::OtherTree { size: 3, .. })));
}
