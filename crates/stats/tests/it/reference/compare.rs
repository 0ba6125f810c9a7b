//! Reading the reference files, and comparing figures with them.

use coda_model::{
    dictionary::Dictionary,
    estimate::{AskEstimates, CountFigure, Estimate, Figure, Interval, Quantity},
    frame::{Count, Shown, ShownFrame, ShownSlot, SiteFrames},
    ids::{People, Rows},
    plan::Plan,
    rounding::Rounding,
    threshold::Threshold,
};
use serde::{Deserialize, de::DeserializeOwned};

use crate::{
    sites::{estimates, everything, tabulated_columns},
    world::{Counted, one_table, try_plan},
};

/// Relative difference that is put down to rounding.
const RELATIVE: f64 = 1e-9;

#[derive(Deserialize)]
struct Cases<C> {
    cases: Vec<C>,
}

/// An interval, with or without its value.
#[derive(Deserialize, Clone, Copy)]
pub(super) struct Range {
    pub(super) value: Option<f64>,
    pub(super) low: f64,
    pub(super) high: f64,
}

/// A whole file.
pub(super) fn file<T: DeserializeOwned>(name: &str) -> T {
    let path = format!("{}/../../tests/reference/{name}", std::env::var("CARGO_MANIFEST_DIR").unwrap());
    let text = std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{path}: {error}"));
    serde_json::from_str(&text).unwrap_or_else(|error| panic!("{path}: {error}"))
}

/// The cases of a file, which must be the ones named here or more.
pub(super) fn cases<C: DeserializeOwned>(name: &str, least: usize) -> Vec<C> {
    let Cases { cases } = file::<Cases<C>>(name);
    assert!(cases.len() >= least, "{name} has {} cases, not {least}", cases.len());
    cases
}

/// A plan over people with these variables, one a line.
pub(super) fn plan(variables: &str, asks: &[&str]) -> (Dictionary, Plan) {
    let dictionary = one_table(variables);
    let plan = try_plan(&dictionary, Counted::People, asks, &[]).unwrap_or_else(|| panic!("{asks:?}"));
    (dictionary, plan)
}

/// Estimates over sites that tell everything as it is; a site is its columns, in the order of the plan.
pub(super) fn from_columns(plan: &Plan, sites: &[Vec<Vec<i32>>]) -> Vec<AskEstimates> {
    let site = |columns: &Vec<Vec<i32>>| everything(plan, &tabulated_columns(plan, columns));
    estimates(plan, &sites.iter().map(site).collect::<Vec<_>>())
}

/// Estimates of one ask over one site that told these slots.
pub(super) fn from_slots(plan: &Plan, slots: Vec<ShownSlot>, missing: Option<u64>) -> Estimate {
    let count = |n| Shown::Value(Count { people: People(n), rows: Rows(n) });
    let valid = count(slots.iter().map(|slot| slot.count.people.0).sum());
    let slots = slots.into_iter().map(Shown::Value).collect();
    let frame = ShownFrame { slots, valid, missing: missing.map(count) };
    let rounding = Rounding::exact(Threshold::default());
    let site = SiteFrames { rounding, total: Shown::Suppressed, asks: vec![vec![frame]] };
    estimates(plan, &[site]).remove(0).cells.remove(0).network
}

/// The figure of this name, or of this name and level as in `risk of yes`.
pub(super) fn figure<'a>(estimate: &'a Estimate, name: &str) -> &'a Figure {
    let title = |figure: &Figure| {
        figure.level.as_ref().map_or_else(|| figure.name.clone(), |level| format!("{} of {level}", figure.name))
    };
    let found = estimate.figures.iter().find(|figure| title(figure) == name);
    found.unwrap_or_else(|| panic!("no {name:?} in {:?}", estimate.figures.iter().map(title).collect::<Vec<_>>()))
}

pub(super) fn number(figure: &Figure) -> f64 {
    let Quantity::Number(number) = figure.quantity else { panic!("{figure:?} is no number") };
    number
}

/// The figure's number is that of the reference.
pub(super) fn same(place: &str, estimate: &Estimate, name: &str, expected: f64) {
    assert_close(&format!("{place}: {name}"), number(figure(estimate, name)), expected);
}

/// The figure's number and 95 % interval are those of the reference.
pub(super) fn same_interval(place: &str, estimate: &Estimate, name: &str, expected: Range) {
    let found = figure(estimate, name);
    if let Some(value) = expected.value {
        assert_close(&format!("{place}: {name}"), number(found), value);
    }
    let Some(Interval { low, high }) = found.confidence else { panic!("{place}: {name} has no confidence interval") };
    assert_close(&format!("{place}: low end of {name}"), low, expected.low);
    assert_close(&format!("{place}: high end of {name}"), high, expected.high);
}

/// The figure is this count, exactly.
pub(super) fn same_count(place: &str, estimate: &Estimate, name: &str, expected: u64) {
    let exact = CountFigure { value: Some(expected), certain: Some((expected, expected)), estimate: None };
    assert_eq!(figure(estimate, name).quantity, Quantity::Count(exact), "{place}: {name}");
}

/// A p-value as it is told: two significant digits, and not under 1e-4.
pub(super) fn same_p(place: &str, estimate: &Estimate, name: &str, exact: f64) {
    let told = format!("{exact:.1e}").parse::<f64>().unwrap().max(1e-4);
    assert_close(&format!("{place}: {name}"), number(figure(estimate, name)), told);
}

/// Fails unless the two agree; and unless it would have failed had the figure been a millionth off.
pub(super) fn assert_close(what: &str, found: f64, expected: f64) {
    assert!(close(found, expected), "{what} is {found:e}, not {expected:e}");
    assert!(expected == 0.0 || !close(found * (1.0 + 1e-6), expected), "{what}: a millionth is not seen");
}

fn close(found: f64, expected: f64) -> bool {
    if expected == 0.0 { found.abs() <= 1e-12 } else { (found - expected).abs() <= RELATIVE * expected.abs() }
}

#[test]
fn a_figure_that_is_a_millionth_off_is_not_the_same() {
    assert!(close(3.0, 3.0) && close(3.0 * (1.0 + 1e-10), 3.0) && close(0.0, 0.0) && close(-2.5, -2.5));
    assert!(!close(3.0 * (1.0 + 1e-6), 3.0) && !close(-2.5 * (1.0 + 1e-6), -2.5) && !close(1e-6, 0.0));
    assert!(!close(f64::NAN, 1.0) && !close(f64::NAN, 0.0) && !close(f64::INFINITY, 1.0) && !close(3.0, -3.0));
}
