use std::sync::Arc;

use coda_model::{
    dictionary::{Dataset, Dictionary},
    query::parse_file,
};

use super::*;
use crate::{Need, needs};

const DICTIONARY: &str = r#"
version = "1"
title = "test"
[dataset.d]
people = "patient"
[dataset.d.table.patient]
rows = "one"
person = "id"
[dataset.d.table.patient.variable]
age = { type = "continuous", unit = "a", lower = 0, upper = 110, resolution = 1 }
sex = { type = "categorical", levels = ["female", "male"] }
admission = { type = "date", granularity = "day", from = 2020-01-11, to = 2020-12-31 }
[dataset.d.table.bed]
rows = "one"
person = "id"
[dataset.d.table.bed.variable]
single = { type = "binary", missing = "never" }
[dataset.d.table.lab]
rows = "many"
person = "id"
time = "taken"
rows_at_most = 100
[dataset.d.table.lab.variable]
taken = { type = "date", granularity = "day", from = 2020-01-01, to = 2021-12-31 }
crp = { type = "continuous", unit = "mg/L", lower = 0, upper = 600, resolution = 1, grid = { step = 10 } }
"#;

/// Four people; the second has no laboratory rows, the third no row in `bed`.
fn column(name: &str) -> Vec<i32> {
    match name {
        "age" => vec![30, 40, -1, 60],
        "sex" => vec![0, 1, 0, -1],
        // Days since 2020-01-11.
        "admission" => vec![0, 5, 10, 20],
        "single" => vec![1, 0, 1],
        "bed" => vec![0, 1, 3],
        "lab" => vec![0, 0, 0, 2, 2, 3],
        // Days since 2020-01-01: before, on and after admission of the first; a time that is missing.
        "taken" => vec![9, 10, 12, 20, 21, -1],
        "crp" => vec![100, 50, 70, -1, 30, 500],
        other => panic!("no column {other}"),
    }
}

fn tables(dataset: &Dataset, plan: &Plan) -> Tables<'static> {
    let dataset: &'static Dataset = Box::leak(Box::new(dataset.clone()));
    let mut tables = Tables::new(dataset, 4);
    for need in needs(plan, dataset) {
        let name = match need {
            Need::Person(table) => dataset.tables[table].id.to_string(),
            Need::Variable(place) => dataset.variable(place).unwrap().id.to_string(),
        };
        let codes = column(&name);
        Tables::check(dataset, 4, need, &codes).unwrap();
        tables.insert(need, Arc::new(codes));
    }
    tables
}

/// Slots (people, rows, first sum) and missing of the first ask, cell by cell.
fn run(text: &str) -> Vec<String> {
    let dictionary = Dictionary::parse(DICTIONARY).unwrap();
    let (query, _) = parse_file(&format!("dataset = \"d\"\n{text}")).unwrap();
    let plan = Plan::of(&query, &dictionary).unwrap();
    coda_stats::check(&plan).unwrap();
    let tabulated = execute(&plan, &tables(&dictionary.datasets[0], &plan)).unwrap();
    let cell = |frame: &coda_model::frame::Frame| {
        let slot = &frame.slots[0];
        let sum = slot.sums.first().map_or(String::new(), |sum| format!(" sum {sum}"));
        format!("{}/{}{sum}, missing {}", slot.people.0, slot.rows.0, frame.missing.rows.0)
    };
    tabulated[0].frames.iter().map(cell).collect()
}

#[test]
fn cohorts_over_people_and_their_rows() {
    assert_eq!(run("of = [\"count\"]"), ["4/4, missing 0"]);
    assert_eq!(run("of = [\"mean:age\"]"), ["3/3 sum 130, missing 1"]);
    assert_eq!(run("of = [\"count\"]\nwhere = \"age >= 40\""), ["2/2, missing 0"]);
    assert_eq!(run("of = [\"count\"]\nwhere = \"not (age >= 40)\""), ["2/2, missing 0"]);
    assert_eq!(run("of = [\"count\"]\nwhere = \"sex != female\""), ["1/1, missing 0"]);
    assert_eq!(run("of = [\"count\"]\nwhere = \"age is missing or sex is missing\""), ["2/2, missing 0"]);
    assert_eq!(run("of = [\"count\"]\nwhere = \"has lab\""), ["3/3, missing 0"]);
    assert_eq!(run("of = [\"count\"]\nwhere = \"has lab (crp >= 60)\""), ["2/2, missing 0"]);
    assert_eq!(run("of = [\"count\"]\nwhere = \"single = no\""), ["1/1, missing 0"]);
    assert_eq!(run("of = [\"count\"]\nwhere = \"single is missing\""), ["1/1, missing 0"]);
    // The first person's admission is 2020-01-11, code 10 of the laboratory's days.
    let within =
        |days| run(&format!("of = [\"count\"]\nwhere = \"has lab (crp >= 60) within {days} days of admission\""));
    assert_eq!(within("-1..0"), ["1/1, missing 0"]);
    assert_eq!(within("0..1"), ["0/0, missing 0"]);
    assert_eq!(within("0..2"), ["1/1, missing 0"]);
}

#[test]
fn derived_variables_take_what_they_say() {
    let derived = |derive: &str| run(&format!("of = [\"mean:x\"]\n[derive]\nx = \"{derive}\"")).remove(0);
    assert_eq!(derived("max(lab.crp)"), "3/3 sum 630, missing 1");
    assert_eq!(derived("min(lab.crp)"), "3/3 sum 580, missing 1");
    assert_eq!(derived("first(lab.crp)"), "3/3 sum 630, missing 1");
    assert_eq!(derived("last(lab.crp)"), "3/3 sum 600, missing 1");
    // (100 + 50 + 70) / 3 = 73.3 is 73 on the resolution.
    assert_eq!(derived("mean(lab.crp)"), "3/3 sum 603, missing 1");
    assert_eq!(derived("mean(lab.crp) where crp >= 60"), "2/2 sum 585, missing 2");
    let counted =
        |least| run(&format!("of = [\"count:x\"]\nwhere = \"x >= {least}\"\n[derive]\nx = \"count(lab)\"")).remove(0);
    assert_eq!([0, 1, 2, 3, 4].map(|least| counted(least).chars().next()), ['4', '3', '2', '1', '0'].map(Some));
    assert_eq!(derived("max(lab.crp) within 0..2 days of admission"), "2/2 sum 100, missing 2");
    assert_eq!(
        run("of = [\"count\"]\nwhere = \"x = yes\"\n[derive]\nx = \"exists(lab) where crp < 60\""),
        ["2/2, missing 0"]
    );
}

#[test]
fn groups_and_time_make_cells_with_one_for_missing() {
    assert_eq!(run("of = [\"count\"]\nby = [\"sex\"]"), ["2/2, missing 0", "1/1, missing 0", "1/1, missing 0"]);
    let months = run("of = [\"count\"]\nover = \"month:admission\"");
    assert_eq!((months.len(), months[0].as_str(), months[12].as_str()), (13, "4/4, missing 0", "0/0, missing 0"));
}

#[test]
fn rows_are_counted_with_the_people_behind_them() {
    assert_eq!(run("rows = \"lab\"\nof = [\"mean:crp\"]"), ["3/5 sum 750, missing 1"]);
    assert_eq!(run("rows = \"lab\"\nof = [\"count\"]\nwhere = \"crp >= 60 and sex = female\""), ["1/2, missing 0"]);
    assert_eq!(run("rows = \"lab\"\nof = [\"mean:age\"]"), ["2/4 sum 150, missing 2"]);
}

#[test]
fn a_column_with_codes_that_cannot_be_is_refused() {
    let dictionary = Dictionary::parse(DICTIONARY).unwrap();
    let dataset = &dictionary.datasets[0];
    let age = Need::Variable(coda_model::dictionary::Place { table: 0, variable: 0 });
    assert!(Tables::check(dataset, 4, age, &[0, 111]).is_err());
    assert!(Tables::check(dataset, 4, age, &[-2]).is_err());
    assert!(Tables::check(dataset, 4, Need::Person(2), &[1, 0]).is_err());
    assert!(Tables::check(dataset, 4, Need::Person(2), &[0, 4]).is_err());
}
