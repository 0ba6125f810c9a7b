use super::*;

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
    insta::assert_snapshot!(error("age = { type = \"continuous\", unit = \"a\", lower = 0, upper = 9, resolution = 1, colour = 1 }"), @"line 9, column 7: unknown field `colour`, expected one of `label`, `column`, `missing`, `unit`, `lower`, `upper`, `resolution`, `grid`, `bins`, `bounded`");
    insta::assert_snapshot!(error("age = { type = \"continuous\", unit = \"a\", lower = 9, upper = 0, resolution = 1 }"), @"data set d, table p, variable age: lower, upper and resolution do not fit together");
    insta::assert_snapshot!(error("age = { type = \"continuous\", unit = \"a\", lower = 0, upper = 9, resolution = 1, grid = { step = 0.5 } }"), @"data set d, table p, variable age: grid step must be a whole multiple of the resolution");
    insta::assert_snapshot!(error("sex = { type = \"categorical\", levels = [\"f\", \"f\"] }"), @"data set d, table p, variable sex: levels must differ from each other");
    insta::assert_snapshot!(error("Sex = { type = \"binary\" }"), @"data set d, table p, variable Sex: the name is not lawful");
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
