//! `two_by_two.json`: ratios and differences of risks.

use coda_model::estimate::Estimate;
use serde::Deserialize;

use super::compare::{Range, cases, from_columns, plan, same, same_count, same_interval};

#[derive(Deserialize)]
struct Case {
    name: String,
    /// Exposed with and without the event, then not exposed with and without.
    sites: Vec<[usize; 4]>,
    pooled: [u64; 4],
    expected: Risks,
}

#[derive(Deserialize)]
pub(super) struct Risks {
    risk1: f64,
    risk0: f64,
    risk_ratio: Range,
    odds_ratio: Range,
    risk_difference: Difference,
}

#[derive(Deserialize)]
struct Difference {
    value: f64,
    wald: Range,
    newcombe: Range,
}

pub(super) const ASKS: [&str; 3] =
    ["risk_ratio:dead:exposed", "odds_ratio:dead:exposed", "risk_difference:dead:exposed"];

#[test]
fn risks_and_their_intervals_are_those_of_statsmodels() {
    for Case { name, sites, pooled, expected } in cases::<Case>("two_by_two.json", 8) {
        let variables =
            "dead = { type = \"binary\", missing = \"never\" }\nexposed = { type = \"binary\", missing = \"never\" }";
        let (_, plan) = plan(variables, &ASKS);
        let column = |counts: &[usize; 4], codes: [i32; 4]| {
            counts.iter().zip(codes).flat_map(|(count, code)| std::iter::repeat_n(code, *count)).collect::<Vec<i32>>()
        };
        let columns = |site: &[usize; 4]| vec![column(site, [1, 0, 1, 0]), column(site, [1, 1, 0, 0])];
        let asks = from_columns(&plan, &sites.iter().map(columns).collect::<Vec<_>>());
        for ask in &asks {
            same_count(&name, &ask.cells[0].network, "n", pooled.iter().sum());
        }
        check(&name, [0, 1, 2].map(|ask| &asks[ask].cells[0].network), &expected);
    }
}

/// Checks the three statistics of one table, whose exposure has the levels no and yes.
pub(super) fn check(name: &str, [ratio, odds, difference]: [&Estimate; 3], expected: &Risks) {
    assert!(expected.risk_ratio.value.is_some() && expected.odds_ratio.value.is_some());
    same_interval(name, ratio, "risk ratio", expected.risk_ratio);
    same_interval(name, odds, "odds ratio", expected.odds_ratio);
    let Difference { value, wald, newcombe } = expected.risk_difference;
    same_interval(name, difference, "risk difference Wald", Range { value: Some(value), ..wald });
    same_interval(name, difference, "risk difference Newcombe", Range { value: Some(value), ..newcombe });
    for estimate in [ratio, odds, difference] {
        same(name, estimate, "risk of yes", expected.risk1);
        same(name, estimate, "risk of no", expected.risk0);
    }
}
