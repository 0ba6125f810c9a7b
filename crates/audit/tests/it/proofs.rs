//! The proof of one record.

use std::fs;

use coda_audit::{AuditError, LogKey, Policy, PolicyRefusal, ProofError, RecordProof, Seed, Snapshot};

use crate::fixture::{North, Witnessing, name};

#[test]
fn each_record_of_logs_of_many_sizes_is_proved_and_no_other() {
    let witness = Witnessing::new(1);
    for size in 1..=17 {
        let log = North::with(size);
        let fresh = Witnessing::new(1);
        let checkpoint = log.cosigned(0, &[&fresh]);
        log.append(&["later"]);
        let (snapshot, policy) = (log.snapshot(), log.policy(&[&witness], 1));
        let lines: Vec<_> = (1..=size).map(|sequence| snapshot.line(sequence).unwrap()).collect();
        for sequence in 1..=size {
            let proof = RecordProof::new(&snapshot, sequence, &checkpoint).unwrap();
            let read: RecordProof = proof.to_string().parse().unwrap();
            assert_eq!((&read, read.sequence()), (&proof, sequence));
            for (other, line) in (1..).zip(&lines) {
                match read.verify(line, &policy) {
                    Ok(trusted) => assert_eq!((other, trusted.head.size), (sequence, size)),
                    Err(ProofError::OtherRecord(_)) => assert_ne!(other, sequence),
                    Err(error) => panic!("{error}"),
                }
            }
        }
        for absent in [0, size + 1, u64::MAX] {
            let refused = RecordProof::new(&snapshot, absent, &checkpoint);
            assert!(matches!(refused, Err(AuditError::Absent(_))), "{absent}");
        }
    }
}

#[test]
fn a_proof_shows_neither_another_text_nor_another_number() {
    let (log, witness) = (North::with(6), Witnessing::new(1));
    let checkpoint = log.cosigned(0, &[&witness]);
    let (snapshot, policy) = (log.snapshot(), log.policy(&[&witness], 1));
    let proof = RecordProof::new(&snapshot, 3, &checkpoint).unwrap();
    let line = String::from_utf8(snapshot.line(3).unwrap()).unwrap();
    proof.verify(line.as_bytes(), &policy).unwrap();
    let changed = line.replace("u3", "u9");
    assert!(matches!(proof.verify(changed.as_bytes(), &policy), Err(ProofError::NotIncluded(3))));
    // A proof of record 3 that says it is of record 4.
    let moved: RecordProof = proof.to_string().replacen("index 2", "index 3", 1).parse().unwrap();
    assert!(matches!(moved.verify(line.as_bytes(), &policy), Err(ProofError::OtherRecord(4))));
    let moved_line = line.replacen("\"sequence\":3", "\"sequence\":4", 1);
    assert!(matches!(moved.verify(moved_line.as_bytes(), &policy), Err(ProofError::NotIncluded(4))));
    // Of another log, and without the cosignature.
    let other = LogKey::new(name("coda/south"), &Seed::new([1; 32])).unwrap();
    let south = Policy::new(other.verifier().clone(), vec![], 0).unwrap();
    assert!(matches!(proof.verify(line.as_bytes(), &south), Err(ProofError::Policy(_))));
    let alone = RecordProof::new(&snapshot, 3, &log.checkpoint()).unwrap();
    let refused = alone.verify(line.as_bytes(), &policy);
    assert!(matches!(refused, Err(ProofError::Policy(PolicyRefusal::Quorum { found: 0, quorum: 1 }))));
}

#[test]
fn a_proof_has_the_text_of_tlog_proof() {
    let (log, witness) = (North::with(3), Witnessing::new(1));
    let checkpoint = log.cosigned(0, &[&witness]);
    let proof = RecordProof::new(&log.snapshot(), 2, &checkpoint).unwrap().to_string();
    let (head, rest) = proof.split_once("\n\n").unwrap();
    insta::assert_snapshot!(head, @"
    c2sp.org/tlog-proof@v1
    index 1
    SSX8IXIS2KRyz+sM7ntTs8L4GjEru7zTxSmrHwdSCU0=
    WECnlAwlLgrImcwxj4nfy1N6dlFuOlpFXYJw8JE5MZI=
    ");
    assert_eq!(rest, checkpoint.to_string());
    // What no signature covers may stand there, and is not looked at.
    let extra = proof.replacen("index", "extra YQ==\nindex", 1).parse::<RecordProof>().unwrap();
    assert_eq!(extra.to_string(), proof);
    for wrong in [
        proof.replacen("v1", "v2", 1),
        proof.replacen("index 1", "index 01", 1),
        proof.replacen("index 1", "index +1", 1),
    ] {
        assert!(matches!(wrong.parse::<RecordProof>(), Err(ProofError::Form)), "{wrong}");
    }
}

#[test]
fn a_copy_without_hashes_proves_as_well() {
    let (log, witness) = (North::with(9), Witnessing::new(1));
    let checkpoint = log.cosigned(0, &[&witness]);
    let expected = RecordProof::new(&log.snapshot(), 5, &checkpoint).unwrap();
    let copy = log.path.with_extension("copy");
    fs::copy(&log.path, &copy).unwrap();
    assert_eq!(RecordProof::new(&Snapshot::open(&copy).unwrap(), 5, &checkpoint).unwrap(), expected);
}
