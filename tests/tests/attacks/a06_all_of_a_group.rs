//! 6. All of a group
//!
//! Learns: that each of a group has, or has not, what one does not say of anybody: 32 of 32.
//! Against: what is left of a group is never shown to be nobody rather than a few (R2, 2.3, 2.4)

use coda_disclosure::{Defence, Defences};
use coda_model::query::Query;

use crate::bench::{
    Bench, Reply, With, count_of, of,
    patients::{Patient, patients},
    without_all,
};

/// A group in which so many have HIV.
fn group(with: usize) -> Vec<Patient> {
    let mut people = patients("a");
    let of_group = people.iter_mut().filter(|patient| patient.admission.starts_with("03-"));
    of_group.enumerate().for_each(|(place, patient)| patient.hiv = place < with);
    people
}

const GROUP: &str = "admission >= 2024-03-01 and admission < 2024-04-01";

fn questions() -> Vec<Query> {
    vec![
        count_of(GROUP),
        count_of(&format!("hiv = no and {GROUP}")),
        count_of(&format!("hiv = yes and {GROUP}")),
        of(&["marginals:hiv", "mode:hiv", "risk_ratio:hiv:sex"]).whose(GROUP),
        of(&["count", "mean:age"]).by("hiv").whose(GROUP),
        of(&["mean:age", "median:age"]).whose(&format!("hiv = no and {GROUP}")),
        of(&["mean_difference:age:hiv"]).whose(GROUP),
    ]
}

#[tokio::test(flavor = "multi_thread")]
async fn is_defended() {
    let (nobody, four) = (group(0), group(4));
    let (nobody, four) = (Bench::twin(nobody, Defences::default()).await, Bench::twin(four, Defences::default()).await);
    for question in questions() {
        let (nobody, four) = (nobody.wire(&question).await, four.wire(&question).await);
        assert!(nobody.is_like(&four), "nobody and four of 32");
    }
}

/// Of a group of five, all of whom can be counted, one at most can be left out.
#[tokio::test(flavor = "multi_thread")]
async fn is_defended_of_five() {
    let mut seen = Vec::new();
    for with in [0, 1] {
        let mut people = patients("a");
        people[10..15].iter_mut().enumerate().for_each(|(place, patient)| patient.hiv = place < with);
        let bench = Bench::twin(people, Defences::default()).await;
        let mut replies: Vec<Reply> = Vec::new();
        for question in ["study = g5", "study = g5 and hiv = no", "study = g5 and hiv = yes"] {
            replies.push(bench.wire(&count_of(question)).await);
        }
        replies.push(bench.wire(&of(&["marginals:hiv"]).whose("study = g5")).await);
        seen.push(replies);
    }
    assert!(seen[0].iter().zip(&seen[1]).all(|(none, one)| none.is_like(one)), "none of five, and one of five");
}

#[tokio::test(flavor = "multi_thread")]
async fn works_undefended() {
    let bench = Bench::twin(group(0), without_all(&[
        Defence::SmallCells,
        Defence::Secondary,
        Defence::PairRule,
        Defence::LinearAudit,
    ])).await;
    let marginals = bench.wire(&of(&["marginals:hiv"]).whose(GROUP)).await;
    assert_eq!((marginals.people(0), marginals.people(1)), (Some(32), Some(0)), "none of them has");
}
