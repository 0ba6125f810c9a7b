use super::*;
use crate::{
    dictionary::Dictionary,
    query::{Query, parse_ask, parse_derivation, parse_factor, parse_over, parse_predicate},
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
crp0 = { type = "continuous", unit = "mg/L", lower = 0, upper = 600, resolution = 0.1, grid = { edges = [0, 5, 10, 100] } }
sex = { type = "categorical", levels = ["female", "male"] }
dead = { type = "binary" }
admission = { type = "date", granularity = "day", from = 2020-01-01, to = 2020-12-31 }
[dataset.d.table.lab]
rows = "many"
person = "id"
time = "taken"
[dataset.d.table.lab.variable]
taken = { type = "date", granularity = "day", from = 2020-01-01, to = 2021-12-31, missing = "never" }
crp = { type = "continuous", unit = "mg/L", lower = 0, upper = 600, resolution = 0.1 }
[dataset.d.table.ward]
rows = "one"
person = "id"
time = "entered"
[dataset.d.table.ward.variable]
entered = { type = "date", granularity = "day", from = 2020-01-01, to = 2020-12-31 }
ward = { type = "categorical", levels = ["icu", "other"] }
beds = { type = "continuous", unit = "1", lower = 0, upper = 9, resolution = 1 }
[dataset.d.table.once]
rows = "many"
rows_at_most = 1
person = "id"
[dataset.d.table.once.variable]
score = { type = "continuous", unit = "1", lower = 0, upper = 9, resolution = 1 }
"#;

struct Parts<'a> {
    of: &'a str,
    by: &'a str,
    cohort: &'a str,
    over: &'a str,
    derive: &'a str,
}

const PARTS: Parts<'_> = Parts { of: "count", by: "", cohort: "", over: "", derive: "" };

fn plan(parts: &Parts<'_>) -> Result<Plan, String> {
    let Parts { of, by, cohort, over, derive } = *parts;
    let read = || {
        Ok(Query {
            dataset: "d".to_owned(),
            asks: vec![parse_ask("of", of)?],
            by: if by.is_empty() { vec![] } else { vec![parse_factor("by", by)?] },
            cohort: if cohort.is_empty() { None } else { Some(parse_predicate("where", cohort)?) },
            over: if over.is_empty() { None } else { Some(parse_over("over", over)?) },
            derived: if derive.is_empty() {
                vec![]
            } else {
                vec![("x".to_owned(), parse_derivation("derive.x", derive)?)]
            },
            rows: None,
        })
    };
    let dictionary = Dictionary::parse(DICTIONARY).unwrap();
    read().and_then(|query| Plan::of(&query, &dictionary)).map_err(|error| error.to_string())
}

fn refusal(parts: &Parts<'_>) -> String {
    plan(parts).err().unwrap_or_else(|| "taken".to_owned())
}

#[test]
fn what_does_not_fit_is_refused_with_what_would_be_right() {
    insta::assert_snapshot!(refusal(&Parts { of: "mean:agee", ..PARTS }), @r#"of mean:agee: there is no variable "agee"; did you mean age?"#);
    insta::assert_snapshot!(refusal(&Parts { of: "mean:crp", ..PARTS }), @r#"of mean:crp: crp may have several rows a person; derive one value, as in own = "max(lab.crp)", or use has lab (…) in the cohort, or rows = "lab""#);
    insta::assert_snapshot!(refusal(&Parts { of: "mean:age[mo]", ..PARTS }), @"of mean:age: age is in a, not in mo; ask for it in a");
    insta::assert_snapshot!(refusal(&Parts { cohort: "age >= 65 mo", ..PARTS }), @"where: age is in a, not in mo; give the value in a");
    insta::assert_snapshot!(refusal(&Parts { cohort: "crp0 >= 7", ..PARTS }), @"where: the boundary lies between the public grid points of crp0; the nearest are 5 and 10 mg/L, used with < or >=");
    insta::assert_snapshot!(refusal(&Parts { cohort: "age >= 65.5", ..PARTS }), @"where: 65.5 is not a multiple of its resolution; age is kept in steps of 1 a");
    insta::assert_snapshot!(refusal(&Parts { cohort: "age >= 200", ..PARTS }), @"where: 200 is outside its bounds; age goes from 0 to 110 a");
    insta::assert_snapshot!(refusal(&Parts { cohort: "sex = femal", ..PARTS }), @r#"where: there is no level "femal"; did you mean female?"#);
    insta::assert_snapshot!(refusal(&Parts { cohort: "sex > female", ..PARTS }), @"where: sex has levels, which are not larger or smaller; compare it with =, != or in (…)");
    insta::assert_snapshot!(refusal(&Parts { cohort: "has labs (crp > 3)", ..PARTS }), @r#"where: there is no table "labs"; did you mean lab?"#);
    insta::assert_snapshot!(refusal(&Parts { by: "age", ..PARTS }), @"by age: age is continuous; divide it, as in age@40,65");
    insta::assert_snapshot!(refusal(&Parts { by: "age@65,40", ..PARTS }), @"by age@65,40: the cuts do not ascend; give ascending values above the lower bound");
    insta::assert_snapshot!(refusal(&Parts { over: "month:age", ..PARTS }), @"over: age is continuous; give a date variable, as in month:admission");
    insta::assert_snapshot!(refusal(&Parts { over: "fortnight:admission", ..PARTS }), @r#"over: there is no time bucket "fortnight"; declared are day, week, month, quarter, year"#);
    insta::assert_snapshot!(refusal(&Parts { derive: "max(lab.crp) within 2..0 days of admission", ..PARTS }), @"derive.x: the window is empty or longer than a century; write within 0..2 days of …");
    insta::assert_snapshot!(refusal(&Parts { derive: "mean(sex)", ..PARTS }), @"derive.x: mean does not fit sex, which is categorical; mean takes continuous variables, min and max continuous ones and dates, first and last tables with a time");
    insta::assert_snapshot!(refusal(&Parts { derive: "median(lab.crp)", ..PARTS }), @r#"derive.x: there is no way to derive "median"; did you mean mean or min?"#);
    insta::assert_snapshot!(refusal(&Parts { cohort: "age = 64", ..PARTS }), @"where: the boundary lies between the public grid points of age; the nearest are 60 and 65 a, used with < or >=");
    insta::assert_snapshot!(refusal(&Parts { cohort: "admission >= 2020-02-03", ..PARTS }), @"where: the boundary lies within a month; use the first day of a month with < or >=; the dictionary divides admission so");
    insta::assert_snapshot!(refusal(&Parts { cohort: "admission <= 2020-02-01", ..PARTS }), @"where: the boundary lies within a month; use the first day of a month with < or >=; the dictionary divides admission so");
    insta::assert_snapshot!(refusal(&Parts { over: "week:admission", ..PARTS }), @"over: the dictionary divides admission by month; ask by month or longer");
    let five = "age >= 65 and sex = female and crp0 >= 5 and has lab (crp >= 5)";
    insta::assert_snapshot!(refusal(&Parts { cohort: five, ..PARTS }), @"where (variables): 5 are given; at most 4");
    let nine = ["age >= 65"; 9].join(" or ");
    insta::assert_snapshot!(refusal(&Parts { cohort: &nine, ..PARTS }), @"where (comparisons): 9 are given; at most 8");
}

#[test]
fn comparisons_become_half_open_ranges_of_codes() {
    let range = |cohort| match plan(&Parts { cohort, ..PARTS }).map(|plan| plan.cohort) {
        Ok(Some(Condition::Within(_, range))) => range,
        _ => panic!("no range"),
    };
    assert_eq!(range("age >= 65"), 65..111);
    assert_eq!(range("age > 64"), 65..111);
    assert_eq!(range("age <= 64"), 0..65);
    assert_eq!(range("age in [60, 65)"), 60..65);
    assert_eq!(range("age in [20, 65)"), 20..65);
    assert_eq!(range("crp0 >= 10 mg/L"), 100..6001);
    assert_eq!(range("admission < 2020-02-01"), 0..31);
}

#[test]
fn missing_is_a_cell_of_its_own_where_it_may_occur() {
    let by_sex = plan(&Parts { by: "sex", ..PARTS }).unwrap();
    let labels: Vec<_> = (0..by_sex.cells()).map(|cell| by_sex.labels(cell).join("|")).collect();
    assert_eq!(labels, ["female", "male", "missing"]);
    let by_age = plan(&Parts { by: "age@40,65", over: "quarter:admission", ..PARTS }).unwrap();
    assert_eq!(by_age.cells(), 3 * 5);
    assert_eq!(by_age.labels(9), ["40 to <65", "missing"]);
    assert_eq!(by_age.axes[0].axis.class(40), Some(1));
}

#[test]
fn a_window_knows_how_far_apart_the_two_dates_begin() {
    let plan = plan(&Parts { of: "mean:x", derive: "max(lab.crp) within 0..2 days of admission", ..PARTS }).unwrap();
    let Source::Derived(derived) = &plan.columns[0].source else { panic!("not derived") };
    assert_eq!(derived.window.as_ref().map(|w| (w.from, w.to, w.shift)), Some((0, 2, 0)));
    assert_eq!(plan.columns[0].variable.missing, Missing::May);
}

#[test]
fn a_derivation_chooses_rows_by_their_own_variables_alone() {
    let derive = |derive| refusal(&Parts { of: "count", derive, ..PARTS });
    assert_eq!(derive("max(lab.crp) where crp >= 100 and not (lab.taken < 2020-02-01 or crp is missing)"), "taken");
    insta::assert_snapshot!(derive("max(lab.crp) where not (crp >= 100 and age in [40, 41))"), @"derive.x: age is a variable of patient, and where chooses rows of lab by their own variables alone; put it into the cohort, or group by it");
    insta::assert_snapshot!(derive("count(lab) where patient.dead is present"), @"derive.x: patient.dead is a variable of patient, and where chooses rows of lab by their own variables alone; put it into the cohort, or group by it");
    insta::assert_snapshot!(derive("exists(lab) where crp >= 100 or sex in (male)"), @"derive.x: sex is a variable of patient, and where chooses rows of lab by their own variables alone; put it into the cohort, or group by it");
    insta::assert_snapshot!(derive("min(lab.crp) where ward = icu"), @"derive.x: ward is a variable of ward, and where chooses rows of lab by their own variables alone; put it into the cohort, or group by it");
    insta::assert_snapshot!(derive("mean(lab.crp) where has lab (crp >= 100)"), @"derive.x: has lab looks at the person's rows, and where chooses rows of lab by their own variables alone; put it into the cohort, or group by it");
    insta::assert_snapshot!(derive("mean(lab.crp) where not has patient (age >= 65)"), @"derive.x: has patient looks at the person's rows, and where chooses rows of lab by their own variables alone; put it into the cohort, or group by it");
    insta::assert_snapshot!(derive("first(lab.crp) where agee >= 65"), @r#"derive.x: there is no variable "agee"; did you mean age?"#);
}

#[test]
fn a_derivation_chooses_no_people() {
    let derive = |derive| refusal(&Parts { of: "count", derive, ..PARTS });
    insta::assert_snapshot!(derive("max(patient.age) where age >= 65"), @"derive.x: patient has at most one row a person, so where and within would choose people; leave them out and choose people in the cohort");
    insta::assert_snapshot!(derive("max(ward.beds) where ward = icu"), @"derive.x: ward has at most one row a person, so where and within would choose people; leave them out and choose people in the cohort");
    insta::assert_snapshot!(derive("exists(ward) within 0..2 days of admission"), @"derive.x: ward has at most one row a person, so where and within would choose people; leave them out and choose people in the cohort");
    insta::assert_snapshot!(derive("count(once) where score >= 5"), @"derive.x: once has at most one row a person, so where and within would choose people; leave them out and choose people in the cohort");
    for whole in [
        "max(patient.age)",
        "first(ward.beds)",
        "last(ward.ward)",
        "exists(ward)",
        "exists(patient)",
        "mean(once.score)",
    ] {
        assert_eq!(derive(whole), "taken", "{whole}");
    }
    // A cohort may: it is compared with other cohorts.
    for cohort in ["has ward (ward = icu)", "has lab (crp >= 100 and age >= 65) within 0..2 days of admission"] {
        assert_eq!(refusal(&Parts { cohort, ..PARTS }), "taken", "{cohort}");
    }
}

/// A query that derives these, the first as `d0`.
fn chain(derived: &[String]) -> String {
    let derived = derived.iter().enumerate();
    let derived = derived.map(|(at, text)| (format!("d{at}"), parse_derivation("derive", text).unwrap())).collect();
    let asks = vec![parse_ask("of", "count").unwrap()];
    let query = Query { dataset: "d".to_owned(), derived, asks, ..Query::default() };
    Plan::of(&query, &Dictionary::parse(DICTIONARY).unwrap())
        .map_or_else(|error| error.to_string(), |_| "taken".to_owned())
}

#[test]
fn derived_variables_do_not_build_on_each_other_without_end() {
    let first = "min(lab.taken) where crp >= 100".to_owned();
    insta::assert_snapshot!(chain(&[first.clone(), "exists(lab) where crp < 5 and d0 is present".to_owned()]), @"derive.d1: d0 is derived, and where chooses rows of lab by their own variables alone; put it into the cohort, or group by it");
    // The date of a window may be derived, a few times over.
    let next = |level: usize| format!("min(lab.taken) within 1..9 days of d{}", level - 1);
    let deep = |levels: usize| chain(&std::iter::once(first.clone()).chain((1..levels).map(next)).collect::<Vec<_>>());
    assert_eq!(deep(4), "taken");
    insta::assert_snapshot!(deep(5), @"derive.d4: it builds on too many other derived variables; give its window relative to a declared date");
    // Many beside each other are no chain.
    let beside = std::iter::once(first.clone()).chain((1..16).map(|_| next(1))).collect::<Vec<_>>();
    assert_eq!(chain(&beside), "taken");
}

#[test]
fn what_names_a_sensitive_variable_is_sensitive() {
    let text = DICTIONARY.replace("dead = { type = \"binary\" }", "dead = { type = \"binary\", sensitive = true }");
    let dictionary = Dictionary::parse(&text).unwrap();
    let sensitivity = |cohort: &str, by: &str| {
        let file = format!("dataset = \"d\"\nof = [\"count\"]\nwhere = \"{cohort}\"\nby = [\"{by}\"]");
        let (query, _) = crate::query::parse_file(&file).unwrap();
        let plan = Plan::of(&query, &dictionary).unwrap();
        (plan.sensitivity(&[]), plan.prepared(&dictionary.datasets[0]).statement(&[]).sensitivity)
    };
    assert_eq!(sensitivity("sex = male", "sex"), (Sensitivity::Plain, Sensitivity::Plain));
    assert_eq!(sensitivity("sex = male", "dead"), (Sensitivity::Sensitive, Sensitivity::Plain));
    assert_eq!(sensitivity("not dead = yes", "sex"), (Sensitivity::Sensitive, Sensitivity::Sensitive));
    // What excludes nobody is no part of the statement; the plan is never plainer than it.
    assert_eq!(sensitivity("dead = yes or not dead = yes", "sex"), (Sensitivity::Sensitive, Sensitivity::Plain));
}

#[test]
fn a_residual_level_is_counted_with_the_one_it_is_declared_for() {
    let levels = "levels = [\"female\", \"male\", { name = \"other\", residual_of = \"female\" }]";
    let text = DICTIONARY.replace("levels = [\"female\", \"male\"]", levels);
    let dictionary = Dictionary::parse(&text).unwrap();
    let cohort = |level: &str| {
        let file = format!("dataset = \"d\"\nof = [\"marginals:sex\"]\nwhere = \"sex = {level}\"");
        let (query, _) = crate::query::parse_file(&file).unwrap();
        Plan::of(&query, &dictionary).unwrap()
    };
    assert!(cohort("other").cohort == cohort("female").cohort);
    assert!(cohort("'female or other'").cohort == cohort("female").cohort);
    assert_eq!(cohort("other").asks[0].operands[0].axis.as_ref().unwrap().labels, ["female or other", "male"]);
}
