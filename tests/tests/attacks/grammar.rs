//! What cannot be asked: extremes, single people, columns of one's own. There is nothing to perturb.

use coda_model::{plan::Plan, query::parse_file};

use crate::bench::{Attack, Ward, percent};

const REFUSED: [(&str, &str); 14] = [
    ("the oldest", "of = ['max:age']"),
    ("the youngest", "of = ['min:age']"),
    ("a range", "of = ['range:age']"),
    ("a free percentile", "of = ['percentile:age:99']"),
    ("a constant off the grid", "where = 'age < 47'\nof = ['count']"),
    ("classes off the grid", "of = ['marginals:age@46,47']"),
    ("five variables", "where = 'sex = s0 and unit = u0 and month = m0 and origin = o0 and hiv = yes'\nof = ['count']"),
    ("three groups", "of = ['count']\nby = ['sex', 'unit', 'origin']"),
    ("a column of one's own", "of = ['mean:mine']\n[derive]\nmine = 'age * 2'"),
    ("a covariance", "of = ['covariance:age:stay']"),
    ("a sum of numbers of rows", "of = ['mean:tests']\n[derive]\ntests = 'count(lab)'"),
    ("a distribution of rows", "rows = 'lab'\nof = ['median:crp']"),
    ("division", "where = 'age / stay > 1'\nof = ['count']"),
    ("a level that the dictionary has not", "where = \"unit = 'u99'\"\nof = ['count']"),
];

#[test]
fn what_cannot_be_asked() {
    let ward = Ward::new(50, 7_000, false);
    let taken = |text: &str| {
        let plan = parse_file(&format!("dataset = \"ward\"\n{text}")).and_then(|(query, _)| Plan::of(&query, ward.dictionary()));
        plan.is_ok_and(|plan| coda_stats::check(&plan).is_ok())
    };
    let found: Vec<bool> = REFUSED.iter().map(|(_, text)| taken(text)).collect();
    let names: Vec<&str> = REFUSED.iter().zip(&found).filter(|(_, taken)| **taken).map(|((name, _), _)| *name).collect();
    assert!(names.is_empty(), "these can be asked: {names:?}");
    assert!(taken("where = 'age < 45'\nof = ['quartiles:age']"), "the ward cannot be asked at all");
    Attack {
        name: "extremes, single people, columns of one's own",
        learns: "a value of one person",
        questions: REFUSED.len(),
        targets: REFUSED.len(),
        success: percent(&found),
        bound: 0.0,
        off: None,
    }
    .check();
}
