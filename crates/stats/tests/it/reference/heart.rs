//! `heart.json`: 920 people of four centres. The people are not kept here, but what is expected of them determines the sums
//! that a site would send: n, sum and sum of squares are whole numbers, and so come back exactly from mean and spread.

use std::collections::BTreeMap;

use coda_model::{
    frame::{Count, FINE, ShownSlot, ShownSums},
    ids::{People, Rows},
};
use serde::Deserialize;

use super::{
    compare::{Range, figure, file, from_slots, plan, same, same_count, same_interval},
    levels::check_mode,
    two_by_two::{self, Risks},
    two_sample::{self, Comparison, Group},
};

#[derive(Deserialize)]
struct Heart {
    rows: u64,
    continuous: BTreeMap<String, Continuous>,
    categorical: BTreeMap<String, Categorical>,
    by_disease: BTreeMap<String, Comparison>,
    exang_by_disease: Exang,
    by_sex: BTreeMap<String, BTreeMap<String, Continuous>>,
}

#[derive(Deserialize)]
struct Continuous {
    missing: u64,
    n: u64,
    mean: f64,
    sd: f64,
    ci95: Range,
}

#[derive(Deserialize)]
struct Categorical {
    counts: BTreeMap<String, u64>,
    modes: Vec<String>,
}

#[derive(Deserialize)]
struct Exang {
    cells: [u64; 4],
    missing: u64,
    expected: Risks,
}

/// Lower bound and resolution; the upper bounds are far enough.
const SCALES: [(&str, f64, f64); 5] =
    [("age", 0.0, 1.0), ("trestbps", 0.0, 1.0), ("chol", 0.0, 1.0), ("thalch", 0.0, 1.0), ("oldpeak", -5.0, 0.1)];

fn variable(name: &str) -> String {
    let (_, lower, resolution) = SCALES.iter().find(|(known, ..)| *known == name).unwrap();
    format!(
        "x = {{ type = \"continuous\", unit = \"1\", lower = {lower:?}, upper = 700.0, resolution = {resolution:?}, missing = \"may\" }}"
    )
}

/// The sums of codes whose mean and spread these are.
fn slot(name: &str, n: u64, mean: f64, sd: f64) -> ShownSlot {
    let (_, lower, resolution) = SCALES.iter().find(|(known, ..)| *known == name).unwrap();
    let (count, mean, sd) = (n as f64, (mean - lower) / resolution, sd / resolution);
    let whole = |number: f64| {
        assert!((number - number.round()).abs() < 1e-3, "{name}: {number} is no whole number");
        number.round() as i128
    };
    let (x, q) = (whole(count * mean), whole((count - 1.0) * sd * sd + count * mean * mean));
    let sums = ShownSums { x: x << FINE, q: q << (2 * FINE) };
    ShownSlot { count: Count { people: People(n), rows: Rows(n) }, sums: Some(sums) }
}

fn counted(n: u64) -> ShownSlot {
    ShownSlot { count: Count { people: People(n), rows: Rows(n) }, sums: None }
}

fn check_continuous(place: &str, name: &str, expected: &Continuous) {
    let Continuous { missing, n, mean, sd, ci95 } = expected;
    let slot = slot(name, *n, *mean, *sd);
    let estimate = |ask: &str| from_slots(&plan(&variable(name), &[ask]).1, vec![slot.clone()], Some(*missing));
    let spread = estimate("sd:x");
    same(place, &estimate("mean:x"), "mean", *mean);
    same(place, &spread, "sd", *sd);
    same_interval(place, &estimate("ci:x"), "mean", Range { value: Some(*mean), ..*ci95 });
    same_count(place, &spread, "n", *n);
    same_count(place, &spread, "missing", *missing);
}

#[test]
fn pooled_means_and_spreads_are_those_of_the_file() {
    let heart: Heart = file("heart.json");
    assert_eq!(heart.continuous.len(), SCALES.len());
    for (name, expected) in &heart.continuous {
        assert_eq!(expected.n + expected.missing, heart.rows, "{name}");
        check_continuous(name, name, expected);
    }
    assert_eq!(heart.by_sex.len(), 2);
    for (sex, variables) in &heart.by_sex {
        assert_eq!(variables.len(), SCALES.len());
        for (name, expected) in variables {
            check_continuous(&format!("{name}, {sex}"), name, expected);
        }
    }
}

#[test]
fn differences_by_disease_are_those_of_scipy_and_statsmodels() {
    let heart: Heart = file("heart.json");
    assert!(heart.by_disease.len() >= 2);
    for (name, expected) in &heart.by_disease {
        let group = |Group { n, mean, sd }: &Group| slot(name, *n, *mean, *sd);
        let variables = format!("{}\ng = {{ type = \"binary\", missing = \"never\" }}", variable(name));
        let estimate = |ask: &str| {
            from_slots(&plan(&variables, &[ask]).1, vec![group(&expected.group0), group(&expected.group1)], Some(0))
        };
        let (means, standardized) = (estimate("mean_difference:x:g"), estimate("smd:x:g"));
        two_sample::check(name, &means, &standardized, ["yes", "no"], expected);
    }
}

#[test]
fn risks_by_disease_are_those_of_statsmodels() {
    let Exang { cells: [a, b, c, d], missing, expected } = file::<Heart>("heart.json").exang_by_disease;
    let variables =
        "dead = { type = \"binary\", missing = \"may\" }\nexposed = { type = \"binary\", missing = \"never\" }";
    let estimate =
        |ask: &str| from_slots(&plan(variables, &[ask]).1, [d, c, b, a].map(counted).to_vec(), Some(missing));
    let estimates = two_by_two::ASKS.map(estimate);
    two_by_two::check("exang", estimates.each_ref(), &expected);
}

#[test]
fn pooled_levels_and_modes_are_those_of_the_file() {
    let heart: Heart = file("heart.json");
    assert!(heart.categorical.len() >= 5);
    for (name, Categorical { counts, modes }) in &heart.categorical {
        let missing = counts.get("(missing)").copied();
        let (levels, counts): (Vec<&String>, Vec<u64>) =
            counts.iter().filter(|(level, _)| *level != "(missing)").unzip();
        let kind = if missing.is_some() { "may" } else { "never" };
        let variable = format!("x = {{ type = \"categorical\", levels = {levels:?}, missing = {kind:?} }}");
        let slots: Vec<_> = counts.iter().copied().map(counted).collect();
        let marginals = from_slots(&plan(&variable, &["marginals:x"]).1, slots.clone(), missing);
        for (level, count) in levels.iter().zip(&counts) {
            same_count(name, &marginals, &format!("count of {level}"), *count);
            assert!(figure(&marginals, &format!("share of {level}")).confidence.is_some());
        }
        same_count(name, &marginals, "n", counts.iter().sum());
        assert_eq!(counts.iter().sum::<u64>() + missing.unwrap_or(0), heart.rows);
        check_mode(name, &from_slots(&plan(&variable, &["mode:x"]).1, slots, missing), modes, &levels);
    }
}
