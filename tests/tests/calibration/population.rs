//! The population that people are drawn from, and its parameters.

use std::collections::BTreeMap;

use coda_model::dictionary::Dictionary;
use rand::RngExt as _;
use rand_chacha::ChaCha8Rng;

use crate::sites::{
    Site,
    draws::{about, happens, normal, one_of},
};

const DICTIONARY: &str = r#"
version = "1"
title = "made up"
[dataset.d]
people = "p"
[dataset.d.table.p]
rows = "one"
person = "id"
[dataset.d.table.p.variable]
pressure = { type = "continuous", unit = "mm[Hg]", lower = 0, upper = 250, resolution = 0.1, missing = "never" }
stay = { type = "continuous", unit = "d", lower = 0, upper = 365, resolution = 0.1, missing = "never", grid = { edges = [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 12, 14, 17, 20, 25, 30, 40, 60, 90] } }
crp = { type = "continuous", unit = "mg/L", lower = 0, upper = 600, resolution = 0.1, missing = "never" }
narrow = { type = "continuous", unit = "%", lower = 0, upper = 100, resolution = 0.1, missing = "never" }
exposed = { type = "binary", missing = "never" }
dead = { type = "binary", missing = "never" }
kind = { type = "categorical", levels = ["a", "b", "c", "d", "e"], missing = "never" }
origin = { type = "categorical", levels = ["a", "b", "c", "d", "e", "f"], missing = "never" }
"#;

/// Of all measured variables.
const RESOLUTION: f64 = 0.1;
/// How many are exposed.
const EXPOSED: f64 = 0.4;
/// Risk of death with and without the exposure.
const RISKS: [f64; 2] = [0.2, 0.12];
/// Blood pressure: mean without the exposure, what the exposure adds, and SD.
const PRESSURE: [f64; 3] = [120.0, 5.0, 15.0];
/// Days in hospital are lognormal: median without the exposure, what it is multiplied by with it, SD of the logarithm.
const STAY: [f64; 3] = [5.0, 1.2, 0.9];
/// C-reactive protein is lognormal, cut to the bounds: median, SD of the logarithm, upper bound.
const CRP: [f64; 3] = [30.0, 1.2, 600.0];
/// Nearly equal values, as their spread is less than the noise: SD.
const NARROW: f64 = 0.1;
/// Levels that are as frequent at all sites.
pub(crate) const KIND: [f64; 5] = [0.5, 0.3, 0.12, 0.06, 0.02];
/// Levels that differ between sites as if their shares were known from 150 people, as in the simulation.
const ORIGIN: [f64; 6] = [0.72, 0.11, 0.08, 0.05, 0.03, 0.01];

/// The dictionary with the parameters of the population.
pub(crate) struct Population {
    pub(crate) dictionary: Dictionary,
    /// Mean blood pressure, and medians of the others, of those without the exposure.
    pressure: f64,
    stay: f64,
    crp: f64,
    narrow: f64,
    parameters: BTreeMap<String, f64>,
}

impl Population {
    /// A population of its own for each seed: means are told in steps (R7), and where a parameter lies between two steps makes an
    /// interval cover more or less, which comes out on average.
    pub(crate) fn new(rng: &mut ChaCha8Rng) -> Self {
        let [pressure, stay, crp] = [PRESSURE[0], STAY[0], CRP[0]].map(|usual| usual * rng.random_range(0.9..1.1));
        let narrow = rng.random_range(20.0..80.0);
        let mut parameters = parameters(pressure, stay, crp);
        parameters.insert("ci:narrow mean".to_owned(), narrow);
        Self { dictionary: Dictionary::parse(DICTIONARY).unwrap(), pressure, stay, crp, narrow, parameters }
    }

    /// The parameter that a figure of an ask estimates, if it is one.
    pub(crate) fn parameter(&self, name: &str) -> Option<f64> {
        self.parameters.get(name).copied()
    }

    /// A site of so many people.
    pub(crate) fn site(&self, place: usize, people: usize, rng: &mut ChaCha8Rng) -> Site {
        let names = ["pressure", "stay", "crp", "narrow", "exposed", "dead", "kind", "origin"];
        let mut columns = names.map(|_| Vec::with_capacity(people));
        let origin = about(&ORIGIN, 150.0, rng);
        let coded = |value: f64, upper: i32| ((value / RESOLUTION).round() as i32).clamp(0, upper * 10);
        for _ in 0..people {
            let exposed = happens(EXPOSED, rng);
            let stay = self.stay * if exposed { STAY[1] } else { 1.0 } * (STAY[2] * normal(rng)).exp();
            let pressure = self.pressure + if exposed { PRESSURE[1] } else { 0.0 } + PRESSURE[2] * normal(rng);
            let crp = self.crp * (CRP[1] * normal(rng)).exp();
            let dead = happens(RISKS[usize::from(!exposed)], rng);
            let (kind, origin) = (one_of(&KIND, rng) as i32, one_of(&origin, rng) as i32);
            let narrow = coded(self.narrow + NARROW * normal(rng), 100);
            let numbers = [coded(pressure, 250), coded(stay, 365), coded(crp, 600), narrow];
            let codes =
                [numbers[0], numbers[1], numbers[2], numbers[3], i32::from(exposed), i32::from(dead), kind, origin];
            for (column, code) in columns.iter_mut().zip(codes) {
                column.push(code);
            }
        }
        let columns: BTreeMap<String, Vec<i32>> = names.into_iter().map(str::to_owned).zip(columns).collect();
        Site::new(place, columns, rng)
    }
}

/// The parameters by the name of ask, figure and level.
fn parameters(pressure: f64, stay: f64, crp: f64) -> BTreeMap<String, f64> {
    let [with, without] = RISKS;
    let [_, more, sd] = PRESSURE;
    let [_, times, log_sd] = STAY;
    let long_mean = |median: f64| median * (log_sd * log_sd / 2.0).exp();
    let long_sd = |median: f64| long_mean(median) * ((log_sd * log_sd).exp() - 1.0).sqrt();
    let mixed = |of: [f64; 2]| EXPOSED * of[0] + (1.0 - EXPOSED) * of[1];
    let (means, sds) = ([long_mean(stay * times), long_mean(stay)], [long_sd(stay * times), long_sd(stay)]);
    let (difference, pooled) = (means[0] - means[1], mixed(sds.map(|sd| sd * sd)).sqrt());
    let mut found = vec![
        ("ci:pressure mean".to_owned(), pressure + EXPOSED * more),
        ("ci:stay mean".to_owned(), mixed(means)),
        ("ci:crp mean".to_owned(), crp_mean(crp)),
        ("mean_difference:pressure:exposed difference Welch".to_owned(), more),
        ("mean_difference:pressure:exposed difference pooled".to_owned(), more),
        ("mean_difference:stay:exposed difference Welch".to_owned(), difference),
        ("smd:pressure:exposed d".to_owned(), more / sd),
        ("smd:pressure:exposed g".to_owned(), more / sd),
        ("smd:stay:exposed d".to_owned(), difference / pooled),
        ("risk_ratio:dead:exposed risk ratio".to_owned(), with / without),
        ("odds_ratio:dead:exposed odds ratio".to_owned(), with * (1.0 - without) / without / (1.0 - with)),
        ("risk_difference:dead:exposed risk difference Newcombe".to_owned(), with - without),
        ("risk_difference:dead:exposed risk difference Wald".to_owned(), with - without),
    ];
    let normal_of = |x: f64, mean: f64| cumulative((x - mean) / sd);
    let long_of = |x: f64, median: f64| cumulative((x / median).ln() / log_sd);
    for (figure, share) in [("p25", 0.25), ("median", 0.5), ("p75", 0.75)] {
        let pressure = quantile(share, 250.0, |x| mixed([normal_of(x, pressure + more), normal_of(x, pressure)]));
        let stay = quantile(share, 365.0, |x| mixed([long_of(x, stay * times), long_of(x, stay)]));
        for ask in ["median", "quartiles"] {
            found.push((format!("{ask}:pressure {figure}"), pressure));
            found.push((format!("{ask}:stay {figure}"), stay));
        }
    }
    for (level, share) in ["a", "b", "c", "d", "e"].iter().zip(KIND) {
        found.push((format!("marginals:kind share {level}"), share));
    }
    found.into_iter().collect()
}

/// Mean of a lognormal value that is cut to an upper bound.
fn crp_mean(median: f64) -> f64 {
    let [_, sd, upper] = CRP;
    let above = (upper / median).ln() / sd;
    median * (sd * sd / 2.0).exp() * cumulative(above - sd) + upper * cumulative(-above)
}

/// Where an ascending function reaches a share, between 0 and an upper bound.
fn quantile(share: f64, upper: f64, of: impl Fn(f64) -> f64) -> f64 {
    let (mut low, mut high) = (1e-9, upper);
    for _ in 0..60 {
        let middle = f64::midpoint(low, high);
        if of(middle) < share { low = middle } else { high = middle }
    }
    low
}

/// The standard normal distribution, to 1e-7 (Abramowitz and Stegun 1972, 26.2.17).
fn cumulative(z: f64) -> f64 {
    let t = 1.0 / (1.0 + 0.231_641_9 * z.abs());
    let terms = [1.330_274_429, -1.821_255_978, 1.781_477_937, -0.356_563_782, 0.319_381_530];
    let tail =
        terms.into_iter().fold(0.0, |sum, term| (sum + term) * t) * (-z * z / 2.0).exp() / std::f64::consts::TAU.sqrt();
    if z > 0.0 { 1.0 - tail } else { tail }
}
