//! Whether anybody misses a value
//!
//! Learns: whether X misses a value, from the parity of a sum and a sum of squares.
//! Against: few who miss a value are counted with the others, and nobody can tell whether there are any (1.1)

use coda_disclosure::Defences;

use crate::bench::{
    Bench, With as _, of,
    patients::{Patient, patients},
};

fn people(stay: Option<u32>, who: usize) -> Vec<Patient> {
    let mut people = patients("a");
    for (place, patient) in people.iter_mut().enumerate() {
        patient.stay = Some(patient.stay.unwrap_or(3 + place as u32 % 7));
    }
    people[who].stay = stay;
    people
}

/// A number and its square are both odd or both even.
#[tokio::test(flavor = "multi_thread")]
async fn sums_and_squares_do_not_tell() {
    let cohorts = [
        "sex = f",
        "age >= 40",
        "age < 60",
        "unit = burns or age >= 70",
        "hiv = yes",
        "unit = burns or unit = surgery",
    ];
    let mut odd = Vec::new();
    for stay in [None, Some(4)] {
        let mut found = 0;
        for cohort in cohorts {
            let bench = Bench::twin(people(stay, 0), Defences::default()).await;
            let reply = bench.wire(&of(&["sd:stay"]).whose(cohort)).await;
            let sums = reply.frame(0, 0).slots[0].value().map(|slot| slot.sums.clone());
            found += sums.map_or(0, |sums| usize::from((sums[0] - sums[1]) % 2 != 0));
        }
        odd.push(found);
    }
    assert_eq!(odd[0], odd[1], "sums that no whole values have, where X misses a value and where not");
}
