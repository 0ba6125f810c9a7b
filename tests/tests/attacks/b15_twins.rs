//! B15. Twins
//!
//! Learns: one person's one attribute, from anything in any reply to forty questions.
//! Against: all defences together, on twins that differ in that attribute alone

use coda_disclosure::{Defence, Defences};

use crate::bench::{
    patients::{Patient, patients},
    twins::{Allowed, Twins, question, told},
    without_all,
};

/// One person's one attribute, both ways, and the words by which a question has to do with it.
struct Change {
    name: &'static str,
    apply: fn(&mut Vec<Patient>),
    words: &'static [&'static str],
}

const CHANGES: [Change; 5] = [
    Change { name: "X has no HIV", apply: |people| people[0].hiv = false, words: &["hiv"] },
    Change {
        name: "where patient 60 comes from is known",
        apply: |people| people[60].origin = "abroad",
        words: &["origin"],
    },
    Change { name: "patient 60 comes from home", apply: |people| people[60].origin = "home", words: &["origin"] },
    Change { name: "patient 4 is not in burns", apply: |people| people[4].unit = "medicine", words: &["unit"] },
    Change { name: "patient 5 has a row more", apply: |people| people[5].crp.push(77), words: &["lab", "crp"] },
];

/// Asked in this order.
const QUESTIONS: &[&str] = &[
    "count",
    "count | where sex = f and age >= 47 and age < 48 and unit = burns",
    "count | where hiv = yes and sex = f and age >= 47 and age < 48 and unit = burns",
    "count | where hiv = no and sex = f and age >= 47 and age < 48 and unit = burns",
    "count | where hiv = yes",
    "count | where hiv = yes and not (sex = f and age >= 47 and age < 48 and unit = burns)",
    "count | where hiv = yes or (sex = f and age >= 47 and age < 48 and unit = burns)",
    "count | where not (hiv = yes and sex = f and age >= 47 and age < 48 and unit = burns)",
    "count | by sex",
    "count | by unit",
    "count | by hiv",
    "count | by hiv | by sex",
    "count | by unit | by hiv",
    "count | by unit | by origin",
    "count | over month:admission",
    "count | over week:admission | where unit = medicine",
    "count | by sex | over month:admission | where hiv = yes",
    "marginals:hiv",
    "marginals:unit, mode:unit",
    "marginals:origin, mode:origin",
    "marginals:origin | by sex",
    "marginals:hiv | where unit = burns",
    "mean:age | where hiv = yes",
    "mean:age, sd:age, ci:age | by unit",
    "mean:ddimer | by unit",
    "mean:ddimer | where unit = burns",
    "mean:stay, sd:stay | by sex",
    "median:age, quartiles:age",
    "histogram:age, percentiles:age | where sex = f",
    "median:age | by sex",
    "odds_ratio:hiv:sex=f, risk_ratio:hiv:sex=f, risk_difference:hiv:sex=f",
    "mean_difference:age:hiv, smd:age:hiv",
    "mean_difference:stay:sex=f",
    "count, mean:crp | rows lab",
    "count, mean:crp | rows lab | by hiv",
    "median:crp, histogram:crp | rows lab",
    "count | rows lab | where unit = burns",
    "marginals:sex | rows lab",
    "count | derive tests = count(lab) | where tests >= 1",
    "marginals:tests@1,2 | derive tests = count(lab)",
    OTHERWISE,
    "median:peak | derive peak = mean(lab.crp) | where unit = surgery",
    "marginals:high | derive high = exists(lab) where crp >= 100",
    "count | where has lab(crp >= 100) and unit = burns",
    "count | where origin is missing",
    "count | where origin is present",
    "count | where stay is present and origin is missing",
];

/// Asked of sites of their own: sums of a laboratory value are told in one way, here as one value a person.
const DERIVED: &[&str] = &[
    "mean:peak, sd:peak | derive peak = max(lab.crp)",
    "mean:peak | derive peak = max(lab.crp) | where hiv = yes",
    "mean:peak | derive peak = max(lab.crp) | where sex = f and not (sex = f and age >= 47 and age < 48 and unit = burns)",
    "mean:peak | derive peak = max(lab.crp) | by unit",
    "median:peak | derive peak = mean(lab.crp) | where unit = surgery",
    "marginals:high | derive high = exists(lab) where crp >= 100",
    "count | rows lab | where hiv = yes",
];

/// Refused by a site where the same value was summed row by row.
const OTHERWISE: &str = "mean:low, sd:low | derive low = min(lab.crp)";

fn twins_of(change: &Change) -> [Vec<Patient>; 2] {
    let mut other = patients("a");
    (change.apply)(&mut other);
    [patients("a"), other]
}

/// What questions tell of a change.
async fn asked(change: &Change, questions: &[&str], defences: Defences) -> Vec<String> {
    let twins = Twins::of(twins_of(change), defences).await;
    let mut found = Vec::new();
    for text in questions {
        let concerned = change.words.iter().any(|word| text.contains(word));
        let allowed = if concerned { Allowed::One } else { Allowed::Nothing };
        let replies = twins.wire(&question(text)).await;
        let refused = *text == OTHERWISE && defences.has(Defence::OneWayToSum);
        assert_eq!(!replies[0].words.is_empty(), refused, "{text}: {}", replies[0].words);
        found.extend(told(&replies, allowed).into_iter().map(|what| format!("{}: {text}: {what}", change.name)));
    }
    found
}

#[tokio::test(flavor = "multi_thread")]
async fn is_defended() {
    let mut found = Vec::new();
    for change in &CHANGES {
        found.extend(asked(change, QUESTIONS, Defences::default()).await);
        found.extend(asked(change, &[DERIVED, &[OTHERWISE]].concat(), Defences::default()).await);
    }
    assert!(found.is_empty(), "{found:#?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn works_undefended() {
    let off = without_all(&[Defence::SmallCells, Defence::PairRule, Defence::LinearAudit]);
    let found = asked(&CHANGES[0], &QUESTIONS[..8], off).await;
    assert!(found.iter().any(|told| told.contains("out for 1 and 0 people")), "{found:#?}");
}
