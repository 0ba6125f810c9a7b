//! What the noise leaves of use: the SD of long-tailed values.

use coda_model::scale::Scale;

use crate::bench::{Attack, Sets, normal, percent, rng, usual};

const TARGETS: u64 = 2_000;

/// How often a told SD is more than a tenth off the exact one, over lognormal values.
fn off_by_a_tenth(people: usize, (mu, sigma): (f64, f64), upper: f64) -> f64 {
    let (mut rng, scale) = (rng(13), Scale::new(0.0, upper, 1.0).unwrap());
    let mut one = |site: u64| {
        let draw = |key: u64, z: f64| (site << 32 | key, (mu + sigma * z).exp().min(upper) as i32);
        let values: Vec<(u64, i32)> = (0..people as u64).map(|key| draw(key, normal(&mut rng))).collect();
        let n = people as f64;
        let mean = values.iter().map(|value| f64::from(value.1)).sum::<f64>() / n;
        let exact = (values.iter().map(|value| (f64::from(value.1) - mean).powi(2)).sum::<f64>() / (n - 1.0)).sqrt();
        let told = Sets::new(site, usual()).mean(scale, &values, "v", "ward");
        !told.is_some_and(|told| (told.sd / exact - 1.0).abs() <= 0.1)
    };
    percent(&(0..TARGETS).map(&mut one).collect::<Vec<_>>())
}

#[test]
fn the_sd_of_long_tailed_values() {
    let (stay, crp) = (((1.8, 0.9), 365.0), ((3.0, 1.2), 600.0));
    for (name, people, (shape, upper), bound) in [
        ("(use) SD off by a tenth, stay, 50 people", 50, stay, 20.0),
        ("(use) SD off by a tenth, CRP, 50 people", 50, crp, 20.0),
        ("(use) SD off by a tenth, stay, 200 people", 200, stay, 5.0),
        ("(use) SD off by a tenth, CRP, 200 people", 200, crp, 5.0),
    ] {
        Attack {
            name,
            learns: "no attack: what the noise costs",
            questions: 1,
            targets: TARGETS as usize,
            success: off_by_a_tenth(people, shape, upper),
            bound,
            off: None,
        }
        .check();
    }
}
