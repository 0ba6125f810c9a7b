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

/// Of those with HIV who have one row each: a question of them as people, and the same of the rows of all of them but X. For them
/// rows are people.
fn single(asks: [&str; 2], value: &str) -> [Query; 2] {
    let cohort = "hiv = yes and number in [1, 2)";
    let query = |ask: &str, cohort: &str| {
        of(&["count", ask]).whose(cohort).derive("number", "count(lab)").derive("own", value)
    };
    [query(asks[0], cohort), query(asks[1], &format!("{cohort} and not ({X})")).rows("lab")]
}

/// X has one row, and has HIV or not.
fn with_one_row(hiv: bool) -> Vec<Patient> {
    let mut people = people();
    (people[0].hiv, people[0].crp) = (hiv, vec![OWN[0]]);
    people
}

/// What the people and the rows differ by: how many, and the sum.
fn apart(all: &Reply, but_x: &Reply) -> (Option<i64>, Option<i128>) {
    let sum = all.frame(1, 0).slots[0].value().zip(but_x.frame(1, 0).slots[0].value());
    let sum = sum.and_then(|(all, less)| Some(all.sums.first()? - less.sums.first()?));
    let count = all.shown(0, 0)[0].zip(but_x.shown(0, 0)[0]);
    (count.map(|(all, less)| all as i64 - less as i64), sum)
}

/// They are counted as people, and then as rows without X; and the other way round.
#[tokio::test(flavor = "multi_thread")]
async fn single_rows_are_compared_with_people() {
    for asks in [["median:own", "median:crp"], ["marginals:own@100", "marginals:crp@100"], ["count:own", "count:crp"]] {
        for rows_first in [false, true] {
            let mut told = Vec::new();
            for hiv in [true, false] {
                let bench = Bench::twin(with_one_row(hiv), Defences::default()).await;
                let [people, rows] = single(asks, "first(lab.crp)");
                let (people, rows) = if rows_first {
                    let rows = bench.wire(&rows).await;
                    (bench.wire(&people).await, rows)
                } else {
                    (bench.wire(&people).await, bench.wire(&rows).await)
                };
                told.push(apart(&people, &rows));
            }
            assert_eq!(told[0], told[1], "{asks:?}, rows first: {rows_first}: of HIV, with X and without");
        }
    }
}

/// Their sums are told in one way; the other is refused, whoever X is.
#[tokio::test(flavor = "multi_thread")]
async fn single_rows_are_not_summed_beside_people() {
    for asks in [["mean:own", "mean:crp"], ["sd:own", "ci:crp"]] {
        for rows_first in [false, true] {
            let mut told = Vec::new();
            for hiv in [true, false] {
                let bench = Bench::twin(with_one_row(hiv), Defences::default()).await;
                let mut asked = single(asks, "first(lab.crp)");
                if rows_first {
                    asked.reverse();
                }
                assert!(bench.wire(&asked[0]).await.frames.is_some());
                let refused = bench.wire(&asked[1]).await;
                assert_eq!(refused.code, tonic::Code::FailedPrecondition, "{}", refused.words);
                told.push(refused.words);
            }
            assert_eq!(told[0], told[1]);
        }
    }
}

/// Where nothing of what was told before stands in the way, the two tell X's value. (Each is asked of a site of its own, which is
/// what sums in two ways would come to.)
#[tokio::test(flavor = "multi_thread")]
async fn single_rows_tell_when_they_are_not_compared() {
    let off = without_all(&[Defence::OneWayToSum, Defence::PairRule, Defence::LinearAudit]);
    for (hiv, expected) in [(true, (Some(1), Some(i128::from(OWN[0])))), (false, (Some(0), Some(0)))] {
        let mut replies = Vec::new();
        for query in single(["mean:own", "mean:crp"], "first(lab.crp)") {
            replies.push(Bench::twin(with_one_row(hiv), off).await.wire(&query).await);
        }
        assert_eq!(apart(&replies[0], &replies[1]), expected, "X has HIV: {hiv}, and this value");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn works_undefended() {
    let bench = Bench::twin(people(), without_all(&[Defence::PairRule, Defence::LinearAudit])).await;
    let all = told(&bench.wire(&rows("hiv = yes")).await).unwrap();
    let but_x = told(&bench.wire(&rows(&format!("hiv = yes and not ({X})"))).await).unwrap();
    assert_eq!(all.0 - but_x.0, OWN.len() as u64, "how many values X has");
    assert_eq!(all.1 - but_x.1, i128::from(OWN.iter().sum::<u32>()), "and their sum");
}
