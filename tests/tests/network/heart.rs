//! The figures of a network of four real centres are those that pandas and scipy find in the one file of all of them.

mod centres;
mod pairs;

use coda_model::{
    SiteId,
    estimate::{Answer, Estimate},
    query::Query,
};
use serde_json::Value;

use crate::world::{World, bounds, cell, close, count, figure, network, number, of};
use centres::Centres;

/// A site for each centre.
const FOUR: [(&str, &[&str]); 4] = [
    ("cleveland", &["cleveland"]),
    ("hungary", &["hungary"]),
    ("switzerland", &["switzerland"]),
    ("long-beach", &["long-beach"]),
];

fn asks(asks: &[&str]) -> Query {
    Query { dataset: "heart".to_owned(), ..of(asks) }
}

/// Pooled figures, see `tests/reference/README.md`.
fn reference() -> Value {
    let path = format!("{}/reference/heart.json", std::env::var("CARGO_MANIFEST_DIR").unwrap());
    serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap()
}

fn real(value: &Value) -> f64 {
    value.as_f64().unwrap_or_else(|| panic!("{value} is no number"))
}

fn whole(value: &Value) -> u64 {
    value.as_u64().unwrap_or_else(|| panic!("{value} is no count"))
}

/// Asserts the value of a figure and, where the reference has one, its interval.
fn agrees(estimate: &Estimate, name: &str, value: &Value, of: &Value) {
    close(number(estimate, name), real(value), 1e-9, name);
    if of.get("low").is_some() {
        let found = figure(estimate, name).confidence.unwrap();
        close(found.low, real(&of["low"]), 1e-9, &format!("low end of {name}"));
        close(found.high, real(&of["high"]), 1e-9, &format!("high end of {name}"));
    }
}

/// The sites in the order in which an answer names them.
fn by_name(world: &World) -> Vec<SiteId> {
    let mut sites = world.sites.clone();
    sites.sort();
    sites
}

/// Everybody is in, and what is said of a figure is said of all of them.
async fn ask_all(world: &World, ask: &str) -> Answer {
    let answer = world.answer(&asks(&[ask])).await;
    let found = network(&answer, ask);
    assert_eq!((found.sites_in.as_slice(), found.sites_out.len()), (by_name(world).as_slice(), 0), "{ask}");
    answer
}

#[tokio::test(flavor = "multi_thread")]
async fn each_variable_of_four_centres_is_as_in_the_one_file() {
    let Some(centres) = Centres::read() else { return };
    let (world, pooled) = (centres.start(&FOUR).await, reference());
    for variable in ["age", "trestbps", "chol", "thalch", "oldpeak"] {
        continuous(&world, &centres, variable, &pooled["continuous"][variable]).await;
    }
    for variable in ["sex", "cp", "restecg", "num", "disease"] {
        categorical(&world, &centres, variable, &pooled["categorical"][variable]).await;
    }
}

async fn continuous(world: &World, centres: &Centres, variable: &str, expected: &Value) {
    for statistic in ["mean", "sd", "ci", "quartiles"] {
        let ask = format!("{statistic}:{variable}");
        let answer = ask_all(world, &ask).await;
        let found = network(&answer, &ask);
        assert_eq!(count(found, "n").value, Some(whole(&expected["n"])), "{ask}");
        if variable != "age" {
            missing(&answer, centres, variable, &ask);
        }
        match statistic {
            "ci" => agrees(found, "mean", &expected["mean"], &expected["ci95"]),
            "quartiles" => {
                for (name, quantile) in [("p25", "p25"), ("median", "p50"), ("p75", "p75")] {
                    let exact = real(&expected["quantiles"][quantile]);
                    let interval = figure(found, name).certain.unwrap();
                    let holds = interval.low <= exact && exact <= interval.high;
                    assert!(holds, "{name} of {variable} is {exact}, not in {interval:?}");
                }
            }
            statistic => agrees(found, statistic, &expected[statistic], &Value::Null),
        }
    }
}

/// Asserts that the missing are counted where there are five, and are suppressed where they are fewer.
fn missing(answer: &Answer, centres: &Centres, variable: &str, ask: &str) {
    let cell = cell(answer, ask, &[]);
    let (mut all, mut few) = (0, 0);
    for (name, estimate) in &cell.sites {
        let own = centres.count(name.as_str(), |row| row.get(variable).is_empty());
        let expected = if own < 5 { (None, Some((0, 4))) } else { (Some(own), Some((own, own))) };
        let found = count(estimate, "missing");
        assert_eq!((found.value, found.certain), expected, "missing {variable} in {name}");
        all += own;
        few += u64::from(own < 5);
    }
    let (low, high) = bounds(&cell.network, "missing");
    assert!((low..=high).contains(&all) && high - low == 4 * few, "{all} of {variable} is not in {low} to {high}");
}

async fn categorical(world: &World, centres: &Centres, variable: &str, expected: &Value) {
    let ask = format!("marginals:{variable}");
    let answer = world.answer(&asks(&[&ask])).await;
    let found = network(&answer, &ask);
    assert_eq!(found.sites_out, [] as [SiteId; 0], "{ask}");
    let mut shares = Vec::new();
    for (level, all) in expected["counts"].as_object().unwrap() {
        let (label, text) = match (variable, level.as_str()) {
            (_, "(missing)") => ("missing".to_owned(), ""),
            ("disease", "0") => ("count/no".to_owned(), "0"),
            ("disease", _) => ("count/yes".to_owned(), "1"),
            (_, level) => (format!("count/{level}"), level),
        };
        let told = count(found, &label);
        let (low, high) = told.certain.unwrap();
        assert!((low..=high).contains(&whole(all)), "{variable} {level}: {all} is not in {low} to {high}");
        for (name, own) in &cell(&answer, &ask, &[]).sites {
            let all = centres.count(name.as_str(), |row| row.get(variable) == text);
            let expected = if all < 5 { (None, Some((0, 4))) } else { (Some(all), Some((all, all))) };
            let found = count(own, &label);
            assert_eq!((found.value, found.certain), expected, "{variable} {level} in {name}");
        }
        if label != "missing" {
            shares.push((label.replace("count/", "share/"), whole(all), low == high));
        }
    }
    let total: u64 = shares.iter().map(|(_, count, _)| count).sum();
    for (name, count, exact) in shares {
        if exact {
            close(number(found, &name), count as f64 / total as f64, 1e-12, &name);
        }
    }
}
