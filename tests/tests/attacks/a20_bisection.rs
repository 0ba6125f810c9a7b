//! 20. Median bisection by filters
//!
//! Learns: the values of single people, by counting those under a limit that is moved a little at a time.
//! Against: limits lie on a public grid (1.0), and a count close to an earlier one is that one (2.3)

use coda_disclosure::{Defence, Defences};
use coda_model::query::Query;
use tonic::Code;

use crate::bench::{
    Bench, U1, U2, With as _, assert_alike, count_of, of,
    patients::patients,
    truth, twins, without_all,
};

/// Whether all of these counts are the same or at least five apart.
fn are_far_apart(counts: &[u64]) -> bool {
    counts.iter().all(|one| counts.iter().all(|other| one == other || one.abs_diff(*other) >= 5))
}

#[tokio::test(flavor = "multi_thread")]
async fn is_defended() {
    let bench = Bench::one(Defences::default()).await;
    let mut counts = vec![300];
    for age in 18..=100 {
        let under = bench.wire_of([U1, U2][age % 2], "a", &count_of(&format!("age < {age}"))).await;
        let from = bench.wire_of([U1, U2][age % 2], "a", &count_of(&format!("age >= {age}"))).await;
        counts.extend(under.count());
        // What is left over tells no more.
        counts.extend(from.count().map(|from| 300 - from));
        let one_year = bench.wire(&count_of(&format!("age in [{age}, {})", age + 1))).await;
        assert!(one_year.count().is_none_or(|people| people >= 5));
    }
    assert!(are_far_apart(&counts), "{counts:?}");
}

/// With a mean instead of a count, and with a filter that leaves few.
#[tokio::test(flavor = "multi_thread")]
async fn is_defended_for_means_and_groups() {
    let bench = Bench::one(Defences::default()).await;
    let mut sums: Vec<(u64, i128)> = Vec::new();
    for age in 40..60 {
        let reply = bench.wire(&of(&["mean:ddimer"]).whose(&format!("unit != burns and age < {age}"))).await;
        sums.extend(reply.count().zip(reply.sum()));
        let groups = bench.wire(&of(&["count"]).by(&format!("age@{age}")).whose("unit != burns")).await;
        let both: Vec<_> = (0..2).filter_map(|cell| groups.shown(0, cell)[0]).collect();
        assert!(both.iter().all(|people| *people >= 5));
        sums.extend(both.first().filter(|_| both.len() == 2).map(|people| (*people, -1)));
    }
    let counts: Vec<u64> = sums.iter().map(|(people, _)| *people).collect();
    assert!(are_far_apart(&counts), "{counts:?}");
    let asked: Vec<_> = sums.iter().filter(|(_, sum)| *sum >= 0).collect();
    assert!(asked.iter().all(|one| asked.iter().all(|other| one.0 != other.0 || one.1 == other.1)));
}

#[tokio::test(flavor = "multi_thread")]
async fn limits_off_the_grid_are_refused() {
    let twins = twins(Defences::default(), |people, twin| people[9].ddimer = [12_344, 12_346][twin]).await;
    let limits = ["ddimer < 12345", "ddimer >= 12345", "ddimer = 12345", "not (ddimer <= 12345)", "ddimer in [0, 12345)"];
    let mut queries: Vec<Query> = limits.map(count_of).into();
    queries.push(of(&["count"]).by("ddimer@12345"));
    queries.push(of(&["marginals:ddimer@12345"]));
    queries.push(count_of("age < 40.5"));
    queries.push(count_of("admission < 2024-03-10.5"));
    queries.push(count_of("high >= 12").derive("high", "max(lab.crp)"));
    queries.push(count_of("has lab (crp >= 12)"));
    queries.push(count_of("crp >= 12").rows("lab"));
    for (number, query) in queries.iter().enumerate() {
        let [refused, _] = assert_alike(&twins, query, &format!("query {number}")).await;
        assert_eq!(refused.code, Code::InvalidArgument, "query {number}");
    }
    // On the grid the difference is the legitimate one: none that anybody is told of.
    assert_alike(&twins, &count_of("ddimer < 10000"), "on the grid").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn works_undefended() {
    let bench = Bench::one(without_all(&[Defence::PairRule, Defence::LinearAudit])).await;
    let mut last = None;
    let mut found = Vec::new();
    for age in 30..=90 {
        let count = bench.wire(&count_of(&format!("age < {age}"))).await.count().unwrap();
        if let Some(1) = last.map(|last| count - last) {
            found.push(age - 1);
        }
        last = Some(count);
    }
    let alone: Vec<u32> =
        (30..90).filter(|age| truth(&patients("a"), |patient| patient.age == *age) == 1).collect();
    assert!(!alone.is_empty());
    assert_eq!(found, alone, "the ages that one person has");
}
