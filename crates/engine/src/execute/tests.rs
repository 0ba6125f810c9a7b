use std::sync::Arc;

use coda_model::{
    dictionary::{Dataset, Dictionary},
    frame::{Contributions, Frame, Guard, SetKey, Slot},
    query::parse_file,
};
use coda_stats::kernel::buckets;

use super::*;
use crate::{Need, Study, needs};

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

/// Record keys of the four, in the first bucket, the last and one between; they add up to more than 64 bits.
const KEYS: [u64; 4] = [1, 1 << 63 | 5, u64::MAX, 1 << 63];

fn tables(dataset: &Dataset, plan: &Plan) -> Tables<'static> {
    let dataset: &'static Dataset = Box::leak(Box::new(dataset.clone()));
    let mut tables = Tables::new(dataset, Arc::new(KEYS.to_vec()));
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

/// Works on the plan of a query and the tables it needs.
fn with<T>(text: &str, work: impl FnOnce(&Plan, &Tables<'_>) -> T) -> T {
    let dictionary = Dictionary::parse(DICTIONARY).unwrap();
    let (query, _) = parse_file(&format!("dataset = \"d\"\n{text}")).unwrap();
    let plan = Plan::of(&query, &dictionary).unwrap();
    coda_stats::check(&plan).unwrap();
    work(&plan, &tables(&dictionary.datasets[0], &plan))
}

fn computed(text: &str) -> Computed {
    with(text, |plan, tables| execute(plan, tables).unwrap())
}

/// Slots (people, rows, sum of those that are summed) and missing of the first ask, cell by cell.
fn run(text: &str) -> Vec<String> {
    let first = computed(text).asks.remove(0);
    let cell = |frame: &Frame| {
        let slot = &frame.slots[0];
        let sum = first.summed.map_or(String::new(), |_| format!(" sum {}", slot.sums.x));
        format!("{}/{}{sum}, missing {}", slot.people.0, slot.rows.0, frame.missing.rows.0)
    };
    first.frames.iter().map(cell).collect()
}

/// The key of these of the four people.
fn key(people: &[usize]) -> SetKey {
    people.iter().fold(SetKey(0), |key, person| key.plus(SetKey(KEYS[*person])))
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

/// A cohort's people, rows and key, and how many rows its people have each, squared.
#[test]
fn the_cohort_is_everybody_who_meets_the_condition() {
    let of = |text: &str| computed(&format!("of = [\"mean:age\"]\n{text}")).cohort;
    let check = |text: &str, people: &[usize], rows: u64, nn: i128| {
        let Slot { people: found, rows: found_rows, key: found_key, sums } = of(text);
        assert_eq!((found.0, found_rows.0), (people.len() as u64, rows), "{text}");
        assert!(found_key == key(people), "{text}: another key");
        assert!(sums == Contributions { nn, ..Contributions::default() }, "{text}: other contributions");
    };
    check("", &[0, 1, 2, 3], 4, 4);
    check("where = \"age >= 40\"", &[1, 3], 2, 2);
    check("where = \"age is missing or sex is missing\"", &[2, 3], 2, 2);
    check("where = \"age >= 100\"", &[], 0, 0);
    // A person without a cell of the axes, or without a value, is in the cohort all the same.
    check("where = \"has lab\"\nby = [\"sex\"]", &[0, 2, 3], 3, 3);
    check("rows = \"lab\"", &[0, 2, 3], 6, 9 + 4 + 1);
    check("rows = \"lab\"\nwhere = \"crp >= 60\"", &[0, 3], 3, 4 + 1);
    check("rows = \"lab\"\nwhere = \"age >= 40\"", &[3], 1, 1);
    check("rows = \"lab\"\nby = [\"sex\"]", &[0, 2, 3], 6, 9 + 4 + 1);
}

#[test]
fn a_slot_has_the_key_of_its_own_people() {
    let slots = |text: &str| {
        let frames = computed(text).asks.remove(0).frames;
        let of = |frame: &Frame| frame.slots.iter().chain([&frame.missing]).map(|slot| slot.key).collect::<Vec<_>>();
        frames.iter().flat_map(of).collect::<Vec<_>>()
    };
    let keys = |sets: &[&[usize]]| sets.iter().map(|people| key(people)).collect::<Vec<_>>();
    assert!(slots("of = [\"marginals:sex\"]") == keys(&[&[0, 2], &[1], &[3]]));
    assert!(slots("of = [\"marginals:sex\"]\nwhere = \"age >= 40\"") == keys(&[&[], &[1], &[3]]));
    // Cells of female, male and missing: who has an age, and who has none.
    assert!(slots("of = [\"count:age\"]\nby = [\"sex\"]") == keys(&[&[0], &[2], &[1], &[], &[3], &[]]));
    // Rows: a person with many is added once.
    assert!(slots("rows = \"lab\"\nof = [\"count:crp\"]") == keys(&[&[0, 2, 3], &[2]]));
    assert!(slots("rows = \"lab\"\nof = [\"marginals:sex\"]\nwhere = \"crp >= 60\"") == keys(&[&[0], &[], &[3]]));
}

/// What the watch compares are the same keys, split over buckets; a distribution is one set.
#[test]
fn bucket_sums_add_up_to_the_set_keys() {
    let total = |sums: &buckets::Sums| SetKey(sums.iter().fold(0, |sum, bucket| sum.wrapping_add(*bucket)));
    let people = "of = [\"count\", \"mean:age\", \"marginals:sex\", \"median:age\", \"risk_ratio:single:sex\"]";
    let rows = "rows = \"lab\"\nof = [\"count\", \"mean:crp\", \"marginals:sex\", \"marginals:crp@50\"]";
    let conditions =
        ["", "where = \"age >= 40\"", "where = \"has lab\"", "by = [\"sex\"]", "where = \"has lab\"\nby = [\"sex\"]"];
    for text in [people, rows].iter().flat_map(|of| conditions.map(|condition| format!("{of}\n{condition}"))) {
        with(&text, |plan, tables| {
            let raw = execute(plan, tables).unwrap();
            let found = Study::of(plan, tables).unwrap().bucket_sums(tables).unwrap();
            assert!(total(&found.everybody) == key(&[0, 1, 2, 3]), "everybody in the build, whatever is asked");
            assert_eq!(found.asks.len(), raw.asks.len());
            for (ask, buckets) in raw.asks.iter().zip(&found.asks) {
                let whole = matches!(ask.guard, Guard::Distribution { .. });
                let sets: Vec<&Slot> = if whole {
                    ask.frames.iter().map(|frame| &frame.valid).collect()
                } else {
                    ask.frames.iter().flat_map(|frame| &frame.slots).collect()
                };
                assert_eq!((buckets.is_distribution, buckets.sets.len()), (whole, sets.len()), "{text}");
                for (set, (sums, people)) in sets.iter().zip(&buckets.sets) {
                    assert_eq!(*people, set.people.0, "{text}");
                    assert!(total(sums) == set.key, "{text}: another key");
                }
            }
        });
    }
}

#[test]
fn a_record_key_is_in_the_bucket_of_its_first_six_bits() {
    let found = with("of = [\"count\"]\nwhere = \"age >= 40\"", |plan, tables| {
        Study::of(plan, tables).unwrap().bucket_sums(tables).unwrap()
    });
    let filled = |sums: &buckets::Sums| {
        (0..).zip(sums).filter(|(_, sum)| **sum != 0).map(|(bucket, sum)| (bucket, *sum)).collect::<Vec<(u32, u64)>>()
    };
    assert_eq!(filled(&found.everybody), [(0, 1), (32, 5), (63, u64::MAX)], "two keys of bucket 32 wrap");
    assert_eq!(filled(&found.asks[0].sets[0].0), [(32, 5)]);
}
