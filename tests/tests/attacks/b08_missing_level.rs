//! b08. Cells of the missing level of a table
//!
//! Learns: how many of three have no origin, and which of two patients is one of them.
//! Against: missing is a level like any other under the threshold, and few of them are counted with a large one (R4)

use coda_disclosure::{Defence, Defences};
use coda_model::query::Query;

use crate::bench::{
    Bench, Reply, With as _, assert_alike, assert_same, count_of, of,
    patients::{Patient, patients},
    truth, twins, without_all,
};

/// Z is 30 and in maternity; an attacker knows nobody else is, and wants to know whether Z's origin was written down.
const Z: &str = "age = 30 and unit = maternity";

/// In the first twin Z's origin is known, in the second it is not, and that of another of the three is. So there are three
/// without an origin in both, and as many from home.
fn plant(people: &mut [Patient], twin: usize) {
    people.iter_mut().filter(|patient| patient.age == 30 && patient.unit == "maternity").for_each(|one| one.age = 31);
    (people[100].age, people[100].unit) = (30, "maternity");
    for patient in &mut people[60..63] {
        (patient.origin, patient.sex) = ("", "f");
    }
    people[100].sex = "f";
    people[100].origin = ["home", ""][twin];
    people[60].origin = ["", "home"][twin];
    // The two are alike in all else that is asked.
    (people[60].unit, people[60].hiv, people[60].stay) = (people[100].unit, people[100].hiv, people[100].stay);
    people[60].age = 33;
}

/// Ways to come at the three.
fn questions() -> Vec<Query> {
    vec![
        count_of("origin is missing"),
        count_of("origin is present"),
        count_of("not (origin is missing)"),
        count_of("origin in (home, hospital, abroad)"),
        count_of("not (origin = home) and not (origin = hospital) and not (origin = abroad)"),
        count_of("origin is missing or origin = hospital"),
        count_of(&format!("origin is missing and {Z}")),
        count_of(&format!("origin is present and {Z}")),
        count_of("origin is missing and unit = maternity"),
        of(&["count:origin", "marginals:origin", "mode:origin"]),
        of(&["marginals:origin"]).whose(Z),
        of(&["marginals:origin"]).whose("unit = maternity"),
        of(&["risk_ratio:hiv:origin=home"]),
        of(&["marginals:origin=home"]),
        of(&["mean:age", "median:age"]).whose("origin is missing"),
    ]
}

#[tokio::test(flavor = "multi_thread")]
async fn is_defended() {
    let twins = twins(Defences::default(), plant).await;
    for (number, query) in questions().iter().enumerate() {
        let [reply, _] = assert_alike(&twins, query, &format!("question {number}")).await;
        no_few(&reply, &format!("question {number}"));
    }
}

/// Asks the questions the other way round, and then by groups: no missing level is ever told, nor what is left when all others are
/// taken away.
#[tokio::test(flavor = "multi_thread")]
async fn is_defended_in_groups() {
    let bench = Bench::one(Defences::default()).await;
    let groups = [
        of(&["count"]).by("origin"),
        of(&["count", "mean:age"]).by("origin").by("sex"),
        of(&["marginals:sex", "median:age"]).by("origin"),
        of(&["marginals:origin"]).by("sex"),
        of(&["count"]).over("month:admission").by("origin"),
    ];
    for (number, query) in groups.iter().chain(questions().iter().rev()).enumerate() {
        no_few(&bench.wire(query).await, &format!("question {number}"));
    }
    // Of one axis: home, hospital, abroad, missing.
    let by_origin = bench.wire(&groups[0]).await;
    let cells: Vec<_> = (0..4).map(|cell| by_origin.shown(0, cell)[0]).collect();
    let rest = 300 - cells.iter().flatten().sum::<u64>();
    assert_eq!(cells[3], None);
    assert!(cells.iter().filter(|cell| cell.is_none()).count() >= 2 && rest >= 9, "{cells:?}");
    let whole = bench.wire(&of(&["marginals:origin"])).await.shown(0, 0);
    for (cell, level) in cells.iter().zip(&whole) {
        assert!(cell.is_none() || level.is_none() || cell == level, "{cells:?} {whole:?}");
    }
}

/// Whether somebody is missing at all is not to be told either: three, or nobody.
#[tokio::test(flavor = "multi_thread")]
async fn none_missing_looks_like_few() {
    let few = Bench::one(Defences::default()).await;
    let mut people = patients("a");
    people[60..63].iter_mut().for_each(|patient| patient.origin = "home");
    let none = Bench::twin(people, Defences::default()).await;
    for query in [
        count_of("origin is missing"),
        count_of("origin is present"),
        of(&["count:origin", "mean:age"]),
        of(&["count:origin"]).whose("age < 60"),
        count_of("origin is missing or origin = hospital"),
    ] {
        let [few, none] = [few.wire(&query).await, none.wire(&query).await];
        assert_same(&few, &none, "three without an origin, and none");
    }
    // Those from home are three more, and nothing else tells of the three.
    let query = of(&["marginals:origin"]);
    let [few, none] = [few.wire(&query).await, none.wire(&query).await];
    assert_eq!(few.frame(0, 0).missing, none.frame(0, 0).missing);
    assert_eq!(few.shown(0, 0), none.shown(0, 0), "the three are counted with the largest");
}

/// Nothing of a few people is told, nor is it the rest of what is told.
fn no_few(reply: &Reply, what: &str) {
    let total = reply.total();
    for frame in reply.frames.iter().flat_map(|frames| frames.asks.iter().flatten()) {
        let told: Vec<u64> = frame.slots.iter().filter_map(|slot| slot.value().map(|slot| slot.count.rows.0)).collect();
        let missing = frame.missing.and_then(|missing| missing.value().map(|count| count.rows.0));
        assert!(told.iter().chain(&missing).all(|rows| *rows >= 5), "{what}");
        let Some(total) = total.filter(|_| reply.frames.as_ref().unwrap().asks[0].len() == 1) else { continue };
        let sum = told.iter().chain(&missing).sum::<u64>();
        let rest = total.checked_sub(sum).unwrap();
        assert!(told.is_empty() || rest == 0 || rest >= 5, "{what}: {rest} are left");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn works_undefended() {
    let off = [Defence::SmallCells, Defence::Secondary, Defence::PairRule, Defence::LinearAudit];
    let mut people = patients("a");
    plant(&mut people, 1);
    let bench = Bench::twin(people.clone(), without_all(&off)).await;
    let missing = truth(&people, |patient| patient.origin.is_empty());
    assert_eq!(bench.wire(&of(&["count"]).by("origin")).await.shown(0, 3)[0], Some(missing));
    assert_eq!(bench.wire(&count_of(&format!("origin is missing and {Z}"))).await.count(), Some(1), "Z is one of them");
}
