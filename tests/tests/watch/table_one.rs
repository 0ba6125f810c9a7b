//! A Table 1: 15 numeric and 10 categorical variables by sex, over three cohorts.

use crate::{
    clinic::{self, CATEGORICAL, NUMERIC},
    seen,
    watcher::Watcher,
};

/// Everybody, and those with and without an exposure, which is unknown of a few.
const EXPOSURE: [&str; 3] = ["", "where = 'diabetes = yes'\n", "where = 'diabetes = no'\n"];
/// Cohorts each within the one before.
const NESTED: [&str; 3] = ["", "where = 'age >= 65'\n", "where = 'age >= 65 and unit in (icu, emergency)'\n"];
/// Cohorts that share nobody.
const DISJOINT: [&str; 3] = ["where = 'age < 50'\n", "where = 'age >= 50 and age < 70'\n", "where = 'age >= 70'\n"];

/// The table of a cohort in one query for each row, as whoever fills a table asks.
fn rows(cohort: &str) -> Vec<String> {
    let numeric = NUMERIC.iter().map(|variable| {
        let name = variable.name;
        format!("\"mean:{name}\", \"sd:{name}\", \"median:{name}\", \"quartiles:{name}\"")
    });
    let categorical =
        CATEGORICAL.iter().filter(|(name, _)| *name != "sex").map(|(name, _)| format!("\"marginals:{name}\""));
    let row = |of: String| format!("{cohort}of = [{of}]\nby = [\"sex\"]");
    numeric.chain(categorical).map(row).chain([format!("{cohort}of = [\"count\"]\nby = [\"sex\"]")]).collect()
}

fn check(name: &str, cohorts: [&str; 3]) {
    seen::check(name, async |people, seed| {
        let (dictionary, site) = (clinic::dictionary(), clinic::site(people, seed));
        Watcher::of(&site, &dictionary).await.ask_all(cohorts.iter().flat_map(|cohort| rows(cohort))).await
    });
}

#[test]
fn a_table_one_of_nested_cohorts_is_left_alone() {
    check("Table 1, nested cohorts", NESTED);
}

#[test]
fn a_table_one_of_cohorts_that_share_nobody_is_left_alone() {
    check("Table 1, disjoint cohorts", DISJOINT);
}

#[test]
fn a_table_one_of_everybody_and_by_exposure_is_left_alone() {
    check("Table 1, everybody and by exposure", EXPOSURE);
}
