//! 14. Refusal as an oracle
//!
//! Learns: whether X has HIV, from whether a second question is answered.
//! Against: a difference of nobody is treated as one of a few (2.3), shown on twins that differ in X's HIV

use coda_disclosure::Defences;

use crate::bench::{
    Bench, Reply, count_of,
    patients::{X, patients},
};

/// The tracker's two answers where X has HIV, and where X has not.
async fn twins() -> [(Reply, Reply); 2] {
    let mut found = Vec::new();
    for hiv in [true, false] {
        let mut people = patients("a");
        people[0].hiv = hiv;
        let bench = Bench::twin(people, Defences::default()).await;
        let first = bench.wire(&count_of("hiv = yes")).await;
        let second = bench.wire(&count_of(&format!("hiv = yes and not ({X})"))).await;
        found.push((first, second));
    }
    found.try_into().unwrap_or_else(|_| unreachable!())
}

#[tokio::test(flavor = "multi_thread")]
async fn is_defended() {
    let [with, without] = twins().await;
    let difference = |(first, second): &(Reply, Reply)| first.count().unwrap() - second.count().unwrap();
    assert_eq!(difference(&with), difference(&without));
    assert_eq!(with.1.code, without.1.code);
    assert_eq!(with.1.bytes.len(), without.1.bytes.len());
}

/// The guard that everybody thinks of first: refuse when the two cohorts differ by one to four people.
#[tokio::test(flavor = "multi_thread")]
async fn works_undefended() {
    let refuses = |hiv: bool| {
        let mut people = patients("a");
        people[0].hiv = hiv;
        let is_x = |patient: &crate::bench::patients::Patient| patient.id == "a-0";
        let difference = people.iter().filter(|patient| patient.hiv && is_x(patient)).count();
        (1..5).contains(&difference)
    };
    assert_ne!(refuses(true), refuses(false), "the refusal is the answer");
}
