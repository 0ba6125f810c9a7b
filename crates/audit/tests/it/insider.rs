//! An insider who may write the files of a log, with and without its key.
//!
//! Each attack is shown to work where the defence is left out.

use std::fs;

use coda_audit::{AuditError, CheckpointError, PolicyRefusal, SignedCheckpoint, VerifyError, verify, verify_cosigned};

use crate::fixture::{North, Witnessing};

fn witnesses() -> [Witnessing; 2] {
    [1, 2].map(Witnessing::new)
}

#[test]
fn one_changed_byte_anywhere_is_found() {
    let (log, [one, two]) = (North::with(5), witnesses());
    let checkpoint = log.cosigned(0, &[&one, &two]);
    let policy = log.policy(&[&one, &two], 2);
    let (text, hashes) = (fs::read(&log.path).unwrap(), fs::read(log.hashes()).unwrap());
    let mut line = 1;
    for place in 0..text.len() {
        for bit in [0, 5] {
            let mut changed = text.clone();
            changed[place] ^= 1 << bit;
            fs::write(&log.path, &changed).unwrap();
            fs::write(log.hashes(), &hashes).unwrap();
            match verify_cosigned(&log.path, &checkpoint, &policy) {
                Err(VerifyError::Log(AuditError::Changed { line: found, .. })) => assert_eq!(found, line, "{place}"),
                Err(VerifyError::Cut { records: 4, .. }) => assert_eq!(place, text.len() - 1),
                other => panic!("byte {place}: {other:?}"),
            }
            // Also when the hashes are gone, though it is then not always known which.
            fs::remove_file(log.hashes()).unwrap();
            assert!(verify_cosigned(&log.path, &checkpoint, &policy).is_err(), "{place}");
        }
        line += u64::from(text[place] == b'\n');
    }
    fs::write(&log.path, &text).unwrap();
    verify_cosigned(&log.path, &checkpoint, &policy).unwrap();
}

#[test]
fn a_changed_hash_is_told_from_a_changed_record() {
    let (log, [one, two]) = (North::with(5), witnesses());
    let checkpoint = log.cosigned(0, &[&one, &two]);
    log.append(&["x"]);
    let policy = log.policy(&[&one, &two], 2);
    let hashes = fs::read(log.hashes()).unwrap();
    for place in 0..hashes.len() {
        let mut changed = hashes.clone();
        changed[place] ^= 1;
        fs::write(log.hashes(), &changed).unwrap();
        match verify_cosigned(&log.path, &checkpoint, &policy) {
            Err(VerifyError::Hashes(path)) => assert_eq!(path, log.hashes()),
            // No checkpoint covers the sixth record, so its hash may be the right one.
            Err(VerifyError::Log(AuditError::Changed { line: 6, .. })) => assert!(place >= 8 * 32),
            other => panic!("byte {place}: {other:?}"),
        }
    }
}

#[test]
fn a_cut_log_is_found_by_its_checkpoint() {
    let (log, [one, two]) = (North::with(5), witnesses());
    let checkpoint = log.cosigned(0, &[&one, &two]);
    let policy = log.policy(&[&one, &two], 2);
    let text = fs::read_to_string(&log.path).unwrap();
    let lines: Vec<_> = text.split_inclusive('\n').collect();
    for left in 0..5 {
        let cut = North::of(lines[..left].iter().enumerate().map(|(number, _)| format!("u{}", number + 1)));
        // The attack works on the file alone: all that is left fits together.
        assert_eq!(verify(&cut.path).unwrap(), left as u64);
        match verify_cosigned(&cut.path, &checkpoint, &policy) {
            Err(VerifyError::Cut { records, covered: 5, .. }) => assert_eq!(records, left as u64),
            other => panic!("{left}: {other:?}"),
        }
    }
    fs::write(&log.path, &text[..text.len() - 10]).unwrap();
    assert!(matches!(verify_cosigned(&log.path, &checkpoint, &policy), Err(VerifyError::Cut { records: 4, .. })));
}

#[test]
fn an_insider_with_the_logs_key_cannot_rewrite_it() {
    let (log, [one, two]) = (North::with(5), witnesses());
    let genuine = log.cosigned(0, &[&one, &two]);
    let policy = log.policy(&[&one, &two], 2);

    // The insider writes record 3 anew, with the tree and the signature that go with it.
    let rewritten = North::of(["u1", "u2", "x", "u4", "u5"].map(str::to_owned));
    let forged = rewritten.checkpoint();
    verify(&rewritten.path).unwrap();
    // The attack works on who asks for no cosignature.
    verify_cosigned(&rewritten.path, &forged, &log.policy(&[&one, &two], 0)).unwrap();

    let refused = |checkpoint: &SignedCheckpoint| verify_cosigned(&rewritten.path, checkpoint, &policy).unwrap_err();
    assert!(matches!(refused(&forged), VerifyError::Policy(PolicyRefusal::Quorum { found: 0, quorum: 2 })));
    assert!(matches!(refused(&genuine), VerifyError::Rewritten { covered: 5, .. }));
    // The cosignatures of the old checkpoint do not fit the new one.
    let cosignatures = genuine.to_string().split_once("\n\n").unwrap().1.split_once('\n').unwrap().1.to_owned();
    let pasted = format!("{forged}{cosignatures}").parse().unwrap();
    assert!(matches!(refused(&pasted), VerifyError::Policy(PolicyRefusal::Checkpoint(CheckpointError::False(_)))));
    // With hashes of a third log, no record is blamed.
    let third = North::of(["u1", "y", "u3", "u4", "u5"].map(str::to_owned));
    fs::copy(third.hashes(), rewritten.hashes()).unwrap();
    assert!(matches!(refused(&genuine), VerifyError::Rewritten { covered: 5, .. }));
    // With the hashes of the genuine log, the record is named.
    fs::copy(log.hashes(), rewritten.hashes()).unwrap();
    assert!(matches!(refused(&genuine), VerifyError::Log(AuditError::Changed { line: 3, .. })));
}

#[test]
fn one_colluding_witness_of_two_does_not_help() {
    let (log, [one, two]) = (North::with(5), witnesses());
    log.cosigned(0, &[&one, &two]);
    let rewritten = North::of(["u1", "u2", "x", "u4", "u5"].map(str::to_owned));
    // The first witness forgets, and cosigns the fork.
    let forgetful = Witnessing::new(1);
    let forged = rewritten.cosigned(0, &[&forgetful]);
    verify_cosigned(&rewritten.path, &forged, &log.policy(&[&one, &two], 1)).unwrap();
    let refused = verify_cosigned(&rewritten.path, &forged, &log.policy(&[&one, &two], 2)).unwrap_err();
    assert!(matches!(refused, VerifyError::Policy(PolicyRefusal::Quorum { found: 1, quorum: 2 })));
}
