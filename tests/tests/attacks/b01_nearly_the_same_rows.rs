//! Two derived variables of nearly the same rows
//!
//! Learns: the values of the few for whom the two differ: the mean of `max(lab.crp)` against that of
//! `max(lab.crp) where crp < 190`, or any variable against itself without X
//! Against: what is measured several times is summed in one way (2.4), and no variable leaves a person out (1.0)

use coda_disclosure::{Defence, Defences};
use coda_model::query::Query;

use crate::bench::{
    Bench, Reply, With, of,
    patients::{Patient, X, patients},
    truth, without_all,
};

/// X has the largest value of all; the others have no more than 189.
fn planted() -> Vec<Patient> {
    let mut people = patients("a");
    people.iter_mut().flat_map(|patient| &mut patient.crp).for_each(|crp| *crp = (*crp).min(189));
    people[0].crp = vec![195, 120];
    people
}

/// What X's twin has instead.
fn twin() -> Vec<Patient> {
    let mut people = planted();
    (people[0].hiv, people[0].crp) = (false, vec![185, 150]);
    people
}

/// Asks that differ for X alone, and by how much: what X has in the first less what X has in the second.
fn pairs() -> Vec<(Query, i128)> {
    let two = |first: &str, second: &str| of(&["mean:a", "mean:b"]).derive("a", first).derive("b", second);
    vec![
        (two("max(lab.crp)", "max(lab.crp) where crp < 190"), 195 - 120),
        // Over people with one row, and X with two, two ways to take one value of a person's rows.
        (
            two("max(lab.crp)", "min(lab.crp)")
                .derive("tests", "count(lab)")
                .whose(&format!("(tests >= 1 and tests < 2) or ({X})")),
            195 - 120,
        ),
    ]
}

/// How many rows there are, and how many that are not X's: nothing is summed but numbers of rows.
fn numbers() -> Query {
    of(&["mean:a", "mean:b"]).derive("a", "count(lab)").derive("b", "count(lab) where crp < 190")
}

/// Variables that leave X out by what is known of X, each a way to learn another value of X.
fn without_x() -> Vec<Query> {
    let but_x = |what: &str, by: &str| format!("{what} where not ({X}){by}");
    let days = " within 0..366 days of admission";
    vec![
        of(&["mean:age", "mean:b"]).derive("b", &format!("max(patient.age) where not (hiv = yes and {X})")),
        of(&["mean:a", "mean:b"]).derive("a", "mean(lab.crp)").derive("b", &but_x("mean(lab.crp)", "")),
        of(&["mean:a", "mean:b"])
            .derive("a", &format!("last(lab.crp){days}"))
            .derive("b", &but_x("last(lab.crp)", days)),
    ]
}

/// By how much the first sum is more than the second, each in an ask of its own; nothing where one of them is not told.
fn difference(first: &Reply, second: &Reply) -> Option<i128> {
    let sum = |reply: &Reply, ask: usize| Some(reply.frames.as_ref()?.asks[ask][0].slots[0].value()?.sums[0]);
    Some(sum(first, 0)? - sum(second, second.frames.as_ref()?.asks.len() - 1)?)
}

/// The asks of a query one by one.
async fn one_by_one(bench: &Bench, query: &Query) -> [Reply; 2] {
    let only = |ask: usize| Query { asks: vec![query.asks[ask].clone()], ..query.clone() };
    [bench.wire(&only(0)).await, bench.wire(&only(1)).await]
}

#[tokio::test(flavor = "multi_thread")]
async fn is_defended() {
    for (query, truth) in pairs() {
        let bench = Bench::twin(planted(), Defences::default()).await;
        let reply = bench.wire(&query).await;
        let learnt = difference(&reply, &reply);
        assert!(learnt.is_none_or(|learnt| truth.abs_diff(learnt) > 2), "{truth} is learnt as {learnt:?} in one query");
        let [first, second] = one_by_one(&bench, &query).await;
        let learnt = difference(&first, &second);
        assert!(learnt.is_none_or(|learnt| truth.abs_diff(learnt) > 2), "{truth} is learnt as {learnt:?} in two");
        assert!(!first.is_withheld(), "the first way is answered");
        let twin = Bench::twin(twin(), Defences::default()).await;
        let (once, then) = (twin.wire(&query).await, one_by_one(&twin, &query).await);
        assert!(reply.is_like(&once), "refused at once, whatever X has");
        assert!(second.is_like(&then[1]), "refused as the second, whatever X has");
    }
}

/// Neither may a variable leave X out by what is known of X: the words alone are refused.
#[tokio::test(flavor = "multi_thread")]
async fn is_defended_in_words() {
    let (bench, twin) =
        (Bench::twin(planted(), Defences::default()).await, Bench::twin(twin(), Defences::default()).await);
    for query in without_x() {
        let reply = bench.wire(&query).await;
        assert!(reply.frames.is_none(), "{query:?}");
        assert!(reply.is_like(&twin.wire(&query).await), "X has HIV, or has not");
    }
}

/// Nor do numbers of rows, of which there are no sums: X alone has a row that the second does not count.
#[tokio::test(flavor = "multi_thread")]
async fn is_defended_in_numbers_of_rows() {
    let bench = Bench::twin(planted(), Defences::default()).await;
    let twin = Bench::twin(twin(), Defences::default()).await;
    let reply = bench.wire(&numbers()).await;
    assert!(reply.frames.is_none(), "a number of rows has no mean");
    assert!(reply.is_like(&twin.wire(&numbers()).await));
    // Their classes are sets of people like any other.
    let classes = |name: &str| {
        let classes = format!("marginals:{name}@1,2,3");
        Query { asks: of(&[&classes]).asks, ..numbers() }
    };
    let (first, second) = (bench.wire(&classes("a")).await, bench.wire(&classes("b")).await);
    let told = |reply: &Reply| reply.shown(0, 0);
    for (first, second) in told(&first).into_iter().zip(told(&second)) {
        let apart = first.zip(second).map_or(0, |(first, second)| first.abs_diff(second));
        assert!(apart == 0 || apart >= 5, "{apart} people have a row of 190 and more");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn works_undefended() {
    let off = [Defence::OneWayToSum, Defence::PairRule, Defence::LinearAudit];
    for (query, truth) in pairs() {
        let bench = Bench::twin(planted(), without_all(&off)).await;
        let reply = bench.wire(&query).await;
        assert_eq!(difference(&reply, &reply), Some(truth));
    }
    // What the words that do not exist would tell: all rows, less those under 190; and all ages, less those of all but X.
    let people = planted();
    let is_x = |patient: &Patient| patient.hiv && patient.sex == "f" && patient.age == 47 && patient.unit == "burns";
    let ages = |such: &dyn Fn(&Patient) -> bool| {
        people.iter().filter(|patient| such(patient)).map(|patient| patient.age).sum::<u32>()
    };
    assert_eq!(truth(&people, is_x), 1);
    let rows = |below: u32| people.iter().flat_map(|patient| &patient.crp).filter(|crp| **crp < below).count();
    assert_eq!(rows(u32::MAX) - rows(190), 1, "a row of X");
    assert_eq!(ages(&|_| true) - ages(&|patient| !is_x(patient)), people[0].age);
}
