use super::*;
use crate::plain::is_plain;

const HEAD: &str = "version = \"1\"\ntitle = \"t\"\n[dataset.d]\npeople = \"p\"\n[dataset.d.table.p]\nrows = \"one\"\nperson = \"id\"\n[dataset.d.table.p.variable]\n";

fn error(variables: &str) -> String {
    match Dictionary::parse(&format!("{HEAD}{variables}")) {
        Ok(_) => "taken".to_owned(),
        Err(error) => error.to_string(),
    }
}

#[test]
fn a_dictionary_keeps_the_order_of_its_file() {
    let text = format!("{HEAD}zeta = {{ type = \"binary\" }}\nalpha = {{ type = \"binary\" }}\n");
    let dictionary = Dictionary::parse(&text).unwrap();
    let names: Vec<_> = dictionary.datasets[0].variables().map(|(_, _, v)| v.id.as_str()).collect();
    assert_eq!(names, ["zeta", "alpha"]);
}

#[test]
fn what_is_wrong_is_said_with_its_place() {
    insta::assert_snapshot!(error("age = { type = \"continuous\", unit = \"a\", lower = 0, upper = 9, resolution = 1, colour = 1 }"), @"line 9, column 7: unknown field `colour`, expected one of `label`, `column`, `missing`, `unit`, `lower`, `upper`, `resolution`, `grid`, `bins`, `cuts`, `sensitive`");
    insta::assert_snapshot!(error("age = { type = \"continuous\", unit = \"a\", lower = 9, upper = 0, resolution = 1 }"), @"data set d, table p, variable age: lower, upper and resolution do not fit together");
    insta::assert_snapshot!(error("age = { type = \"continuous\", unit = \"a\", lower = 0, upper = 9, resolution = 1, grid = { step = 0.5 } }"), @"data set d, table p, variable age: grid step must be a whole multiple of the resolution");
    insta::assert_snapshot!(error("sex = { type = \"categorical\", levels = [\"f\", \"f\"] }"), @"data set d, table p, variable sex: levels must differ from each other");
    insta::assert_snapshot!(error("Sex = { type = \"binary\" }"), @"data set d, table p, variable Sex: the name is not valid");
    insta::assert_snapshot!(error("within = { type = \"binary\" }"), @"data set d, table p, variable within: this word means something in queries; choose another name");
    insta::assert_snapshot!(error("day = { type = \"date\", granularity = \"day\", from = 2020-02-01, to = 2020-01-01 }"), @"data set d, table p, variable day: from must not be after to");
    insta::assert_snapshot!(error("sex = "), @"line 9, column 7: string values must be quoted, expected literal string");
}

#[test]
fn a_histogram_has_at_most_forty_bins() {
    let bins = |bins: usize| {
        error(&format!(
            "age = {{ type = \"continuous\", unit = \"a\", lower = 0, upper = 110, resolution = 1, bins = {bins} }}"
        ))
    };
    assert_eq!(bins(40), "taken");
    insta::assert_snapshot!(bins(41), @"data set d, table p, variable age: bins must be 2 to 40");
}

#[test]
fn cuts_and_residual_levels_must_fit() {
    let age = |more: &str| {
        error(&format!(
            "age = {{ type = \"continuous\", unit = \"a\", lower = 0, upper = 110, resolution = 1, {more} }}"
        ))
    };
    assert_eq!(age("cuts = { step = 10 }, sensitive = true"), "taken");
    assert_eq!(age("cuts = { edges = [18, 40, 65] }"), "taken");
    insta::assert_snapshot!(age("cuts = { step = 0.3 }"), @"data set d, table p, variable age: cuts step must be a whole multiple of the resolution, and coarse");
    insta::assert_snapshot!(error("sex = { type = \"categorical\", levels = [\"f\", { name = \"o\", residual_of = \"m\" }] }"), @r#"data set d, table p, variable sex: residual_of = "m" must name another level"#);
    insta::assert_snapshot!(error("sex = { type = \"categorical\", levels = [\"f\", { name = \"o\" }] }"), @r#"line 9, column 7: a level is a text, or { name = "other", residual_of = "several" }"#);
    insta::assert_snapshot!(error("day = { type = \"date\", granularity = \"month\", from = 2020-01-01, to = 2020-12-31, cuts = \"day\" }"), @"data set d, table p, variable day: cuts must not be finer than the granularity");
}

#[test]
fn what_cannot_be_summed_exactly_is_refused() {
    let lab = |rows: u32, upper: u32| {
        let table = format!("[dataset.d.table.lab]\nrows = \"many\"\nrows_at_most = {rows}\nperson = \"id\"\n");
        let crp =
            format!("crp = {{ type = \"continuous\", unit = \"1\", lower = 0, upper = {upper}, resolution = 1 }}");
        error(&format!("age = {{ type = \"binary\" }}\n{table}[dataset.d.table.lab.variable]\n{crp}"))
    };
    assert_eq!(lab(1000, 1_500_000), "taken");
    assert_eq!(lab(1_000_000, 47_000), "taken");
    insta::assert_snapshot!(lab(1_000_000, 48_000), @"data set d, table lab, variable crp: so many steps between the bounds, in so many rows of a person, are too much for exact sums; take a coarser resolution, or lower rows_at_most");
}

/// A label ends on a terminal: none may move its cursor or turn its text round.
#[test]
fn a_text_that_moves_a_cursor_is_refused() {
    const GOOD: &str = "version = \"1\"\ntitle = \"TITLE\"\n[dataset.d]\npeople = \"p\"\n[dataset.d.table.p]\nrows = \"one\"\n\
                        person = \"id\"\n[dataset.d.table.p.variable]\nsex = { type = \"categorical\", levels = [\"f\", \"LEVEL\"] }\n";
    assert!(Dictionary::parse(GOOD).is_ok());
    for harmful in ["\\u001b[2J", "\\n", "\\u202e", "\\u009b1m"] {
        for place in ["TITLE", "LEVEL"] {
            let error = Dictionary::parse(&GOOD.replace(place, harmful)).unwrap_err().to_string();
            assert!(error.contains("take it out") && is_plain(&error), "{place} {harmful}: {error:?}");
        }
    }
}
