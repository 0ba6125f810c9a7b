//! `one_sample.json`: mean, spread, interval and quantiles of values at several sites.

use std::collections::BTreeMap;

use coda_model::{
    estimate::{AskEstimates, Estimate, Quantity},
    plan::Plan,
    variable::{Continuous, Kind},
};
use serde::Deserialize;

use super::compare::{Range, assert_close, cases, figure, from_columns, number, plan, same, same_count, same_interval};
use crate::hyndman_fan::{DEFINITIONS, quantile};

#[derive(Deserialize)]
struct Case {
    name: String,
    unit: String,
    resolution: f64,
    lower: f64,
    upper: f64,
    expected: Expected,
    /// None for a site of nobody.
    expected_by_site: Vec<Option<BySite>>,
    sites: Vec<Vec<f64>>,
}

#[derive(Deserialize)]
struct Expected {
    n: u64,
    mean: f64,
    sd: f64,
    ci95: Range,
    quantiles: BTreeMap<String, f64>,
}

#[derive(Deserialize)]
struct BySite {
    n: u64,
    mean: f64,
    sd: f64,
}

/// Cases that an issue asks for; the file has more.
const NAMED: [&str; 7] = [
    "two_means",
    "adults_and_children",
    "tiny_site",
    "empty_site",
    "offset_in_the_bound",
    "offset_in_the_values",
    "negative",
];

const ASKS: [&str; 7] = ["count", "mean:x", "sd:x", "ci:x", "median:x", "quartiles:x", "percentiles:x"];

impl Case {
    fn plan(&self) -> Plan {
        let Self { unit, resolution, lower, upper, .. } = self;
        let variable = format!(
            "x = {{ type = \"continuous\", unit = {unit:?}, lower = {lower:?}, upper = {upper:?}, resolution = {resolution:?}, missing = \"may\" }}"
        );
        plan(&variable, &ASKS).1
    }

    /// The codes at each site.
    fn codes(&self, continuous: &Continuous) -> Vec<Vec<i32>> {
        let code =
            |value: &f64| continuous.scale.exact(*value).unwrap_or_else(|error| panic!("{}: {error}", self.name));
        self.sites.iter().map(|values| values.iter().map(code).collect()).collect()
    }
}

#[test]
fn the_cases_that_were_asked_for_are_there() {
    let cases: Vec<Case> = cases("one_sample.json", 11);
    for name in NAMED {
        assert!(cases.iter().any(|case| case.name == name), "{name}");
    }
    let find = |name: &str| cases.iter().find(|case| case.name == name).unwrap();
    let sizes = |name: &str| find(name).sites.iter().map(Vec::len).collect::<Vec<_>>();
    let means: Vec<_> = find("two_means").expected_by_site.iter().flatten().map(|site| site.mean.round()).collect();
    assert_eq!(means, [62.0, 66.0]);
    assert!((find("two_means").expected.sd - 18.0).abs() < 0.1);
    assert_eq!(sizes("adults_and_children"), [1000, 200]);
    assert!(sizes("tiny_site").iter().any(|size| *size < 10));
    assert!(sizes("empty_site").contains(&0));
    assert!(find("negative").sites.iter().flatten().any(|value| *value < 0.0));
    assert!(find("offset_in_the_values").sites.iter().flatten().all(|value| *value > 1e8));
    assert!(find("offset_in_the_bound").lower >= 1e8);
}

#[test]
fn mean_spread_and_interval_are_those_of_scipy() {
    for case in cases::<Case>("one_sample.json", 11) {
        let plan = case.plan();
        let asks = estimated(&case, &plan);
        let network = |ask: usize| &asks[ask].cells[0].network;
        let Expected { n, mean, sd, ci95, .. } = &case.expected;
        same_count(&case.name, network(0), "count", *n);
        for ask in 1..ASKS.len() {
            same_count(&case.name, network(ask), "n", *n);
            same_count(&case.name, network(ask), "missing", 0);
        }
        same(&case.name, network(1), "mean", *mean);
        same(&case.name, network(2), "sd", *sd);
        same_interval(&case.name, network(3), "mean", Range { value: Some(*mean), ..*ci95 });
        for (ask, name) in [(1, "mean"), (2, "sd"), (3, "mean"), (4, "median")] {
            assert_eq!(figure(network(ask), name).unit.as_deref(), Some(case.unit.as_str()));
        }
    }
}

#[test]
fn each_sites_own_figures_are_those_of_scipy() {
    for case in cases::<Case>("one_sample.json", 11) {
        let plan = case.plan();
        let asks = estimated(&case, &plan);
        assert_eq!(case.expected_by_site.len(), case.sites.len());
        for (place, expected) in case.expected_by_site.iter().enumerate() {
            let own = |ask: usize| &asks[ask].cells[0].sites[place].1;
            let title = format!("{} at site {place}", case.name);
            let Some(BySite { n, mean, sd }) = expected else {
                same_count(&title, own(0), "count", 0);
                assert_eq!(figure(own(1), "mean").quantity, Quantity::Undefined, "{title}");
                continue;
            };
            same_count(&title, own(0), "count", *n);
            same(&title, own(1), "mean", *mean);
            same(&title, own(2), "sd", *sd);
        }
    }
}

#[test]
fn the_exact_quantile_lies_in_the_interval_and_is_the_value_where_cells_are_single_codes() {
    let mut single = 0;
    for case in cases::<Case>("one_sample.json", 11) {
        let plan = case.plan();
        let Kind::Continuous(continuous) = &plan.columns[0].variable.kind else { panic!("not continuous") };
        let asks = estimated(&case, &plan);
        let mut pooled = case.codes(continuous).concat();
        pooled.sort_unstable();
        let singles = continuous.grid.len() == continuous.scale.span() as usize + 1;
        single += usize::from(singles);
        for (key, expected) in &case.expected.quantiles {
            let name = if key == "p50" { "median" } else { key };
            let percent: i64 = key[1..].parse().unwrap();
            for (ask, title) in ASKS.iter().enumerate().skip(4) {
                let estimate: &Estimate = &asks[ask].cells[0].network;
                let Some(found) = estimate.figures.iter().find(|figure| figure.name == *name) else {
                    assert!(!title.starts_with("percentiles"), "{title} has no {name}");
                    continue;
                };
                let place = format!("{}: {name} of {title}", case.name);
                let interval = found.certain.unwrap();
                assert!(interval.low <= *expected && *expected <= interval.high, "{place}: {found:?}, {expected}");
                for definition in DEFINITIONS {
                    let exact = continuous.scale.value(quantile(&pooled, percent, definition));
                    assert!(interval.low <= exact && exact <= interval.high, "{place} by {definition}: {exact}");
                }
                assert_close(&place, continuous.scale.value(quantile(&pooled, percent, 1)), *expected);
                if singles {
                    assert_close(&place, number(found), *expected);
                }
                assert!(matches!(found.quantity, Quantity::Number(_)));
            }
        }
    }
    assert!(single >= 3, "only {single} cases have cells of single codes");
}

fn estimated(case: &Case, plan: &Plan) -> Vec<AskEstimates> {
    let Kind::Continuous(continuous) = &plan.columns[0].variable.kind else { panic!("not continuous") };
    from_columns(plan, &case.codes(continuous).into_iter().map(|codes| vec![codes]).collect::<Vec<_>>())
}
