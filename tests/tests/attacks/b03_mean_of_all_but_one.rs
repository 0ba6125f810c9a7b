//! b03. Mean of all against mean of all but one
//!
//! Learns: any value of X: the sum over all less the sum over all but X
//! Against: a cohort close to an earlier one is answered in its place, means as well (2.3)

use coda_disclosure::{Defence, Defences};
use coda_model::query::Query;

use crate::bench::{
    Bench, Reply, With, of,
    patients::{NOBODY, Patient, X, patients},
    without_all,
};

/// Means of all, of women, of those tested, by person and by row.
fn questions() -> Vec<(Query, Option<&'static str>)> {
    let peak = |query: Query| query.derive("peak", "max(lab.crp)").derive("tests", "count(lab)");
    vec![
        (of(&["mean:ddimer", "sd:age", "median:age", "quartiles:ddimer"]), None),
        (of(&["mean:stay", "mean_difference:age:hiv"]), Some("sex = f")),
        (of(&["mean:age", "mean:ddimer"]).by("hiv"), Some("age >= 30")),
        (peak(of(&["mean:peak", "histogram:peak"])), Some("tests >= 1")),
        (of(&["mean:crp", "sd:crp", "median:crp"]).rows("lab"), None),
        (of(&["mean:crp", "mean:age"]).rows("lab").by("sex"), Some("hiv = yes")),
    ]
}

fn but(query: &Query, cohort: Option<&str>, who: &str) -> Query {
    let cohort = cohort.map_or(format!("not ({who})"), |cohort| format!("{cohort} and not ({who})"));
    query.clone().whose(&cohort)
}

#[tokio::test(flavor = "multi_thread")]
async fn is_defended() {
    for (query, cohort) in questions() {
        // A data set of its own, because sums of what was measured several times are told in one way only.
        let bench = Bench::one(Defences::default()).await;
        let all = bench.wire(&cohort.map_or(query.clone(), |cohort| query.clone().whose(cohort))).await;
        let but_x = bench.wire(&but(&query, cohort, X)).await;
        let but_nobody = bench.wire(&but(&query, cohort, NOBODY)).await;
        assert!(!all.is_withheld());
        assert!(but_x.is_like(&but_nobody), "without X, and without nobody, in {cohort:?}");
        // What is told of all but X is what was told of all: a difference tells nothing.
        let sums = |reply: &Reply| {
            let slots =
                reply.frames.iter().flat_map(|frames| frames.asks.iter().flatten()).flat_map(|frame| &frame.slots);
            slots.map(|slot| slot.value().map(|slot| slot.sums.clone())).collect::<Vec<_>>()
        };
        for (all, but_x) in sums(&all).into_iter().zip(sums(&but_x)) {
            assert!(but_x.is_none() || all.is_none() || all == but_x, "in {cohort:?}");
        }
    }
}

/// Those with HIV and two rows, by their rows and, without X, by themselves.
fn by_rows_and_by_people(ask: &str, of_people: &str) -> [Query; 2] {
    let cohort = "hiv = yes and few >= 2024-07-02 and few < 2024-07-03";
    let infected = |query: Query| query.derive("few", "max(lab.taken)");
    let own =
        of(&[of_people]).derive("own", "mean(lab.crp)").whose(&format!("{cohort} and not (sex = f and age = 47)"));
    [infected(of(&[ask]).rows("lab").whose(cohort)), infected(own)]
}

/// X has two rows, and HIV or not. All values are even, so that a mean of two is exact.
fn x_of_two_rows(hiv: bool) -> Vec<Patient> {
    let mut people = patients("a");
    people.iter_mut().flat_map(|patient| &mut patient.crp).for_each(|crp| *crp -= *crp % 2);
    (people[0].hiv, people[0].crp) = (hiv, vec![120, 60]);
    people
}

/// The sums over all of a cohort by their rows, and over all but X by the people: where each has two rows, twice the
/// sum of their means.
#[tokio::test(flavor = "multi_thread")]
async fn is_defended_by_rows_and_by_people() {
    let mut compared = 0;
    for (ask, of_people) in [("mean:crp", "mean:own"), ("count", "count"), ("mean:crp", "count"), ("count", "mean:own")]
    {
        for rows_first in [true, false] {
            let mut refused = Vec::new();
            for hiv in [true, false] {
                let bench = Bench::twin(x_of_two_rows(hiv), Defences::default()).await;
                let mut queries = by_rows_and_by_people(ask, of_people);
                if !rows_first {
                    queries.reverse();
                }
                let [one, other] = [bench.wire(&queries[0]).await, bench.wire(&queries[1]).await];
                let (rows, means) = if rows_first { (&one, &other) } else { (&other, &one) };
                let count = |reply: &Reply| reply.frames.is_some().then(|| reply.shown(0, 0)[0]).flatten();
                if let (Some(rows), Some(means)) = (count(rows), count(means)) {
                    compared += 1;
                    assert_eq!(
                        rows / 2,
                        means,
                        "X is counted by rows and by people alike, or by neither: {ask}, {of_people}"
                    );
                }
                refused.push((other.code, other.words.clone(), other.frames.is_some() && other.is_withheld()));
            }
            assert_eq!(refused[0], refused[1], "X has HIV, or has not");
        }
    }
    assert!(compared > 0, "some are answered");
}

#[tokio::test(flavor = "multi_thread")]
async fn works_undefended() {
    let bench = Bench::one(without_all(&[Defence::PairRule, Defence::LinearAudit])).await;
    let x = &patients("a")[0];
    let all = bench.wire(&of(&["mean:ddimer"])).await.sum().unwrap();
    let but_x = bench.wire(&of(&["mean:ddimer"]).whose(&format!("not ({X})"))).await.sum().unwrap();
    assert_eq!(all - but_x, i128::from(x.ddimer));
    let rows = of(&["mean:crp"]).rows("lab");
    let all = bench.wire(&rows).await.sum().unwrap();
    let but_x = bench.wire(&rows.whose(&format!("not ({X})"))).await.sum().unwrap();
    assert_eq!(all - but_x, i128::from(x.crp.iter().sum::<u32>()));

    for hiv in [true, false] {
        let off = without_all(&[Defence::PairRule, Defence::LinearAudit]);
        // Asked at two sites with the same patients, so that neither knows of the other sum.
        let (bench, again) = (Bench::twin(x_of_two_rows(hiv), off).await, Bench::twin(x_of_two_rows(hiv), off).await);
        let [rows, own] = by_rows_and_by_people("mean:crp", "mean:own");
        let (rows, own) = (bench.wire(&rows).await, again.wire(&own).await);
        let few = rows.shown(0, 0)[0].unwrap() - 2 * own.shown(0, 0)[0].unwrap();
        let learnt = rows.sum().unwrap() - 2 * own.sum().unwrap();
        assert_eq!((few, learnt), if hiv { (2, 120 + 60) } else { (0, 0) }, "X's rows, and their values");
    }
}
