//! 18. Forced outage
//!
//! Learns: how many of three people a small site has, by cutting it off for one of two like questions.
//! Against: a site withholds before anything is merged, so that its silence says no more than its absence (1.12 A)

use coda_disclosure::{Defence, Defences};
use coda_model::estimate::SiteStatus;

use crate::{
    a17_with_and_without_a_site::{bounds, merged, network, questions},
    bench::{U1, With as _, of, site, without_all},
};

const ALL: [&str; 4] = ["a", "b", "c", "d"];

#[tokio::test(flavor = "multi_thread")]
async fn is_defended() {
    let mut seen = Vec::new();
    for three in [true, false] {
        let (bench, age) = network(three, Defences::default()).await;
        let mut answers = Vec::new();
        let count = of(&["count"]).whose(&format!("age >= {age}"));
        let before = bounds(&bench.ask(U1, &count, &ALL).await);
        bench.network.stop_site(&site("d"));
        let after = bench.ask(U1, &count, &ALL).await;
        assert_eq!(before.0, bounds(&after).0, "d adds nothing for certain");
        for query in [vec![count], questions(age)].concat() {
            let cut_off = bench.ask(U1, &query, &ALL).await;
            let without = bench.ask(U1, &query, &ALL[..3]).await;
            assert_eq!(cut_off.asks, without.asks, "cut off is as good as not asked");
            let last = &cut_off.sites[3];
            assert_eq!((last.status, last.build.as_str()), (SiteStatus::Silent, ""));
            answers.push(last.detail.clone());
        }
        // Of tables, which large cells are withheld is keyed, and another in each network.
        let asks = bench.ask(U1, &questions(age)[0], &ALL).await.asks;
        seen.push((before, answers, asks));
    }
    assert_eq!(seen[0], seen[1], "three at d, and none");
}

/// The outage first: nothing that d answers later makes up for it.
#[tokio::test(flavor = "multi_thread")]
async fn is_defended_when_the_outage_comes_first() {
    let (cut, age) = network(true, Defences::default()).await;
    cut.network.stop_site(&site("d"));
    let (whole, _) = network(true, Defences::default()).await;
    for query in questions(age).into_iter().take(1) {
        let (cut, whole) = (cut.ask(U1, &query, &ALL).await, whole.ask(U1, &query, &ALL).await);
        for (cut, whole) in cut.asks.iter().zip(&whole.asks) {
            for (cut, whole) in cut.cells.iter().zip(&whole.cells) {
                assert_eq!(cut.sites[..], whole.sites[..3], "the others do not know of it");
                assert_eq!(cut.network.from, whole.network.from);
            }
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn works_undefended() {
    let (bench, age) = network(true, without_all(&[Defence::SmallCells, Defence::PairRule, Defence::LinearAudit])).await;
    let count = of(&["count"]).whose(&format!("age >= {age}"));
    let before = merged(&bench, &count, &ALL).await;
    // Cut off, d adds nothing.
    let after = merged(&bench, &count, &ALL[..3]).await;
    bench.network.stop_site(&site("d"));
    let cut_off = bounds(&bench.ask(U1, &count, &ALL).await);
    assert_eq!((before - after, cut_off.0), (3, after));
}
