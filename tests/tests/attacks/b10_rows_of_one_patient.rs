//! b10. Rows of one patient
//!
//! Learns: how many laboratory values X has and their sum, and whether X has HIV, from counts and means of rows.
//! Against: rows are compared by their people (2.3), and a sum by what each person has in it (1.0, 1.2)

use coda_disclosure::{Defence, Defences};
use coda_model::query::Query;

use crate::bench::{
    Bench, Reply, U1, U2, With as _, assert_alike, assert_same, of,
    patients::{NOBODY, Patient, X, patients},
    twins, without_all,
};

/// X's values, of which nobody else has so many.
const OWN: [u32; 5] = [111, 112, 113, 114, 117];

fn people() -> Vec<Patient> {
    let mut people = patients("a");
    people[0].crp = OWN.to_vec();
    people
}

/// Counts and means of rows of a cohort.
fn rows(cohort: &str) -> Query {
    of(&["count", "mean:crp", "count:crp", "sd:crp"]).whose(cohort).rows("lab")
}

/// Rows and their sum, where they are out.
fn told(reply: &Reply) -> Option<(u64, i128)> {
    let mean = reply.frame(1, 0).slots[0].value()?;
    Some((mean.count.rows.0, mean.sums[0]))
}

#[tokio::test(flavor = "multi_thread")]
async fn is_defended() {
    for cohort in ["hiv = yes", "sex = f", "age >= 30"] {
        let bench = Bench::twin(people(), Defences::default()).await;
        let all = bench.wire_of(U1, "a", &rows(cohort)).await;
        let but_x = bench.wire_of(U2, "a", &rows(&format!("{cohort} and not ({X})"))).await;
        let but_nobody = bench.wire_of(U2, "a", &rows(&format!("{cohort} and not ({NOBODY})"))).await;
        assert!(told(&all).is_some());
        assert_eq!(told(&all), told(&but_x));
        assert_same(&but_x, &but_nobody, cohort);
    }
}

/// Nobody learns how many people the rows are of, nor whether X is one of them.
#[tokio::test(flavor = "multi_thread")]
async fn is_defended_against_rows_of_few() {
    let bench = Bench::twin(people(), Defences::default()).await;
    let [x, nobody] = [bench.wire(&rows(X)).await, bench.wire(&rows(NOBODY)).await];
    assert!(x.is_withheld());
    assert_same(&x, &nobody, "X's rows, and nobody's");
    for query in [of(&["mean:crp", "sd:crp"]).rows("lab"), of(&["mean:crp"]).rows("lab").by("hiv"), of(&["histogram:crp"]).rows("lab")] {
        let reply = bench.wire(&query).await;
        let slots = reply.frames.iter().flat_map(|frames| frames.asks.iter().flatten()).flat_map(|frame| &frame.slots);
        assert!(slots.filter_map(|slot| slot.value()).all(|slot| [5, 10].contains(&slot.count.people.0)), "only that they are enough");
    }
}

/// Five patients, one of whom has nearly all that there is of the sum.
#[tokio::test(flavor = "multi_thread")]
async fn is_defended_against_one_with_most_rows() {
    let plant = |people: &mut [Patient], twin: usize| {
        // 20 rows of one, and one row of each of five others.
        people[10].crp = vec![[290, 250][twin]; 20];
        people[11..16].iter_mut().for_each(|patient| patient.crp = vec![3]);
        people[10..16].iter_mut().for_each(|patient| patient.study = "g5");
    };
    let twins = twins(Defences::default(), plant).await;
    for query in [
        of(&["mean:crp", "sd:crp", "ci:crp"]).whose("study = g5").rows("lab"),
        of(&["mean:crp"]).whose("study = g5 and age >= 0").rows("lab"),
        of(&["mean_difference:crp:sex"]).whose("study = g5").rows("lab"),
    ] {
        let [reply, _] = assert_alike(&twins, &query, "the largest contributor").await;
        assert!(reply.frames.unwrap().asks.iter().flatten().all(|frame| frame.slots.iter().all(|slot| slot.value().is_none())));
    }
}

/// People who have a value, counted as people, and then the people of rows without X.
#[tokio::test(flavor = "multi_thread")]
async fn people_of_rows_are_compared_with_people() {
    let tells = |hiv: bool| async move {
        let mut people = people();
        people[0].hiv = hiv;
        let bench = Bench::twin(people, Defences::default()).await;
        let all = bench.wire(&of(&["count"]).whose("hiv = yes and has lab")).await.count().unwrap();
        let but_x = bench.wire(&of(&["count"]).whose(&format!("hiv = yes and not ({X})")).rows("lab")).await;
        but_x.count().map(|but_x| but_x.abs_diff(all))
    };
    let [with, without] = [tells(true).await, tells(false).await];
    assert_eq!(with, without, "people of HIV who have values, with X and without");
}

/// Of people with one row each, rows are people: they are counted and summed as people, and then as rows without X.
async fn single_rows(defences: Defences, hiv: bool, asks: [&str; 2], value: &str) -> (Reply, Reply) {
    let mut people = people();
    (people[0].hiv, people[0].crp) = (hiv, vec![OWN[0]]);
    let bench = Bench::twin(people, defences).await;
    let single = |query: Query| query.derive("number", "count(lab)").derive("own", value);
    let all = of(&["count", asks[0]]).whose("hiv = yes and number in [1, 2)");
    let all = bench.wire(&single(all)).await;
    assert!(all.frames.is_some(), "{}", all.words);
    let but_x = of(&["count", asks[1]]).whose(&format!("hiv = yes and number in [1, 2) and not ({X})"));
    (all, bench.wire(&single(but_x).rows("lab")).await)
}

/// What the two differ by.
fn apart((all, but_x): &(Reply, Reply)) -> (Option<u64>, Option<i128>) {
    let sum = all.frame(1, 0).slots[0].value().zip(but_x.frame(1, 0).slots[0].value());
    let sum = sum.and_then(|(all, less)| Some(all.sums.first()? - less.sums.first()?));
    (but_x.shown(0, 0)[0].map(|rows| rows.abs_diff(all.count().unwrap())), sum)
}

#[tokio::test(flavor = "multi_thread")]
async fn single_rows_are_compared_with_people() {
    // The sums of the second way are refused, whoever X is.
    let mut refused = Vec::new();
    for hiv in [true, false] {
        let (_, but_x) = single_rows(Defences::default(), hiv, ["mean:own", "mean:crp"], "first(lab.crp)").await;
        assert!(but_x.frames.is_none());
        refused.push((but_x.code, but_x.words));
    }
    assert_eq!(refused[0], refused[1]);
    assert_eq!(refused[0].0, tonic::Code::FailedPrecondition);
    // Were they not, rows and people would still be held against each other; so they are where nothing is summed.
    let both_ways = without_all(&[Defence::OneWayToSum]);
    for (defences, asks) in [
        (both_ways, ["mean:own", "mean:crp"]),
        (both_ways, ["sd:own", "sd:crp"]),
        (Defences::default(), ["median:own", "median:crp"]),
        (Defences::default(), ["marginals:own@100", "marginals:crp@100"]),
    ] {
        let with = single_rows(defences, true, asks, "first(lab.crp)").await;
        let without = single_rows(defences, false, asks, "first(lab.crp)").await;
        assert_eq!(apart(&with), apart(&without), "{asks:?} of HIV, with X and without");
        assert!(!matches!(apart(&with), (Some(1), _)), "X is not left out");
    }
}

/// Without what stands in the way the same two questions tell X's value.
#[tokio::test(flavor = "multi_thread")]
async fn single_rows_tell_when_they_are_not_compared() {
    let off = without_all(&[Defence::OneWayToSum, Defence::PairRule, Defence::LinearAudit]);
    let told = single_rows(off, true, ["mean:own", "mean:crp"], "first(lab.crp)").await;
    assert_eq!(apart(&told), (Some(1), Some(i128::from(OWN[0]))), "X has HIV, and this value");
    let told = single_rows(off, false, ["mean:own", "mean:crp"], "first(lab.crp)").await;
    assert_eq!(apart(&told), (Some(0), Some(0)), "X has none");
}

#[tokio::test(flavor = "multi_thread")]
async fn works_undefended() {
    let bench = Bench::twin(people(), without_all(&[Defence::PairRule, Defence::LinearAudit])).await;
    let all = told(&bench.wire(&rows("hiv = yes")).await).unwrap();
    let but_x = told(&bench.wire(&rows(&format!("hiv = yes and not ({X})"))).await).unwrap();
    assert_eq!(all.0 - but_x.0, OWN.len() as u64, "how many values X has");
    assert_eq!(all.1 - but_x.1, i128::from(OWN.iter().sum::<u32>()), "and their sum");
}
