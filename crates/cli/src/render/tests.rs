use coda_client::Evidence;
use coda_model::{
    SiteId,
    estimate::{
        AskEstimates, CellEstimates, CountFigure, Estimate, EstimatedCount, Figure, Interval, Limits, Quantity,
        SiteOutcome, Terms,
    },
    rounding::Rounding,
};
use serde_json::Value;

use super::*;

pub(super) fn site(name: &str) -> SiteId {
    SiteId::new(name).unwrap()
}

fn estimate(figures: Vec<Figure>, sites_in: &[&str], sites_out: &[&str]) -> Estimate {
    let sites = |names: &[&str]| names.iter().map(|name| site(name)).collect();
    Estimate { figures, sites_in: sites(sites_in), sites_out: sites(sites_out) }
}

fn outcome(name: &str, status: SiteStatus, detail: &str) -> SiteOutcome {
    SiteOutcome { site: site(name), status, detail: detail.to_owned(), build: String::new(), terms: None }
}

pub(super) fn terms(rounding: Rounding) -> Terms {
    Terms {
        policy: "9b1d".to_owned(),
        rounding,
        limits: Limits { asks_left: 958, cohorts_left: 88, asks_left_today: 291 },
    }
}

fn answered(name: &str) -> SiteOutcome {
    let rounding = Rounding { told_from: 10, base: 5, step: 4, step_sensitive: 8 };
    SiteOutcome { terms: Some(terms(rounding)), ..outcome(name, SiteStatus::Answered, "") }
}

fn told(value: u64) -> CountFigure {
    CountFigure { value: Some(value), certain: Some((value - 8, value + 8)), estimate: None }
}

fn suppressed(below: u64) -> CountFigure {
    CountFigure { value: None, certain: Some((0, below - 1)), estimate: None }
}

/// Two sites in the figures, one of them in part; one too small, and one not reached.
fn answer() -> Answer {
    let ask = |ask: &str, cells| AskEstimates { ask: ask.to_owned(), cells };
    let cell = |north, east, network| CellEstimates {
        labels: vec!["female".to_owned()],
        sites: vec![(site("north"), north), (site("east"), east)],
        network,
    };
    let mean = || {
        vec![
            Figure::number("mean", 61.234_56, Some("a")).confidence(59.9, 62.5),
            Figure::count("n", told(810)),
            Figure::count("missing", suppressed(10)),
        ]
    };
    let few =
        vec![Figure::suppressed("mean"), Figure::count("n", suppressed(10)), Figure::count("missing", suppressed(10))];
    let median = |value: f64| vec![Figure::number("median", value, Some("a")).certain(value - 1.0, value + 1.0)];
    let estimated = CountFigure {
        estimate: Some(EstimatedCount { value: 96.6, interval: Some(Interval { low: 94.0, high: 101.5 }) }),
        certain: Some((87, 112)),
        ..told(95)
    };
    let levels = |count: &dyn Fn(&str) -> CountFigure| -> Vec<Figure> {
        ["a", "b", "c", "d", "e"].map(|level| Figure::count("count", count(level)).of(level)).to_vec()
    };
    Answer {
        sites: vec![
            answered("north"),
            answered("east"),
            outcome("south", SiteStatus::TooSmall, ""),
            outcome("west", SiteStatus::Unreachable, "no answer in time"),
        ],
        axes: vec!["sex".to_owned()],
        asks: vec![
            ask(
                "mean:age",
                vec![cell(
                    estimate(mean(), &["north"], &[]),
                    estimate(few, &[], &["east"]),
                    estimate(mean(), &["north"], &["east", "south", "west"]),
                )],
            ),
            ask(
                "median:age",
                vec![cell(
                    estimate(median(62.0), &["north"], &[]),
                    estimate(vec![Figure::suppressed("median")], &[], &["east"]),
                    estimate(median(62.0), &["north"], &["east", "south", "west"]),
                )],
            ),
            ask(
                "marginals:ward",
                vec![cell(
                    estimate(levels(&|_| told(95)), &["north"], &[]),
                    estimate(levels(&|level| if level == "b" { told(20) } else { suppressed(10) }), &["east"], &[]),
                    estimate(
                        levels(&|level| if level == "b" { told(115) } else { estimated }),
                        &["north", "east"],
                        &["south", "west"],
                    ),
                )],
            ),
        ],
    }
}

#[test]
fn tables_say_what_is_suppressed_and_who_is_not_in() {
    insta::assert_snapshot!(text(&answer()).trim(), @"
    age, in a
     sex     site     n    missing  mean                  median
     female  north    810      <10  61.23 (59.9 to 62.5)      62
     female  east     <10      <10                  n<10    n<40
     female  network  810      <10  61.23 (59.9 to 62.5)      62

    marginals:ward; sex: female
        north  east  network
     a     95   <10      ~97
     b     95    20      115
     c     95   <10      ~97
     d     95   <10      ~97
     e     95   <10      ~97

    Counts are rounded at random to multiples of 5 (each site's within 8 of the truth). <10: suppressed. n<: too few people for this figure. ~: estimated in part (coda help suppressed).
    Not in the figures: south (too small to answer alone); west (unreachable: no answer in time).
    ");
}

/// However much is suppressed or estimated, what stands below the tables is two lines.
#[test]
fn at_most_two_lines_stand_below_the_tables() {
    let text = text(&answer());
    let below: Vec<&str> = text.lines().skip_while(|line| !line.starts_with("Counts are")).collect();
    assert_eq!(below.len(), 2, "{below:?}");
    let everybody = Answer { sites: vec![answered("north"), answered("east")], ..answer() };
    let text = super::text(&everybody);
    assert!(!text.contains("Not in the figures"), "{text}");
}

#[test]
fn where_nobody_answered_there_are_no_tables() {
    let mut answer = answer();
    for site in &mut answer.sites {
        (site.status, site.terms) = (SiteStatus::Refused, None);
        site.detail = "the project has no new asks left".to_owned();
    }
    insta::assert_snapshot!(text(&answer).trim(), @"Not in the figures: north (refused: the project has no new asks left); east (refused: the project has no new asks left); south (refused: the project has no new asks left); west (refused: the project has no new asks left).");
}

#[test]
fn exact_counts_are_called_exact() {
    let mut answer = answer();
    answer.sites.truncate(2);
    for site in &mut answer.sites {
        site.terms = Some(terms(Rounding { told_from: 5, base: 1, step: 0, step_sensitive: 0 }));
    }
    let text = text(&answer);
    assert!(text.contains("Counts are exact. <5: suppressed."), "{text}");
}

#[test]
fn csv_has_a_line_a_figure() {
    let mut bytes = Vec::new();
    csv(&answer(), &mut bytes).unwrap();
    let text = String::from_utf8(bytes).unwrap();
    let width = |line: &str| line.split(',').count();
    assert!(text.lines().all(|line| width(line) == width(text.lines().next().unwrap())), "{text}");
    let some: Vec<&str> = text.lines().take(9).chain(text.lines().rev().take(2)).collect();
    insta::assert_snapshot!(some.join("\n"), @"
    ask,sex,site,figure,level,value,unit,confidence_low,confidence_high,certain_low,certain_high,estimate,estimate_low,estimate_high,status,sites_in,sites_out
    mean:age,female,north,mean,,61.23456,a,59.9,62.5,,,,,,told,north,
    mean:age,female,north,n,,810,,,,802,818,,,,told,north,
    mean:age,female,north,missing,,,,,,0,9,,,,suppressed,north,
    mean:age,female,east,mean,,,,,,,,,,,suppressed,,east
    mean:age,female,east,n,,,,,,0,9,,,,suppressed,,east
    mean:age,female,east,missing,,,,,,0,9,,,,suppressed,,east
    mean:age,female,network,mean,,61.23456,a,59.9,62.5,,,,,,told,north,east south west
    mean:age,female,network,n,,810,,,,802,818,,,,told,north,east south west
    marginals:ward,female,network,count,e,95,,,,87,112,96.6,94,101.5,estimated in part,north east,south west
    marginals:ward,female,network,count,d,95,,,,87,112,96.6,94,101.5,estimated in part,north east,south west
    ");
}

fn written(answer: &Answer) -> String {
    let mut bytes = Vec::new();
    json(answer, "d people", &Evidence::decode(&[]).unwrap(), &mut bytes).unwrap();
    String::from_utf8(bytes).unwrap()
}

/// Where a document does not fit the documented schema.
fn fits(document: &str) -> Option<String> {
    let schema: Value = serde_json::from_str(include_str!("../../../../docs/answer.schema.json")).unwrap();
    misfit(&schema, &schema, &serde_json::from_str(document).unwrap(), "$")
}

#[test]
fn json_keeps_to_the_documented_schema() {
    let document = written(&answer());
    assert_eq!(fits(&document), None);
    // The check itself can fail.
    let changed = |change: fn(&mut Value)| {
        let mut wrong: Value = serde_json::from_str(&document).unwrap();
        change(&mut wrong);
        fits(&wrong.to_string())
    };
    assert!(changed(|of| of["asks"][0]["cells"][0]["network"]["figures"][0]["count"] = Value::from(3)).is_some());
    assert!(changed(|of| of["sites"][0]["status"] = Value::from("late")).is_some());
    assert!(changed(|of| of["sites"][0]["limits"]["asks_left"] = Value::from(-0.5)).is_some());
    assert!(changed(|of| of["sites"][0]["unknown"] = Value::from("asymmetric")).is_some());
}

#[test]
fn the_documented_example_keeps_to_the_schema() {
    let page = include_str!("../../../../docs/answer.md");
    let examples: Vec<&str> = page.split("```json\n").skip(1).filter_map(|rest| rest.split("```").next()).collect();
    let [answer] = examples.as_slice() else { panic!("{} examples", examples.len()) };
    assert_eq!(fits(answer), None);
}

#[test]
fn json_tells_the_terms_of_each_site() {
    let document: Value = serde_json::from_str(&written(&answer())).unwrap();
    let sites: Vec<&Value> = document["sites"].as_array().unwrap().iter().skip(1).collect();
    insta::assert_snapshot!(serde_json::to_string_pretty(&sites).unwrap(), @r#"
    [
      {
        "limits": {
          "asks_left": 958,
          "asks_left_today": 291,
          "cohorts_left": 88
        },
        "policy": "9b1d",
        "rounding": {
          "base": 5,
          "exact": false,
          "step": 4,
          "step_sensitive": 8,
          "told_from": 10
        },
        "site": "east",
        "status": "answered"
      },
      {
        "site": "south",
        "status": "too small"
      },
      {
        "detail": "no answer in time",
        "site": "west",
        "status": "unreachable"
      }
    ]
    "#);
}

#[test]
fn json_says_undefined_of_what_is_no_number() {
    let mut answer = answer();
    let figures = &mut answer.asks[0].cells[0].network.figures;
    figures[0] = Figure::number("mean", 1.0, None).confidence(f64::NEG_INFINITY, 2.0);
    figures.push(Figure::number("ratio", f64::NAN, None));
    figures.push(Figure::new("or", Quantity::Undefined));
    let document = written(&answer);
    assert_eq!(fits(&document), None);
    let document: Value = serde_json::from_str(&document).unwrap();
    let figures = &document["asks"][0]["cells"][0]["network"]["figures"];
    assert_eq!(figures[0].to_string(), r#"{"name":"mean","number":1.0}"#);
    assert_eq!(figures[3].to_string(), r#"{"name":"ratio","undefined":true}"#);
    assert_eq!(figures[4].to_string(), r#"{"name":"or","undefined":true}"#);
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
