//! One person, seen by whether something is answered
//!
//! Learns: whether X has HIV, or misses a value, from which of a few questions about sets that lie in each other, come close to each
//! other or make up for each other is answered.
//! Against: what a site decides upon does not change with one person (2.3, 2.4)

use coda_disclosure::Defences;

use crate::bench::{
    patients::{Patient, patients},
    twins::{Allowed, Twins, question, told},
};

/// X is the only woman of 47.
const ONLY_X: &str = "sex = f and age >= 47 and age < 48";

/// The patients, of whom no other woman is 47 and all have a length of stay.
fn people() -> Vec<Patient> {
    let mut people = patients("a");
    for patient in people.iter_mut().skip(1).filter(|patient| patient.sex == "f" && patient.age == 47) {
        patient.age = 46;
    }
    for (place, patient) in people.iter_mut().enumerate() {
        patient.stay = Some(3 + place as u32 % 7);
    }
    people
}

/// What the replies to these questions differ in, where X is as either of these.
async fn differs(twins: [Vec<Patient>; 2], questions: &[&str]) -> Vec<String> {
    let twins = Twins::of(twins, Defences::default()).await;
    let mut differs = Vec::new();
    for text in questions {
        let replies = twins.wire(&question(text)).await;
        assert_eq!(replies[0].code, tonic::Code::Ok, "{text}: {}", replies[0].words);
        differs.extend(told(&replies, Allowed::One).into_iter().map(|what| format!("{text}: {what}")));
    }
    differs
}

/// With X having HIV, and not.
fn by_hiv(people: impl Fn() -> Vec<Patient>) -> [Vec<Patient>; 2] {
    [true, false].map(|hiv| {
        let mut people = people();
        people[0].hiv = hiv;
        people
    })
}

/// The sums of a set less those of another that lies in it, if X has HIV, and leaves five.
#[tokio::test(flavor = "multi_thread")]
async fn a_set_that_nearly_lies_in_another_is_defended() {
    let people = || {
        let mut people = people();
        people.iter_mut().filter(|patient| patient.study == "g5").for_each(|patient| patient.age = 70);
        people
    };
    let cohort = format!("age < 48 and (hiv = yes or not ({ONLY_X})) or study = g5");
    let questions = ["sd:stay | where age < 48", &format!("sd:stay | where {}", cohort.replace(" and age < 48)", ")"))];
    assert_eq!(differs(by_hiv(people), &questions).await, Vec::<String>::new());
}

/// A level that follows by chance from the start, or is found harmful in a first round together with another one.
#[tokio::test(flavor = "multi_thread")]
async fn levels_barred_early_and_late_are_defended() {
    for asks in ["marginals:unit", "count | by unit", "marginals:unit | rows lab", "count | by unit | rows lab"] {
        let questions = [
            "count | where unit = burns",
            "count | where unit = medicine or unit = burns and (hiv = yes or not (sex = f and age >= 47))",
            asks,
        ];
        assert_eq!(differs(by_hiv(people), &questions).await, Vec::<String>::new(), "{asks}");
    }
}

/// A combination by chance that is there if X has no HIV, before one by words that is always there.
#[tokio::test(flavor = "multi_thread")]
async fn the_first_combination_that_is_found_is_defended() {
    let people = || {
        let mut people = people();
        (people[0].sex, people[0].age, people[0].unit) = ("m", 100, "surgery");
        people[1].unit = "medicine";
        people[2..8].iter_mut().for_each(|patient| patient.sex = "f");
        people
    };
    let few = "count | where unit = burns or age >= 100 and hiv = yes";
    let [young, old] = ["count | where sex = m and age < 50", "count | where sex = m and age >= 50"];
    let asked = "count | where sex = m or unit = burns and age < 28";
    for questions in [[few, young, old, asked], [young, old, few, asked]] {
        assert_eq!(differs(by_hiv(people), &questions).await, Vec::<String>::new());
    }
}

/// Sums over those who have a value, of sets that make up for each other but for X.
#[tokio::test(flavor = "multi_thread")]
async fn sums_of_those_with_a_value_are_defended() {
    let people = [None, Some(5)].map(|stay| {
        let mut people = people();
        people[0].unit = "medicine";
        for unit in ["medicine", "surgery"] {
            let few = people.iter_mut().skip(1).filter(|patient| patient.unit == unit).take(3);
            few.for_each(|patient| patient.stay = None);
        }
        people[0].stay = stay;
        people
    });
    let questions = [
        "mean:stay | where unit = medicine",
        &format!("mean:stay | where unit = surgery or {ONLY_X}"),
        &format!("mean:stay | where unit in (medicine, surgery) and stay >= 0 and not ({ONLY_X})"),
    ];
    assert_eq!(differs(people, &questions).await, Vec::<String>::new());
}
