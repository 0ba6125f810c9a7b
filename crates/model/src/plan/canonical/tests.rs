//! What means the same has one text, what does not has not.

mod property;

use super::*;
use crate::{
    dictionary::Dictionary,
    plan::{Classes, Condition},
    query::{Query, parse_file},
};

const DICTIONARY: &str = r#"
version = "1"
title = "test"
[dataset.d]
people = "patient"
[dataset.d.table.patient]
rows = "one"
person = "id"
[dataset.d.table.patient.variable]
age = { type = "continuous", unit = "a", lower = 0, upper = 110, resolution = 1, missing = "never" }
bmi = { type = "continuous", unit = "kg/m2", lower = 10, upper = 60, resolution = 0.5 }
sex = { type = "categorical", levels = ["female", "male", "other sex"], missing = "may" }
blood = { type = "categorical", levels = ["a", "b", "ab", "o"], missing = "never" }
dead = { type = "binary" }
admission = { type = "date", granularity = "day", from = 2020-01-01, to = 2020-12-31, cuts = "day" }
seen = { type = "date", granularity = "month", from = 2020-01-01, to = 2021-12-31 }
[dataset.d.table.base]
rows = "one"
person = "id"
[dataset.d.table.base.variable]
smoker = { type = "binary", missing = "never" }
pulse = { type = "continuous", unit = "/min", lower = 0, upper = 300, resolution = 1 }
[dataset.d.table.lab]
rows = "many"
rows_at_most = 50
person = "id"
time = "taken"
[dataset.d.table.lab.variable]
taken = { type = "date", granularity = "day", from = 2020-01-01, to = 2021-12-31, missing = "never" }
crp = { type = "continuous", unit = "mg/L", lower = 0, upper = 600, resolution = 0.1 }
"#;

/// Derived variables that cohorts of these tests may use.
const DERIVED: &str = r#"
[derive]
peak = "max(lab.crp)"
peak_again = "max(lab.crp) where not (crp is missing)"
low = "min(lab.crp)"
labs = "count(lab)"
any_lab = "exists(lab)"
high_labs = "count(lab) where crp >= 100"
any_high = "exists(lab) where not (crp < 100 or crp is missing)"
early = "max(lab.crp) within 0..2 days of admission"
early_again = "max(lab.crp) where taken is present within 0..2 days of admission"
only_pulse = "mean(base.pulse)"
first_pulse = "first(base.pulse)"
never = "max(lab.crp) where crp < 5 and crp >= 10"
"#;

fn dictionary() -> Dictionary {
    Dictionary::parse(DICTIONARY).unwrap()
}

fn plan(dictionary: &Dictionary, file: &str) -> Plan {
    let (query, _): (Query, _) = parse_file(&format!("dataset = \"d\"\n{file}\n{DERIVED}")).unwrap();
    Plan::of(&query, dictionary).unwrap()
}

/// The text of the set of people, or of rows of a table, that meet a cohort.
fn set(rows: &str, cohort: &str) -> String {
    let dictionary = dictionary();
    let rows = if rows.is_empty() { String::new() } else { format!("rows = \"{rows}\"") };
    let cohort = if cohort.is_empty() { String::new() } else { format!("where = \"{cohort}\"") };
    plan(&dictionary, &format!("of = [\"count\"]\n{rows}\n{cohort}"))
        .prepared(&dictionary.datasets[0])
        .statement(&[])
        .text
}

fn same(cohorts: &[&str]) {
    let first = set("", cohorts[0]);
    for cohort in &cohorts[1..] {
        assert_eq!(set("", cohort), first, "{cohort}");
    }
}

/// The canonical texts of all asks of a query.
fn whole(file: &str) -> String {
    let dictionary = dictionary();
    let plan = plan(&dictionary, file);
    (0..plan.asks.len()).map(|ask| plan.ask_text(&dictionary.datasets[0], ask)).collect::<Vec<_>>().join("\n---\n")
}

#[test]
fn the_text_says_what_is_looked_at_and_what_it_may_be() {
    insta::assert_snapshot!(set("", ""), @"d people where all");
    insta::assert_snapshot!(set("", "age < 0"), @"d people where none");
    insta::assert_snapshot!(set("", "sex = male and age in [40, 65)"), @"d people where [patient.age; patient.sex] 0(40..64 -> 1('male'))");
    insta::assert_snapshot!(set("", "sex in ('other sex', male) or bmi >= 30"), @"d people where [patient.bmi; patient.sex] 0(missing,10..29.5 -> 1('male','other sex') | 30..60)");
    insta::assert_snapshot!(set("", "admission < 2020-02-01 and not (bmi < 30)"), @"d people where [patient.admission; patient.bmi] 0(2020-01-01..2020-01-31 -> 1(missing,30..60))");
    insta::assert_snapshot!(set("", "has lab (crp >= 100) within -1..2 days of admission"), @"d people where [count(lab where [lab.crp; patient.admission] 0(100..600 -> 1(2020-01-01..2020-12-31)) within -1..2 of patient.admission)] 0(1..50)");
    insta::assert_snapshot!(set("lab", "crp >= 100 and sex = male and peak >= 200"), @"d rows of lab where [lab.crp; max(lab.crp where [lab.crp] 0(0..600)); patient.sex] 0(100..600 -> 1(200..600 -> 2('male')))");
}

#[test]
fn order_nesting_and_repetition_make_no_difference() {
    same(&["age >= 65 and sex = male", "sex = male and age >= 65", "(sex = male) and (age >= 65 and sex = male)"]);
    same(&["age >= 65 or sex = male or dead = yes", "dead = yes or (sex = male or age >= 65)"]);
    same(&["sex = male and (age >= 65 or dead = yes)", "sex = male and age >= 65 or dead = yes and sex = male"]);
    same(&["sex = male", "sex = male or sex = male and age >= 65", "sex = male and (age >= 65 or sex = male)"]);
    same(&["sex = male", "sex = male and dead = yes or sex = male and not dead = yes"]);
}

#[test]
fn negation_is_pushed_to_where_it_disappears() {
    same(&["dead = yes", "not not dead = yes", "not (not (dead = yes))"]);
    same(&["not (age >= 65 and dead = yes)", "age < 65 or not dead = yes", "age < 65 or dead = no or dead is missing"]);
    same(&["not (sex = male or bmi is missing)", "not sex = male and bmi is present"]);
    same(&["not (sex = female)", "sex in (male, 'other sex') or sex is missing", "sex != female or sex is missing"]);
    same(&["sex != female", "sex in ('other sex', male)", "sex is present and not sex = female"]);
    same(&["sex is missing", "not sex in (female, male, 'other sex')", "not (sex is present)"]);
    same(&["bmi != 30", "bmi < 30 or bmi > 30"]);
}

#[test]
fn intervals_are_merged_and_cut() {
    same(&["age < 65", "age < 40 or age >= 40 and age < 65", "age <= 64", "not age >= 65", "age in [0, 65)"]);
    same(&[
        "age in [40, 65)",
        "age >= 40 and age < 65",
        "age < 65 and not age < 40",
        "age in [40, 50) or age in [50, 65)",
    ]);
    same(&["sex in (female, male)", "sex = female or sex = male", "sex = male or sex in (female, male)"]);
    same(&["bmi is present", "bmi >= 10", "bmi < 30 or bmi >= 30", "sex = male and bmi >= 10 or bmi is present"]);
    same(&["admission < 2020-02-01", "admission <= 2020-01-31", "admission in [2020-01-01, 2020-02-01)"]);
    same(&["seen <= 2020-02-01", "seen < 2020-03-01", "seen = 2020-01-01 or seen = 2020-02-01"]);
}

#[test]
fn what_always_or_never_holds_is_told_as_such() {
    same(&["age >= 0", "age is present", "sex = male or not sex = male", "blood in (a, b, ab, o)", "blood is present"]);
    assert_eq!(set("", "age >= 0"), set("", ""));
    same(&["age < 0", "age is missing", "age in [65, 40)", "sex = male and sex = female", "not (age >= 0)"]);
    same(&["sex = male", "sex = male and age >= 0", "sex = male or age < 0"]);
    // A person need not have a row, whatever the rows promise.
    assert_ne!(set("", "smoker in (yes, no)"), set("", ""));
    assert_eq!(set("base", "smoker in (yes, no)"), set("base", ""));
    assert_eq!(set("lab", "taken is present"), set("lab", ""));
}

#[test]
fn rows_are_known_by_what_holds_of_them() {
    same(&["has lab", "has lab (taken is present)", "any_lab = yes", "labs >= 1", "not labs = 0", "not any_lab = no"]);
    same(&["has lab (crp >= 100)", "has lab (not crp < 100 and crp is present)", "any_high = yes", "high_labs > 0"]);
    same(&["not has lab (crp >= 100)", "any_high = no", "high_labs = 0"]);
    same(&["labs >= 5", "labs >= 5 and has lab", "labs in [5, 10) or labs >= 10"]);
    same(&["peak >= 100", "peak_again >= 100", "not (peak < 100 or peak is missing)"]);
    same(&["early >= 100", "early_again >= 100"]);
    same(&["pulse >= 100", "only_pulse >= 100", "first_pulse >= 100"]);
    same(&[
        "has base (pulse >= 100 and smoker = yes)",
        "has base (not (smoker = no or pulse < 100) and pulse is present)",
    ]);
    same(&["age < 0", "has lab (crp < 5 and crp >= 10)", "never is present", "any_lab = yes and not has lab"]);
    same(&["has lab within 0..2 days of admission", "has lab (admission is present) within 0..2 days of admission"]);
}

#[test]
fn what_differs_stays_different() {
    let people = [
        "",
        "age < 0",
        "age < 65",
        "age < 70",
        "sex = male",
        "not sex = male",
        "sex != male",
        "sex is missing",
        "dead = yes",
        "sex = male and age < 65",
        "sex = male or age < 65",
        "sex = male and (age < 65 or dead = yes)",
        "(sex = male and age < 65) or dead = yes",
        "bmi is missing",
        "pulse is missing",
        "has lab",
        "not has lab",
        "has base",
        "has lab (crp >= 100)",
        "has lab (crp is missing)",
        "has lab (crp >= 100) within 0..2 days of admission",
        "has lab (crp >= 100) within 0..3 days of admission",
        "not has lab (crp >= 100)",
        "has lab (not crp >= 100)",
        "has lab (crp >= 100 and taken < 2020-02-01)",
        "has lab (crp >= 100) and has lab (taken < 2020-02-01)",
        "labs >= 2",
        "peak >= 100",
        "low >= 100",
        "early >= 100",
        "pulse >= 100",
        "has base (pulse >= 100 and smoker = yes)",
    ];
    let mut texts: Vec<_> = people.iter().map(|cohort| set("", cohort)).collect();
    texts.extend(["", "crp >= 100", "peak >= 100", "taken < 2020-02-01"].map(|cohort| set("lab", cohort)));
    texts.extend(["", "pulse >= 100"].map(|cohort| set("base", cohort)));
    texts.push(set("patient", ""));
    let unlike: std::collections::BTreeSet<_> = texts.iter().collect();
    assert_eq!(unlike.len(), texts.len());
}

#[test]
fn a_cell_is_the_same_by_group_and_by_filter() {
    let dictionary = dictionary();
    let dataset = &dictionary.datasets[0];
    let cells = |file: &str| {
        let plan = plan(&dictionary, file);
        let prepared = plan.prepared(dataset);
        let axis = &plan.axes[0];
        let column = &plan.columns[axis.axis.column];
        let text = |class| {
            let codes = Codes::of_class(&axis.axis, class, column.variable.kind.highest());
            prepared.statement(&[Part { source: &column.source, codes }]).text
        };
        (0..axis.len()).map(text).collect::<Vec<_>>()
    };
    let count = "of = [\"count\"]";
    let by_sex = cells(&format!("{count}\nwhere = \"age < 65\"\nby = [\"sex\"]"));
    let filters = ["sex = female", "sex = male", "sex = 'other sex'", "sex is missing"];
    assert_eq!(by_sex, filters.map(|filter| set("", &format!("{filter} and age < 65"))));
    let by_age = cells(&format!("{count}\nwhere = \"sex = male\"\nby = [\"age@40,65\"]"));
    let filters = ["age < 40", "age in [40, 65)", "age >= 65"];
    assert_eq!(by_age, filters.map(|filter| set("", &format!("sex = male and {filter}"))));
    let by_level = cells(&format!("{count}\nby = [\"sex=male\"]"));
    assert_eq!(by_level, ["sex != male", "sex = male", "sex is missing"].map(|filter| set("", filter)));
    let by_quarter = cells(&format!("{count}\nover = \"quarter:admission\""));
    assert_eq!(by_quarter[1], set("", "admission in [2020-04-01, 2020-07-01)"));
    assert_eq!(by_quarter[4], set("", "admission is missing"));
    let by_lab = cells(&format!("{count}\nby = [\"any_lab\"]"));
    assert_eq!(by_lab, ["not has lab", "has lab"].map(|filter| set("", filter)));
    // A filter that leaves one class: its cell is the cohort, the others are empty.
    let young = cells(&format!("{count}\nwhere = \"age < 40\"\nby = [\"age@40\"]"));
    assert_eq!(young, [set("", "age < 40"), set("", "age < 0")]);
}

#[test]
fn having_a_value_is_a_part_too() {
    let dictionary = dictionary();
    let dataset = &dictionary.datasets[0];
    let plan = plan(&dictionary, "of = [\"mean:bmi\", \"mean:age\"]");
    let has = |column: usize| {
        let column = &plan.columns[column];
        let codes = Codes::present(column.variable.kind.highest());
        plan.prepared(dataset).statement(&[Part { source: &column.source, codes }]).text
    };
    assert_eq!(has(0), set("", "bmi is present"));
    assert_eq!(has(1), set("", ""));
}

#[test]
fn a_whole_query_is_known_by_what_it_means() {
    let plain = "of = [\"count\", \"mean:peak\"]\nwhere = \"age < 65\"\nby = [\"dead\"]";
    let varied = "of = [\"count\", \"mean:peak_again[mg/L]\"]\nwhere = \"not age >= 65\"\nby = [\"dead=yes\"]";
    assert_eq!(whole(plain), whole(varied));
    insta::assert_snapshot!(whole(plain), @r#"
    d people where [patient.age] 0(0..64)
    by patient.dead('no' | 'yes') or missing
    of "count"
    ---
    d people where [patient.age] 0(0..64)
    by patient.dead('no' | 'yes') or missing
    of "mean" max(lab.crp where [lab.crp] 0(0..600)) or missing
    "#);
    insta::assert_snapshot!(whole("of = [\"quantile_ratio:bmi:sex\"]\nrows = \"lab\"\nover = \"year:taken\""), @r#"
    d rows of lab where all
    by lab.taken(2020-01-01..2020-12-31 | 2021-01-01..2021-12-31)
    of "quantile_ratio" patient.bmi or missing patient.sex('female' | 'male' | 'other sex') or missing
    "#);
    let others = [
        "of = [\"mean:peak\", \"count\"]\nwhere = \"age < 65\"\nby = [\"dead\"]",
        "of = [\"count\", \"mean:low\"]\nwhere = \"age < 65\"\nby = [\"dead\"]",
        "of = [\"count\", \"mean:peak\"]\nwhere = \"age < 70\"\nby = [\"dead\"]",
        "of = [\"count\", \"mean:peak\"]\nwhere = \"age < 65\"\nby = [\"dead=no\"]",
        "of = [\"count\", \"mean:peak\"]\nwhere = \"age < 65\"",
        "of = [\"count\", \"mean:peak\", \"mean:peak\"]\nwhere = \"age < 65\"\nby = [\"dead\"]",
        "of = [\"count\", \"mean:peak\"]\nrows = \"lab\"\nwhere = \"age < 65\"\nby = [\"dead\"]",
        // The number of rows and whether there is one are two columns, though cohorts may not tell them apart.
        "of = [\"mean:labs\"]",
        "of = [\"mean:any_lab\"]",
        "of = [\"risk_ratio:dead:any_lab\"]",
        "of = [\"risk_ratio:any_lab:dead\"]",
        "of = [\"r:age@40,65\"]",
        "of = [\"r:age@40\"]",
        "of = [\"r:age\"]",
        "of = [\"r\"]\nby = [\"sex\", \"dead\"]",
        "of = [\"r\"]\nby = [\"dead\", \"sex\"]",
        "of = [\"r\"]\nover = \"month:admission\"",
        "of = [\"r\"]\nover = \"week:admission\"",
    ];
    let unlike: std::collections::BTreeSet<_> = others.iter().map(|file| whole(file)).chain([whole(plain)]).collect();
    assert_eq!(unlike.len(), others.len() + 1);
}

#[test]
fn a_text_does_not_hang_on_the_codes_of_a_dictionary() {
    let other = DICTIONARY.replace("[\"female\", \"male\",", "[\"unknown\", \"female\", \"male\",");
    let other = other
        .replace("lower = 10, upper = 60", "lower = 5, upper = 60")
        .replace("from = 2020-01-01", "from = 2019-01-01");
    let other = Dictionary::parse(&other).unwrap();
    let file = "of = [\"count\"]\nwhere = \"sex = male and bmi >= 30 and admission in [2020-02-01, 2020-03-01)\"";
    assert_eq!(
        plan(&dictionary(), file).prepared(&dictionary().datasets[0]).statement(&[]).text,
        plan(&other, file).prepared(&other.datasets[0]).statement(&[]).text
    );
    let first = "of = [\"count\"]\nwhere = \"sex != male\"";
    assert_ne!(
        plan(&dictionary(), first).prepared(&dictionary().datasets[0]).statement(&[]).text,
        plan(&other, first).prepared(&other.datasets[0]).statement(&[]).text
    );
}

#[test]
fn a_missing_value_meets_no_comparison() {
    let dictionary = dictionary();
    let mut plan = plan(&dictionary, "of = [\"mean:bmi\"]");
    let source = plan.columns[0].source.clone();
    // Not what a planned query has, but what a condition means.
    plan.cohort = Some(Condition::Within(source.clone(), -1..40));
    assert_eq!(plan.prepared(&dictionary.datasets[0]).statement(&[]).text, set("", "bmi < 30"));
    plan.cohort = Some(Condition::OneOf(source.clone(), vec![-1]));
    assert_eq!(plan.prepared(&dictionary.datasets[0]).statement(&[]).text, set("", "age < 0"));
    plan.cohort = Some(Condition::Any(vec![]));
    assert_eq!(plan.prepared(&dictionary.datasets[0]).statement(&[]).text, set("", "age < 0"));
    plan.cohort = Some(Condition::All(vec![]));
    assert_eq!(plan.prepared(&dictionary.datasets[0]).statement(&[]).text, set("", ""));
    // A part that is the cell of those without a value.
    plan.cohort = None;
    let part = Part { source: &source, codes: Codes::missing() };
    assert_eq!(plan.prepared(&dictionary.datasets[0]).statement(&[part]).text, set("", "bmi is missing"));
}

#[test]
fn codes_are_sets() {
    let ranges = |codes: &Codes| {
        codes.ranges().map(|range| format!("{}..{}", range.start, range.end)).collect::<Vec<_>>().join(" ")
    };
    let codes = Codes::of([5..9, 1..3, 3..4, 7..12, 20..20, -7..-3]);
    assert_eq!(ranges(&codes), "1..4 5..12");
    assert_eq!(ranges(&codes.complement(30)), "-1..1 4..5 12..31");
    assert_eq!(ranges(&codes.complement(6)), "-1..1 4..5");
    assert_eq!(codes.complement(30).complement(30), codes);
    assert_eq!(ranges(&codes.intersect(&Codes::of([0..2, 3..6]))), "1..2 3..4 5..6");
    assert_eq!(ranges(&Codes::missing().union(&Codes::present(3))), "-1..4");
    assert!(Codes::present(-1).is_empty() && codes.contains(11) && !codes.contains(4));
    assert_eq!(format!("{codes:?}"), "Codes(…)");
    let classes = |classes: Classes, labels: usize| {
        let axis = Axis { column: 0, classes, labels: vec![String::new(); labels] };
        (0..=labels + 1).map(|class| ranges(&Codes::of_class(&axis, class, 110))).collect::<Vec<_>>()
    };
    assert_eq!(classes(Classes::Edges(vec![0, 40, 65]), 3), ["0..40", "40..65", "65..111", "-1..0", ""]);
    assert_eq!(classes(Classes::Is(4), 2), ["0..4 5..111", "4..5", "-1..0", ""]);
    assert_eq!(classes(Classes::Codes, 2), ["0..1", "1..2", "-1..0", ""]);
}
