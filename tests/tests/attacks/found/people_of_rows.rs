//! People of a level of rows, and how many rows people have
//!
//! Learns: whether X has HIV, from the people behind a level of rows, or from a sum of numbers of rows.
//! Against: rows are compared by their people (2.3)

use coda_disclosure::Defences;

use crate::bench::{
    Bench, With as _, of,
    patients::{Patient, X, patients},
    twins::question,
};

const OWN: [u32; 5] = [111, 112, 113, 114, 117];

fn people(hiv: bool) -> Vec<Patient> {
    let mut people = patients("a");
    (people[0].crp, people[0].hiv) = (OWN.to_vec(), hiv);
    people
}

/// Rows by a level that people have, then people without X.
#[tokio::test(flavor = "multi_thread")]
async fn people_of_a_level_are_compared_later() {
    let mut told = Vec::new();
    for hiv in [true, false] {
        let bench = Bench::twin(people(hiv), Defences::default()).await;
        let levels = bench.wire(&question("marginals:hiv | rows lab")).await;
        let of_level: Vec<_> =
            levels.frame(0, 0).slots.iter().map(|slot| slot.value().map(|slot| slot.count)).collect();
        let but_x = bench.wire(&of(&["count"]).whose(&format!("has lab and hiv = yes and not ({X})"))).await.count();
        let with: Vec<Option<i64>> =
            of_level.iter().map(|count| Some(count.as_ref()?.people.0 as i64 - but_x? as i64)).collect();
        told.push(with);
    }
    assert_eq!(told[0].last(), told[1].last(), "of HIV with rows, with X and without");
}

/// The sum of how many rows people have, and then rows without X.
#[tokio::test(flavor = "multi_thread")]
async fn numbers_of_rows_are_not_summed_beside_rows() {
    for rows_first in [false, true] {
        let mut told = Vec::new();
        for hiv in [true, false] {
            let bench = Bench::twin(people(hiv), Defences::default()).await;
            let sum = question("mean:n | derive n = count(lab) | where hiv = yes");
            let rows = of(&["count"]).whose(&format!("hiv = yes and not ({X})")).rows("lab");
            let (sum, rows) = if rows_first {
                let rows = bench.wire(&rows).await.total();
                (bench.wire(&sum).await, rows)
            } else {
                (bench.wire(&sum).await, bench.wire(&rows).await.total())
            };
            told.push(sum.frames.as_ref().and_then(|_| sum.sum()).zip(rows).map(|(sum, rows)| sum - i128::from(rows)));
        }
        assert_eq!(told[0], told[1], "rows of those with HIV, with X and without");
    }
}

/// Of people with one row each, the rows of a level are its people, however many people are said to be enough.
#[tokio::test(flavor = "multi_thread")]
async fn rows_of_a_level_are_people_of_one_row() {
    let mut told = Vec::new();
    for hiv in [true, false] {
        let mut people = people(hiv);
        people[0].crp = vec![50];
        let bench = Bench::twin(people, Defences::default()).await;
        let levels =
            bench.wire(&question("marginals:hiv | rows lab | derive n = count(lab) | where n in [1, 2)")).await;
        let but_x = format!("count | derive n = count(lab) | where n in [1, 2) and hiv = yes and not ({X})");
        let but_x = bench.wire(&question(&but_x)).await.count();
        told.push(levels.shown(0, 0)[1].zip(but_x).map(|(rows, but_x)| rows - but_x));
    }
    assert_eq!(told[0], told[1]);
}

/// How many people there are to rows, beside how many there are: the others have no rows.
#[tokio::test(flavor = "multi_thread")]
async fn who_has_no_rows_is_not_counted() {
    for without in 0..3 {
        let mut people = patients("a");
        for patient in people.iter_mut().filter(|patient| patient.crp.is_empty()) {
            patient.crp = vec![50];
        }
        people.iter_mut().take(without).for_each(|patient| patient.crp.clear());
        let bench = Bench::twin(people, Defences::default()).await;
        for cohort in ["age >= 0", "sex = f"] {
            let of_people = bench.wire(&of(&["count"]).whose(cohort)).await.count();
            let of_rows = bench.wire(&of(&["count"]).whose(cohort).rows("lab")).await;
            assert!(of_people.is_some());
            assert_eq!(of_rows.people(0), of_people, "{without} without rows, {cohort}");
            let again = bench.wire(&of(&["count", "mean:crp"]).whose(cohort).rows("lab")).await;
            assert_eq!(again.people(0), of_people);
        }
    }
}
