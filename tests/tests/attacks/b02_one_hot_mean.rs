//! b02. One-hot mean
//!
//! Learns: a value of X, as the mean over a cohort narrowed until one patient is left, or of a variable that only X has
//! (Huth et al. 2023, doi:10.1093/bioinformatics/btad531)
//! Against: no statistic of fewer people than the threshold, and no variable made of a person (R1, 1.0)

use coda_disclosure::{Defence, Defences};
use coda_model::query::Query;

use crate::bench::{
    Bench, With, of,
    patients::{Patient, X, patients},
    without_all,
};

/// X alone has a value over 250.
fn planted() -> Vec<Patient> {
    let mut people = patients("a");
    people[0].crp = vec![280];
    people
}

/// Narrower and narrower.
fn funnel() -> Vec<Query> {
    let steps = ["sex = f", "sex = f and age >= 47", "sex = f and age >= 47 and age < 60", X];
    steps.iter().map(|step| of(&["mean:ddimer", "sd:age"]).whose(step)).collect()
}

/// Variables that one person has, or that are that person's only for one. Those that name the person are refused in words; those
/// by a value of the person's rows that nobody else has are not.
fn one_hot() -> Vec<Query> {
    vec![
        of(&["mean:hot", "count"]).derive("hot", &format!("max(patient.ddimer) where {X}")),
        of(&["marginals:hot", "mode:hot"]).derive("hot", &format!("exists(patient) where hiv = yes and {X}")),
        of(&["median:hot", "histogram:hot"]).derive("hot", &format!("max(lab.crp) where {X}")),
        of(&["mean_difference:ddimer:hot", "risk_ratio:hiv:hot"]).derive("hot", &format!("exists(patient) where {X}")),
        of(&["mean:hot", "count"]).derive("hot", "max(lab.crp) where crp >= 250"),
        of(&["marginals:hot", "mode:hot"]).derive("hot", "exists(lab) where crp >= 250"),
        of(&["median:hot", "histogram:hot"]).derive("hot", "max(lab.crp) where crp >= 250"),
        of(&["mean_difference:ddimer:hot", "risk_ratio:hiv:hot"]).derive("hot", "exists(lab) where crp >= 250"),
        of(&["mean:hot", "sd:hot"]).derive("hot", "count(lab) where crp >= 250"),
    ]
}

#[tokio::test(flavor = "multi_thread")]
async fn is_defended() {
    let mut twin = patients("a");
    (twin[0].ddimer, twin[0].hiv) = (5_000, false);
    twin[0].crp = vec![];
    let (bench, twin) = (Bench::one(Defences::default()).await, Bench::twin(twin, Defences::default()).await);
    let narrow = funnel().pop().unwrap();
    let one = bench.wire(&narrow).await;
    assert!(one.is_withheld());
    assert!(one.is_like(&twin.wire(&narrow).await));
    let (mut last, mut values) = (None, Vec::new());
    for query in funnel() {
        let reply = bench.wire(&query).await;
        let now = reply.count().zip(reply.sum());
        if let (Some((people, sum)), Some((before, all))) = (now, last)
            && people != before
        {
            assert!(before - people >= 5, "a step of the funnel leaves out enough");
            values.push(all - sum);
        }
        last = now.or(last);
    }
    assert!(!values.contains(&i128::from(patients("a")[0].ddimer)));
}

/// The planted patients, and others.
async fn twins(others: &[Patient]) -> [Bench; 2] {
    [Bench::twin(planted(), Defences::default()).await, Bench::twin(others.to_vec(), Defences::default()).await]
}

/// A variable that one person has, or for whom alone it is another.
#[tokio::test(flavor = "multi_thread")]
async fn is_defended_one_hot() {
    let mut twin = planted();
    (twin[0].ddimer, twin[0].hiv) = (5_000, false);
    twin[0].crp = vec![150];
    // Each alone, and one after the other.
    let after = [twins(&twin).await, twins(&twin).await];
    for query in one_hot() {
        for [bench, twin] in [&twins(&twin).await, &after[0]] {
            assert!(bench.wire(&query).await.is_like(&twin.wire(&query).await), "whatever X's values are: {query:?}");
        }
    }
    for query in one_hot().into_iter().rev() {
        let [bench, twin] = &after[1];
        assert!(bench.wire(&query).await.is_like(&twin.wire(&query).await), "in the other order: {query:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn works_undefended() {
    let off = [Defence::SmallCells, Defence::Dominance, Defence::PairRule, Defence::LinearAudit, Defence::Secondary];
    let bench = Bench::twin(planted(), without_all(&off)).await;
    let people = planted();
    let x = i128::from(people[0].ddimer);
    assert_eq!(bench.wire(&of(&["mean:ddimer"]).whose(X)).await.sum(), Some(x));
    // There are no words for X's D-dimer as a variable of X alone; they would tell this.
    let is_x = |patient: &&Patient| patient.sex == "f" && patient.age == 47 && patient.unit == "burns";
    assert_eq!(people.iter().filter(is_x).map(|patient| i128::from(patient.ddimer)).sum::<i128>(), x);
    let highest = of(&["mean:hot"]).derive("hot", "max(lab.crp) where crp >= 250");
    assert_eq!(bench.wire(&highest).await.sum(), Some(280));
}
