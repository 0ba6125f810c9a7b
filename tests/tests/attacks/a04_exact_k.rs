//! 4. Exactly as many as the threshold
//!
//! Learns: how many people a group of fewer than the threshold has, beside one that has just enough: what all but
//! the small group come to, and what all but the two come to.
//! Against: a cohort close to an earlier one, or to all but one, is answered in its place (2.3)

use coda_disclosure::{Defence, Defences};

use crate::bench::{Bench, count_of, of, patients::patients, without_all};

#[tokio::test(flavor = "multi_thread")]
async fn is_defended() {
    let bench = Bench::one(Defences::default()).await;
    let five = bench.wire(&count_of("study = g5")).await;
    assert_eq!(five.count(), Some(5), "five are enough");
    assert_eq!(bench.wire(&count_of("study != g5")).await.count(), Some(295), "and tell no less of the others");
    // Four are not, however they are come by: they are all, or all but the five.
    let (four, none) = (bench.wire(&count_of("study != g4")).await, bench.wire(&count_of("study != g0")).await);
    assert_eq!(four.count(), Some(300));
    assert!(four.is_like(&none), "all but four, and all but none");
    let others = bench.wire(&count_of("study = other")).await;
    let but_two = bench.wire(&count_of("not study in (g5, g4)")).await;
    assert_eq!(others.count(), Some(295), "four people are counted with them");
    assert!(others.is_like(&but_two));
    let both = bench.wire(&count_of("study in (g5, g4)")).await;
    let with_none = bench.wire(&count_of("study in (g5, g0)")).await;
    assert!(both.is_withheld(), "and nine of whom five are known are not told");
    assert!(both.is_like(&with_none), "the five and four, and the five and none");
}

/// A member of the five who moves to the four: what was five is four and withheld, and what is all but them is all.
#[tokio::test(flavor = "multi_thread")]
async fn is_defended_one_short() {
    let mut people = patients("a");
    people[10].study = "g4";
    let bench = Bench::twin(people, Defences::default()).await;
    assert!(bench.wire(&count_of("study = g5")).await.is_withheld());
    assert_eq!(bench.wire(&count_of("study != g5")).await.count(), Some(300));
}

#[tokio::test(flavor = "multi_thread")]
async fn works_undefended() {
    let bench = Bench::one(without_all(&[Defence::PairRule, Defence::LinearAudit])).await;
    let all = bench.wire(&of(&["count"])).await.count().unwrap();
    let others = bench.wire(&count_of("study != g4")).await.count().unwrap();
    assert_eq!(all - others, 4);
}
