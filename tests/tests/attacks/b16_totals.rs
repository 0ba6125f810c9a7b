//! B16. Totals beside stand-ins
//!
//! Learns: how many in burns have HIV, from a total in which an earlier set stands in for one cell, and small cells do not.
//! Against: a total is that of its cohort, whatever stands in for the cells (2.3)

use coda_disclosure::{Defence, Defences};

use crate::bench::{
    patients::{patients, tables},
    truth,
    twins::{Twins, question},
    without_all,
};

/// Those with HIV who are not in burns are so nearly all with HIV that these stand in for them. Then all cells are withheld, and
/// their sum has the few twice.
const QUESTIONS: [&str; 4] =
    ["count | where hiv = yes", "odds_ratio:hiv:unit=burns", "marginals:hiv | by unit=burns", "count | by hiv | by unit=burns"];

#[tokio::test(flavor = "multi_thread")]
#[ignore = "defect: totals and rests are sums of stand-ins and of small cells that are withheld"]
async fn is_defended() {
    let mut other = patients("a");
    other[0].hiv = false;
    assert_ne!(tables(&other), tables(&patients("a")));
    let twins = Twins::of([patients("a"), other], Defences::default()).await;
    for text in QUESTIONS {
        let [one, other] = twins.wire(&question(text)).await;
        let totals = [&one, &other].map(|reply| reply.frames.as_ref().unwrap().total.value().unwrap().people.0);
        assert!(totals[0] <= 300 && totals[1] <= 300, "{text}: {totals:?} of 300 people");
        if !text.contains("where") {
            assert_eq!(totals[0], totals[1], "{text}");
            assert_eq!(one.frames, other.frames, "{text}");
        }
    }
}

/// What the total is too large by is how many there are.
#[tokio::test(flavor = "multi_thread")]
async fn works_undefended() {
    let few = truth(&patients("a"), |patient| patient.unit == "burns" && patient.hiv);
    let off = without_all(&[Defence::SmallCells, Defence::Secondary, Defence::PairRule, Defence::LinearAudit]);
    let twins = Twins::of([patients("a"), patients("a")], off).await;
    assert_eq!(twins.0[0].wire(&question(QUESTIONS[1])).await.people(3), Some(few));
}
