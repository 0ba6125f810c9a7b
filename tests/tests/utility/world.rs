//! Nine made-up sites with skewed variables and rare levels: those of the simulation by which the rules were chosen.

use std::collections::BTreeMap;

use coda_model::dictionary::Dictionary;
use rand::SeedableRng as _;
use rand_chacha::ChaCha8Rng;

use crate::sites::{
    Site, code,
    draws::{about, happens, one_of},
};

/// People of the sites.
pub(crate) const SIZES: [usize; 9] = [50, 80, 150, 300, 600, 1000, 1800, 3000, 5000];

/// How unlike sites are: the shares of their levels are as if drawn from so many people.
const ALIKE: f64 = 150.0;

/// A variable: its levels with their probabilities, the reference level first, and the residual ones with where they go.
pub(crate) struct Variable {
    pub(crate) name: &'static str,
    levels: &'static [(&'static str, f64)],
    residual: &'static [(&'static str, &'static str)],
}

const fn variable(
    name: &'static str,
    levels: &'static [(&'static str, f64)],
    residual: &'static [(&'static str, &'static str)],
) -> Variable {
    Variable { name, levels, residual }
}

#[rustfmt::skip]
pub(crate) const VARIABLES: [Variable; 11] = [
    variable("sex", &[("female", 0.52), ("male", 0.477), ("other", 0.003)], &[("other", "female")]),
    variable("age", &[("75+", 0.30), ("65-74", 0.22), ("50-64", 0.22), ("35-49", 0.13), ("18-34", 0.09), ("0-17", 0.04)], &[]),
    variable("comorbidity", &[("none", 0.46), ("one", 0.34), ("several", 0.194), ("other", 0.006)], &[("other", "several")]),
    variable("unit", &[("ward", 0.60), ("emergency", 0.215), ("icu", 0.14), ("burns", 0.01), ("other", 0.035)],
        &[("burns", "ward"), ("other", "ward")]),
    variable("ventilated", &[("no", 0.88), ("yes", 0.12)], &[]),
    variable("outcome", &[("alive", 0.88), ("dead", 0.105), ("unknown", 0.015)], &[("unknown", "alive")]),
    variable("smoking", &[("never", 0.50), ("former", 0.28), ("current", 0.15), ("not asked", 0.07)], &[]),
    variable("origin", &[("a", 0.78), ("b", 0.11), ("c", 0.06), ("d", 0.035), ("e", 0.015)], &[("e", "d")]),
    variable("hiv", &[("no", 0.985), ("yes", 0.015)], &[]),
    variable("month", &[("m00", 0.15), ("m01", 0.14), ("m02", 0.12), ("m03", 0.10), ("m04", 0.08), ("m05", 0.06), ("m06", 0.05),
        ("m07", 0.05), ("m08", 0.06), ("m09", 0.06), ("m10", 0.06), ("m11", 0.07)], &[]),
    variable("stay", &[("0-2", 0.24), ("3-5", 0.27), ("6-9", 0.20), ("10-14", 0.13), ("15-21", 0.08), ("22-30", 0.04),
        ("31-60", 0.03), ("61+", 0.01)], &[]),
];

/// The variables as a data set, with residual levels counted with their neighbours (R11).
pub(crate) fn dictionary() -> Dictionary {
    let mut text = String::from(
        "version = \"1\"\ntitle = \"made up\"\n[dataset.d]\npeople = \"p\"\n[dataset.d.table.p]\nrows = \"one\"\nperson = \"id\"\n\
         [dataset.d.table.p.variable]\n",
    );
    for Variable { name, levels, residual } in &VARIABLES {
        let level = |(level, _): &(&str, f64)| match residual.iter().find(|(name, _)| name == level) {
            Some((name, of)) => format!("{{ name = \"{name}\", residual_of = \"{of}\" }}"),
            None => format!("\"{level}\""),
        };
        let levels = levels.iter().map(level).collect::<Vec<_>>().join(", ");
        text.push_str(&format!("{name} = {{ type = \"categorical\", levels = [{levels}], missing = \"never\" }}\n"));
    }
    Dictionary::parse(&text).unwrap()
}

/// The sites of a seed.
pub(crate) fn sites(seed: u64, dictionary: &Dictionary) -> Vec<Site> {
    let mut rng = ChaCha8Rng::seed_from_u64(seed);
    SIZES.iter().enumerate().map(|(place, people)| site(place, *people, dictionary, &mut rng)).collect()
}

/// A site of so many people.
pub(crate) fn site(place: usize, people: usize, dictionary: &Dictionary, rng: &mut ChaCha8Rng) -> Site {
    let mut drawn: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for Variable { name, levels, .. } in &VARIABLES {
        let usual: Vec<f64> = levels.iter().map(|(_, probability)| *probability).collect();
        let own = about(&usual, ALIKE, rng);
        drawn.insert(name, (0..people).map(|_| levels[one_of(&own, rng)].0).collect());
    }
    // The ventilated are mostly in intensive care; the old and the ventilated die more often.
    for person in 0..people {
        let ventilated = happens(if drawn["unit"][person] == "icu" { 0.62 } else { 0.03 }, rng);
        let old = ["75+", "65-74"].contains(&drawn["age"][person]);
        let risk = if ventilated {
            0.33
        } else if old {
            0.12
        } else {
            0.04
        };
        let outcome = match (happens(risk, rng), drawn["outcome"][person]) {
            (true, _) => "dead",
            (false, "unknown") => "unknown",
            (false, _) => "alive",
        };
        drawn.get_mut("ventilated").unwrap()[person] = if ventilated { "yes" } else { "no" };
        drawn.get_mut("outcome").unwrap()[person] = outcome;
    }
    let codes = |(name, levels): (&str, Vec<&str>)| {
        let mut known: BTreeMap<&str, i32> = BTreeMap::new();
        let mut of = |level| *known.entry(level).or_insert_with(|| code(dictionary, name, level));
        (name.to_owned(), levels.into_iter().map(&mut of).collect())
    };
    Site::new(place, drawn.into_iter().map(codes).collect(), rng)
}
