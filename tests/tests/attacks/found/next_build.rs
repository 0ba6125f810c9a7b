//! The next build
//!
//! Learns: whether somebody of a group of five has left it, whether anybody has changed group, what somebody's value has become.
//! Against: the same question is answered for the people of the earlier build until five have changed (2.6)

use std::time::Duration;

use coda_disclosure::Defences;

use crate::bench::{
    Bench, Reply,
    patients::{Patient, patients, tables},
    site,
    twins::{Twins, question},
};

async fn rebuilt(bench: &Bench, people: &[Patient]) {
    bench.network.rebuild(&site("a"), tables(people)).unwrap();
    tokio::time::sleep(Duration::from_millis(1100)).await;
}

/// Of twins that become these on the next build, the replies on the first, and then on the next.
async fn twice(first: Vec<Patient>, next: [Vec<Patient>; 2], questions: &[&str]) -> Vec<([Reply; 2], [Reply; 2])> {
    let twins = Twins::of([first.clone(), first], Defences::default()).await;
    let mut before = Vec::new();
    for text in questions {
        before.push(twins.wire(&question(text)).await);
    }
    for (bench, people) in twins.0.iter().zip(&next) {
        rebuilt(bench, people).await;
    }
    let mut both = Vec::new();
    for (text, before) in questions.iter().zip(before) {
        both.push((before, twins.wire(&question(text)).await));
    }
    both
}

fn same(people: &[Patient]) -> Vec<Patient> {
    let mut people = people.to_vec();
    people[200].ddimer += 1;
    people
}

async fn assert_defended(first: Vec<Patient>, next: Vec<Patient>, questions: &[&str]) {
    let both = twice(first.clone(), [same(&first), next], questions).await;
    for (text, (before, [one, other])) in questions.iter().zip(&both) {
        assert!(before[0].told == before[1].told, "{text}: the first build is one for both");
        assert!(one.told == other.told && one.words == other.words, "{text}: tells that somebody changed");
    }
}

/// One of five has left the study.
#[tokio::test(flavor = "multi_thread")]
async fn one_of_five_leaves() {
    let mut next = same(&patients("a"));
    next[10].study = "other";
    assert_defended(patients("a"), next, &["count | where study = g5"]).await;
}

/// The same by sex, where nothing is small.
#[tokio::test(flavor = "multi_thread")]
async fn one_moves_in_a_table_without_small_levels() {
    let first = patients("a");
    let mut next = same(&first);
    next[100].hiv = !next[100].hiv;
    assert_defended(first, next, &["marginals:hiv", "marginals:hiv | by sex"]).await;
}

/// The value of a man changes; sums of all but the women are not noted.
#[tokio::test(flavor = "multi_thread")]
async fn sums_of_a_complement_stay() {
    let first = patients("a");
    let mut next = same(&first);
    next[1].age = 84;
    assert_defended(first, next, &["count | where sex = f", "mean:age | where sex = m"]).await;
}

/// Four in burns, and cells instead of levels.
#[tokio::test(flavor = "multi_thread")]
async fn one_moves_between_large_cells() {
    let mut first = patients("a");
    first[4..8].iter_mut().for_each(|patient| patient.unit = "medicine");
    let mut next = same(&first);
    let mover = next.iter().position(|patient| patient.unit == "surgery").unwrap();
    next[mover].unit = "maternity";
    assert_defended(first, next, &["count | by unit"]).await;
}

/// One of two levels loses one of five.
#[tokio::test(flavor = "multi_thread")]
async fn one_leaves_a_cell_of_five() {
    let mut first = patients("a");
    first[0..3].iter_mut().for_each(|patient| patient.unit = "medicine");
    let mut next = same(&first);
    next[3].unit = "surgery";
    assert_defended(first, next, &["count | by unit"]).await;
}

/// A sum by another name on the next build.
#[tokio::test(flavor = "multi_thread")]
async fn sums_stay_by_another_name() {
    let first = patients("a");
    let mut next = same(&first);
    next[1].age = 84;
    let twins = Twins::of([first.clone(), first.clone()], Defences::default()).await;
    let before = twins.wire(&question("mean:age | where sex = m")).await;
    assert_eq!(before[0].sum(), before[1].sum());
    for (bench, people) in twins.0.iter().zip([same(&first), next]) {
        rebuilt(bench, &people).await;
    }
    let after = twins.wire(&question("mean:a | derive a = max(patient.age) | where sex = m")).await;
    assert_eq!(after[0].sum(), after[1].sum(), "what X's age has become");
}

/// Means of the levels by a mean difference, where somebody moves from one group to the other.
#[tokio::test(flavor = "multi_thread")]
async fn one_moves_between_groups() {
    let first = patients("a");
    let mut next = same(&first);
    next[100].hiv = !next[100].hiv;
    assert_defended(
        first,
        next,
        &["mean_difference:age:hiv", "risk_ratio:hiv:sex=f", "mean:age | by hiv", "histogram:age | by hiv"],
    )
    .await;
}

/// Somebody is gone.
#[tokio::test(flavor = "multi_thread")]
async fn one_is_gone() {
    let mut found = Vec::new();
    for text in [
        "count",
        "mean:age",
        "count | where sex = f",
        "mean:age | where sex = f",
        "count | by sex",
        "marginals:hiv",
        "marginals:unit | by hiv",
    ] {
        let first = patients("a");
        let mut next = same(&first);
        let gone = next.iter().position(|patient| patient.sex == "f" && patient.unit == "surgery").unwrap();
        next.remove(gone);
        let both = twice(first.clone(), [same(&first), next], &[text]).await;
        let (_, [one, other]) = &both[0];
        found.extend((one.told != other.told).then_some(text));
    }
    assert!(found.is_empty(), "tell that somebody is gone: {found:?}");
}

/// What is left of a cell of which everything is withheld.
#[tokio::test(flavor = "multi_thread")]
async fn the_rest_of_a_cell_stays() {
    let first = patients("a");
    let mut next = same(&first);
    next[100].hiv = !next[100].hiv;
    assert_defended(first, next, &["histogram:age | by hiv"]).await;
}
