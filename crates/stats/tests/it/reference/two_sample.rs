//! `two_sample.json`: means of two groups compared.

use coda_model::{estimate::Estimate, variable::Kind};
use serde::Deserialize;

use super::compare::{Range, cases, from_columns, plan, same, same_count, same_interval, same_p};

#[derive(Deserialize)]
struct Case {
    name: String,
    unit: String,
    resolution: f64,
    lower: f64,
    upper: f64,
    expected: Comparison,
    sites: Vec<Vec<(f64, i32)>>,
}

/// Group 1 less group 0.
#[derive(Deserialize)]
pub(super) struct Comparison {
    pub(super) group1: Group,
    pub(super) group0: Group,
    difference: f64,
    pooled: Test,
    welch: Test,
    cohen_d: Range,
    hedges_g: Range,
}

#[derive(Deserialize)]
pub(super) struct Group {
    pub(super) n: u64,
    pub(super) mean: f64,
    pub(super) sd: f64,
}

#[derive(Deserialize)]
struct Test {
    t: f64,
    df: f64,
    p: f64,
    low: f64,
    high: f64,
}

#[test]
fn differences_of_means_are_those_of_scipy_and_statsmodels() {
    for case in cases::<Case>("two_sample.json", 7) {
        let Case { name, unit, resolution, lower, upper, expected, sites } = case;
        let variables = format!(
            "x = {{ type = \"continuous\", unit = {unit:?}, lower = {lower:?}, upper = {upper:?}, resolution = {resolution:?}, missing = \"never\" }}\n\
             g = {{ type = \"binary\", missing = \"never\" }}"
        );
        let (_, plan) = plan(&variables, &["mean_difference:x:g", "smd:x:g"]);
        let Kind::Continuous(continuous) = &plan.columns[0].variable.kind else { panic!("not continuous") };
        let code = |value: f64| continuous.scale.exact(value).unwrap();
        let columns = |site: &Vec<(f64, i32)>| {
            vec![site.iter().map(|(value, _)| code(*value)).collect(), site.iter().map(|(_, group)| *group).collect()]
        };
        let asks = from_columns(&plan, &sites.iter().map(columns).collect::<Vec<_>>());
        let [means, standardized] = [0, 1].map(|ask| &asks[ask].cells[0].network);
        check(&name, means, standardized, ["yes", "no"], &expected);
    }
}

/// Checks both statistics of one comparison; group 1 is the first of the labels.
pub(super) fn check(name: &str, means: &Estimate, standardized: &Estimate, labels: [&str; 2], expected: &Comparison) {
    let Comparison { group1, group0, difference, pooled, welch, cohen_d, hedges_g } = expected;
    for (method, Test { t, df, p, low, high }) in [("Welch", welch), ("pooled", pooled)] {
        let range = Range { value: Some(*difference), low: *low, high: *high };
        same_interval(name, means, &format!("difference {method}"), range);
        same(name, means, &format!("t {method}"), *t);
        same(name, means, &format!("df {method}"), *df);
        same_p(name, means, &format!("p {method}"), *p);
    }
    same(name, means, &format!("mean of {}", labels[0]), group1.mean);
    same(name, means, &format!("mean of {}", labels[1]), group0.mean);
    assert!(cohen_d.value.is_some() && hedges_g.value.is_some());
    same_interval(name, standardized, "d", *cohen_d);
    same_interval(name, standardized, "g", *hedges_g);
    same_count(name, means, "n", group1.n + group0.n);
    same_count(name, standardized, "n", group1.n + group0.n);
}
