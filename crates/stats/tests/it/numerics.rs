//! Numbers at the edge of what the model allows, against whole-number arithmetic without a limit.

use coda_model::{
    estimate::{Estimate, Figure, Quantity},
    frame::{Count, FINE, Shown, ShownFrame, ShownSlot, ShownSums, SiteFrames, Tabulated},
    ids::{People, Rows},
    plan::Plan,
    rounding::Rounding,
    threshold::Threshold,
};
use coda_stats::{probability::student_quantile, verify::verify};
use num_bigint::BigInt;
use proptest::prelude::*;

use crate::{
    sites::{estimates, everything, tabulated_columns},
    world::{Counted, one_table, try_plan},
};

fn plan(lower: f64, upper: f64, resolution: f64) -> Plan {
    let variable = format!(
        r#"x = {{ type = "continuous", unit = "1", lower = {lower:?}, upper = {upper:?}, resolution = {resolution:?}, missing = "never" }}"#
    );
    try_plan(&one_table(&variable), Counted::People, &["mean:x", "sd:x", "ci:x"], &[]).unwrap()
}

fn estimate(plan: &Plan, codes: &[Vec<i32>], ask: usize) -> Estimate {
    let site = |codes: &Vec<i32>| everything(plan, &tabulated_columns(plan, std::slice::from_ref(codes)));
    let frames: Vec<_> = codes.iter().map(site).collect();
    estimates(plan, &frames)[ask].cells[0].network.clone()
}

fn number(figure: &Figure) -> f64 {
    let Quantity::Number(number) = figure.quantity else { panic!("{figure:?}") };
    number
}

/// Mean and standard deviation of whole numbers times `resolution`, from exact sums and to 40 decimals.
fn exact(values: &[i64], resolution: f64) -> (f64, f64) {
    let n = BigInt::from(values.len());
    let sum: BigInt = values.iter().map(|value| BigInt::from(*value)).sum();
    let squares: BigInt = values.iter().map(|value| BigInt::from(*value) * BigInt::from(*value)).sum();
    let decimals = BigInt::from(10).pow(40);
    let mean = &sum * &decimals / &n;
    let variance: BigInt = (&n * squares - &sum * &sum) * &decimals * &decimals / (&n * (&n - 1));
    let float = |number: BigInt| number.to_string().parse::<f64>().unwrap() / 1e40 * resolution;
    (float(mean), float(variance.sqrt()))
}

fn close(found: f64, expected: f64, relative: f64) -> bool {
    (found - expected).abs() <= relative * expected.abs()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(256))]

    #[test]
    fn a_large_offset_costs_no_digits(
        thousandths in prop::collection::vec(0..200i32, 2..300),
        from in 0..1_000_000i32,
        cut in 0..300usize,
    ) {
        let plan = plan(1e6, 1e6 + 1e3, 0.001);
        let codes: Vec<i32> = thousandths.iter().map(|one| (from + one).min(1_000_000)).collect();
        let values: Vec<i64> = codes.iter().map(|code| 1_000_000_000 + i64::from(*code)).collect();
        let (mean, sd) = exact(&values, 0.001);
        let (one, other) = codes.split_at(cut.min(codes.len()));
        let sites = [one.to_vec(), other.to_vec()];
        let found = number(&estimate(&plan, &sites, 0).figures[0]);
        prop_assert!(close(found, mean, 1e-15), "{found} {mean}");
        let found = number(&estimate(&plan, &sites, 1).figures[0]);
        prop_assert!(close(found, sd, 1e-14), "{found} {sd}");
    }

    #[test]
    fn the_mean_of_a_constant_is_that_constant_to_the_bit(
        tenths in -500..=500i32,
        people in prop::collection::vec(1..60usize, 1..4),
    ) {
        let plan = plan(-50.0, 50.0, 0.1);
        let sites: Vec<_> = people.iter().map(|people| vec![tenths + 500; *people]).collect();
        let figure = estimate(&plan, &sites, 0).figures[0].clone();
        prop_assert_eq!(number(&figure).to_bits(), (f64::from(tenths) / 10.0).to_bits());
        if people.iter().sum::<usize>() > 1 {
            prop_assert_eq!(number(&estimate(&plan, &sites, 1).figures[0]).to_bits(), 0f64.to_bits());
            let interval = estimate(&plan, &sites, 2).figures[0].confidence.unwrap();
            prop_assert_eq!((interval.low, interval.high), (f64::from(tenths) / 10.0, f64::from(tenths) / 10.0));
        }
    }
}

#[test]
fn the_widest_scale_does_not_overflow_with_many_people() {
    let highest = 1 << 24;
    let plan = plan(0.0, f64::from(highest), 1.0);
    let codes: Vec<i32> = (0..100_000).map(|n| if n % 3 == 0 { 0 } else { highest - n }).collect();
    let (mean, sd) = exact(&codes.iter().map(|code| i64::from(*code)).collect::<Vec<_>>(), 1.0);
    let sites: Vec<_> = codes.chunks(30_000).map(<[i32]>::to_vec).collect();
    let (found_mean, found_sd) =
        (number(&estimate(&plan, &sites, 0).figures[0]), number(&estimate(&plan, &sites, 1).figures[0]));
    assert!(close(found_mean, mean, 1e-14), "{found_mean} {mean}");
    assert!(close(found_sd, sd, 1e-14), "{found_sd} {sd}");
}

/// The largest answers that are taken, from a hundred sites: half of the rows at each end of the widest scale, as they are or
/// with the largest spread that is taken of a perturbed answer.
#[test]
fn answers_as_large_as_are_taken_do_not_overflow() {
    let span = 1i128 << 24;
    let plan = plan(0.0, span as f64, 1.0);
    for (rounding, rows) in [(Rounding::exact(Threshold::default()), 1u64 << 32), (usual(), (1 << 32) - 1)] {
        let x = (i128::from(rows) * span) << FINE >> 1;
        let half = (i128::from(rows) * span * span) << (2 * FINE) >> 1;
        let site = |q: i128| {
            let count = Count { people: People(rows), rows: Rows(rows) };
            let slots = vec![Shown::Value(ShownSlot { count, sums: Some(ShownSums { x, q }) })];
            let frame = vec![ShownFrame { slots, valid: Shown::Value(count), missing: None }];
            SiteFrames { rounding, total: Shown::Value(count), asks: vec![frame; 3] }
        };
        let largest = if rounding.is_exact() { half } else { half * 5 / 2 };
        assert_eq!(verify(&plan, &site(largest)), Ok(()));
        assert!(verify(&plan, &site(largest * 2)).is_err());
        let asks = estimates(&plan, &vec![site(largest); 100]);
        let mean = number(&asks[0].cells[0].network.figures[0]);
        assert!(close(mean, span as f64 / 2.0, 1e-15), "{mean}");
        let sd = number(&asks[1].cells[0].network.figures[0]);
        let expected = if rounding.is_exact() { 0.5 } else { 1.0 };
        assert!(close(sd, span as f64 * expected, 1e-9), "{sd}");
    }
}

fn usual() -> Rounding {
    Rounding::random(Threshold::default())
}

/// A site may tell counts from many people on only; what it suppresses is then a wide interval, never an overflow.
#[test]
fn the_highest_threshold_that_is_taken_does_not_overflow() {
    let asks = ["marginals:ward", "mode:ward", "mean:crp", "median:crp"];
    for (counted, asks) in [(Counted::People, &asks[..]), (Counted::LabRows, &asks[..3])] {
        let plan = crate::world::plan(counted, asks, &[]);
        let empty = tabulated_columns(&plan, &vec![vec![]; plan.columns.len()]);
        for told_from in [10, 100, 205, 210, 10_000, 1 << 32, u64::MAX] {
            let rounding = Rounding { told_from, ..usual() };
            let suppressed = |ask: &Tabulated| {
                let slots = vec![Shown::Suppressed; ask.frames[0].slots.len()];
                vec![ShownFrame { slots, valid: Shown::Suppressed, missing: Some(Shown::Suppressed) }]
            };
            let asks = empty.asks.iter().map(suppressed).collect();
            let site = SiteFrames { rounding, total: Shown::Suppressed, asks };
            let is_taken = verify(&plan, &site).is_ok();
            assert_eq!(is_taken, told_from <= 205, "{told_from}");
            if is_taken {
                let mut sites = vec![site; 100];
                sites.extend([everything(&plan, &empty)]);
                estimates(&plan, &sites);
            }
        }
    }
}

/// scipy 1.17: `scipy.stats.t.ppf(0.975, df)`; the last are Abramowitz and Stegun 1972, 26.7.5, to 16 digits.
#[test]
fn students_quantile_is_right_from_few_to_very_many_degrees_of_freedom() {
    for (freedom, expected) in [
        (1.5, 6.016_663_104_427_929),
        (2.3, 3.807_163_208_232_131),
        (10.0, 2.228_138_851_986_274),
        (100.7, 1.983_802_650_108_761_3),
        (1e3, 1.962_339_080_826_408_3),
        (1e4, 1.960_201_239_890_626),
        (1e5, 1.959_987_707_534_609_5),
        (1e6, 1.959_966_356_814_107),
        (1e7, 1.959_964_221_767_205_7),
        (1e9, 1.959_963_986_912_325_5),
        (1e12, 1.959_963_984_542_426_3),
    ] {
        let found = student_quantile(0.975, freedom);
        assert!(close(found, expected, 1e-10), "{freedom}: {found} {expected}");
    }
    assert!(student_quantile(0.975, 0.0).is_nan() && student_quantile(0.975, f64::NAN).is_nan());
}

/// Groups that hardly differ, far from zero.
#[test]
fn a_large_offset_costs_a_difference_of_means_no_digits() {
    let variables = "x = { type = \"continuous\", unit = \"1\", lower = 1e6, upper = 1.001e6, resolution = 0.001, missing = \"never\" }\n\
                     g = { type = \"binary\", missing = \"never\" }";
    let plan = try_plan(&one_table(variables), Counted::People, &["mean_difference:x:g", "smd:x:g"], &[]).unwrap();
    let codes: Vec<i32> = (0..60).map(|n| 500_000 + n % 7).chain((0..90).map(|n| 500_001 + n % 6)).collect();
    let groups: Vec<i32> = (0..150).map(|n| i32::from(n >= 60)).collect();
    let frames = everything(&plan, &tabulated_columns(&plan, &[codes.clone(), groups]));
    let asks = estimates(&plan, &[frames]);
    let sum = |codes: &[i32]| codes.iter().map(|code| i64::from(*code)).sum::<i64>();
    let expected = (sum(&codes[60..]) * 60 - sum(&codes[..60]) * 90) as f64 / (60.0 * 90.0) / 1000.0;
    let found = number(&asks[0].cells[0].network.figures[0]);
    assert!(close(found, expected, 1e-14), "{found} {expected}");
    let squares = |codes: &[i32]| codes.iter().map(|code| (f64::from(code - 500_000)).powi(2)).sum::<f64>();
    let deviations = |codes: &[i32]| {
        squares(codes) - (sum(codes) as f64 - 500_000.0 * codes.len() as f64).powi(2) / codes.len() as f64
    };
    let spread = ((deviations(&codes[..60]) + deviations(&codes[60..])) / 148.0).sqrt() / 1000.0;
    let d = number(&asks[1].cells[0].network.figures[0]);
    assert!(close(d, expected / spread, 1e-12), "{d}");
}

#[test]
fn groups_without_spread_have_no_test() {
    let variables = "x = { type = \"continuous\", unit = \"1\", lower = 0, upper = 9, resolution = 1, missing = \"never\" }\n\
                     g = { type = \"binary\", missing = \"never\" }";
    let plan = try_plan(&one_table(variables), Counted::People, &["mean_difference:x:g", "smd:x:g"], &[]).unwrap();
    let groups: Vec<i32> = (0..60).map(|n| n % 2).collect();
    for other in [3, 5] {
        let codes = groups.iter().map(|group| if *group == 0 { 3 } else { other }).collect();
        let frames = everything(&plan, &tabulated_columns(&plan, &[codes, groups.clone()]));
        let asks = estimates(&plan, &[frames]);
        let figure = |ask: usize, name: &str| {
            let figures = &asks[ask].cells[0].network.figures;
            figures.iter().find(|figure| figure.name == name).unwrap().quantity.clone()
        };
        assert_eq!(figure(0, "difference Welch"), Quantity::Number(f64::from(other) - 3.0));
        for (ask, name) in [(0, "t Welch"), (0, "p Welch"), (0, "t pooled"), (0, "p pooled"), (1, "d"), (1, "g")] {
            assert_eq!(figure(ask, name), Quantity::Undefined, "{name}");
        }
    }
}
