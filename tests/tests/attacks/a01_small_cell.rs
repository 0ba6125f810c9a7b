//! 1. Small cell, asked directly
//!
//! Learns: that a study has four patients, or none.
//! Against: the threshold, zero included (R1)

use coda_disclosure::{Defence, Defences};

use crate::bench::{Bench, count_of, without_all};

#[tokio::test(flavor = "multi_thread")]
async fn is_defended() {
    let bench = Bench::one(Defences::default()).await;
    let four = bench.wire(&count_of("study = g4")).await;
    let none = bench.wire(&count_of("study = g0")).await;
    assert!(four.is_withheld() && none.is_withheld());
    assert_eq!(four.bytes, none.bytes, "four and none look the same");
    // A level that is not in the dictionary is refused before any data are looked at.
    let unknown = bench.wire(&count_of("study = g7")).await;
    assert!(unknown.words.contains("there is no level \"g7\""), "{}", unknown.words);
}

#[tokio::test(flavor = "multi_thread")]
async fn works_undefended() {
    let bench = Bench::one(without_all(&[Defence::SmallCells, Defence::PairRule, Defence::LinearAudit])).await;
    assert_eq!(bench.wire(&count_of("study = g4")).await.count(), Some(4));
    assert_eq!(bench.wire(&count_of("study = g0")).await.count(), Some(0));
}
