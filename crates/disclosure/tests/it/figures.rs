//! How told counts are spread over secrets: mean and variance of R5, and how often two figures are equal.

use rand::RngExt;

use crate::world::{cases, rng, rules, secret, statement};
use coda_model::{frame::SetKey, rounding::Sensitivity};

/// The told counts of so many people under random keys and statements.
fn figures(people: u64, sensitivity: Sensitivity, many: u64) -> Vec<f64> {
    let (secret, rules, mut rng) = (secret(3), rules(5), rng(people));
    let mut one = |_| {
        let text = rng.random::<u64>().to_string();
        let told = rules.told(&secret, people, SetKey(rng.random()), &statement(&secret, &text, sensitivity));
        *told.value().unwrap() as f64
    };
    (0..many).map(&mut one).collect()
}

/// The mean is the count and the variance V, within four standard errors; under E = 8 from 30 on, where no step meets the
/// threshold either.
#[test]
fn figures_have_the_mean_and_the_variance_of_the_rule() {
    let many = cases().max(10_000);
    for (sensitivity, counts) in [
        (Sensitivity::Plain, [20, 21, 22, 23, 24, 57, 1_003]),
        (Sensitivity::Sensitive, [20, 21, 30, 33, 34, 57, 1_003]),
    ] {
        let variance = rules(5).rounding.variance(sensitivity);
        for count in counts {
            let (figures, n) = (figures(count, sensitivity, many), many as f64);
            let mean = figures.iter().sum::<f64>() / n;
            let spread = figures.iter().map(|figure| (figure - count as f64).powi(2)).sum::<f64>() / n;
            let fourth = figures.iter().map(|figure| (figure - count as f64).powi(4)).sum::<f64>() / n;
            let error = (variance / n).sqrt();
            assert!((mean - count as f64).abs() < 4.0 * error, "{count}: mean {mean}");
            // V is averaged over the remainders: a uniform step, and r(5 - r) of random rounding.
            let own = own_variance(count, sensitivity);
            let error = ((fourth - own * own) / n).sqrt();
            assert!((spread - own).abs() < 4.0 * error, "{count}: variance {spread}, not {own}");
        }
        let average = (20..25).map(|count| own_variance(count, sensitivity)).sum::<f64>() / 5.0;
        assert!((average - variance).abs() < 1e-9, "{average} is not V");
    }
}

fn own_variance(count: u64, sensitivity: Sensitivity) -> f64 {
    let half = rules(5).rounding.step(sensitivity) as i64;
    let of = |step: i64| {
        let rest = (count as i64 + step).rem_euclid(5);
        (step * step + rest * (5 - rest)) as f64
    };
    (-half..=half).map(of).sum::<f64>() / (2 * half + 1) as f64
}

/// Chi-square of all told counts of 57 people against the exact distribution, on 100,000 draws.
#[test]
fn figures_are_distributed_as_the_rule_says() {
    let many = cases().max(10_000);
    let figures = figures(57, Sensitivity::Plain, many);
    let mut chances = std::collections::BTreeMap::new();
    for (step, uniform) in (-4i64..=4).flat_map(|step| (0..5i64).map(move |uniform| (step, uniform))) {
        let (stepped, rest) = (57 + step, (57 + step) % 5);
        *chances.entry(stepped - rest + if uniform < rest { 5 } else { 0 }).or_insert(0.0) += 1.0 / 45.0;
    }
    let chi_square: f64 = chances
        .iter()
        .map(|(figure, chance)| {
            let expected = chance * many as f64;
            let found = figures.iter().filter(|told| (**told - *figure as f64).abs() < 0.5).count() as f64;
            (found - expected).powi(2) / expected
        })
        .sum();
    assert!(figures.iter().all(|told| chances.contains_key(&(*told as i64))), "a figure that cannot be");
    // 0.999 of chi-square with 4 degrees of freedom.
    assert!(chi_square < 18.47, "{chi_square} over {} values", chances.len());
}

#[test]
fn equal_sets_under_equal_statements_have_equal_figures() {
    let (secret, rules, mut rng) = (secret(4), rules(5), rng(4));
    for _ in 0..1_000 {
        let (people, key, text) = (rng.random_range(0..500), SetKey(rng.random()), rng.random::<u64>().to_string());
        let told = || rules.told(&secret, people, key, &statement(&secret, &text, Sensitivity::Plain));
        assert_eq!(told(), told());
    }
}

/// Whether two statements have one figure says next to nothing about whether they have one set.
#[test]
fn figures_are_equal_about_as_often_at_nobody_and_at_one_person_apart() {
    let (secret, rules, mut rng) = (secret(5), rules(5), rng(5));
    let many = cases().max(10_000);
    for sensitivity in [Sensitivity::Plain, Sensitivity::Sensitive] {
        let (mut same, mut apart) = (0, 0);
        for _ in 0..many {
            let (people, key, x) = (rng.random_range(30..200), rng.random::<u64>(), rng.random::<u64>());
            let mut told = |people, key| {
                let text = rng.random::<u64>().to_string();
                rules.told(&secret, people, SetKey(key), &statement(&secret, &text, sensitivity))
            };
            let one = told(people, key);
            same += u64::from(one == told(people, key));
            apart += u64::from(one == told(people - 1, key.wrapping_sub(x)));
        }
        let points = 100.0 * (same as f64 - apart as f64) / many as f64;
        // Standard error: 0.7 points of 10,000.
        assert!(points.abs() <= 8.0, "{points} points apart, {sensitivity:?}");
    }
}
