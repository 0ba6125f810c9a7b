//! Bounds of a withheld cohort
//!
//! Learns: nothing that is true: a count lies outside of the interval that is told for certain.
//! Against: the bound of a withheld cohort leaves room for those by whom it may differ, and a large one has none (1.12 A, 2.3)

use coda_disclosure::Defences;
use coda_model::estimate::Quantity;

use crate::bench::{
    Bench, U1, count_of, network_figure,
    patients::{Patient, X, patients},
    truth,
};

async fn told(bench: &Bench, cohort: &str) -> Quantity {
    network_figure(&bench.ask(U1, &count_of(cohort), &["a"]).await, "count").clone()
}

/// Six of seven who were told of: too few to stand in for them.
#[tokio::test(flavor = "multi_thread")]
async fn a_cohort_close_to_a_small_one_is_within_its_bound() {
    let mut people = patients("a");
    for (place, patient) in people.iter_mut().filter(|patient| patient.unit == "burns").enumerate() {
        patient.age = if place < 7 { 100 } else { 50 };
    }
    people
        .iter_mut()
        .filter(|patient| patient.unit != "burns" && patient.age >= 99)
        .for_each(|patient| patient.age = 98);
    people.iter_mut().find(|patient| patient.age == 100).unwrap().age = 99;
    let of = |age: u32| truth(&people, |patient: &Patient| patient.age >= age);
    assert_eq!((of(99), of(100)), (7, 6));
    let bench = Bench::twin(people, Defences::default()).await;
    assert_eq!(told(&bench, "age >= 99").await, Quantity::Count(7));
    assert_eq!(told(&bench, "age >= 100").await, Quantity::CountBetween(0, 12));
}

/// A large cohort that follows from two others by chance.
#[tokio::test(flavor = "multi_thread")]
async fn a_large_cohort_that_is_withheld_has_no_bound() {
    let people = || {
        let mut people = patients("a");
        people[0].hiv = true;
        people
    };
    let is_asked = |patient: &Patient| patient.hiv && patient.unit != "burns";
    assert!(truth(&people(), is_asked) > 12);
    let bench = Bench::twin(people(), Defences::default()).await;
    for cohort in [&format!("hiv = yes or unit = burns and not ({X})"), "unit = burns"] {
        assert!(matches!(told(&bench, cohort).await, Quantity::Count(_)), "{cohort}");
    }
    assert_eq!(told(&bench, "hiv = yes and not unit = burns").await, Quantity::Withheld);
}
