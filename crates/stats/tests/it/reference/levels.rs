//! `levels.json` and `proportion.json`: counts and shares of levels, the mode, Wilson's interval.

use coda_model::estimate::{Estimate, Quantity};
use serde::Deserialize;

use super::compare::{Range, cases, figure, from_columns, plan, same, same_count, same_interval};

#[derive(Deserialize)]
struct Case {
    name: String,
    levels: Vec<String>,
    sites: Vec<Vec<usize>>,
    missing_by_site: Vec<usize>,
    expected: Expected,
}

#[derive(Deserialize)]
struct Expected {
    n: u64,
    missing: u64,
    counts: Vec<u64>,
    shares: Vec<f64>,
    modes: Vec<String>,
}

#[derive(Deserialize)]
struct Proportion {
    sites: Vec<[usize; 2]>,
    yes: u64,
    n: u64,
    expected: Range,
}

#[test]
fn counts_shares_and_modes_are_those_of_pandas() {
    for Case { name, levels, sites, missing_by_site, expected } in cases::<Case>("levels.json", 5) {
        let variable = format!("x = {{ type = \"categorical\", levels = {levels:?}, missing = \"may\" }}");
        let (_, plan) = plan(&variable, &["marginals:x", "mode:x", "count:x"]);
        let site = |(counts, missing): (&Vec<usize>, &usize)| {
            let levels = (0..).zip(counts).flat_map(|(code, count)| std::iter::repeat_n(code, *count));
            vec![levels.chain(std::iter::repeat_n(-1, *missing)).collect()]
        };
        let columns: Vec<_> = sites.iter().zip(&missing_by_site).map(site).collect();
        let asks = from_columns(&plan, &columns);
        let [marginals, mode, count] = [0, 1, 2].map(|ask| &asks[ask].cells[0].network);
        for estimate in [marginals, mode, count] {
            same_count(&name, estimate, "n", expected.n);
            same_count(&name, estimate, "missing", expected.missing);
        }
        same_count(&name, count, "count", expected.n);
        assert_eq!((levels.len(), levels.len()), (expected.counts.len(), expected.shares.len()));
        for ((level, count), share) in levels.iter().zip(&expected.counts).zip(&expected.shares) {
            same_count(&name, marginals, &format!("count of {level}"), *count);
            same(&name, marginals, &format!("share of {level}"), *share);
        }
        check_mode(&name, mode, &expected.modes, &levels.iter().collect::<Vec<_>>());
    }
}

/// The most frequent level; of several that are equally frequent all, in the order of the levels.
pub(super) fn check_mode(name: &str, estimate: &Estimate, modes: &[String], levels: &[&String]) {
    let found: Vec<&str> = levels.iter().filter(|level| modes.contains(level)).map(|level| level.as_str()).collect();
    assert!(!modes.is_empty() && found.len() == modes.len(), "{name}");
    assert_eq!(figure(estimate, "mode").quantity, Quantity::Level(found.join(" or ")), "{name}");
}

#[test]
fn shares_have_wilsons_interval_of_statsmodels() {
    for Proportion { sites, yes, n, expected } in cases::<Proportion>("proportion.json", 7) {
        let name = format!("{yes} of {n}");
        let (_, plan) = plan("x = { type = \"binary\", missing = \"never\" }", &["marginals:x"]);
        let site = |[yes, n]: &[usize; 2]| vec![[vec![1; *yes], vec![0; n - yes]].concat()];
        let asks = from_columns(&plan, &sites.iter().map(site).collect::<Vec<_>>());
        let estimate = &asks[0].cells[0].network;
        assert!(expected.value.is_some());
        same_interval(&name, estimate, "share of yes", expected);
        same_count(&name, estimate, "count of yes", yes);
        same_count(&name, estimate, "count of no", n - yes);
    }
}
