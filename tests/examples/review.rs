//! How long the review of a 50-cell answer takes after 1,000 earlier queries, beside the same answer without a history:
//!
//!     cargo run -p coda-tests --example review

#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "a measurement that fails has nothing to say")]

use std::{
    fmt::Write as _,
    time::{Duration, Instant},
};

use coda_client::Hub;
use coda_disclosure::{Defence, Defences};
use coda_model::{
    SiteId, UserId,
    query::{Query, parse_ask, parse_factor, parse_predicate},
};
use coda_testkit::{Network, Options, SiteData, SiteOptions};
use tempfile::TempDir;

const DICTIONARY: &str = r#"
version = "1"
title = "speed"
[dataset.d]
people = "p"
[dataset.d.table.p]
rows = "one"
person = "id"
[dataset.d.table.p.variable]
age = { type = "continuous", unit = "a", lower = 0, upper = 109, resolution = 1, bounded = true, missing = "never" }
ward = { type = "categorical", levels = ["w0", "w1", "w2", "w3", "w4"], missing = "never" }
team = { type = "categorical", levels = ["t0", "t1", "t2", "t3", "t4", "t5", "t6", "t7", "t8", "t9"], missing = "never" }
day = { type = "continuous", unit = "d", lower = 0, upper = 364, resolution = 1, bounded = true, missing = "never", grid = { step = 5 } }
"#;

/// Budgets that do not end the measurement, and no waiting for the grid of time.
const POLICY: &str = "rank_budget = 100\nrank_budget_user = 100\nrequests_per_day = 100000\ncohorts_per_day = 100000\n";

/// Answers measured.
const RUNS: usize = 15;

struct Site {
    hub: Hub,
    _network: Network,
    _folder: TempDir,
}

async fn site(people: usize, defences: Defences, quantum: u32) -> Site {
    let mut state = 7u64;
    let mut draw = move |below: u64| {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (state >> 33) % below
    };
    let mut csv = "id,age,ward,team,day\n".to_owned();
    for person in 0..people {
        writeln!(csv, "{person},{},w{},t{},{}", draw(110), draw(5), draw(10), draw(365)).unwrap();
    }
    let folder = tempfile::tempdir().unwrap();
    let id = SiteId::new("a").unwrap();
    let data = SiteData::Tables(vec![("p".to_owned(), csv)]);
    let policy = Some(format!("{POLICY}reply_quantum_ms = {quantum}\n"));
    let options = Options::new(folder.path(), DICTIONARY).site(SiteOptions {
        policy,
        defences,
        ..SiteOptions::new(id.clone(), data)
    });
    let network = Network::start(options).await.unwrap();
    let user = UserId::new("u@a.example").unwrap();
    network.name_researcher(&user, &[id]).await.unwrap();
    Site { hub: network.hub(&user).unwrap(), _network: network, _folder: folder }
}

impl Site {
    async fn ask(&self, query: Query) -> Duration {
        let asked = Instant::now();
        let answer = self.hub.ask(query, vec![SiteId::new("a").unwrap()], String::new(), |_| {}).await.unwrap();
        let took = asked.elapsed();
        assert_eq!(answer.sites[0].detail, "");
        took
    }
}

fn of(cohort: &str) -> Query {
    Query {
        dataset: "d".to_owned(),
        asks: vec![parse_ask("of", "count").unwrap()],
        cohort: (!cohort.is_empty()).then(|| parse_predicate("where", cohort).unwrap()),
        ..Query::default()
    }
}

/// A cohort such as people ask for; another for each number.
fn cohort(number: usize) -> String {
    let (from, length) = (number * 37 % 70, 10 + number * 13 % 40);
    let (day, days) = (number * 53 % 60 * 5, 30 + number * 29 % 40 * 5);
    let (ward, other) = (number % 5, (number / 5) % 5);
    format!(
        "age >= {from} and age < {} and day >= {day} and day < {} and ward in (w{ward}, w{other})",
        (from + length).min(109),
        (day + days).min(360)
    )
}

/// Fifty cells over a cohort that was not asked before.
fn table(number: usize) -> Query {
    let mut query = of(&format!("age >= {} and day < {}", 1 + number, 360 - 5 * number));
    query.by = ["ward", "team"].map(|factor| parse_factor("by", factor).unwrap()).into();
    query
}

fn median(mut times: Vec<Duration>) -> f64 {
    times.sort_unstable();
    times[times.len() / 2].as_secs_f64() * 1e3
}

async fn measured(site: &Site, first: usize) -> f64 {
    let mut times = Vec::new();
    for number in first..first + RUNS {
        // Readiness for the next review is made after an answer; a person takes longer than this to ask again.
        tokio::time::sleep(Duration::from_millis(1500)).await;
        times.push(site.ask(table(number)).await);
    }
    median(times)
}

async fn compare(people: usize) {
    let (with, without) = (
        site(people, Defences::default(), 0).await,
        site(people, Defences::default().without(Defence::History), 0).await,
    );
    for number in 0..1000 {
        with.ask(of(&cohort(number))).await;
    }
    let (on, off) = (measured(&with, 0).await, measured(&without, 0).await);
    println!(
        "{people} people, 1,000 earlier queries: {on:.1} ms with the ledger, {off:.1} ms without, ratio {:.1}",
        on / off
    );
    let quantum = site(people, Defences::default(), 20).await;
    println!("  with a reply quantum of 20 ms and no earlier queries: {:.1} ms", measured(&quantum, 0).await);
    let plain = site(people, Defences::default(), 0).await;
    println!("  without quantum and without earlier queries: {:.1} ms", measured(&plain, 0).await);
}

#[tokio::main]
async fn main() {
    compare(5_000).await;
    compare(50_000).await;
}
