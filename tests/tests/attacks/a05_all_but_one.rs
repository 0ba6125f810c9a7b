//! 5. All but one
//!
//! Learns: whether there is a patient such as X.
//! Against: a cohort close to an earlier one is answered in its place (2.3)

use coda_disclosure::{Defence, Defences};

use crate::bench::{
    Bench, count_of, of,
    patients::{NOBODY, X},
    without_all,
};

#[tokio::test(flavor = "multi_thread")]
async fn is_defended() {
    let bench = Bench::one(Defences::default()).await;
    let all = bench.wire(&of(&["count"])).await;
    let but_x = bench.wire(&count_of(&format!("not ({X})"))).await;
    let but_nobody = bench.wire(&count_of(&format!("not ({NOBODY})"))).await;
    assert_eq!((all.count(), but_x.count()), (Some(300), Some(300)));
    assert_eq!(but_x.bytes, but_nobody.bytes, "without X, and without nobody");
}

#[tokio::test(flavor = "multi_thread")]
async fn works_undefended() {
    let bench = Bench::one(without_all(&[Defence::PairRule, Defence::LinearAudit])).await;
    assert_eq!(bench.wire(&of(&["count"])).await.count(), Some(300));
    assert_eq!(bench.wire(&count_of(&format!("not ({X})"))).await.count(), Some(299), "there is such a patient");
}
