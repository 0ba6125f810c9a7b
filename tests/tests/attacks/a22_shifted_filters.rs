//! 22. Shifted filters on a mean
//!
//! Learns: a patient's value, from the means of two windows of age that differ by that patient.
//! Against: a cohort close to an earlier one is answered in its place (2.3)

use coda_disclosure::{Defence, Defences};
use coda_model::query::Query;

use crate::bench::{
    Bench, Reply, With, of,
    patients::{Patient, patients},
    without_all,
};

/// Windows of so many years, a year further each time, of some two people a year.
fn windows(years: u32) -> Vec<(u32, String)> {
    (20..80).map(|from| (from, format!("sex = f and age >= {from} and age < {}", from + years))).collect()
}

fn members(people: &[Patient], from: u32, years: u32) -> Vec<usize> {
    let is_in = |patient: &Patient| patient.sex == "f" && (from..from + years).contains(&patient.age);
    people.iter().enumerate().filter(|(_, patient)| is_in(patient)).map(|(place, _)| place).collect()
}

/// Those in one of two groups only.
fn apart(some: &[usize], others: &[usize]) -> Vec<usize> {
    let only = |of: &[usize], not: &[usize]| of.iter().filter(|one| !not.contains(one)).copied().collect::<Vec<_>>();
    [only(some, others), only(others, some)].concat()
}

/// Patients whose sums are not the same by chance.
fn distinct() -> Vec<Patient> {
    let mut people = patients("a");
    for (place, patient) in people.iter_mut().enumerate() {
        patient.ddimer += (place * place * 31 % 1009) as u32;
        patient.crp.iter_mut().for_each(|crp| *crp += (place * 37 % 97) as u32);
    }
    people
}

/// What each window was answered.
async fn answers(bench: &Bench, years: u32, asks: &[&str], rows: Option<&str>) -> Vec<(u32, Reply)> {
    let mut found = Vec::new();
    for (from, window) in windows(years) {
        let query: Query = of(asks).whose(&window);
        let query = rows.map_or(query.clone(), |rows| query.rows(rows));
        found.push((from, bench.wire(&query).await));
    }
    found
}

/// What a window slides over.
type Value = fn(&Patient) -> u32;

#[tokio::test(flavor = "multi_thread")]
async fn is_defended() {
    let people = distinct();
    // Of rows whose value may be missing there must be more people, so the windows are wider.
    let measured: [(u32, &[&str], Option<&str>, Value); 3] = [
        (3, &["mean:ddimer", "sd:ddimer"], None, |patient| patient.ddimer),
        (8, &["mean:ddimer", "sd:ddimer"], None, |patient| patient.ddimer),
        (8, &["mean:crp"], Some("lab"), |patient| patient.crp.iter().sum()),
    ];
    for (years, asks, rows, value) in measured {
        let truth = |of: &[usize]| of.iter().map(|one| i128::from(value(&people[*one]))).sum::<i128>();
        let bench = Bench::twin(distinct(), Defences::default()).await;
        let answers = answers(&bench, years, asks, rows).await;
        for (place, (from, reply)) in answers.iter().enumerate() {
            for (other, earlier) in &answers[..place] {
                let (Some(sum), Some(before)) = (reply.sum(), earlier.sum()) else { continue };
                let (now, then) = (members(&people, *from, years), members(&people, *other, years));
                let few = apart(&now, &then).len();
                // One of the two is about other people than were asked for, unless enough tell them apart.
                let is_true = sum != before && sum == truth(&now) && before == truth(&then);
                assert!(few == 0 || few >= 5 || !is_true, "{from} and {other} differ by {few} people");
            }
        }
        let told = answers.iter().filter(|(_, reply)| reply.sum().is_some()).count();
        assert!(told >= 3, "{told} windows of {years} years are answered");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn works_undefended() {
    let people = patients("a");
    let bench = Bench::one(without_all(&[Defence::PairRule, Defence::LinearAudit])).await;
    let answers = answers(&bench, 3, &["mean:ddimer"], None).await;
    let mut learnt = 0;
    for pair in answers.windows(2) {
        let [(from, reply), (next, later)] = pair else { continue };
        let (Some(sum), Some(after)) = (reply.sum(), later.sum()) else { continue };
        let (now, then) = (members(&people, *from, 3), members(&people, *next, 3));
        if let [one] = apart(&now, &then)[..] {
            let value = if then.contains(&one) { after - sum } else { sum - after };
            assert_eq!(value, i128::from(people[one].ddimer));
            learnt += 1;
        }
    }
    assert!(learnt > 0, "some windows differ by one patient");
}
