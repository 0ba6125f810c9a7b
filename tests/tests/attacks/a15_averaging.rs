//! 15. Averaging
//!
//! Learns: a small count, from the mean of many noisy answers to one question, or to fifty ways of asking it.
//! Against: answers carry no noise; one question in whatever words has one answer, and one entry in the ledger (2.5)

use coda_disclosure::Defences;

use crate::bench::{Bench, U1, U2, With as _, assert_same, of, patients::patients, spent, truth};

/// Repeats of one question.
const REPEATS: usize = 200;

/// Women of 30 to 59, in as many words as one likes.
fn variants() -> Vec<String> {
    let parts = ["sex = f", "age >= 30", "age < 60"];
    let orders = [[0, 1, 2], [0, 2, 1], [1, 0, 2], [1, 2, 0], [2, 0, 1], [2, 1, 0]];
    let mut words: Vec<String> = Vec::new();
    for [a, b, c] in orders {
        let (a, b, c) = (parts[a], parts[b], parts[c]);
        words.push(format!("{a} and {b} and {c}"));
        words.push(format!("not (not ({a} and {b}) or not ({c}))"));
        words.push(format!("not not ({a}) and ({b} and ({c}))"));
        words.push(format!("({a} or {a}) and {b} and {c} and {b}"));
    }
    for women in ["sex in (f)", "sex != m", "sex not in (m)", "not (sex = m)"] {
        words.push(format!("{women} and age in [30, 60)"));
        words.push(format!("age > 29 and age <= 59 and {women}"));
    }
    words.push("sex = f and age in [30, 60) and (hiv = yes or hiv = no)".to_owned());
    words.push("sex = f and age in [30, 60) and not (study = g0 and study = g4)".to_owned());
    for split in 31..60 {
        words.push(format!("sex = f and (age in [{split}, 60) or age in [30, {split}))"));
    }
    words
}

#[tokio::test(flavor = "multi_thread")]
async fn is_defended() {
    let bench = Bench::one(Defences::default()).await;
    let asked = |cohort: &str| of(&["count", "mean:ddimer", "marginals:unit"]).whose(cohort);
    let words = variants();
    assert!(words.len() >= 50);
    let first = bench.wire(&asked(&words[0])).await;
    let women = truth(&patients("a"), |patient| patient.sex == "f" && (30..60).contains(&patient.age));
    assert_eq!(first.count(), Some(women));
    let after_first = spent(&bench.ask(U1, &asked(&words[0]), &["a"]).await);
    for _ in 0..REPEATS {
        assert_same(&bench.wire(&asked(&words[0])).await, &first, "again");
    }
    for (number, words) in words.iter().enumerate() {
        let user = [U1, U2][number % 2];
        assert_same(&bench.wire_of(user, "a", &asked(words)).await, &first, words);
    }
    assert_eq!(spent(&bench.ask(U1, &asked(&words[0]), &["a"]).await), after_first, "one entry");
    assert_eq!(spent(&bench.ask(U2, &asked(&words[1]), &["a"]).await), 0, "nor is it new for another user");
}

/// What a system tells that adds a whole number from -3 to 3 to every answer, drawn anew or by the words of the question.
#[tokio::test(flavor = "multi_thread")]
async fn works_undefended() {
    let four = truth(&patients("a"), |patient| patient.study == "g4") as i64;
    let mut state = 1_u64;
    let mut noisy = || {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        four + ((state >> 33) % 7) as i64 - 3
    };
    let sum: i64 = (0..REPEATS * 5).map(|_| noisy()).sum();
    assert_eq!((sum as f64 / (REPEATS * 5) as f64).round() as i64, four, "there are four");
}
