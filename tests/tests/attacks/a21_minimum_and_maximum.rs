//! 21. Minimum and maximum
//!
//! Learns: the age of the oldest, who may be the only one of that age in town.
//! Against: there is no minimum, maximum or free percentile; outermost bins and steps hold five and end where the grid does (1.7)

use coda_disclosure::{Defence, Defences};
use tonic::Code;

use crate::bench::{
    Bench, With as _, assert_alike, of,
    patients::{Patient, patients},
    twins, without_all,
};

/// Two years that a person may be the oldest by.
const OLDEST: [u32; 2] = [104, 109];

fn plant(people: &mut [Patient], age: u32) {
    people[20].age = age;
    // Somebody whose only laboratory value is the largest there is.
    people[20].crp = vec![290 + age % 10];
}

#[tokio::test(flavor = "multi_thread")]
async fn is_defended() {
    let twins = twins(Defences::default(), |people, twin| plant(people, OLDEST[twin])).await;
    let words = [
        "min:age", "max:age", "range:age", "minimum:age", "maximum:age", "percentile:age:0", "percentile:age:100",
        "percentiles:age:1", "percentiles:age@1", "p0:age", "p100:age", "p1:age", "quantile:age", "histogram:age:1000",
        "histogram:age@100,101,102", "density:age", "boxplot:age", "kaplan_meier:stay", "sum:age", "support:age",
    ];
    for word in words {
        let [refused, _] = assert_alike(&twins, &of(&[word]), word).await;
        assert_eq!(refused.code, Code::InvalidArgument, "{word}: {}", refused.words);
    }
}

/// What there is of quantiles and bins says the same whoever the oldest is.
#[tokio::test(flavor = "multi_thread")]
async fn outermost_steps_hide_the_oldest() {
    let twins = twins(Defences::default(), |people, twin| plant(people, OLDEST[twin])).await;
    let queries = [
        of(&["percentiles:age", "quartiles:age", "median:age"]),
        of(&["percentiles:age"]).whose("sex = f"),
        of(&["percentiles:high"]).derive("high", "max(lab.crp)"),
        of(&["median:high"]).derive("high", "max(lab.crp)").whose("age >= 60"),
        of(&["percentiles:crp"]).rows("lab"),
        of(&["count"]).whose("age < 100"),
        of(&["count"]).whose("age < 108"),
        of(&["count"]).whose("age >= 108"),
    ];
    for (number, query) in queries.iter().enumerate() {
        let [reply, _] = assert_alike(&twins, query, &format!("query {number}")).await;
        for ask in 0..query.asks.len() {
            let shown = reply.shown(ask, 0);
            let steps: Vec<_> = shown.iter().flatten().collect();
            assert!(steps.iter().all(|rows| **rows >= 5), "query {number}");
            let told = shown.iter().rposition(Option::is_some);
            assert!(told.is_none_or(|last| last + 1 == shown.len()), "query {number}: the last step ends with the grid");
        }
    }
}

/// A histogram's bins are the dictionary's, and the outermost that are told hold five at least.
#[tokio::test(flavor = "multi_thread")]
async fn outermost_bins_hold_five() {
    for oldest in OLDEST {
        let mut people = patients("a");
        plant(&mut people, oldest);
        let bench = Bench::twin(people, Defences::default()).await;
        for query in [of(&["histogram:age"]), of(&["histogram:ddimer"]), of(&["histogram:crp"]).rows("lab")] {
            let reply = bench.wire(&query).await;
            assert!(reply.shown(0, 0).iter().flatten().all(|rows| *rows >= 5));
            assert_eq!(reply.shown(0, 0).last(), Some(&None));
        }
        // Six years each: the one of 104 and nobody, or nobody and the one of 109.
        let bins = bench.wire(&of(&["histogram:age"])).await.shown(0, 0);
        assert_eq!(bins[17..], [None, None]);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn works_undefended() {
    let mut people = patients("a");
    plant(&mut people, OLDEST[0]);
    let off = [Defence::Steps, Defence::SmallCells, Defence::Secondary, Defence::PairRule, Defence::LinearAudit];
    let bench = Bench::twin(people.clone(), without_all(&off)).await;
    let reply = bench.wire(&of(&["percentiles:age"])).await;
    let last = reply.shown(0, 0).iter().rposition(|people| people.is_some_and(|people| people > 0));
    assert_eq!(last, people.iter().map(|patient| patient.age as usize).max(), "the age of the oldest");
}
