use coda_model::{
    SiteId,
    estimate::{AskEstimates, Budget, CellEstimates, Estimate, Figure, History, Quantity, SiteOutcome, Terms},
};
use serde_json::Value;

use super::*;

pub(super) fn site(name: &str) -> SiteId {
    SiteId::new(name).unwrap()
}

fn estimate(figures: Vec<Figure>, from: &[&str], without: &[&str]) -> Estimate {
    let sites = |names: &[&str]| names.iter().map(|name| site(name)).collect();
    Estimate { figures, from: sites(from), without: sites(without) }
}

fn outcome(name: &str, status: SiteStatus, detail: &str) -> SiteOutcome {
    SiteOutcome { site: site(name), status, detail: detail.to_owned(), build: String::new(), terms: None }
}

pub(super) fn terms(history: History) -> Terms {
    let budget = match history {
        History::Off => Budget::default(),
        _ => Budget { spent: 12, allowed: 330, requests_left_today: 188, cohorts_left_today: 45 },
    };
    Terms { policy: "9b1d".to_owned(), history, budget }
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
            SiteOutcome { terms: Some(terms(History::Snap)), ..outcome("north", SiteStatus::Answered, "") },
            SiteOutcome { terms: Some(terms(History::RefuseSymmetric)), ..outcome("east", SiteStatus::Answered, "") },
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
    insta::assert_snapshot!(text(&answer()).trim(), @r#"
age, in a
 sex     site     n         missing   mean      median
 female  north         812        <5     61.23             62
 female  east     withheld  withheld  withheld  62 [60 to 64]
 female  network       812        <5    61.23*  62 [61 to 63]

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
[a to b]: the figure is within it for certain; (a to b): a 95 % confidence interval
withheld, and counts such as <5 or 12 to 16: a site gives out no figure that fewer than its threshold of people
(5 or more) are behind, zero included, nor one that would give such a figure away (rule book: docs/disclosure.md).
Coarser groups, longer periods or a larger cohort help; for skewed values, the median rather than the mean.
What comes close to figures told before stays withheld.
Figures may describe a cohort differing by fewer than 5 people (or the site's own threshold) from the one asked
(rule book: docs/disclosure.md, section 'Close cohorts').
budget at north: 12 of 330 figures spent; 188 requests and 45 cohorts left today
budget at east: 12 of 330 figures spent; 188 requests and 45 cohorts left today
"#);
}

#[test]
fn where_nobody_answered_there_are_no_tables() {
    let mut answer = answer();
    for site in &mut answer.sites {
        (site.status, site.detail, site.terms) = (SiteStatus::Refused, "the budget is spent".to_owned(), None);
    }
    insta::assert_snapshot!(text(&answer).trim(), @r"
0 of 3 sites answered: none
north is not in the figures: refused, the budget is spent
east is not in the figures: refused, the budget is spent
west is not in the figures: refused, the budget is spent
");
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

fn written(answer: &Answer) -> String {
    let mut bytes = Vec::new();
    json(answer, &mut bytes).unwrap();
    String::from_utf8(bytes).unwrap()
}

/// Where a document does not fit a part of the documented schema.
pub(super) fn fits(part: &str, document: &str) -> Option<String> {
    let schema: Value = serde_json::from_str(include_str!("../../../../docs/answer.schema.json")).unwrap();
    misfit(&schema, schema.pointer(part).unwrap(), &serde_json::from_str(document).unwrap(), "$")
}

#[test]
fn json_keeps_to_the_documented_schema() {
    let document = written(&answer());
    assert_eq!(fits("", &document), None);
    // The check itself can fail.
    let changed = |change: fn(&mut Value)| {
        let mut wrong: Value = serde_json::from_str(&document).unwrap();
        change(&mut wrong);
        fits("", &wrong.to_string())
    };
    let wrong = changed(|of| of["asks"][0]["cells"][0]["network"]["figures"][0]["count"] = Value::from(3));
    assert!(wrong.is_some());
    assert!(changed(|of| of["sites"][0]["status"] = Value::from("late")).is_some());
    assert!(changed(|of| of["sites"][0]["budget"]["spent"] = Value::from(-0.5)).is_some());
    assert!(changed(|of| of["sites"][0]["history"] = Value::from("asymmetric")).is_some());
}

#[test]
fn the_documented_examples_keep_to_the_schema() {
    let page = include_str!("../../../../docs/answer.md");
    let examples: Vec<&str> = page.split("```json\n").skip(1).filter_map(|rest| rest.split("```").next()).collect();
    let [answer, preview] = examples.as_slice() else { panic!("{} examples", examples.len()) };
    assert_eq!(fits("", answer), None);
    assert_eq!(fits("/$defs/preview", preview), None);
}

#[test]
fn json_tells_the_terms_of_each_site() {
    let document: Value = serde_json::from_str(&written(&answer())).unwrap();
    insta::assert_snapshot!(serde_json::to_string_pretty(&document["sites"]).unwrap(), @r#"
[
  {
    "budget": {
      "allowed": 330,
      "cohorts_left_today": 45,
      "requests_left_today": 188,
      "spent": 12
    },
    "history": "snap",
    "policy": "9b1d",
    "site": "north",
    "status": "answered"
  },
  {
    "budget": {
      "allowed": 330,
      "cohorts_left_today": 45,
      "requests_left_today": 188,
      "spent": 12
    },
    "history": "refuse_symmetric",
    "policy": "9b1d",
    "site": "east",
    "status": "answered"
  },
  {
    "detail": "not reached, or no answer in time",
    "site": "west",
    "status": "silent"
  }
]
"#);
}

#[test]
fn json_has_no_null() {
    let mut answer = answer();
    let figures = &mut answer.asks[0].cells[0].network.figures;
    figures[0] = Figure::number("mean", 1.0, None).confidence(f64::NEG_INFINITY, 2.0);
    figures.push(Figure::number("ratio", f64::NAN, None));
    let document = written(&answer);
    assert_eq!(fits("", &document), None);
    assert!(!document.contains("null"));
    let document: Value = serde_json::from_str(&document).unwrap();
    let figures = &document["asks"][0]["cells"][0]["network"]["figures"];
    assert_eq!(figures[0].to_string(), r#"{"name":"mean","number":1.0}"#);
    assert_eq!(figures[3].to_string(), r#"{"name":"ratio","withheld":true}"#);
}

/// What stands below the tables.
fn below(answer: &Answer) -> String {
    let text = text(answer);
    let (_, coverage) = text.split_once(" sites answered").unwrap();
    coverage.split_once('\n').unwrap().1.to_owned()
}

/// An answer of one site to one ask.
fn small(ask: &str, figures: Vec<Figure>, terms: Option<Terms>) -> Answer {
    let figures = estimate(figures, &["north"], &[]);
    Answer {
        sites: vec![SiteOutcome { terms, ..outcome("north", SiteStatus::Answered, "") }],
        axes: Vec::new(),
        asks: vec![AskEstimates {
            ask: ask.to_owned(),
            cells: vec![CellEstimates {
                labels: Vec::new(),
                sites: vec![(site("north"), figures.clone())],
                network: figures,
            }],
        }],
    }
}

#[test]
fn the_sentence_on_close_cohorts_does_not_depend_on_figures() {
    let said = |figures, terms| below(&small("count", figures, terms)).contains("differing by fewer than 5 people");
    let shown = || vec![Figure::count("count", Quantity::Count(100))];
    for figures in [shown(), vec![Figure::withheld("count")], Vec::new()] {
        assert!(said(figures.clone(), Some(terms(History::Snap))));
        assert!(!said(figures.clone(), Some(terms(History::RefuseSymmetric))));
        assert!(!said(figures, None));
    }
    let mut nobody = small("count", Vec::new(), Some(terms(History::Snap)));
    nobody.sites[0].status = SiteStatus::Invalid;
    assert!(text(&nobody).contains("differing by fewer than 5 people"));
}

#[test]
fn the_budget_is_told_where_one_is_kept() {
    let shown = || vec![Figure::count("count", Quantity::Count(100))];
    assert_eq!(below(&small("count", shown(), Some(terms(History::Off)))), "");
    let mut last = terms(History::RefuseSymmetric);
    last.budget.requests_left_today = 1;
    last.budget.cohorts_left_today = 0;
    let told = "budget at north: 12 of 330 figures spent; 1 request and 0 cohorts left today\n";
    assert_eq!(below(&small("count", shown(), Some(last))), told);
}

#[test]
fn the_median_is_suggested_where_a_mean_is_withheld() {
    let said = |ask: &str, figure| below(&small(ask, vec![figure], None)).contains("the median rather than the mean");
    for ask in ["mean:age", "sd:age", "ci:age", "mean_difference:age:sex", "smd:age:sex"] {
        assert!(said(ask, Figure::withheld("mean")), "{ask}");
        assert!(!said(ask, Figure::count("missing", Quantity::CountBetween(0, 4))), "{ask}");
    }
    for ask in ["count", "median:age", "marginals:ward", "unheard_of:age"] {
        assert!(!said(ask, Figure::withheld("count")), "{ask}");
    }
}

#[test]
fn without_anything_withheld_there_is_no_footnote() {
    assert_eq!(below(&small("count", vec![Figure::count("count", Quantity::Count(5))], None)), "");
    let between = vec![Figure::count("count", Quantity::CountBetween(12, 16))];
    insta::assert_snapshot!(below(&small("count", between, None)), @r#"
withheld, and counts such as <5 or 12 to 16: a site gives out no figure that fewer than its threshold of people
(5 or more) are behind, zero included, nor one that would give such a figure away (rule book: docs/disclosure.md).
Coarser groups, longer periods or a larger cohort help.
What comes close to figures told before stays withheld.
"#);
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
