//! Every value lies on what the dictionary declares.

use std::collections::{HashMap, HashSet};

use coda_model::dictionary::Dictionary;
use toml::{Table, Value};

use super::{Columns, read};
use crate::{dictionary, sites};

fn declared() -> Table {
    let dictionary: Table = dictionary().parse().unwrap();
    dictionary["dataset"]["respiratory"]["table"].as_table().unwrap().clone()
}

fn number(value: &Value) -> f64 {
    value.as_float().unwrap_or_else(|| value.as_integer().unwrap() as f64)
}

/// `value` in steps of `resolution`, if it is on one.
fn on_steps(value: f64, resolution: f64) -> bool {
    let steps = value / resolution;
    (steps - steps.round()).abs() < 1e-6
}

fn check(field: &str, variable: &Value) -> Result<(), String> {
    if field.is_empty() {
        let never = variable.get("missing").is_some_and(|missing| missing.as_str() == Some("never"));
        return if never { Err("is missing".to_owned()) } else { Ok(()) };
    }
    let valid = match variable["type"].as_str().unwrap() {
        "continuous" => {
            let value: f64 = field.parse().unwrap();
            value >= number(&variable["lower"])
                && value <= number(&variable["upper"])
                && on_steps(value, number(&variable["resolution"]))
        }
        "binary" => ["0", "1"].contains(&field),
        "categorical" => variable["levels"].as_array().unwrap().iter().any(|level| level.as_str() == Some(field)),
        "date" => {
            // days written as ISO 8601 sort as text
            let bound = |name: &str| variable[name].as_datetime().unwrap().to_string();
            field.len() == 10 && *field >= *bound("from") && *field <= *bound("to")
        }
        other => panic!("{other}"),
    };
    if valid { Ok(()) } else { Err(format!("{field} is not valid")) }
}

#[test]
fn every_value_is_valid() {
    for site in sites(6, 4_000, 3) {
        let tables = read(&site);
        for (name, table) in &declared() {
            let columns = &tables[name.as_str()];
            let variables = table["variable"].as_table().unwrap();
            assert_eq!(columns.columns.len(), variables.len() + 1, "{name}: columns other than the declared");
            assert!(columns.columns.contains_key(table["person"].as_str().unwrap()));
            for (variable, declaration) in variables {
                for field in columns.texts(variable) {
                    check(field, declaration).unwrap_or_else(|error| panic!("{name}.{variable}: {error}"));
                }
            }
        }
    }
}

#[test]
fn the_dictionary_is_one() {
    let dictionary = Dictionary::parse(dictionary()).unwrap();
    let names: Vec<&str> = dictionary.datasets[0].tables.iter().map(|table| table.id.as_str()).collect();
    assert_eq!(names, ["patient", "encounter", "lab", "ventilation"]);
}

#[test]
fn grids_are_valid() {
    for (name, table) in &declared() {
        for (variable, declaration) in table["variable"].as_table().unwrap() {
            let Some(edges) = declaration.get("grid").and_then(|grid| grid.get("edges")) else { continue };
            let edges: Vec<f64> = edges.as_array().unwrap().iter().map(number).collect();
            let resolution = number(&declaration["resolution"]);
            assert!(edges.len() <= 128, "{name}.{variable}");
            assert_eq!(edges[0].to_bits(), number(&declaration["lower"]).to_bits(), "{name}.{variable}");
            assert!(edges.is_sorted_by(|left, right| left < right), "{name}.{variable}");
            assert!(*edges.last().unwrap() < number(&declaration["upper"]), "{name}.{variable}");
            assert!(edges.iter().all(|edge| on_steps(*edge, resolution)), "{name}.{variable}");
        }
    }
}

#[test]
fn rows_are_of_known_people_and_their_order_is_certain() {
    for site in sites(3, 3_000, 11) {
        let tables = read(&site);
        let known: HashSet<&String> = tables["patient"].texts("patient_id").iter().collect();
        assert_eq!(known.len(), site.people);
        for (name, table) in &declared() {
            let Some(most) = table.get("rows_at_most") else { continue };
            let columns = &tables[name.as_str()];
            let times = columns.texts(table["time"].as_str().unwrap());
            let mut of_person: HashMap<&String, Vec<&String>> = HashMap::new();
            for (person, time) in columns.texts("patient_id").iter().zip(times) {
                assert!(known.contains(person), "{name}: {person}");
                of_person.entry(person).or_default().push(time);
            }
            for times in of_person.values() {
                assert!(times.len() as i64 <= most.as_integer().unwrap(), "{name}");
                assert!(times.is_sorted_by(|left, right| left < right), "{name}: {times:?}");
            }
        }
    }
}

#[test]
fn the_tables_agree_about_a_person() {
    let site = &sites(3, 3_000, 5)[0];
    let tables = read(site);
    let people = |columns: &Columns, column: &str, wanted: &str| -> HashSet<String> {
        let chosen = columns.texts("patient_id").iter().zip(columns.texts(column));
        chosen.filter(|(_, field)| *field == wanted).map(|(person, _)| person.clone()).collect()
    };
    let ventilated: HashSet<String> = tables["ventilation"].texts("patient_id").iter().cloned().collect();
    assert_eq!(people(&tables["patient"], "ventilated", "1"), ventilated);
    assert_eq!(people(&tables["patient"], "icu", "1"), people(&tables["encounter"], "ward", "intensive"));

    let mut first = HashMap::new();
    for (person, day) in tables["encounter"].texts("patient_id").iter().zip(tables["encounter"].texts("admission")) {
        first.entry(person).or_insert(day);
    }
    for (person, day) in tables["patient"].texts("patient_id").iter().zip(tables["patient"].texts("admission")) {
        assert_eq!(first[person], day);
    }
}
