//! 16. Two colluding users
//!
//! Learns: X's D-dimer and HIV, when one user asks about a cohort and another about the cohort without X.
//! Against: the history is one for all users (2.2), so that the second cohort is answered by the first

use coda_disclosure::{Defence, Defences};
use coda_model::query::Query;

use crate::bench::{
    Bench, Reply, U1, U2, With as _, assert_same, of,
    patients::{NOBODY, X, patients},
    without_all,
};

/// Those of 30 and more, and these without those such that.
fn grown(but: Option<&str>) -> Query {
    let words = but.map_or_else(|| "age >= 30".to_owned(), |but| format!("age >= 30 and not ({but})"));
    of(&["count", "mean:ddimer", "sd:ddimer", "marginals:hiv", "percentiles:age"]).whose(&words)
}

/// The number of people and the sums of what is told of the whole cohort.
fn whole(reply: &Reply) -> Vec<(u64, Vec<i128>)> {
    let told = |ask| reply.frame(ask, 0).slots[0].value().map(|slot| (slot.count.people.0, slot.sums.clone()));
    (0..3).map(|ask| told(ask).unwrap()).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn is_defended() {
    let bench = Bench::one(Defences::default()).await;
    let all = bench.wire_of(U1, "a", &grown(None)).await;
    let but_x = bench.wire_of(U2, "a", &grown(Some(X))).await;
    let but_nobody = bench.wire_of(U2, "a", &grown(Some(NOBODY))).await;
    assert_eq!(whole(&all), whole(&but_x), "the second user is told what the first was");
    assert_same(&but_x, &but_nobody, "without X, and without nobody");
    // What is told of a part was told before.
    for (all, but_x) in all.shown(3, 0).iter().zip(but_x.shown(3, 0)) {
        assert!(but_x.is_none() || *all == but_x);
    }
}

/// Whoever comes first decides what both are told.
#[tokio::test(flavor = "multi_thread")]
async fn is_defended_in_the_other_order_and_by_complement() {
    let bench = Bench::one(Defences::default()).await;
    let but_x = bench.wire_of(U2, "a", &grown(Some(X))).await;
    let all = bench.wire_of(U1, "a", &grown(None)).await;
    assert_eq!(whole(&all), whole(&but_x));
    // The young, and the young with X: the complements of the two cohorts.
    let count = |words: &str| of(&["count", "mean:stay"]).whose(words);
    let young = bench.wire_of(U1, "a", &count("age < 30")).await;
    let young_and_x = bench.wire_of(U2, "a", &count(&format!("age < 30 or ({X})"))).await;
    assert_same(&young, &young_and_x, "the young, with X and without");
    // Groups by the first user tell of no other set than cohorts did.
    let groups = bench.wire_of(U1, "a", &of(&["count"]).by("age@30")).await;
    for (told, group) in [young.count(), all.count()].iter().zip(0..) {
        let group = groups.shown(0, group)[0];
        assert!(group.is_none() || group == *told, "{group:?} {told:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn works_undefended() {
    let bench = Bench::one(without_all(&[Defence::PairRule, Defence::LinearAudit])).await;
    let all = bench.wire_of(U1, "a", &grown(None)).await;
    let but_x = bench.wire_of(U2, "a", &grown(Some(X))).await;
    let (with, without) = (whole(&all), whole(&but_x));
    assert_eq!(with[0].0 - without[0].0, 1, "there is an X");
    assert_eq!(with[1].1[0] - without[1].1[0], i128::from(patients("a")[0].ddimer), "X's D-dimer");
    let hiv = |reply: &Reply| reply.shown(3, 0)[1].unwrap();
    assert_eq!(hiv(&all) - hiv(&but_x), 1, "X has HIV");
}
