//! 23. Dominance
//!
//! Learns: the D-dimer of one patient, as nearly the whole sum over six, of whom the others are far less.
//! Against: no sum that one or two people make up (1.2); what is bounded has no such people

use coda_disclosure::{Defence, Defences};

use crate::bench::{
    Bench, With, of,
    patients::{Patient, patients},
    without, without_all,
};

/// The six under 30 in burns, the first of whom has 900,000, the others at most 840.
const SIX: &str = "unit = burns and age < 30";

/// The outlier has so much that the sum over all patients may leave.
fn milder() -> Vec<Patient> {
    let mut people = patients("a");
    people[2].ddimer = 200_000;
    people
}

#[tokio::test(flavor = "multi_thread")]
async fn is_defended() {
    let mut twin = patients("a");
    twin[2].ddimer = 500_000;
    let (bench, twin) = (Bench::one(Defences::default()).await, Bench::twin(twin, Defences::default()).await);
    for ask in ["mean:ddimer", "sd:ddimer", "ci:ddimer", "mean_difference:ddimer:hiv", "median:ddimer"] {
        let (reply, other) = (bench.wire(&of(&[ask]).whose(SIX)).await, twin.wire(&of(&[ask]).whose(SIX)).await);
        assert!(reply.is_withheld(), "{ask}");
        assert!(reply.is_like(&other), "{ask}: whatever the largest is");
    }
    let derived = of(&["mean:d"]).derive("d", "max(patient.ddimer)").whose(SIX);
    assert!(bench.wire(&derived).await.is_withheld(), "by another name");
    let age = bench.wire(&of(&["mean:age"]).whose(SIX)).await;
    assert_eq!(age.sum(), Some((24..30).sum()), "nobody's age is most of a sum of ages");
}

/// All units less the others.
#[tokio::test(flavor = "multi_thread")]
async fn is_defended_beside_other_groups() {
    let bench = Bench::twin(milder(), Defences::default()).await;
    for ask in ["mean:ddimer", "sd:age"] {
        let all = bench.wire(&of(&[ask])).await;
        let by_unit = bench.wire(&of(&[ask]).by("unit")).await;
        let shown = (0..4).filter(|unit| by_unit.frame(0, *unit).slots[0].value().is_some()).count();
        assert!(all.is_withheld() || shown < 3, "{ask}: burns, which is withheld, is all less {shown} others");
    }
}

/// All less all who are not in burns.
#[tokio::test(flavor = "multi_thread")]
async fn is_defended_by_difference() {
    let bench = Bench::twin(milder(), Defences::default()).await;
    let all = bench.wire(&of(&["mean:ddimer"])).await.sum();
    let others = bench.wire(&of(&["mean:ddimer"]).whose("unit != burns")).await.sum();
    let learnt = all.zip(others).map(|(all, others)| all - others);
    assert!(learnt.is_none_or(|learnt| learnt.abs_diff(200_000) > 20_000), "200000 is learnt as {learnt:?}");
}

/// The same in all orders, when something was told of the six before, so that all but them is what they leave of everybody.
#[tokio::test(flavor = "multi_thread")]
async fn is_defended_by_difference_beside_their_number() {
    let (six, others, all) = (of(&["count"]).whose("unit = burns"), "unit != burns", of(&["mean:ddimer"]));
    for turned in [false, true] {
        let bench = Bench::twin(milder(), Defences::default()).await;
        assert!(bench.wire(&six).await.count().is_some());
        let mut asked = [of(&["mean:ddimer"]).whose(others), all.clone()];
        if turned {
            asked.reverse();
        }
        let mut sums = Vec::new();
        for query in &asked {
            sums.push(bench.wire(query).await.sum());
        }
        let learnt = sums[0].zip(sums[1]).map(|(one, other)| (one - other).abs());
        assert!(learnt.is_none_or(|learnt| learnt.abs_diff(200_000) > 20_000), "200000 is learnt as {learnt:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn works_undefended() {
    let bench = Bench::one(without(Defence::Dominance)).await;
    let sum = bench.wire(&of(&["mean:ddimer"]).whose(SIX)).await.sum().unwrap();
    assert!(sum.abs_diff(900_000) < 5_000, "{sum} is the outlier, to half a percent");
    let bench = Bench::twin(milder(), without_all(&[Defence::Dominance, Defence::Secondary])).await;
    let all = bench.wire(&of(&["mean:ddimer"])).await.sum().unwrap();
    let others = bench.wire(&of(&["mean:ddimer"]).whose("unit != burns")).await.sum().unwrap();
    assert!((all - others).abs_diff(200_000) < 10_000);
}
