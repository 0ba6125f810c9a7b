//! 7. Total less what is shown
//!
//! Learns: how many people a withheld level has, from the total and the other levels.
//! Against: a large level is withheld beside a small one (1.4)

use coda_disclosure::{Defence, Defences};

use crate::bench::{Bench, Reply, With, count_of, of, patients::patients, without_all};

/// The people of each level that is shown.
fn shown(reply: &Reply) -> Vec<Option<u64>> {
    let frame = reply.frame(0, 0);
    (0..frame.slots.len()).map(|slot| reply.people(slot)).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn is_defended() {
    let bench = Bench::one(Defences::default()).await;
    let all = bench.wire(&of(&["count"])).await.count().unwrap();
    let marginals = bench.wire(&of(&["marginals:study"])).await;
    let shown = shown(&marginals);
    assert_eq!((shown[1], shown[2]), (None, None), "four and none are small");
    let others: u64 = shown.iter().flatten().sum();
    assert!(all - others >= 9, "a large level is withheld with them: each of them may be anything from none to four");
    // Asked for one by one, the levels are no more than that.
    let mut one_by_one = 0;
    for level in ["g5", "g4", "g0", "other"] {
        let reply = bench.wire(&count_of(&format!("study = {level}"))).await;
        one_by_one += reply.count().unwrap_or_default();
    }
    assert_ne!(all - one_by_one, 4, "what is left");
}

/// Levels whose place another set takes must not show in what they add up to.
#[tokio::test(flavor = "multi_thread")]
async fn is_defended_twice() {
    for four in [3, 4] {
        let mut people = patients("a");
        if four == 3 {
            people[15].study = "other";
        }
        let bench = Bench::twin(people, Defences::default()).await;
        bench.wire(&count_of("study = other")).await;
        for ask in ["count", "mean:age"] {
            let by_study = bench.wire(&of(&[ask]).by("study")).await;
            let total = by_study.frames.unwrap().total.value().map(|total| total.people.0);
            assert!(total.is_none_or(|total| total == 300), "{total:?} of 300");
        }
        for ask in ["marginals:study", "mode:study"] {
            let reply = bench.wire(&of(&[ask])).await;
            let rest = reply.frame(0, 0).rest.value().map(|rest| rest.people.0);
            let all = shown(&reply).iter().flatten().sum::<u64>() + rest.unwrap_or_default();
            assert!(all <= 300, "{all} of 300");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn works_undefended() {
    let bench = Bench::one(without_all(&[Defence::Secondary, Defence::LinearAudit])).await;
    let all = bench.wire(&of(&["count"])).await.count().unwrap();
    let marginals = bench.wire(&of(&["marginals:study"])).await;
    let others: u64 = shown(&marginals).iter().flatten().sum();
    assert_eq!(
        all - others,
        patients("a").iter().filter(|patient| ["g4", "g0"].contains(&patient.study)).count() as u64
    );
}
