use coda_model::rounding::Sensitivity;
use coda_model::{
    frame::SetKey,
    ids::{People, Rows},
    threshold::Threshold,
};

use super::*;
use crate::{RuleSet, SiteSecret};

fn slot(values: &[i128], key: u64) -> Slot {
    let mut slot = Slot { key: SetKey(key), ..Slot::default() };
    for value in values {
        slot.people = People(slot.people.0 + 1);
        slot.rows = Rows(slot.rows.0 + 1);
        slot.sums.add(&Contributions::of(1, *value, value * value));
    }
    slot
}

fn told_of(values: &[i128], key: u64, people: u64, scale: Scale, rules: &RuleSet) -> (f64, f64) {
    let secret = SiteSecret::new([5; 32]);
    let statement = StatementKey { key: [key as u8; 32], sensitivity: Sensitivity::Plain };
    let slot = slot(values, key);
    let told = Told { slot: &slot, statement: &statement, people, rows: people };
    let summed = Summed { column: 0, scale };
    let ShownSums { x, q } = Perturbation { secret: &secret, rules }.sums(told, &summed, "t.v");
    let n = people as f64;
    let mean = x as f64 / 65_536.0 / n;
    let sd = ((q as f64 / 4_294_967_296.0 - n * mean * mean) / (n - 1.0)).sqrt();
    (scale.value(mean), scale.length(sd))
}

/// What leaves is a mean in its step and an SD of two digits, whatever the scale and the told count.
#[test]
fn a_told_mean_and_sd_come_back_in_their_digits() {
    let rules = RuleSet::perturbed(Threshold::default());
    let scales = [Scale::new(0.0, 110.0, 1.0), Scale::new(-40.0, 60.0, 0.1), Scale::new(0.0, 4_000_000.0, 0.25)];
    for scale in scales.map(Result::unwrap) {
        let span = i128::from(scale.span());
        for (round, n) in [10u64, 23, 57, 400, 12_345].into_iter().enumerate() {
            let values: Vec<i128> = (0..i128::from(n)).map(|i| (i * 7_919 + 31 * round as i128) % (span + 1)).collect();
            let (mean, sd) = told_of(&values, round as u64, n, scale, &rules);
            let digits = format!("{sd:.1e}");
            let two: f64 = digits.parse().unwrap();
            assert!((sd / two - 1.0).abs() < 2e-3, "SD {sd} has more than two digits");
            let step = 10f64.powf((two / (n as f64).sqrt()).log10().floor());
            let steps = mean / step;
            assert!((steps - steps.round()).abs() < 2e-2, "mean {mean} is not in steps of {step}");
        }
    }
}

#[test]
fn noise_is_of_two_people_and_the_same_for_the_same_set() {
    let scale = Scale::new(0.0, 1000.0, 1.0).unwrap();
    let rules = RuleSet { digits: Digits::All, ..RuleSet::perturbed(Threshold::default()) };
    let values: Vec<i128> = (0..100).map(|i| 300 + 4 * i).collect();
    let (truth, sd) = (498.0, 115.4);
    let mut squares = 0.0;
    for key in 0..200 {
        let (mean, _) = told_of(&values, key, 100, scale, &rules);
        assert_eq!(mean.to_bits(), told_of(&values, key, 100, scale, &rules).0.to_bits());
        squares += (mean - truth).powi(2);
    }
    // w·s/f with w = 2.
    let noise = (squares / 200.0_f64).sqrt() / (2.0 * sd / 100.0);
    assert!((0.85..1.15).contains(&noise), "{noise}");
}

#[test]
fn equal_values_are_not_told_for_want_of_spread() {
    let scale = Scale::new(0.0, 1000.0, 1.0).unwrap();
    let rules = RuleSet { digits: Digits::All, ..RuleSet::perturbed(Threshold::default()) };
    let means: Vec<f64> = (0..50).map(|key| told_of(&[500; 40], key, 40, scale, &rules).0).collect();
    assert!(means.iter().any(|mean| (mean - 500.0).abs() > 0.1));
    assert!(means.iter().all(|mean| (mean - 500.0).abs() < 2.0));
}

#[test]
fn exact_sums_leave_as_they_are() {
    let scale = Scale::new(0.0, 1000.0, 1.0).unwrap();
    let rules = RuleSet::exact(Threshold::default());
    let (mean, sd) = told_of(&[1, 2, 3, 4, 5, 6, 7, 8, 9, 10], 1, 10, scale, &rules);
    assert_eq!(mean.to_bits(), 5.5f64.to_bits());
    assert!((sd - 3.027_650_354_097_492).abs() < 1e-12);
}

/// The largest spans and the most people that fit: no sum outgrows 128 bits.
#[test]
fn the_largest_scale_fits() {
    let scale = Scale::new(0.0, 16_777_216.0, 1.0).unwrap();
    let (n, top) = (1i128 << 23, i128::from(scale.span()));
    let mut slot = Slot { people: People(n as u64), rows: Rows(n as u64), ..Slot::default() };
    let half = Contributions::of(1, top, top * top);
    let Contributions { x, q, nn: _, nx, nq, xx, xq, qq } = half;
    let times = |one: i128| one * (n / 2);
    slot.sums = Contributions {
        x: times(x),
        q: times(q),
        nn: n,
        nx: times(nx),
        nq: times(nq),
        xx: times(xx),
        xq: times(xq),
        qq: times(qq),
    };
    let secret = SiteSecret::new([5; 32]);
    let rules = RuleSet::perturbed(Threshold::default());
    let statement = StatementKey { key: [0; 32], sensitivity: Sensitivity::Plain };
    let told = Told { slot: &slot, statement: &statement, people: n as u64, rows: n as u64 };
    let sums = Perturbation { secret: &secret, rules: &rules }.sums(told, &Summed { column: 0, scale }, "t.v");
    let mean = sums.x as f64 / 65_536.0 / n as f64;
    assert!((mean / (top as f64 / 2.0) - 1.0).abs() < 0.01);
    let sd = (sums.q as f64 / 4_294_967_296.0 / n as f64 - mean * mean).sqrt();
    assert!((sd / (top as f64 / 2.0) - 1.0).abs() < 0.02, "{sd}");
}
