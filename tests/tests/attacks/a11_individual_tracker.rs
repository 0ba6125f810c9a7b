//! 11. Individual tracker
//!
//! Learns: how many patients are in A and in B, when they are too few to be asked for: q(A) less q(A and not B).
//! Against: a cohort close to an earlier one is answered in its place (2.3)

use coda_disclosure::{Defence, Defences};

use crate::bench::{Bench, count_of, patients::X, without_all};

/// `A`, and `A and not B`, whose difference is X with HIV.
fn tracker() -> [String; 2] {
    ["hiv = yes".to_owned(), format!("hiv = yes and not ({X})")]
}

#[tokio::test(flavor = "multi_thread")]
async fn is_defended() {
    let bench = Bench::one(Defences::default()).await;
    let [a, a_less] = tracker().map(|cohort| count_of(&cohort));
    let (a, a_less) = (bench.wire(&a).await.count().unwrap(), bench.wire(&a_less).await.count());
    assert!(a_less.is_none_or(|less| a == less || a - less >= 5), "{a} less {a_less:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn works_undefended() {
    let bench = Bench::one(without_all(&[Defence::PairRule, Defence::LinearAudit])).await;
    let [a, a_less] = tracker().map(|cohort| count_of(&cohort));
    let (a, a_less) = (bench.wire(&a).await.count().unwrap(), bench.wire(&a_less).await.count().unwrap());
    assert_eq!(a - a_less, 1, "X has HIV");
}
