//! b05. Quantiles of a vector with one valid value (`DataSHIELD`)
//!
//! Learns: X's length of stay, as the quantile, mean or range of people of whom only X has one.
//! Against: what counts is who has a value: missing ones are cells of their own under the threshold (R1, R4)

use coda_disclosure::{Defence, Defences};
use coda_model::query::Query;

use crate::bench::{
    Bench, Reply, With as _, assert_alike, of,
    patients::{Patient, patients},
    twins, without_all,
};

/// X's length of stay.
const STAY: u32 = 33;

/// Study `g5` has so many people, of whom X alone has a length of stay.
fn study(people: &mut [Patient], size: usize, stay: u32) {
    for patient in people.iter_mut() {
        patient.study = "other";
    }
    people[0].stay = Some(stay);
    people[0].study = "g5";
    for patient in &mut people[1..size] {
        (patient.study, patient.stay) = ("g5", None);
    }
}

/// All there is to ask of a length of stay.
const ASKS: [&str; 9] = [
    "median:stay", "quartiles:stay", "percentiles:stay", "mean:stay", "sd:stay", "ci:stay", "histogram:stay", "count:stay",
    "mean_difference:stay:sex",
];

fn asked(cohort: &str) -> Query {
    of(&ASKS).whose(cohort)
}

#[tokio::test(flavor = "multi_thread")]
async fn is_defended() {
    for size in [10, 30, 150] {
        let twins = twins(Defences::default(), |people, twin| study(people, size, [STAY, 2][twin])).await;
        let [reply, _] = assert_alike(&twins, &asked("study = g5"), "long and short").await;
        for (ask, words) in ASKS.iter().enumerate() {
            assert!(reply.shown(ask, 0).iter().all(Option::is_none), "{words}");
        }
    }
}

/// By groups, with the group of X beside large ones.
#[tokio::test(flavor = "multi_thread")]
async fn is_defended_in_groups() {
    let twins = twins(Defences::default(), |people, twin| study(people, 30, [STAY, 2][twin])).await;
    for ask in ["median:stay", "mean:stay", "count:stay"] {
        let [one, other] = [twins[0].wire(&of(&[ask]).by("study")).await, twins[1].wire(&of(&[ask]).by("study")).await];
        for reply in [one, other] {
            assert!(reply.shown(0, 0).iter().all(Option::is_none), "{ask}");
        }
    }
}

/// Four with nothing are few enough to be counted with X; with X they are five.
#[tokio::test(flavor = "multi_thread")]
async fn few_without_a_value_make_up_no_number() {
    for size in [5, 6, 7, 8] {
        let twins = twins(Defences::default(), |people, twin| {
            study(people, 5, [STAY, 2][twin]);
            people[5..size].iter_mut().for_each(|patient| (patient.study, patient.stay) = ("g5", Some(4)));
        })
        .await;
        assert_alike(&twins, &of(&["mean:stay"]).whose("study = g5"), &format!("{size} in the study")).await;
    }
}

/// The same with a large cohort: one without X and the four, and one with them, so that they differ by five people of whom one
/// has a value.
#[tokio::test(flavor = "multi_thread")]
async fn few_without_a_value_hide_no_difference() {
    let mut people = patients("a");
    study(&mut people, 5, STAY);
    let bench = Bench::twin(people, Defences::default()).await;
    let first = bench.wire(&of(&["mean:stay"]).whose("stay is present and study = other")).await;
    let second = bench.wire(&of(&["mean:stay"]).whose("(stay is present and study = other) or study = g5")).await;
    if let (Some((n, sum)), Some((more, all))) = (told(&first), told(&second)) {
        // Of the second, the four have the mean of the others in the sum.
        let valid = i128::from(more) - 4;
        let x = (2 * all * valid + i128::from(more)) / (2 * i128::from(more)) - sum;
        assert!(more == n || x != i128::from(STAY), "X stayed {x} days");
    }
}

/// People and sum of the first slot.
fn told(reply: &Reply) -> Option<(u64, i128)> {
    Some((reply.count()?, reply.sum()?))
}

#[tokio::test(flavor = "multi_thread")]
async fn works_undefended() {
    let mut people = patients("a");
    study(&mut people, 30, STAY);
    let rules = [Defence::SmallCells, Defence::Secondary, Defence::Samples, Defence::Dominance, Defence::Steps];
    let off = [&rules[..], &[Defence::PairRule, Defence::LinearAudit]].concat();
    let bench = Bench::twin(people, without_all(&off)).await;
    let reply = bench.wire(&asked("study = g5")).await;
    // The grid of a stay is by the day.
    let place = reply.shown(0, 0).iter().position(|people| *people == Some(1));
    assert_eq!(place, Some(STAY as usize), "the median");
    assert_eq!(reply.frame(3, 0).slots[0].value().map(|slot| slot.sums[0]), Some(i128::from(STAY)), "the mean");
}
