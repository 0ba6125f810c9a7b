use super::*;
use crate::render::tests::{fits, site, terms};

fn preview(name: &str, cost: u64, history: History, notes: &[&str]) -> Preview {
    let terms = Some(terms(history));
    let outcome = SiteOutcome {
        site: site(name),
        status: SiteStatus::Answered,
        detail: String::new(),
        build: String::new(),
        terms,
    };
    Preview { outcome, cost_at_most: Some(cost), notes: notes.iter().map(|note| (*note).to_owned()).collect() }
}

fn without(name: &str, status: SiteStatus, detail: &str) -> Preview {
    let outcome =
        SiteOutcome { site: site(name), status, detail: detail.to_owned(), build: String::new(), terms: None };
    Preview { outcome, cost_at_most: None, notes: Vec::new() }
}

const LEAST: &str = "a cell of fewer than 5 people is withheld, none included";
const SPREAD: &str = "sd:age is withheld under 10 people";
const AGAIN: &str = "asked before on this build: the same answer again, for nothing";

fn previews() -> Vec<Preview> {
    vec![
        preview("north", 34, History::Snap, &[LEAST, SPREAD]),
        preview("south", 0, History::RefuseSymmetric, &[LEAST, SPREAD, AGAIN]),
        without("west", SiteStatus::Silent, "not reached, or no answer in time"),
        preview("east", 34, History::Off, &[LEAST, "sd:age is withheld under 12 people"]),
        without("far", SiteStatus::Refused, "you may not query this site"),
    ]
}

#[test]
fn a_note_that_all_sites_share_is_said_once() {
    insta::assert_snapshot!(text(&previews()).trim(), @r#"
what the query takes of your budget at each site, in figures
 site   cost at most  spent  allowed  left  requests left today  cohorts left today
 north            34     12      330   318                  188                  45
 south             0     12      330   318                  188                  45
 east             34      -        -     -                    -                   -

at every site above: a cell of fewer than 5 people is withheld, none included
at north, south: sd:age is withheld under 10 people
at south: asked before on this build: the same answer again, for nothing
at east: sd:age is withheld under 12 people
west says nothing of it: silent, not reached, or no answer in time
far says nothing of it: refused, you may not query this site
Cost and notes follow from the rules and from what was asked before, never from data (rule book: docs/disclosure.md).
"#);
}

#[test]
fn one_site_is_named() {
    insta::assert_snapshot!(text(&[preview("north", 34, History::Snap, &[LEAST, LEAST])]).trim(), @r#"
what the query takes of your budget at each site, in figures
 site   cost at most  spent  allowed  left  requests left today  cohorts left today
 north            34     12      330   318                  188                  45

at north: a cell of fewer than 5 people is withheld, none included
Cost and notes follow from the rules and from what was asked before, never from data (rule book: docs/disclosure.md).
"#);
}

#[test]
fn nobody_says_anything() {
    let told = text(&[without("west", SiteStatus::Silent, "not reached, or no answer in time")]);
    assert_eq!(told, "west says nothing of it: silent, not reached, or no answer in time\n");
}

#[test]
fn more_may_be_spent_than_is_allowed() {
    // A policy may become stricter after figures were released.
    let mut preview = preview("north", 34, History::Snap, &[]);
    let terms = preview.outcome.terms.as_mut().unwrap();
    terms.budget.spent = terms.budget.allowed + 1;
    assert_eq!(row(&preview)[2..5], ["331", "330", "0"]);
}

#[test]
fn json_keeps_to_the_documented_schema() {
    let mut bytes = Vec::new();
    json(&previews(), &mut bytes).unwrap();
    let document = String::from_utf8(bytes).unwrap();
    assert_eq!(fits("/$defs/preview", &document), None);
    assert!(fits("/$defs/preview", &document.replace("cost_at_most", "cost")).is_some());
    assert!(fits("/$defs/preview", &document.replace("refuse_symmetric", "refuse")).is_some());
    let sites: serde_json::Value = serde_json::from_str(&document).unwrap();
    insta::assert_snapshot!(serde_json::to_string_pretty(&sites["sites"][1]).unwrap(), @r#"
{
  "budget": {
    "allowed": 330,
    "cohorts_left_today": 45,
    "requests_left_today": 188,
    "spent": 12
  },
  "cost_at_most": 0,
  "history": "refuse_symmetric",
  "notes": [
    "a cell of fewer than 5 people is withheld, none included",
    "sd:age is withheld under 10 people",
    "asked before on this build: the same answer again, for nothing"
  ],
  "policy": "9b1d",
  "site": "south",
  "status": "answered"
}
"#);
    insta::assert_snapshot!(serde_json::to_string_pretty(&sites["sites"][2]).unwrap(), @r#"
{
  "detail": "not reached, or no answer in time",
  "notes": [],
  "site": "west",
  "status": "silent"
}
"#);
}
