//! Rows of two asks
//!
//! Learns: how many rows X has and whether X has HIV, from levels that left without being noted: what is withheld was decided from
//! the people of another ask.
//! Against: the pair rule (2.3)

use coda_disclosure::Defences;

use crate::bench::{
    Bench, With as _, of,
    patients::{Patient, patients},
    twins::question,
};

const UNITS: [&str; 4] = ["medicine", "surgery", "burns", "maternity"];

fn people() -> Vec<Patient> {
    let mut people = patients("a");
    for patient in &mut people {
        patient.study = "other";
    }
    // Eight in burns, four of either level, each with two rows.
    for (place, patient) in people.iter_mut().take(8).enumerate() {
        patient.hiv = place % 2 == 0;
        patient.crp = vec![10, 20];
    }
    // In each of the other units somebody with HIV and three rows is the only one in the study.
    for unit in ["medicine", "surgery", "maternity"] {
        let target = people.iter_mut().find(|patient| patient.unit == unit && patient.hiv).unwrap();
        (target.study, target.crp) = ("g4", vec![50, 60, 70]);
    }
    people
}

#[tokio::test(flavor = "multi_thread")]
async fn is_defended() {
    let mut found = Vec::new();
    for turn in 0..6 {
        let bench = Bench::twin(people(), Defences::default()).await;
        let both = bench.wire(&question("count, marginals:hiv | by unit | rows lab")).await;
        for (cell, unit) in UNITS.iter().enumerate() {
            let levels = both.shown(1, cell);
            if levels.iter().all(Option::is_none) {
                continue;
            }
            let but = of(&["count"]).whose(&format!("unit = {unit} and hiv = yes and not study = g4")).rows("lab");
            let but = bench.wire(&but).await.total();
            if but.is_some_and(|but| levels.iter().flatten().any(|own| *own == but + 3)) {
                found.push((turn, *unit));
            }
        }
    }
    assert!(found.is_empty(), "three rows of one patient: {found:?}");
}
