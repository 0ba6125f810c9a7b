//! Two data sets that differ in one attribute of one person: no question about others has another answer.

use rand::{Rng, RngExt};

use crate::bench::{Attack, Off, VARIABLES, Ward, bare, cases, percent, rng, usual};

const PEOPLE: usize = 80;
const ASKS: [&str; 9] = [
    "count", "mean:age", "sd:stay", "median:age", "marginals:hiv", "histogram:stay", "mean:cured", "count:stay",
    "risk_ratio:hiv:sex",
];
const OF_ROWS: [&str; 3] = ["count", "mean:crp", "sd:crp"];
const GROUPS: [&str; 5] = ["sex", "hiv", "smoking", "origin", "age@40,65"];

/// Somebody, and a ward in which one attribute of theirs is another, but for this variable.
fn twin(ward: &Ward, person: usize, kept: usize, rng: &mut impl Rng) -> Ward {
    let mut twin = ward.clone();
    let place = rng.random_range(0..=ward.columns.len());
    if place == ward.columns.len() || place == kept {
        match twin.labs.iter_mut().find(|row| row.0 == person as i32) {
            Some(row) => row.1 = (row.1 + 100) % 400,
            None => twin.columns[6][person] ^= 1,
        }
    } else {
        let highest = twin.columns[place].iter().copied().max().unwrap_or_default().max(1);
        let code = &mut twin.columns[place][person];
        *code = (*code + 1 + rng.random_range(0..highest)) % (highest + 1);
    }
    twin
}

/// A session: up to four asks of a cohort in up to eighteen cells. `outside` leaves the person out.
fn session(ward: &Ward, person: usize, outside: bool, rng: &mut impl Rng) -> (String, usize) {
    let variable = VARIABLES[rng.random_range(0..VARIABLES.len())];
    let own = ward.columns[variable.place][person];
    let mut levels: Vec<i32> = (0..variable.levels).filter(|code| *code != own && rng.random_range(0..4) > 0).collect();
    if levels.is_empty() {
        levels.push((own + 1) % variable.levels);
    }
    if !outside {
        levels.push(own);
    }
    let more = ["", " and age >= 40", " and hiv = yes", " and stay is present"][rng.random_range(0..4)];
    let mut draw = |of: &[&str], most: usize| {
        let chosen: Vec<String> =
            of.iter().filter(|_| rng.random_range(0..of.len()) < most).take(most).map(|word| format!("'{word}'")).collect();
        chosen.join(", ")
    };
    let (asks, groups, rows) = (draw(&ASKS, 3), draw(&GROUPS, 1), draw(&OF_ROWS, 2));
    let of_rows = !rows.is_empty() && asks.len().is_multiple_of(3);
    let asks = if of_rows { rows } else if asks.is_empty() { "'count'".to_owned() } else { asks };
    let rows = if of_rows { "rows = 'lab'\n" } else { "" };
    (format!("{rows}where = '{}{more}'\nof = [{asks}]\nby = [{groups}]", variable.among(&levels)), variable.place)
}

/// How many of so many sessions have another answer at the twin.
fn differing(sessions: u64, outside: bool) -> f64 {
    let (mut rng, rules) = (rng(15), if outside { usual() } else { bare() });
    let wards: Vec<Ward> = (0..8).map(|site| Ward::new(PEOPLE, 6_000 + site, true)).collect();
    let mut one = |session_number: u64| {
        let ward = &wards[session_number as usize % wards.len()];
        let person = rng.random_range(0..PEOPLE);
        let (text, kept) = session(ward, person, outside, &mut rng);
        let twin = twin(ward, person, kept, &mut rng);
        let raw = ward.raw(&text);
        raw.encoded(&rules) != twin.again(&raw).encoded(&rules)
    };
    percent(&(0..sessions).map(&mut one).collect::<Vec<_>>())
}

#[test]
fn twins_have_the_same_answers_about_others() {
    Attack {
        name: "twins",
        learns: "an attribute of X, from answers about others",
        questions: 1,
        targets: cases() as usize,
        success: differing(cases(), true),
        bound: 0.0,
        // Asked about X as well, exact answers differ wherever the attribute is looked at.
        off: Some(Off { success: differing(300, false), least: 20.0 }),
    }
    .check();
}
