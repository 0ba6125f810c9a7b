//! 8. Margins less what is shown
//!
//! Learns: a cell of two people in a table of three by four, from its margins.
//! Against: no withheld cell may be told from any number up to the threshold (1.5), by the exact bounds of maximum flow

use coda_disclosure::{
    Defence, Defences,
    suppress::{Cell, Weight, interval},
};
use coda_model::query::Query;

use crate::bench::{
    Bench, Reply, With, of,
    patients::{Patient, patients},
    twins::{Allowed, Twins, told},
    without_all,
};

const UNITS: [&str; 4] = ["medicine", "surgery", "burns", "maternity"];

fn age_group(patient: &Patient) -> usize {
    usize::from(patient.age >= 40) + usize::from(patient.age >= 65)
}

/// How many are of an age and a unit, row by row. In burns six are young, two in between, none old.
fn table(people: &[Patient]) -> Vec<u64> {
    let mut cells = vec![0; 12];
    for patient in people {
        let unit = UNITS.iter().position(|unit| *unit == patient.unit).unwrap();
        cells[age_group(patient) * 4 + unit] += 1;
    }
    cells
}

/// The people of a cell of the table in a reply.
type Reading = fn(&Reply, usize) -> Option<u64>;

/// The table by words that mean the same, each with how its cells are read.
fn questions() -> [(Query, Reading); 3] {
    let by_cell = |reply: &Reply, place: usize| people(reply, place, 0);
    let by_slot = |reply: &Reply, place: usize| people(reply, place / 4, place % 4);
    let turned = |reply: &Reply, place: usize| people(reply, place % 4, place / 4);
    [
        (of(&["count"]).by("age@40,65").by("unit"), by_cell),
        (of(&["marginals:unit"]).by("age@40,65"), by_slot),
        (of(&["marginals:age@40,65"]).by("unit"), turned),
    ]
}

fn people(reply: &Reply, cell: usize, slot: usize) -> Option<u64> {
    reply.frame(0, cell).slots[slot].value().map(|slot| slot.count.people.0)
}

fn margins() -> Vec<Query> {
    vec![of(&["count"]), of(&["marginals:unit"]), of(&["marginals:age@40,65"])]
}

/// What an attacker can tell of the small cells that are withheld: the least and the most they may be.
fn bounds(truth: &[u64], shown: &[bool]) -> Vec<(u64, Option<u64>)> {
    let weight = |people: u64| if people < 5 { Weight::Small } else { Weight::Free };
    let cells: Vec<Cell> = truth.iter().map(|people| Cell { people: *people, weight: weight(*people) }).collect();
    let small = (0..truth.len()).filter(|place| truth[*place] < 5);
    small
        .map(|place| {
            let found = interval([3, 4], &cells, shown, 5, place).unwrap();
            (found.low, found.high)
        })
        .collect()
}

/// What the margins of a cell's lines are less the line's other shown cells. That much is known, and a cell that comes close to it
/// is answered with it, whether the line's small cell has nobody or a few: where it has a few, the number is not the cell's own.
fn left(truth: &[u64], shown: &[bool], place: usize) -> [u64; 2] {
    let line = |is_in: &dyn Fn(usize) -> bool| {
        (0..12).filter(|other| is_in(*other) && (!shown[*other] || *other == place)).map(|other| truth[other]).sum()
    };
    [line(&|other| other / 4 == place / 4), line(&|other| other % 4 == place % 4)]
}

/// So many of burns are old and as many less in between, in medicine the other way round: with the same margins.
fn swapped(old: usize) -> Vec<Patient> {
    let mut people = patients("a");
    let of_medicine = |patient: &&mut Patient| patient.unit == "medicine" && patient.age >= 65;
    people.iter_mut().filter(of_medicine).take(old).for_each(|patient| patient.age = 50);
    people.iter_mut().take(old).for_each(|patient| patient.age = 70);
    people
}

#[tokio::test(flavor = "multi_thread")]
async fn is_defended() {
    for old in 0..3 {
        holds(swapped(old)).await;
    }
}

async fn holds(patients: Vec<Patient>) {
    let truth = table(&patients);
    for (number, (query, cell)) in questions().iter().enumerate() {
        for margins_first in [true, false] {
            let bench = Bench::twin(patients.clone(), Defences::default()).await;
            if margins_first {
                for margin in margins() {
                    bench.wire(&margin).await;
                }
            }
            let reply = bench.wire(query).await;
            // What is not the truth is another set that stands in, and was out before.
            let shown: Vec<bool> = (0..12).map(|place| cell(&reply, place) == Some(truth[place])).collect();
            let first = shown.clone();
            assert!(shown.iter().any(|shown| *shown), "not all of it is withheld");
            for (low, high) in bounds(&truth, &shown) {
                assert!(low == 0 && high.is_none_or(|high| high >= 4), "{number}: from {low} to {high:?}");
            }
            // The other words for it show no more.
            for (other, cell) in &questions() {
                let reply = bench.wire(other).await;
                let tells = |place: usize| {
                    let told = cell(&reply, place).filter(|told| *told == truth[place]);
                    told.is_some_and(|told| !left(&truth, &first, place).contains(&told))
                };
                let both: Vec<bool> = (0..12).map(|place| first[place] || tells(place)).collect();
                for (low, high) in bounds(&truth, &both) {
                    assert!(low == 0 && high.is_none_or(|high| high >= 4), "{number}, again: from {low} to {high:?}");
                }
            }
        }
    }
}

/// Nobody old in burns or one, of whom as many less are in between, and the other way round in medicine: all margins are the
/// same. The same cells are out, and none of them says more than its own one person.
#[tokio::test(flavor = "multi_thread")]
async fn is_defended_whoever_is_small() {
    for margins_first in [true, false] {
        let twins = Twins::of([swapped(0), swapped(1)], Defences::default()).await;
        let tables = questions().map(|(query, _)| query);
        for query in margins().iter().filter(|_| margins_first).chain(&tables).chain(&tables) {
            assert_eq!(told(&twins.wire(query).await, Allowed::One), Vec::<String>::new(), "{query:?}");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn works_undefended() {
    let bench = Bench::one(without_all(&[Defence::Secondary, Defence::PairRule, Defence::LinearAudit])).await;
    let (query, cell) = &questions()[0];
    let reply = bench.wire(query).await;
    let in_between = bench.wire(&of(&["marginals:age@40,65"])).await.people(1).unwrap();
    let others: u64 = [4, 5, 7].iter().map(|place| cell(&reply, *place).unwrap()).sum();
    assert_eq!(in_between - others, table(&patients("a"))[6], "two of burns");
}
