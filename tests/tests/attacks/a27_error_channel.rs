//! 27. Error channel
//!
//! Learns: whether X has HIV, from whether something fails: a division by zero, no rows, a constant, an overflow.
//! Against: there are no words for arithmetic, and what fails on the data is withheld like anything else (1.13)

use coda_disclosure::{Defence, Defences};
use coda_model::query::{Query, parse_ask, parse_derivation, parse_predicate};

use crate::bench::{
    U1,
    patients::{NOBODY, Patient, X, patients},
    twins::{Allowed, Twins, question, told},
    without_all,
};

/// With HIV and without.
fn twins() -> [Vec<Patient>; 2] {
    let mut other = patients("a");
    other[0].hiv = false;
    [patients("a"), other]
}

fn with_y(mut people: Vec<Patient>) -> Vec<Patient> {
    people[1].hiv = true;
    people
}

/// What divides by nobody, spreads over one, or has nothing to compare, in one of the twins or in both.
fn failing() -> Vec<String> {
    let two = "unit = burns and age >= 40";
    let asks = [
        "count",
        "mean:age",
        "sd:age",
        "ci:age",
        "mode:hiv",
        "marginals:hiv",
        "median:age",
        "percentiles:age",
        "odds_ratio:hiv:sex=f",
        "risk_ratio:hiv:sex=f",
        "risk_difference:hiv:sex=f",
        "mean_difference:age:hiv",
        "smd:age:hiv",
    ];
    let cohorts = [
        X.to_owned(),
        format!("{X} and hiv = yes"),
        format!("{X} and hiv = no"),
        NOBODY.to_owned(),
        two.to_owned(),
        format!("{two} and hiv = yes"),
        "hiv = yes and hiv = no".to_owned(),
        // A constant, over enough people.
        "age >= 47 and age < 48".to_owned(),
    ];
    cohorts.iter().map(|cohort| format!("{} | where {cohort}", asks.join(", "))).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn is_defended() {
    let twins = Twins::of(twins(), Defences::default()).await;
    for text in failing() {
        let replies = twins.wire(&question(&text)).await;
        assert_eq!(replies[0].code, tonic::Code::Ok, "{text}: {}", replies[0].words);
        // Of the constant cohort enough are left to be counted, X among them.
        let constant = text.ends_with("age < 48");
        let allowed = if constant { Allowed::One } else { Allowed::Nothing };
        assert_eq!(told(&replies, allowed), Vec::<String>::new(), "{text}");
        // The coordinator makes nothing else of it.
        let asked = question(&text);
        let (one, other) = (twins.0[0].ask(U1, &asked, &["a"]).await, twins.0[1].ask(U1, &asked, &["a"]).await);
        assert!(constant || format!("{:?}", one.asks) == format!("{:?}", other.asks), "{text}");
    }
}

#[test]
fn there_are_no_words_for_arithmetic() {
    for predicate in [
        "1 / (hiv - 1) > 0",
        "age / 0 > 1",
        "log(age - 47) > 0",
        "sqrt(age) > 2",
        "age + stay > 3",
        "age * age > 9",
        "hiv / 0 = 1",
        "case when hiv = yes then 1 / 0 end",
        "cast(hiv) = 1",
    ] {
        parse_predicate("where", predicate).err().unwrap_or_else(|| panic!("{predicate} reads"));
    }
    for derivation in ["sum(lab.crp) / 0", "log(lab.crp)", "max(lab.crp) - max(lab.crp)", "1 / count(lab)"] {
        parse_derivation("derive", derivation).err().unwrap_or_else(|| panic!("{derivation} reads"));
    }
}

/// What does read and is wrong is refused in words that depend on nothing but the question and the dictionary.
#[tokio::test(flavor = "multi_thread")]
async fn refusals_have_the_same_words_for_twins() {
    let twins = Twins::of(twins(), Defences::default()).await;
    let cohorts = [
        "age > 99999999999999999999999999",
        "age > 1e400",
        "age > nan",
        "hiv = maybe",
        "hiv > no",
        "age in (47, x)",
        "age = stay",
        "-age > 3",
        "admission >= 2024-02-31",
        "age in [48, 47)",
        "nothing = 3",
        "lab.crp > 3",
    ];
    let asks =
        ["mean:1/age", "mean:age-47", "mean:log(age)", "sd:age*hiv", "mean:(age)", "ratio:age:hiv", "mean:age[1/a]"];
    let of_cohort = |cohort: &&str| Some(Query { cohort: parse_predicate("where", cohort).ok(), ..question("count") });
    let of_ask = |ask: &&str| Some(Query { asks: vec![parse_ask("of", ask).ok()?], ..question("count") });
    let asked = cohorts.iter().filter_map(of_cohort).filter(|asked| asked.cohort.is_some());
    for asked in asked.chain(asks.iter().filter_map(of_ask)) {
        let replies = twins.wire(&asked).await;
        assert!(told(&replies, Allowed::Nothing).is_empty());
        let words = &replies[0].words;
        let refused = replies[0].code == tonic::Code::InvalidArgument && !words.is_empty();
        assert!(refused || replies[0].is_withheld(), "{:?}", asked.asks);
        for secret in ["SELECT", "panicked", "src/", ".rs", "sqlx", "row "] {
            assert!(!words.contains(secret), "{words}");
        }
    }
}

/// A statistic that fails for X only.
#[tokio::test(flavor = "multi_thread")]
async fn works_undefended() {
    let off = [Defence::SmallCells, Defence::Secondary, Defence::Samples, Defence::PairRule, Defence::LinearAudit];
    // Here Y has it. Of X and Y, X is under 50: if X has it not, one risk is divided by nought.
    let twins = Twins::of(twins().map(with_y), without_all(&off)).await;
    let asked = question("risk_ratio:hiv:age@50 | where unit = burns and age >= 40");
    let mut fails = Vec::new();
    for bench in &twins.0 {
        let reply = bench.wire(&asked).await;
        let [without, with] = [0, 1].map(|slot| reply.people(slot).unwrap());
        assert_eq!(without + with, 1, "X, who is under 50");
        fails.push(1_u64.checked_div(with).is_none());
    }
    assert_eq!(fails, [false, true], "the failure is the answer");
}
