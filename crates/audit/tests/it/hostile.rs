//! Texts from others that were changed at random: refused or unchanged in meaning, never a panic.

use coda_audit::{Cosignature, LogVerifier, RecordProof, SignedCheckpoint, Submission, WitnessVerifier};
use proptest::prelude::*;
use proptest::test_runner::RngSeed;

use crate::fixture::{NOW, North, Witnessing};

#[derive(Debug, Clone)]
enum Change {
    Flip(usize, u8),
    Delete(usize, usize),
    Insert(usize, Vec<u8>),
    Repeat(usize, usize),
    Number(usize, u64),
}

fn changes() -> impl Strategy<Value = Vec<Change>> {
    let place = 0..4096_usize;
    let change = prop_oneof![
        (place.clone(), 0..8_u8).prop_map(|(at, bit)| Change::Flip(at, 1 << bit)),
        (place.clone(), 1..200_usize).prop_map(|(at, length)| Change::Delete(at, length)),
        (place.clone(), prop::collection::vec(any::<u8>(), 1..40)).prop_map(|(at, bytes)| Change::Insert(at, bytes)),
        (place.clone(), 1..2000_usize).prop_map(|(at, length)| Change::Repeat(at, length)),
        (place, prop_oneof![any::<u64>(), 0..10_u64, Just(u64::MAX), Just(1 << 48)])
            .prop_map(|(at, number)| Change::Number(at, number)),
    ];
    prop::collection::vec(change, 1..4)
}

fn changed(text: &str, changes: &[Change]) -> String {
    let mut bytes = text.as_bytes().to_vec();
    for change in changes {
        let length = bytes.len().max(1);
        match change {
            Change::Flip(at, mask) => {
                if let Some(byte) = bytes.get_mut(at % length) {
                    *byte ^= mask;
                }
            }
            Change::Delete(at, count) => {
                let start = (at % length).min(bytes.len());
                let end = (start + count).min(bytes.len());
                bytes.drain(start..end);
            }
            Change::Insert(at, more) => {
                let at = (at % length).min(bytes.len());
                bytes.splice(at..at, more.iter().copied());
            }
            Change::Repeat(at, count) => {
                let start = (at % length).min(bytes.len());
                let end = (start + count).min(bytes.len());
                let part = bytes[start..end].to_vec();
                bytes.splice(end..end, part);
            }
            Change::Number(line, number) => {
                // In place of a line: sizes, indexes and old sizes stand alone on theirs.
                let text = String::from_utf8_lossy(&bytes).into_owned();
                let mut lines: Vec<_> = text.split('\n').map(str::to_owned).collect();
                let at = line % lines.len();
                let digits = lines[at].find(|symbol: char| symbol.is_ascii_digit()).unwrap_or(0);
                lines[at] = format!("{}{number}", &lines[at][..digits]);
                bytes = lines.join("\n").into_bytes();
            }
        }
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

proptest! {
    #![proptest_config(ProptestConfig {
        cases: 10_000,
        failure_persistence: None,
        rng_seed: RngSeed::Fixed(10),
        ..ProptestConfig::default()
    })]

    #[test]
    fn a_changed_checkpoint_says_the_same_or_is_not_believed(changes in changes()) {
        let fixture = fixture();
        if let Ok(checkpoint) = changed(&fixture.checkpoint, &changes).parse::<SignedCheckpoint>()
            && let Ok(trusted) = fixture.policy.trust(&checkpoint)
        {
            prop_assert_eq!(trusted.head.size, 5);
            prop_assert_eq!(trusted.head.root.to_string(), fixture.checkpoint.lines().nth(2).unwrap());
        }
    }

    #[test]
    fn a_changed_submission_is_refused_or_the_same(changes in changes()) {
        let fixture = fixture();
        if let Ok(submission) = changed(&fixture.submission, &changes).parse::<Submission>()
            && fixture.witnessing.witness.add(&submission, NOW).is_ok()
        {
            let known = fixture.witnessing.witness.known(fixture.policy.log()).unwrap().unwrap();
            let head = known.verify(fixture.policy.log()).unwrap();
            prop_assert_eq!(head.size, 7);
            // The witness goes back to what it saw before, for the next case.
            std::fs::write(fixture.witnessing.state(), &fixture.checkpoint).unwrap();
        }
    }

    #[test]
    fn a_changed_proof_shows_the_same_record_or_nothing(changes in changes(), line in changes_of_line()) {
        let fixture = fixture();
        if let Ok(proof) = changed(&fixture.proof, &changes).parse::<RecordProof>() {
            let line = changed(&fixture.line, &line);
            if proof.verify(line.as_bytes(), &fixture.policy).is_ok() {
                prop_assert_eq!(proof.sequence(), 3);
                prop_assert_eq!(&line, &fixture.line);
            }
        }
    }

    #[test]
    fn any_text_is_read_without_a_panic(text in "(— )?[a-z0-9+/=\n —]{0,200}", bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        for text in [text, String::from_utf8_lossy(&bytes).into_owned()] {
            let _ = text.parse::<SignedCheckpoint>();
            let _ = text.parse::<Cosignature>();
            let _ = text.parse::<Submission>();
            let _ = text.parse::<RecordProof>();
            let _ = text.parse::<LogVerifier>();
            let _ = text.parse::<WitnessVerifier>();
        }
    }
}

fn changes_of_line() -> impl Strategy<Value = Vec<Change>> {
    prop_oneof![Just(vec![]), changes()]
}

struct Fixture {
    policy: coda_audit::Policy,
    witnessing: Witnessing,
    checkpoint: String,
    submission: String,
    proof: String,
    line: String,
}

fn fixture() -> &'static Fixture {
    static FIXTURE: std::sync::OnceLock<Fixture> = std::sync::OnceLock::new();
    FIXTURE.get_or_init(|| {
        let (log, witnessing) = (North::with(5), Witnessing::new(1));
        let checkpoint = log.cosigned(0, &[&witnessing]);
        let policy = log.policy(&[&witnessing], 1);
        let proof = RecordProof::new(&log.snapshot(), 3, &checkpoint).unwrap().to_string();
        let line = String::from_utf8(log.snapshot().line(3).unwrap()).unwrap();
        log.append(&["x", "y"]);
        let submission = log.submission(5).to_string();
        Fixture { policy, witnessing, checkpoint: checkpoint.to_string(), submission, proof, line }
    })
}

#[test]
fn what_is_too_long_is_not_read() {
    let fixture = fixture();
    let many = |line: &str, count| line.repeat(count);
    let hash = "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=\n";
    let long = |text: &str, count| text.replacen("\n\n", &format!("\n{}\n", many(hash, count)), 1);
    assert!(long(&fixture.submission, 50).parse::<Submission>().is_ok());
    for count in [64, 1000, 100_000] {
        assert!(long(&fixture.submission, count).parse::<Submission>().is_err());
        assert!(long(&fixture.proof, count).parse::<RecordProof>().is_err());
    }
    // 65 signatures of unknown keys, two of one key, and a size near where numbers end.
    let signatures = |count: usize| {
        let lines: Vec<_> = (0..count).map(|number| format!("— w{number} AAAAAAAAAAA=\n")).collect();
        lines.concat()
    };
    let read = |text: String| text.parse::<SignedCheckpoint>();
    assert!(read(format!("{}{}", fixture.checkpoint, signatures(62))).is_ok());
    assert!(read(format!("{}{}", fixture.checkpoint, signatures(63))).is_err());
    let last = fixture.checkpoint.lines().last().unwrap();
    assert!(read(format!("{}{last}\n", fixture.checkpoint)).is_err());
    assert!(read(fixture.checkpoint.replacen("\n5\n", &format!("\n{}\n", u64::MAX), 1)).is_err());
    // What would clear the screen of whoever prints it.
    let clear = "\u{1b}[2J";
    assert!(read(fixture.checkpoint.replacen("coda/north\n", &format!("coda/{clear}\n"), 1)).is_err());
    assert!(read(format!("{}— w{clear} AAAAAAAAAAA=\n", fixture.checkpoint)).is_err());
}
