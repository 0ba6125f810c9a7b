//! b09. Near twins of a quantile
//!
//! Learns: X's age and length of stay, from medians and percentiles of cohorts that differ by X.
//! Against: the second cohort is answered by the first, and no step ends where one ended close by (2.3, 3.4)

use coda_disclosure::{Defence, Defences};
use coda_model::query::Query;

use crate::bench::{
    Bench, U1, U2, With as _, assert_alike, assert_same, count_of, of,
    patients::{NOBODY, Patient, X, patients},
    twins, without_all,
};

const ASKS: [&str; 3] = ["median:age", "quartiles:age", "percentiles:age"];

/// Cohorts of which X is one, each with itself less those such that.
fn cohorts(but: &str) -> [[String; 2]; 4] {
    ["age < 110", "unit in (burns, medicine)", "age >= 30", "sex = f and age < 90"]
        .map(|cohort| [cohort.to_owned(), format!("{cohort} and not ({but})")])
}

/// The running sums of what is told of a distribution, with the place where each ends.
fn knots(slots: &[Option<u64>]) -> Vec<(usize, u64)> {
    let told = slots.iter().enumerate().filter_map(|(place, rows)| Some((place, (*rows)?)));
    told.scan(0, |sum, (place, rows)| {
        *sum += rows;
        Some((place, *sum))
    })
    .collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn is_defended() {
    // With X's words and with words that fit nobody the second answers are the same, whoever asks and in whatever order.
    for turned in [false, true] {
        let [with_x, with_nobody] = [Bench::one(Defences::default()).await, Bench::one(Defences::default()).await];
        for (x, nobody) in cohorts(X).iter().zip(&cohorts(NOBODY)) {
            let order = if turned { [1, 0] } else { [0, 1] };
            for place in order {
                // Turned, the cohort without X comes first, and is another than the one without nobody.
                let asked = |words: &str| of(&ASKS).whose(words);
                let one = with_x.wire_of([U1, U2][place], "a", &asked(&x[place])).await;
                let other = with_nobody.wire_of([U1, U2][place], "a", &asked(&nobody[place])).await;
                if !turned {
                    assert_same(&one, &other, &x[place]);
                }
            }
        }
    }
}

/// Any two running sums that are told differ by nobody or by five, whatever cohorts they are of.
#[tokio::test(flavor = "multi_thread")]
async fn steps_of_two_cohorts_never_part_by_few() {
    let bench = Bench::one(Defences::default()).await;
    // Cohorts that differ by more than five, X among them.
    let cohorts = ["sex = f", "sex = f and not (unit = burns)", "sex = f or unit = burns", "sex = f and not (age in [45, 50))"];
    let people = patients("a");
    let such: [fn(&Patient) -> bool; 4] = [
        |one| one.sex == "f",
        |one| one.sex == "f" && one.unit != "burns",
        |one| one.sex == "f" || one.unit == "burns",
        |one| one.sex == "f" && !(45..50).contains(&one.age),
    ];
    let set = |cohort: usize, place: usize| -> Vec<usize> {
        (0..people.len()).filter(|one| such[cohort](&people[*one]) && people[*one].age as usize <= place).collect()
    };
    let size = |cohort| set(cohort, 110).len() as u64;
    let mut told: Vec<Vec<(usize, u64)>> = Vec::new();
    for cohort in cohorts {
        let reply = bench.wire(&of(&["percentiles:age"]).whose(cohort)).await;
        told.push(knots(&reply.shown(0, 0)));
    }
    // Who is answered in another's place is told no step of their own.
    let answered = |(cohort, knots): (usize, &mut Vec<(usize, u64)>)| {
        if knots.last().is_some_and(|(_, sum)| *sum != size(cohort)) {
            knots.clear();
        }
    };
    told.iter_mut().enumerate().for_each(answered);
    let knots: Vec<(usize, usize, u64)> = told
        .iter()
        .enumerate()
        .flat_map(|(cohort, knots)| knots.iter().map(move |(place, sum)| (cohort, *place, *sum)))
        .collect();
    assert!(knots.len() > 20);
    for one in &knots {
        assert_eq!(set(one.0, one.1).len() as u64, one.2, "a step is what it says");
        for other in &knots {
            let [left, right] = [set(one.0, one.1), set(other.0, other.1)];
            let apart = left.iter().filter(|one| !right.contains(one)).count()
                + right.iter().filter(|one| !left.contains(one)).count();
            assert!(apart == 0 || apart >= 5, "{one:?} and {other:?} are {apart} people apart");
        }
    }
}

/// Of those with a value: the cohort of those who have one, less X, then the distribution over everybody.
#[tokio::test(flavor = "multi_thread")]
async fn those_with_a_value_are_a_cohort_too() {
    let twins = twins(Defences::default(), |people, twin| people[0].stay = [Some(7), None][twin]).await;
    let queries: [Query; 6] = [
        count_of(&format!("stay is present and not ({X})")),
        of(&["median:stay", "percentiles:stay"]),
        of(&["median:stay"]).whose(&format!("not ({X})")),
        of(&["count:stay", "mean:stay"]),
        count_of("stay is present"),
        count_of("stay is missing"),
    ];
    // The first is of people who do not include X.
    for (number, query) in queries.iter().enumerate() {
        assert_alike(&twins, query, &format!("query {number}")).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn works_undefended() {
    let bench = Bench::one(without_all(&[Defence::PairRule, Defence::LinearAudit, Defence::Steps])).await;
    let [all, but_x] = &cohorts(X)[0];
    let all = bench.wire(&of(&["percentiles:age"]).whose(all)).await.shown(0, 0);
    let but_x = bench.wire(&of(&["percentiles:age"]).whose(but_x)).await.shown(0, 0);
    let differs = all.iter().zip(&but_x).position(|(all, but_x)| all != but_x);
    assert_eq!(differs, Some(patients("a")[0].age as usize), "X's age");
}
