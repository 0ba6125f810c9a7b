//! 12. General tracker
//!
//! Learns: how many are in C, who are too few to be asked for: q(C or T) + q(C or not T) - q(T) - q(not T), for any T
//! (Denning, Denning and Schwartz, ACM TODS 4(1) 1979)
//! Against: a cohort close to an earlier one, or to what some earlier ones come to, is answered in its place (2.3, 2.4)

use coda_disclosure::{Defence, Defences};

use crate::bench::{
    Bench, count_of,
    patients::{X, patients},
    without_all,
};

/// `T`s; who is in C, X with HIV, is in some and not in others.
const TRACKERS: [&str; 4] = ["unit = surgery", "sex = f", "age < 40", "origin = home"];

/// The four cohorts of a tracker, in an order.
fn cohorts(tracker: &str) -> [String; 4] {
    let c = format!("(hiv = yes and {X})");
    [format!("{c} or {tracker}"), format!("{c} or not ({tracker})"), tracker.to_owned(), format!("not ({tracker})")]
}

/// q(C or T) + q(C or not T) - q(T) - q(not T), if all are out.
async fn tracked(bench: &Bench, tracker: &str, order: [usize; 4]) -> Option<i64> {
    let cohorts = cohorts(tracker);
    let mut found = 0;
    for place in order {
        let count = bench.wire(&count_of(&cohorts[place])).await.count()? as i64;
        found += if place < 2 { count } else { -count };
    }
    Some(found)
}

#[tokio::test(flavor = "multi_thread")]
async fn is_defended() {
    for order in [[0, 1, 2, 3], [2, 3, 0, 1], [0, 3, 1, 2], [3, 2, 1, 0]] {
        let bench = Bench::one(Defences::default()).await;
        for tracker in TRACKERS {
            let found = tracked(&bench, tracker, order).await;
            assert!(found.is_none_or(|found| found == 0 || found >= 5), "{tracker}: {found:?}");
        }
    }
}

/// A tracker of three cohorts far from each other, C among two that have nobody in common: q(A) + q(B) - q(A or B without C),
/// asked of X who has HIV and of X who has not.
#[tokio::test(flavor = "multi_thread")]
async fn is_defended_as_an_oracle() {
    let mut found = Vec::new();
    for hiv in [true, false] {
        let mut people = patients("a");
        people[0].hiv = hiv;
        let bench = Bench::twin(people, Defences::default()).await;
        let mut counts = Vec::new();
        for cohort in ["hiv = yes and sex = f", "hiv = yes and sex = m", &format!("hiv = yes and not ({X})")] {
            counts.push(bench.wire(&count_of(cohort)).await.count());
        }
        let counts: Vec<u64> = counts.into_iter().flatten().collect();
        found.push(counts[0] + counts[1] - counts[2]);
    }
    assert_eq!(found, [0, 0], "the third is answered as the two others together, whether X has HIV or not");
}

#[tokio::test(flavor = "multi_thread")]
async fn works_undefended() {
    let bench = Bench::one(without_all(&[Defence::PairRule, Defence::LinearAudit])).await;
    for tracker in TRACKERS {
        assert_eq!(tracked(&bench, tracker, [0, 1, 2, 3]).await, Some(1), "{tracker}");
    }
}
