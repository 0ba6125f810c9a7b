//! 28. Timing and size
//!
//! Learns: whether X has HIV, from how long the answer takes, or how long it is.
//! Against: answers leave on a grid of time, and are all of a length (1.13)

use std::time::Duration;

use coda_disclosure::{Defence, Defences};
use coda_model::query::Query;

use crate::bench::{
    Bench, PATIENT, U2,
    patients::{Patient, X, patients},
    twins::{Twins, question},
    without,
};

/// The grid that the network has where a site does not say otherwise.
const GRID: Duration = Duration::from_millis(20);

/// The policy of the bench, with the network's grid of time.
fn policy() -> String {
    let text = PATIENT.replace("reply_quantum_ms = 0\n", "");
    assert_ne!(text, PATIENT);
    text
}

fn twins() -> [Vec<Patient>; 2] {
    let mut other = patients("a");
    other[0].hiv = false;
    [patients("a"), other]
}

/// Questions that are all new, about nobody and one, and about many less nobody and one.
fn questions() -> Vec<Query> {
    let ask = ["count", "mean:age", "mean:ddimer", "sd:age", "median:age", "marginals:unit"];
    let of = |number: usize| {
        let asks = (0..ask.len()).filter(|place| (number % 31 + 1) >> place & 1 == 1).map(|place| ask[place]);
        let asks: Vec<&str> = asks.chain(["marginals:sex"]).collect();
        let cohort = ["hiv = yes and", "hiv = yes or not", "hiv = no or"][number % 3];
        let older = 20 + number / 3;
        question(&format!("{} | where {cohort} ({X} and age >= {older})", asks.join(", ")))
    };
    (0..70).map(of).collect()
}

/// The chance that two samples of one distribution are so far apart (Kolmogorov and Smirnov; Stephens, J. R. Stat. Soc. B 32,
/// 115, 1970). Ties, which the grid makes, make it too large.
fn kolmogorov_smirnov(one: &[u128], other: &[u128]) -> f64 {
    let at_most =
        |sample: &[u128], value: u128| sample.iter().filter(|own| **own <= value).count() as f64 / sample.len() as f64;
    let apart = |value: &u128| (at_most(one, *value) - at_most(other, *value)).abs();
    let furthest = one.iter().chain(other).map(apart).fold(0.0, f64::max);
    let root = (one.len() as f64 * other.len() as f64 / (one.len() + other.len()) as f64).sqrt();
    let lambda = (root + 0.12 + 0.11 / root) * furthest;
    if lambda < 0.3 {
        return 1.0;
    }
    let term =
        |j: i32| 2.0 * f64::from(if j % 2 == 1 { 1 } else { -1 }) * (-2.0 * f64::from(j * j) * lambda * lambda).exp();
    (1..100).map(term).sum::<f64>().clamp(0.0, 1.0)
}

#[test]
fn the_test_knows_equal_from_unequal() {
    let sample = |from: u128| (from..from + 60).collect::<Vec<_>>();
    assert!(kolmogorov_smirnov(&sample(0), &sample(0)) > 0.99);
    assert!(kolmogorov_smirnov(&sample(0), &sample(6)) > 0.5);
    assert!(kolmogorov_smirnov(&sample(0), &sample(20)) < 0.01);
    // scipy.stats.ks_2samp(range(60), range(15, 75), method="asymp") has p = 0.0470, by another small-sample correction.
    assert!((kolmogorov_smirnov(&sample(0), &sample(15)) - 0.0407).abs() < 0.004);
}

/// The points of the grid on which the answers of both came, the one asked first changing each time.
async fn measured(twins: &Twins, queries: &[Query]) -> [Vec<u128>; 2] {
    let mut took = [Vec::new(), Vec::new()];
    for (number, query) in queries.iter().enumerate() {
        for place in [number % 2, 1 - number % 2] {
            let reply = twins.0[place].wire(query).await;
            assert_eq!(reply.code, tonic::Code::Ok, "{}", reply.words);
            took[place].push(reply.took.as_micros());
        }
    }
    took
}

#[tokio::test(flavor = "multi_thread")]
async fn is_defended() {
    // By chance alone one of a hundred pairs is found unequal; both of two are not.
    let mut chances = Vec::new();
    for _ in 0..2 {
        let twins = Twins::with(twins(), Defences::default(), &policy()).await;
        let [one, other] = measured(&twins, &questions()).await;
        let early = one.iter().chain(&other).min().unwrap();
        assert!(*early >= GRID.as_micros(), "an answer came after {early} us");
        let points = |took: &[u128]| took.iter().map(|took| took / GRID.as_micros()).collect::<Vec<_>>();
        chances.push(kolmogorov_smirnov(&one, &other).min(kolmogorov_smirnov(&points(&one), &points(&other))));
        if chances.iter().any(|chance| *chance > 0.01) {
            return;
        }
    }
    panic!("{chances:?}");
}

/// Large and small, out and withheld, refused too.
#[tokio::test(flavor = "multi_thread")]
async fn every_way_to_answer_takes_a_whole_number_of_steps() {
    let twins = Twins::with(twins(), Defences::default(), &policy()).await;
    for text in [
        "count".to_owned(),
        "mean:age, sd:age, median:age | by unit".to_owned(),
        format!("mean:age, sd:age, median:age | where {X}"),
        format!("count | where {X} and hiv = yes"),
        "nothing:age".to_owned(),
        "count".to_owned(),
    ] {
        let reply = twins.0[0].wire(&question(&text)).await;
        assert!(reply.took >= GRID, "{text}: {:?}", reply.took);
    }
}

/// The lengths of answers to questions of one kind about more and fewer people.
async fn lengths(defences: Defences) -> Vec<(String, Vec<usize>)> {
    let twins = Twins::with(twins(), defences, PATIENT).await;
    let mut found = Vec::new();
    for asks in [
        "count",
        "mean:ddimer, sd:ddimer",
        "marginals:unit",
        "median:age",
        "count, mean:age | by unit | by sex",
        "count | over day:admission",
    ] {
        let mut lengths = Vec::new();
        for cohort in ["age >= 0", "hiv = yes", "unit = burns", X, "hiv = yes and age >= 100", "study = g0"] {
            for reply in twins.wire(&question(&format!("{asks} | where {cohort}"))).await {
                assert_eq!(reply.code, tonic::Code::Ok, "{}", reply.words);
                lengths.push(reply.length);
            }
        }
        found.push((asks.to_owned(), lengths));
    }
    found
}

#[tokio::test(flavor = "multi_thread")]
async fn answers_have_one_length() {
    for (asks, lengths) in lengths(Defences::default()).await {
        assert!(lengths.iter().all(|length| *length == lengths[0] && length % 4096 == 0), "{asks}: {lengths:?}");
    }
}

/// Fifty times the patients.
fn many() -> Vec<Patient> {
    let of = |time: usize| {
        patients("a").into_iter().map(move |patient| Patient { id: format!("{}-{time}", patient.id), ..patient })
    };
    (0..50).flat_map(of).collect()
}

/// How long the first answer to somebody is, when it is one to this question.
async fn first_length(defences: Defences, text: &str) -> usize {
    let bench = Bench::one(defences).await;
    bench.wire(&question("count")).await;
    bench.wire_of(U2, "a", &question(text)).await.length
}

#[tokio::test(flavor = "multi_thread")]
async fn works_undefended() {
    // Whether anything was told at all: a budget of which nothing is spent is written shorter.
    let off = without(Defence::Size);
    let both =
        (first_length(off, "count | where hiv = yes").await, first_length(off, "count | where study = g4").await);
    assert!(both.0 > both.1, "{both:?}");
    let on = Defences::default();
    let both = (first_length(on, "count | where hiv = yes").await, first_length(on, "count | where study = g4").await);
    assert_eq!(both.0, both.1);

    // Whether a cohort has enough people to be looked at. On a busy machine it may take the attacker more than one try.
    for _ in 0..5 {
        if nobody_is_answered_sooner().await {
            return;
        }
    }
    panic!("nobody and many are answered in the same time");
}

/// Whether the raw times of answers about nobody are shorter than those about many, pair by pair, because a busy machine is busy
/// for both. By chance forty of sixty are one time in a hundred.
async fn nobody_is_answered_sooner() -> bool {
    let bench = Bench::with(vec![("a", many())], without(Defence::Timing), &policy()).await;
    let asks = "count, mean:age, median:age, marginals:study | by unit | by sex";
    let mut later = 0;
    for older in 0..60 {
        let mut took = Vec::new();
        for cohort in ["hiv = no", "study = g0"] {
            let asked = question(&format!("{asks} | where {cohort} and age >= {}", 20 + older));
            took.push(bench.wire(&asked).await.took);
        }
        later += u32::from(took[0] > took[1]);
    }
    later >= 40
}
