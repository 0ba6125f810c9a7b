//! A made-up clinic of 15 numeric and 10 categorical variables, on public grids.

use std::collections::BTreeMap;

use coda_model::dictionary::Dictionary;
use rand::SeedableRng as _;
use rand_chacha::ChaCha8Rng;

use crate::sites::{
    Site,
    draws::{happens, normal, one_of},
};

/// How many miss a value where values may be missing.
const MISSING: f64 = 0.04;

/// A numeric variable in whole units from 0 on.
pub(crate) struct Numeric {
    pub(crate) name: &'static str,
    upper: i32,
    /// Mean and SD; of the logarithm where it is skewed.
    mean: f64,
    sd: f64,
    skewed: bool,
    /// The public grid: multiples of this.
    step: i32,
}

const fn numeric(name: &'static str, upper: i32, mean: f64, sd: f64, step: i32) -> Numeric {
    Numeric { name, upper, mean, sd, skewed: false, step }
}

const fn skewed(name: &'static str, upper: i32, mean: f64, sd: f64, step: i32) -> Numeric {
    Numeric { name, upper, mean, sd, skewed: true, step }
}

#[rustfmt::skip]
pub(crate) const NUMERIC: [Numeric; 15] = [
    numeric("age", 109, 62.0, 17.0, 5), skewed("stay", 120, 1.7, 0.9, 2), skewed("crp", 600, 3.4, 1.2, 20),
    numeric("pressure", 250, 125.0, 17.0, 10), numeric("pulse", 200, 85.0, 15.0, 5), numeric("weight", 200, 76.0, 15.0, 5),
    numeric("height", 220, 169.0, 10.0, 5), skewed("glucose", 900, 4.8, 0.35, 20), skewed("creatinine", 900, 4.5, 0.5, 20),
    numeric("hemoglobin", 250, 128.0, 20.0, 10), skewed("leukocytes", 300, 4.5, 0.4, 10), numeric("sodium", 200, 138.0, 4.0, 2),
    skewed("platelets", 999, 5.4, 0.4, 50), numeric("saturation", 100, 94.0, 3.0, 2), skewed("score", 40, 1.8, 0.6, 2),
];

/// The categorical variables: levels with their probabilities.
#[rustfmt::skip]
pub(crate) const CATEGORICAL: [(&str, &[(&str, f64)]); 10] = [
    ("sex", &[("female", 0.5), ("male", 0.5)]),
    ("outcome", &[("alive", 0.87), ("dead", 0.12), ("unknown", 0.01)]),
    ("unit", &[("ward", 0.62), ("emergency", 0.2), ("icu", 0.15), ("burns", 0.03)]),
    ("smoking", &[("never", 0.5), ("former", 0.28), ("current", 0.15), ("unknown", 0.07)]),
    ("origin", &[("a", 0.75), ("b", 0.12), ("c", 0.07), ("d", 0.04), ("e", 0.02)]),
    ("diabetes", &[("no", 0.8), ("yes", 0.19), ("unknown", 0.01)]),
    ("hypertension", &[("no", 0.55), ("yes", 0.44), ("unknown", 0.01)]),
    ("hiv", &[("no", 0.985), ("yes", 0.015)]),
    ("ventilated", &[("no", 0.88), ("yes", 0.12)]),
    ("season", &[("winter", 0.35), ("spring", 0.25), ("summer", 0.15), ("autumn", 0.25)]),
];

/// The variables as a data set. Age and stay are never missing.
pub(crate) fn dictionary() -> Dictionary {
    let mut text = String::from(
        "version = \"1\"\ntitle = \"clinic\"\n[dataset.d]\npeople = \"p\"\n[dataset.d.table.p]\nrows = \"one\"\nperson = \"id\"\n\
         [dataset.d.table.p.variable]\n",
    );
    for Numeric { name, upper, step, .. } in &NUMERIC {
        let missing = if never_missing(name) { "never" } else { "may" };
        let unit = if *name == "age" { "a" } else { "1" };
        text.push_str(&format!(
            "{name} = {{ type = \"continuous\", unit = \"{unit}\", lower = 0, upper = {upper}, resolution = 1, \
             missing = \"{missing}\", cuts = {{ step = {step} }} }}\n"
        ));
    }
    for (name, levels) in &CATEGORICAL {
        let levels: Vec<&str> = levels.iter().map(|(level, _)| *level).collect();
        text.push_str(&format!("{name} = {{ type = \"categorical\", levels = {levels:?}, missing = \"never\" }}\n"));
    }
    Dictionary::parse(&text).unwrap()
}

fn never_missing(name: &str) -> bool {
    ["age", "stay"].contains(&name)
}

/// A clinic of so many people.
pub(crate) fn site(people: usize, seed: u64) -> Site {
    let mut rng = ChaCha8Rng::seed_from_u64(seed);
    let mut columns = BTreeMap::new();
    for variable in &NUMERIC {
        columns.insert(variable.name.to_owned(), (0..people).map(|_| variable.draw(&mut rng)).collect());
    }
    for (name, levels) in &CATEGORICAL {
        let shares: Vec<f64> = levels.iter().map(|(_, share)| *share).collect();
        columns.insert((*name).to_owned(), (0..people).map(|_| one_of(&shares, &mut rng) as i32).collect());
    }
    Site::new(0, columns, &mut rng)
}

impl Numeric {
    /// The code of a value; -1 where it is missing.
    fn draw(&self, rng: &mut ChaCha8Rng) -> i32 {
        let drawn = self.mean + self.sd * normal(rng);
        let value = if self.skewed { drawn.exp() } else { drawn };
        let is_missing = happens(MISSING, rng) && !never_missing(self.name);
        if is_missing { -1 } else { (value.round() as i32).clamp(0, self.upper) }
    }
}
