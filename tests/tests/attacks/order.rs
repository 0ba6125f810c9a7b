//! What was asked before, by whom and together with what: no byte of an answer differs.

use coda_model::query::{parse_file};
use rand::RngExt;

use crate::bench::{Attack, Ward, percent, rng, usual};

const QUESTIONS: [&str; 8] = [
    "of = ['count', 'mean:age', 'sd:age', 'mean:stay']\nby = ['sex']",
    "where = 'age >= 40'\nof = ['marginals:hiv', 'median:age']",
    "where = 'age >= 40 and not (unit = u1 and month = m2)'\nof = ['marginals:hiv', 'mean:age']",
    "where = 'unit in (u0, u1)'\nof = ['histogram:stay', 'count:stay']\nby = ['origin', 'sex']",
    "where = 'stay is missing'\nof = ['count', 'marginals:smoking']",
    "rows = 'lab'\nwhere = 'crp >= 50'\nof = ['count', 'mean:crp']",
    "of = ['risk_ratio:hiv:sex', 'quartiles:age', 'mean:cured']",
    "of = ['mean:peak', 'median:peak']\nby = ['hiv']\n[derive]\npeak = 'max(lab.crp)'",
];

fn bytes(ward: &Ward, question: &str) -> Vec<u8> {
    ward.raw(question).encoded(&usual())
}

#[test]
fn order_and_earlier_questions_change_no_byte() {
    let (ward, mut rng) = (Ward::new(400, 5_000, true), rng(14));
    let fresh: Vec<Vec<u8>> = QUESTIONS.iter().map(|question| bytes(&Ward::new(400, 5_000, true), question)).collect();
    let mut changed = Vec::new();
    for _ in 0..200 {
        let place = rng.random_range(0..QUESTIONS.len());
        changed.push(bytes(&ward, QUESTIONS[place]) != fresh[place]);
    }
    Attack {
        name: "the same questions again, in any order",
        learns: "anything by asking again, in another order, as somebody else",
        questions: changed.len(),
        targets: changed.len(),
        success: percent(&changed),
        bound: 0.0,
        off: None,
    }
    .check();
}

#[test]
fn an_ask_is_told_as_it_is_alone() {
    let ward = Ward::new(400, 5_000, true);
    let mut changed = Vec::new();
    for question in QUESTIONS {
        let (query, _) = parse_file(question).unwrap();
        let together = ward.raw(question).told(&usual());
        let list = question.lines().find(|line| line.starts_with("of = ")).unwrap();
        for (place, ask) in query.asks.iter().enumerate() {
            let alone = ward.raw(&question.replace(list, &format!("of = ['{ask}']"))).told(&usual());
            changed.push(alone.asks[0] != together.asks[place] || alone.total != together.total);
        }
    }
    Attack {
        name: "an ask alone and beside others",
        learns: "anything by what is asked beside it",
        questions: 2,
        targets: changed.len(),
        success: percent(&changed),
        bound: 0.0,
        off: None,
    }
    .check();
}

#[test]
fn one_statement_in_other_words_has_one_count() {
    let ward = Ward::new(400, 5_000, true);
    let count = |text: &str, cell, slot| ward.raw(text).slot(&usual(), cell, slot).map(|slot| slot.count);
    let plain = count("where = 'sex = s0 and age >= 40'\nof = ['count']", 0, 0);
    let words = [
        count("where = 'age >= 40 and not (sex = s1)'\nof = ['count']", 0, 0),
        count("where = 'not (age < 40 or sex != s0)'\nof = ['count']", 0, 0),
        count("where = 'age >= 40'\nof = ['count']\nby = ['sex']", 0, 0),
        count("where = 'age >= 40'\nof = ['marginals:sex']", 0, 0),
        count("where = 'age >= 40 and sex in (s0)'\nof = ['mean:age']", 0, 0),
        count("where = 'age >= 40 and (sex = s0 or sex = s0 and age >= 60)'\nof = ['count:hiv']", 0, 0),
    ];
    let changed: Vec<bool> = words.iter().map(|count| *count != plain).collect();
    Attack {
        name: "averaging over ways to write one statement",
        learns: "an exact count",
        questions: changed.len(),
        targets: changed.len(),
        success: percent(&changed),
        bound: 0.0,
        off: None,
    }
    .check();
}
