//! B16. Totals beside stand-ins
//!
//! Learns: that study `g4` has four patients, from a total in which a larger set stands in for `g5`, and `g4` counts too.
//! Against: a total is that of its cohort, whatever stands in for the cells (2.3)

use coda_disclosure::{Defence, Defences};
use coda_model::frame::Shown;

use crate::bench::{
    Reply,
    patients::{Patient, patients},
    truth,
    twins::{Allowed, Twins, question, told},
    without_all,
};

/// One question is enough: all but `other` are so nearly `g5` that they stand in for it, and `g4` is counted twice.
const ONE: &str = "count | by study";
/// Of these some have cells that are close to others, too.
const MORE: [&str; 5] = [
    "mean:age | by study",
    "count | where hiv = yes",
    "odds_ratio:hiv:unit=burns",
    "marginals:hiv | by unit=burns",
    "count | by hiv | by unit=burns",
];

fn total(reply: &Reply) -> u64 {
    reply.frames.as_ref().unwrap().total.value().unwrap().people.0
}

/// Four in `g4`, or three and one more in `g5`.
fn twins() -> [Vec<Patient>; 2] {
    let mut other = patients("a");
    other[15].study = "g5";
    [patients("a"), other]
}

#[tokio::test(flavor = "multi_thread")]
async fn is_defended() {
    let twins = Twins::of(twins(), Defences::default()).await;
    let replies = twins.wire(&question(ONE)).await;
    assert_eq!([total(&replies[0]), total(&replies[1])], [300; 2], "of 300 people");
    assert!(told(&replies, Allowed::One).is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn no_total_and_no_rest_is_larger_than_what_it_is_of() {
    let mut other = patients("a");
    other[0].hiv = false;
    let twins = Twins::of([patients("a"), other], Defences::default()).await;
    for text in MORE {
        let replies = twins.wire(&question(text)).await;
        for reply in &replies {
            assert!(text.contains("where") || total(reply) == 300, "{text}: {} of 300 people", total(reply));
            // Of those in burns there are eight.
            let frames = reply.frames.as_ref().unwrap();
            if let Some(Shown::Value(rest)) = frames.asks[0].get(1).map(|frame| frame.rest) {
                assert!(rest.people.0 <= 8, "{text}: {} of 8 people", rest.people.0);
            }
        }
        assert!(told(&replies, Allowed::One).is_empty(), "{text}");
    }
}

/// What the total is too large by is the count that the cell would have told.
#[tokio::test(flavor = "multi_thread")]
async fn works_undefended() {
    let off = without_all(&[Defence::SmallCells, Defence::Secondary, Defence::PairRule, Defence::LinearAudit]);
    for people in twins() {
        let few = truth(&people, |patient| patient.study == "g4");
        let bench = crate::bench::Bench::twin(people, off).await;
        let reply = bench.wire(&question(ONE)).await;
        assert_eq!(reply.frame(0, 1).slots[0].value().map(|slot| slot.count.people.0), Some(few));
    }
}
