//! What a witness cosigns and what it refuses.

use std::fs;
use std::sync::Barrier;

use coda_audit::{LogKey, Seed, SignedCheckpoint, Submission, Witness, WitnessRefusal};

use crate::fixture::{NOW, North, Witnessing, name};

#[test]
fn a_witness_cosigns_a_log_that_grows() {
    let (log, witness) = (North::with(0), Witnessing::new(1));
    let mut seen = 0;
    for size in [0, 1, 1, 2, 3, 8, 21, 300] {
        let more: Vec<_> = (seen..size).map(|number| format!("v{number}")).collect();
        log.append(&more.iter().map(String::as_str).collect::<Vec<_>>());
        log.cosigned(seen, &[&witness]);
        seen = size;
        let known = witness.witness.known(log.key.verifier()).unwrap().unwrap();
        assert_eq!(known.verify(log.key.verifier()).unwrap().size, size);
    }
}

#[test]
fn a_witness_says_what_it_saw_last() {
    let (log, witness) = (North::with(5), Witnessing::new(1));
    log.cosigned(0, &[&witness]);
    log.append(&["x"]);
    for old in [0, 4, 6] {
        let refused = witness.witness.add(&log.submission(old), NOW);
        assert!(matches!(refused, Err(WitnessRefusal::OtherSize { known: 5 })), "{old}");
    }
    log.cosigned(5, &[&witness]);
}

#[test]
fn a_log_that_is_older_rewritten_or_forked_is_refused() {
    let (log, witness) = (North::with(5), Witnessing::new(1));
    log.cosigned(0, &[&witness]);
    let refused = |submission: &Submission| witness.witness.add(submission, NOW).unwrap_err();

    // A copy from before, or a log that was cut.
    let cut = North::with(4);
    assert!(matches!(refused(&cut.submission(4)), WitnessRefusal::OtherSize { known: 5 }));
    let backwards: Submission = cut.submission(4).to_string().replacen("old 4", "old 5", 1).parse().unwrap();
    assert!(matches!(refused(&backwards), WitnessRefusal::Backwards { old: 5, size: 4 }));

    // One record is another one, signed with the log's own key.
    let fork = |users: &[&str]| North::of(users.iter().map(|user| (*user).to_owned()));
    let same_size = fork(&["u1", "u2", "x", "u4", "u5"]);
    assert!(matches!(refused(&same_size.submission(5)), WitnessRefusal::Fork { known } if known.size == 5));
    // Both are kept, signed by the log: the evidence.
    let evidence: SignedCheckpoint =
        fs::read_to_string(witness.state().with_extension("fork")).unwrap().parse().unwrap();
    assert_eq!(evidence, same_size.checkpoint());
    assert!(matches!(refused(&fork(&["u1", "y", "u3", "u4", "u5"]).submission(5)), WitnessRefusal::Fork { .. }));
    assert_eq!(fs::read_to_string(witness.state().with_extension("fork")).unwrap(), evidence.to_string());
    let longer = fork(&["u1", "u2", "x", "u4", "u5", "u6"]);
    assert!(matches!(refused(&longer.submission(5)), WitnessRefusal::Inconsistent { known } if known.size == 5));

    // The genuine log goes on. To a witness that remembers nothing, the fork is as good: memory is the defence.
    let fresh = Witnessing::new(1);
    fresh.witness.add(&longer.submission(0), NOW).unwrap();
    log.append(&["u6"]);
    log.cosigned(5, &[&witness]);
}

#[test]
fn a_false_proof_is_refused() {
    let (log, witness) = (North::with(5), Witnessing::new(1));
    log.cosigned(0, &[&witness]);
    log.append(&["x", "y"]);
    let text = log.submission(5).to_string();
    let hash = text.lines().nth(1).unwrap();
    let other = "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=";
    for changed in [
        text.replacen(hash, other, 1),
        text.replacen(&format!("{hash}\n"), "", 1),
        text.replacen(&format!("{hash}\n"), &format!("{hash}\n{hash}\n"), 1),
    ] {
        let refused = witness.witness.add(&changed.parse().unwrap(), NOW);
        assert!(matches!(refused, Err(WitnessRefusal::Inconsistent { .. })), "{changed}");
    }
    // A first checkpoint has no proof.
    let changed = log.submission(0).to_string().replacen("\n\n", &format!("\n{other}\n\n"), 1);
    let refused = Witnessing::new(1).witness.add(&changed.parse().unwrap(), NOW);
    assert!(matches!(refused, Err(WitnessRefusal::Inconsistent { .. })));
    witness.witness.add(&text.parse().unwrap(), NOW).unwrap();
}

#[test]
fn a_log_without_a_known_key_is_refused() {
    let (log, witness) = (North::with(2), Witnessing::new(1));
    let sign = |name_of, seed| {
        let key = LogKey::new(name(name_of), &Seed::new([seed; 32])).unwrap();
        Submission::new(&log.snapshot(), 0, &log.log.checkpoint(&key).unwrap()).unwrap()
    };
    assert!(matches!(witness.witness.add(&sign("coda/south", 1), NOW), Err(WitnessRefusal::UnknownLog)));
    assert!(matches!(witness.witness.add(&sign("coda/north", 2), NOW), Err(WitnessRefusal::Unsigned(_))));
    assert!(witness.witness.known(log.key.verifier()).unwrap().is_none());
}

#[test]
fn a_witness_does_not_forget_by_halves() {
    let (log, witness) = (North::with(5), Witnessing::new(1));
    log.cosigned(0, &[&witness]);
    // A program that died while it wrote leaves its file beside.
    let state = witness.state();
    fs::write(state.with_extension("checkpoint.new"), "coda/no").unwrap();
    assert!(matches!(witness.witness.add(&log.submission(0), NOW), Err(WitnessRefusal::OtherSize { known: 5 })));
    // What it remembers was cut, emptied, or replaced by what the log did not sign: it does not begin anew.
    let whole = fs::read_to_string(&state).unwrap();
    for text in ["", &whole[..20], &whole.replacen("\n5\n", "\n0\n", 1)] {
        fs::write(&state, text).unwrap();
        assert!(matches!(witness.witness.add(&log.submission(0), NOW), Err(WitnessRefusal::Changed { .. })), "{text}");
    }
    fs::write(&state, whole).unwrap();
    log.append(&["x"]);
    log.cosigned(5, &[&witness]);
    // Where it cannot remember, it does not cosign.
    let gone = Witness::new(&witness.folder.path().join("gone"), log_witness_key(), vec![log.key.verifier().clone()]);
    assert!(matches!(gone.add(&log.submission(0), NOW), Err(WitnessRefusal::File { .. })));
}

fn log_witness_key() -> coda_audit::WitnessKey {
    coda_audit::WitnessKey::new(name("w"), &Seed::new([9; 32])).unwrap()
}

#[test]
fn of_forks_handed_in_at_once_one_is_cosigned() {
    let forks: Vec<_> = (0..8).map(|number| North::of([format!("v{number}")]).submission(0)).collect();
    for _ in 0..10 {
        let witness = Witnessing::new(1);
        let (witnesses, start) = ((0..8).map(|_| witness.again(1)).collect::<Vec<_>>(), Barrier::new(8));
        let cosigned = std::thread::scope(|scope| {
            let add = |(witness, fork)| {
                let start = &start;
                scope.spawn(move || {
                    start.wait();
                    Witness::add(witness, fork, NOW).is_ok()
                })
            };
            let threads: Vec<_> = witnesses.iter().zip(&forks).map(add).collect();
            threads.into_iter().map(|thread| thread.join().unwrap()).filter(|cosigned| *cosigned).count()
        });
        assert_eq!(cosigned, 1);
    }
}
