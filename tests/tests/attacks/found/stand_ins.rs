//! Dominance by what stands in, and by several groups
//!
//! Learns: the D-dimer of one patient, as one group less what stands in for two others, whose sums were not noted, or all less three groups.
//! Against: no sum that one or two people make up (1.2), of a difference either

use coda_disclosure::Defences;

use crate::bench::{
    Bench, With as _, count_of, of,
    patients::{Patient, patients},
};

fn milder() -> Vec<Patient> {
    let mut people = patients("a");
    people[2].ddimer = 200_000;
    people
}

fn mean(cohort: &str) -> coda_model::query::Query {
    of(&["mean:ddimer"]).whose(cohort)
}

/// A union of two released sets, whose sums are not noted either, beside one that holds it.
#[tokio::test(flavor = "multi_thread")]
async fn is_defended_beside_a_union() {
    let bench = Bench::twin(milder(), Defences::default()).await;
    bench.wire(&count_of("unit = medicine")).await;
    bench.wire(&count_of("unit = surgery")).await;
    let two = bench.wire(&mean("unit = medicine or unit = surgery")).await.sum();
    let three = bench.wire(&mean("unit != maternity")).await.sum();
    let learnt = three.zip(two).map(|(three, two)| three - two);
    assert!(learnt.is_none_or(|learnt| learnt.abs_diff(200_000) > 20_000), "200000 is learnt as {learnt:?}");
}

/// All less three groups, one question each.
#[tokio::test(flavor = "multi_thread")]
async fn is_defended_beside_three_groups() {
    let bench = Bench::twin(milder(), Defences::default()).await;
    let mut learnt = bench.wire(&of(&["mean:ddimer"])).await.sum();
    for unit in ["medicine", "surgery", "maternity"] {
        let sum = bench.wire(&mean(&format!("unit = {unit}"))).await.sum();
        learnt = learnt.zip(sum).map(|(all, own)| all - own);
    }
    assert!(learnt.is_none_or(|learnt| learnt.abs_diff(200_000) > 20_000), "200000 is learnt as {learnt:?}");
}

/// The same variable by another name, that of a value derived from the one row that everybody has.
#[tokio::test(flavor = "multi_thread")]
async fn is_defended_by_another_name() {
    let bench = Bench::twin(milder(), Defences::default()).await;
    let all = bench.wire(&of(&["mean:ddimer"])).await.sum();
    let others = of(&["mean:d"]).derive("d", "max(patient.ddimer)").whose("unit != burns");
    let others = bench.wire(&others).await;
    let learnt = all.zip(others.sum()).map(|(all, others)| all - others);
    assert!(learnt.is_none_or(|learnt| learnt.abs_diff(200_000) > 20_000), "200000 is learnt as {learnt:?}");
}
