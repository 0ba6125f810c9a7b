//! The interval of a quantile holds the pooled quantile for certain, whichever definition is meant.

use coda_model::{
    estimate::{CountFigure, Quantity},
    frame::SiteFrames,
    plan::Plan,
    rounding::Sensitivity,
};
use coda_stats::verify::verify;
use proptest::prelude::*;

use crate::{
    hyndman_fan::{DEFINITIONS, quantile},
    sites::{Teller, estimates, everything, tabulated_columns, teller},
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
    crate::world::try_plan(&dictionary, Counted::People, &["percentiles:x", "median:x"], &[]).unwrap()
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
    #![proptest_config(ProptestConfig::with_cases(768))]

    #[test]
    fn the_pooled_quantile_by_each_of_nine_definitions_certainly_lies_in_the_interval(
        (highest, edges) in grid(),
        sites in prop::collection::vec(
            (
                prop::collection::vec((any::<u32>(), any::<bool>()), 0..300),
                prop::collection::vec(any::<bool>(), 1..9),
                teller(),
            ),
            1..5,
        ),
        sensitivity in prop::sample::select(vec![Sensitivity::Plain, Sensitivity::Sensitive]),
    ) {
        let plan = Plan { cohort_sensitivity: sensitivity, ..plan(&edges, highest) };
        let code = |(seed, low): &(u32, bool)| code(highest, *seed, *low);
        let values: Vec<Vec<i32>> = sites.iter().map(|(values, ..)| values.iter().map(code).collect()).collect();
        let tell = |(values, (_, ends, teller)): (&Vec<i32>, &(_, Vec<bool>, Teller))| {
            teller.tell_with(&plan, &tabulated_columns(&plan, std::slice::from_ref(values)), |cell| ends[cell % ends.len()])
        };
        let told: Vec<_> = values.iter().zip(&sites).map(tell).collect();
        for answer in &told {
            prop_assert_eq!(verify(&plan, answer), Ok(()));
        }
        for (ask, least) in [100, 40].into_iter().enumerate() {
            let estimate = estimates(&plan, &told)[ask].cells[0].network.clone();
            // Sites with too few people, as told, are not in, and the figure says so.
            let is_in = |answer: &SiteFrames| answer.asks[ask][0].valid.value().is_some_and(|all| all.people.0 >= least);
            let mut pooled: Vec<i32> =
                values.iter().zip(&told).filter(|(_, answer)| is_in(answer)).flat_map(|(one, _)| one).copied().collect();
            pooled.sort_unstable();
            prop_assert_eq!(estimate.sites_in.len(), told.iter().filter(|answer| is_in(answer)).count());
            prop_assert_eq!(estimate.sites_out.len(), told.len() - estimate.sites_in.len());
            if estimate.sites_in.is_empty() {
                prop_assert!(estimate.figures.iter().all(|figure| figure.quantity == Quantity::Suppressed));
                continue;
            }
            for (name, percent) in PERCENTS.into_iter().filter(|(name, _)| ask == 0 || *name == "median") {
                let figure = estimate.figures.iter().find(|figure| figure.name == name).unwrap();
                let Quantity::Number(value) = figure.quantity else { panic!("{figure:?}") };
                let (certain, confidence) = (figure.certain.unwrap(), figure.confidence.unwrap());
                prop_assert!(certain.low <= value && value <= certain.high, "{figure:?}");
                prop_assert!(confidence.low <= value && value <= confidence.high, "{figure:?}");
                for definition in DEFINITIONS {
                    let exact = (quantile(&pooled, percent, definition) - 50.0) / 10.0;
                    prop_assert!(
                        certain.low <= exact && exact <= certain.high,
                        "{name} by definition {definition} is {exact}: {figure:?}"
                    );
                }
            }
            if told.iter().zip(&sites).all(|(_, (.., teller))| matches!(teller, Teller::Exact)) {
                let n = pooled.len() as u64;
                let count = CountFigure { value: Some(n), certain: Some((n, n)), estimate: None };
                prop_assert!(estimate.figures.iter().any(|figure| figure.quantity == Quantity::Count(count)));
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
            everything(&plan, &tabulated_columns(&plan, std::slice::from_ref(values)))
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
