//! 2. Zero oracle
//!
//! Learns: whether X, of whom sex, age and unit are known, has HIV.
//! Against: zero is withheld like one to four (R1)

use coda_disclosure::{Defence, Defences};

use crate::bench::{
    Bench, count_of,
    patients::{X, Y},
    without_all,
};

#[tokio::test(flavor = "multi_thread")]
async fn is_defended() {
    let bench = Bench::one(Defences::default()).await;
    let with = bench.wire(&count_of(&format!("hiv = yes and {X}"))).await;
    let without = bench.wire(&count_of(&format!("hiv = yes and {Y}"))).await;
    assert!(with.is_withheld());
    assert_eq!(with.bytes, without.bytes, "one and none look the same");
}

#[tokio::test(flavor = "multi_thread")]
async fn works_undefended() {
    let bench = Bench::one(without_all(&[Defence::SmallCells, Defence::PairRule, Defence::LinearAudit])).await;
    assert_eq!(bench.wire(&count_of(&format!("hiv = yes and {X}"))).await.count(), Some(1), "X has it");
    assert_eq!(bench.wire(&count_of(&format!("hiv = yes and {Y}"))).await.count(), Some(0), "Y has not");
}
