//! The interval of a quantile holds the pooled quantile for certain, whichever definition is meant.

use coda_model::{
    estimate::{IntervalKind, Quantity},
    frame::{Shown, ShownFrame, SiteFrames},
    plan::Plan,
};
use proptest::prelude::*;

use crate::{
    hyndman_fan::{DEFINITIONS, quantile},
    sites::{THRESHOLD, estimates, steps, tabulated_columns},
    world::Counted,
};

const PERCENTS: [(&str, i64); 7] =
    [("p5", 5), ("p10", 10), ("p25", 25), ("median", 50), ("p75", 75), ("p90", 90), ("p95", 95)];

/// A plan for the percentiles of `x`, whose resolution is 0.1 and whose lower bound is -5.
fn plan(edges: &[i32], highest: i32) -> Plan {
    let value = |code: i32| format!("{:.1}", f64::from(code) / 10.0 - 5.0);
    let edges: Vec<String> = edges.iter().map(|edge| value(*edge)).collect();
    let variable = format!(
        r#"{{ type = "continuous", unit = "1", lower = -5, upper = {}, resolution = 0.1, missing = "never", grid = {{ edges = [{}] }} }}"#,
        value(highest),
        edges.join(", ")
    );
    let dictionary = crate::world::one_table(&format!("x = {variable}"));
    crate::world::try_plan(&dictionary, Counted::People, &["percentiles:x"], &[]).unwrap()
}

/// The frames of a site whose steps end where `ends` says, or later, and which may have left out or taken in so many.
fn site(plan: &Plan, values: &[i32], ends: &[bool], slack: u64) -> SiteFrames {
    let mut raw = tabulated_columns(plan, &[values.to_vec()], values.len(), None);
    let slots = raw.remove(0).frames.remove(0).slots;
    let slots = steps(&slots, 0, |cell| ends[cell % ends.len()]);
    let frame = ShownFrame { slots, missing: None, rest: Shown::Withheld };
    SiteFrames { threshold: THRESHOLD, slack, total: Shown::Withheld, asks: vec![vec![frame]] }
}

/// Some values more and some less: for each change a value to take in, or a place at which one is left out.
fn changed(values: &[i32], highest: i32, changes: &[(u32, bool)]) -> Vec<i32> {
    let mut values = values.to_vec();
    for (seed, more) in changes {
        if *more {
            values.push((seed % (highest as u32 + 1)) as i32);
        } else if !values.is_empty() {
            values.swap_remove(*seed as usize % values.len());
        }
    }
    values
}

/// A random code; low ones are more frequent.
fn code(highest: i32, seed: u32, low: bool) -> i32 {
    (seed % (if low { 1 + highest as u32 / 8 } else { 1 + highest as u32 })) as i32
}

/// The largest code, and the codes at which the cells of the grid begin.
fn grid() -> impl Strategy<Value = (i32, Vec<i32>)> {
    (2..300i32).prop_flat_map(|highest| {
        let some = prop::collection::btree_set(1..=highest, 1..(highest as usize).clamp(2, 40));
        let all = Just((1..=highest).take(255).collect());
        let edges = prop_oneof![3 => some, 1 => all];
        (Just(highest), edges.prop_map(|edges| std::iter::once(0).chain(edges).collect()))
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1024))]

    #[test]
    fn the_pooled_quantile_by_each_of_nine_definitions_lies_in_the_interval(
        (highest, edges) in grid(),
        sites in prop::collection::vec(
            (prop::collection::vec((any::<u32>(), any::<bool>()), 0..80), prop::collection::vec(any::<bool>(), 1..9)),
            1..5,
        ),
    ) {
        let plan = plan(&edges, highest);
        let code = |(seed, low): &(u32, bool)| code(highest, *seed, *low);
        let values: Vec<Vec<i32>> = sites.iter().map(|(values, _)| values.iter().map(code).collect()).collect();
        let frames: Vec<_> = values.iter().zip(&sites).map(|(values, (_, ends))| site(&plan, values, ends, 0)).collect();

        let estimate = estimates(&plan, &frames)[0].cells[0].network.clone();
        // Sites with too few people are not in, and the figure says so.
        let mut pooled: Vec<i32> = values.iter().filter(|one| one.len() as u64 >= THRESHOLD).flatten().copied().collect();
        pooled.sort_unstable();
        prop_assert_eq!(estimate.from.len(), values.iter().filter(|one| one.len() as u64 >= THRESHOLD).count());
        if pooled.is_empty() {
            prop_assert!(estimate.figures.iter().all(|figure| figure.quantity == Quantity::Withheld));
            return Ok(());
        }
        for (name, percent) in PERCENTS {
            let figure = estimate.figures.iter().find(|figure| figure.name == name).unwrap();
            let Quantity::Number(value) = figure.quantity else { panic!("{figure:?}") };
            let interval = figure.interval.unwrap();
            prop_assert_eq!(interval.kind, IntervalKind::Certain);
            prop_assert!(interval.low <= value && value <= interval.high, "{figure:?}");
            for definition in DEFINITIONS {
                let exact = (quantile(&pooled, percent, definition) - 50.0) / 10.0;
                prop_assert!(
                    interval.low <= exact && exact <= interval.high,
                    "{name} by definition {definition} is {exact}: {figure:?}"
                );
            }
        }
        prop_assert!(estimate.figures.iter().any(|figure| figure.quantity == Quantity::Count(pooled.len() as u64)));
    }

    #[test]
    fn the_interval_holds_the_quantile_of_a_cohort_that_differs_by_no_more_than_the_slack(
        (highest, edges) in grid(),
        sites in prop::collection::vec(
            (
                prop::collection::vec((any::<u32>(), any::<bool>()), 0..80),
                prop::collection::vec(any::<bool>(), 1..9),
                prop::collection::vec((any::<u32>(), any::<bool>()), 0..9),
            ),
            1..5,
        ),
    ) {
        let plan = plan(&edges, highest);
        let (mut frames, mut pooled) = (Vec::new(), Vec::new());
        for (seeds, ends, changes) in &sites {
            let truth: Vec<i32> = seeds.iter().map(|(seed, low)| code(highest, *seed, *low)).collect();
            let told = changed(&truth, highest, changes);
            frames.push(site(&plan, &told, ends, changes.len() as u64));
            if told.len() as u64 >= THRESHOLD {
                pooled.extend(truth);
            }
        }
        pooled.sort_unstable();
        prop_assume!(!pooled.is_empty());
        let estimate = estimates(&plan, &frames)[0].cells[0].network.clone();
        for (name, percent) in PERCENTS {
            let figure = estimate.figures.iter().find(|figure| figure.name == name).unwrap();
            let interval = figure.interval.unwrap();
            for definition in DEFINITIONS {
                let exact = (quantile(&pooled, percent, definition) - 50.0) / 10.0;
                prop_assert!(
                    interval.low <= exact && exact <= interval.high,
                    "{name} by definition {definition} is {exact}: {figure:?}"
                );
            }
        }
    }

    #[test]
    fn full_frames_of_single_codes_give_the_quantile_itself(
        sites in prop::collection::vec(prop::collection::vec(0..60i32, 0..50), 1..5),
    ) {
        let edges: Vec<i32> = (0..60).collect();
        let plan = plan(&edges, 59);
        let frame = |values: &Vec<i32>| {
            crate::sites::everything(&tabulated_columns(&plan, std::slice::from_ref(values), values.len(), None))
        };
        let frames: Vec<_> = sites.iter().map(frame).collect();
        let mut pooled = sites.concat();
        pooled.sort_unstable();
        prop_assume!(!pooled.is_empty());
        let estimate = estimates(&plan, &frames)[0].cells[0].network.clone();
        for (name, percent) in PERCENTS {
            let figure = estimate.figures.iter().find(|figure| figure.name == name).unwrap();
            let exact = (quantile(&pooled, percent, 1) - 50.0) / 10.0;
            prop_assert_eq!(&figure.quantity, &Quantity::Number(exact));
        }
    }
}
