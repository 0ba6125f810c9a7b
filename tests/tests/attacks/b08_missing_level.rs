//! b08. Cells of the missing level of a table
//!
//! Learns: how many of three have no origin, and which of two patients is one of them.
//! Against: missing is a level like any other under the threshold, and few of them are counted with a large one (R4)

use coda_disclosure::{Defence, Defences};
use coda_model::query::Query;

use crate::bench::{
    Bench, Reply, With as _, assert_alike, assert_same, count_of, of,
    patients::{Patient, X, patients},
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
        of(&["count:origin"]),
        of(&["count:origin", "marginals:origin"]).whose(Z),
        of(&["risk_ratio:hiv:origin=home", "risk_ratio:origin=home:hiv"]),
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
    let tables = [
        of(&["marginals:origin", "mode:origin"]),
        of(&["marginals:origin"]).whose("unit = maternity"),
        of(&["marginals:origin=home"]),
    ];
    for (number, query) in groups.iter().chain(&tables).chain(questions().iter().rev()).enumerate() {
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
        count_of("origin = hospital"),
        count_of("origin is missing or origin = hospital"),
        count_of("not (origin = home or origin = abroad)"),
    ] {
        let [few, none] = [few.wire(&query).await, none.wire(&query).await];
        assert_same(&few, &none, "three without an origin, and none");
    }
    // In a table of a network that was asked nothing else, the three are counted with the largest level.
    let mut people = patients("a");
    people[60..63].iter_mut().for_each(|patient| patient.origin = "home");
    let [few, none] = [Bench::one(Defences::default()).await, Bench::twin(people, Defences::default()).await];
    let query = of(&["marginals:origin", "mode:origin"]);
    assert_same(&few.wire(&query).await, &none.wire(&query).await, "three without an origin, and none");
}

/// Those from home and X were told together: whether X is from home does not follow from what a table leaves over.
#[tokio::test(flavor = "multi_thread")]
async fn tables_with_a_stand_in_add_up() {
    for origin in ["home", "hospital"] {
        let mut people = patients("a");
        people[60..63].iter_mut().for_each(|patient| patient.origin = "abroad");
        people[0].origin = origin;
        let bench = Bench::twin(people, Defences::default()).await;
        let together = bench.wire(&count_of(&format!("origin = home or ({X})"))).await;
        assert!(together.count().is_some());
        let reply = bench.wire(&of(&["marginals:origin"])).await;
        let rest = reply.frame(0, 0).rest.value().map(|rest| rest.rows.0);
        let shown = reply.shown(0, 0).iter().flatten().sum::<u64>();
        assert_eq!(reply.total(), Some(300), "{origin}");
        assert!(rest.is_none_or(|rest| shown + rest == 300), "{origin}: {shown} and {rest:?}");
    }
}

/// X beside six without HIV: the level of the six is close to the cohort, and X's own is one of few, or of nobody.
#[tokio::test(flavor = "multi_thread")]
async fn a_level_close_to_the_cohort_says_nothing_of_the_other() {
    let plant = |people: &mut [Patient], twin: usize| {
        people[2..8].iter_mut().for_each(|patient| patient.hiv = false);
        people[0].hiv = twin == 0;
    };
    let twins = twins(Defences::default(), plant).await;
    let query = of(&["marginals:hiv", "mode:hiv"]).whose(&format!("(age < 30 and unit = burns) or ({X})"));
    assert_alike(&twins, &query, "X with HIV and without").await;
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
