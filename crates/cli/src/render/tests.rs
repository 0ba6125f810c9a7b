use coda_model::{
    SiteId,
    estimate::{AskEstimates, CellEstimates, Estimate, Figure, Quantity, SiteOutcome},
};
use serde_json::Value;

use super::*;

fn site(name: &str) -> SiteId {
    SiteId::new(name).unwrap()
}

fn estimate(figures: Vec<Figure>, from: &[&str], without: &[&str]) -> Estimate {
    let sites = |names: &[&str]| names.iter().map(|name| site(name)).collect();
    Estimate { figures, from: sites(from), without: sites(without) }
}

fn outcome(name: &str, status: SiteStatus, detail: &str) -> SiteOutcome {
    SiteOutcome { site: site(name), status, detail: detail.to_owned(), build: String::new(), terms: None }
}

/// Two sites in the figures, one of them in part, and one silent.
fn answer() -> Answer {
    let mean = |value: f64, n: u64| {
        vec![
            Figure::number("mean", value, Some("a")),
            Figure::count("n", Quantity::Count(n)),
            Figure::count("missing", Quantity::CountBetween(0, 4)),
        ]
    };
    let ask = |ask: &str, cells| AskEstimates { ask: ask.to_owned(), cells };
    let cell = |labels: &[&str], north: Estimate, east: Estimate, network: Estimate| CellEstimates {
        labels: labels.iter().map(|label| (*label).to_owned()).collect(),
        sites: vec![(site("north"), north), (site("east"), east)],
        network,
    };
    let withheld = || estimate(vec![Figure::withheld("mean")], &[], &["east"]);
    let median = |low: f64, high: f64| vec![Figure::number("median", 62.0, Some("a")).certain(low, high)];
    Answer {
        sites: vec![
            outcome("north", SiteStatus::Answered, ""),
            outcome("east", SiteStatus::Answered, ""),
            outcome("west", SiteStatus::Silent, "not reached, or no answer in time"),
        ],
        axes: vec!["sex".to_owned()],
        asks: vec![
            ask(
                "mean:age",
                vec![cell(
                    &["female"],
                    estimate(mean(61.234_56, 812), &["north"], &[]),
                    withheld(),
                    estimate(mean(61.234_56, 812), &["north"], &["east"]),
                )],
            ),
            ask(
                "median:age",
                vec![cell(
                    &["female"],
                    estimate(median(62.0, 62.0), &["north"], &[]),
                    estimate(median(60.0, 64.0), &["east"], &[]),
                    estimate(median(61.0, 63.0), &["north", "east"], &[]),
                )],
            ),
            ask(
                "marginals:ward",
                vec![cell(
                    &["female"],
                    estimate(
                        ["a", "b", "c", "d", "e"].map(|level| Figure::count(level, Quantity::Count(9))).to_vec(),
                        &["north"],
                        &[],
                    ),
                    estimate(vec![Figure::count("a", Quantity::CountBetween(5, 9))], &["east"], &[]),
                    estimate(
                        ["a", "b", "c", "d", "e"].map(|level| Figure::count(level, Quantity::Count(18))).to_vec(),
                        &["north", "east"],
                        &[],
                    ),
                )],
            ),
        ],
    }
}

#[test]
fn tables_say_what_is_withheld_and_who_is_not_in() {
    insta::assert_snapshot!(text(&answer()), @r#"
age, in a
 sex     site     n         missing   mean      median
 female  north         812        <5     61.23             62
 female  east     withheld  withheld  withheld  62 (60 to 64)
 female  network       812        <5    61.23*  62 (61 to 63)

marginals:ward; sex: female
    north  east      network
 a      9    5 to 9       18
 b      9  withheld       18
 c      9  withheld       18
 d      9  withheld       18
 e      9  withheld       18

2 of 3 sites answered: north, east
west is not in the figures: silent, not reached, or no answer in time
* without the sites whose part is withheld
withheld, and counts such as <5 or 12 to 16: a site gives out no figure that fewer than its threshold of people
(5 or more) are behind, zero included, nor one that would give such a figure away. Coarser groups, longer periods,
or asking for a variable apart from count help.
"#);
}

#[test]
fn csv_has_a_line_a_figure() {
    let mut bytes = Vec::new();
    csv(&answer(), &mut bytes).unwrap();
    let text = String::from_utf8(bytes).unwrap();
    insta::assert_snapshot!(text.lines().take(9).collect::<Vec<_>>().join("\n"), @r#"
ask,sex,site,figure,value,low,high,interval,unit,status
mean:age,female,north,mean,61.23456,,,,a,value
mean:age,female,north,n,812,,,,,value
mean:age,female,north,missing,,0,4,certain,,between
mean:age,female,east,mean,,,,,,withheld
mean:age,female,network,mean,61.23456,,,,a,value
mean:age,female,network,n,812,,,,,value
mean:age,female,network,missing,,0,4,certain,,between
median:age,female,north,median,62,62,62,certain,a,value
"#);
}

#[test]
fn json_keeps_to_the_documented_schema() {
    let mut bytes = Vec::new();
    json(&answer(), &mut bytes).unwrap();
    let document: Value = serde_json::from_slice(&bytes).unwrap();
    let schema: Value = serde_json::from_str(include_str!("../../../../docs/answer.schema.json")).unwrap();
    assert_eq!(misfit(&schema, &schema, &document, "$"), None);
    // The check itself can fail.
    let mut wrong = document.clone();
    wrong["asks"][0]["cells"][0]["network"]["figures"][0]["count"] = Value::from(3);
    assert!(misfit(&schema, &schema, &wrong, "$").is_some());
    let mut wrong = document;
    wrong["sites"][0]["status"] = Value::from("late");
    assert!(misfit(&schema, &schema, &wrong, "$").is_some());
}

/// Where a document does not fit a schema, of the words that ours uses.
fn misfit(root: &Value, schema: &Value, value: &Value, place: &str) -> Option<String> {
    let fault = |what: &str| Some(format!("{place}: {what}"));
    if let Some(Value::String(reference)) = schema.get("$ref") {
        return misfit(root, root.pointer(reference.trim_start_matches('#'))?, value, place);
    }
    if schema.get("const").is_some_and(|constant| constant != value) {
        return fault("const");
    }
    if schema.get("enum").and_then(Value::as_array).is_some_and(|words| !words.contains(value)) {
        return fault("enum");
    }
    let is = |kind: &str| match kind {
        "object" => value.is_object(),
        "array" => value.is_array(),
        "string" => value.is_string(),
        "integer" => value.is_u64() || value.is_i64(),
        "number" => value.is_number(),
        "null" => value.is_null(),
        other => panic!("the schema uses {other}"),
    };
    match schema.get("type") {
        Some(Value::String(kind)) if !is(kind) => return fault(kind),
        Some(Value::Array(kinds)) if !kinds.iter().filter_map(Value::as_str).any(is) => return fault("type"),
        _ => {}
    }
    for key in schema.get("required").and_then(Value::as_array).into_iter().flatten().filter_map(Value::as_str) {
        if value.get(key).is_none() {
            return fault(key);
        }
    }
    if let Some(choices) = schema.get("oneOf").and_then(Value::as_array) {
        let fits = choices.iter().filter(|choice| misfit(root, choice, value, place).is_none()).count();
        if fits != 1 {
            return fault("oneOf");
        }
    }
    if let (Some(properties), Some(entries)) = (schema.get("properties").and_then(Value::as_object), value.as_object())
    {
        for (key, entry) in entries {
            let Some(schema) = properties.get(key) else { return fault(&format!("unknown key {key}")) };
            if let Some(found) = misfit(root, schema, entry, &format!("{place}.{key}")) {
                return Some(found);
            }
        }
    }
    if let (Some(items), Some(entries)) = (schema.get("items"), value.as_array()) {
        return entries.iter().enumerate().find_map(|(i, entry)| misfit(root, items, entry, &format!("{place}[{i}]")));
    }
    None
}
