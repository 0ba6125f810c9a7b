//! A count over sites: the sum of what they told, what it certainly lies between, and an estimate of what is suppressed.

use coda_model::{
    estimate::{CountFigure, Estimate, Figure, Interval, Quantity},
    frame::{Count, Guard, SetKey, Shown, ShownSlot, SiteFrames, Slot},
    ids::{People, Rows},
    plan::{Plan, Unit},
    rounding::{Rounding, Sensitivity},
    threshold::Threshold,
    variable::{Continuous, Kind},
};
use coda_stats::{
    distribution::{Distribution, Grid},
    merge::{MergedCount, Part, SiteCount, figure, merge},
    verify::verify,
};
use proptest::prelude::*;

use crate::{
    sites::{Raw, Teller, Told, estimates, records, tabulated, teller},
    world::{Counted, Person, network, plan},
};

/// Asks of every guard.
const PEOPLE: &[&str] = &[
    "marginals:ward",
    "marginals:icu",
    "marginals:crp@1,10",
    "count",
    "count:crp",
    "mode:ward",
    "mean:crp",
    "histogram:crp",
    "median:crp",
    "mean:age",
    "risk_ratio:icu:dead",
];
const ROWS: &[&str] = &[
    "marginals:flag",
    "marginals:icu",
    "marginals:lactate@5,10",
    "count",
    "count:lactate",
    "mode:flag",
    "mean:lactate",
    "mean:age",
    "risk_ratio:icu:dead",
];

/// A site: what it knows, and what it tells.
struct Site {
    raw: Raw,
    told: SiteFrames,
}

/// The count that these sites told lies about the truth as it says it does.
fn holds(place: &str, merged: &MergedCount, truth: u64, told: &[Option<u64>]) -> Result<(), TestCaseError> {
    let CountFigure { value, certain, estimate } = figure(merged);
    let telling: Vec<u64> = told.iter().copied().flatten().collect();
    prop_assert_eq!(value, (!telling.is_empty()).then(|| telling.iter().sum()), "{}", place);
    if let Some((low, high)) = certain {
        prop_assert!(low <= truth && truth <= high, "{place}: {truth} not in {low} to {high}");
    }
    if let Some(estimate) = estimate {
        prop_assert!(telling.len() < told.len() && !telling.is_empty(), "{place}: an estimate of what is known");
        let (low, high) = certain.map(|(low, high)| (low as f64, high as f64)).unwrap();
        let Interval { low: from, high: to } = estimate.interval.unwrap();
        let ordered = [low, from, estimate.value, to, high].is_sorted();
        prop_assert!(ordered, "{place}: {estimate:?} in {low} to {high}");
    }
    Ok(())
}

/// Checks every count of one ask in one cell, merged over these sites, against what they know.
fn check(plan: &Plan, (ask, cell): (usize, usize), sites: &[&Site], shown: &Estimate) -> Result<(), TestCaseError> {
    let text = &plan.asks[ask].text;
    let told: Vec<&SiteFrames> = sites.iter().map(|site| &site.told).collect();
    let (merged, parts) = merge(plan, ask, cell, &told);
    let chosen: Vec<&Site> =
        sites.iter().zip(&parts).filter(|(_, part)| **part == Part::In).map(|(site, _)| *site).collect();
    let truth = |of: &dyn Fn(&Site) -> u64| chosen.iter().map(|site| of(site)).sum::<u64>();
    let told = |of: &dyn Fn(&Site) -> Option<u64>| chosen.iter().map(|site| of(site)).collect::<Vec<_>>();
    let own = |site: &Site| site.raw.asks[ask].frames[cell].clone();
    let answer = |site: &Site| site.told.asks[ask][cell].clone();
    let rows = |count: &Shown<Count>| count.value().map(|count| count.rows.0);

    let guard = sites[0].raw.asks[ask].guard;
    if !matches!(guard, Guard::Distribution { .. }) {
        for (place, slot) in merged.slots.iter().enumerate() {
            let told = told(&|site| answer(site).slots[place].value().map(|slot| slot.count.rows.0));
            let truth = truth(&|site| own(site).slots[place].rows.0);
            holds(&format!("{text} slot {place}"), &slot.count, truth, &told)?;
        }
    }
    holds(
        &format!("{text} n"),
        &merged.valid,
        truth(&|site| own(site).valid.rows.0),
        &told(&|site| rows(&answer(site).valid)),
    )?;
    if let Some(missing) = &merged.missing {
        let told = told(&|site| rows(&answer(site).missing.unwrap()));
        holds(&format!("{text} missing"), missing, truth(&|site| own(site).missing.rows.0), &told)?;
    }
    if plan.asks[ask].statistic == "histogram" {
        let Kind::Continuous(continuous) = &plan.columns[plan.asks[ask].operands[0].column].variable.kind else {
            panic!()
        };
        let bin = |bin: std::ops::RangeInclusive<usize>| {
            truth(&|site| own(site).slots[bin.clone()].iter().map(|slot| slot.people.0).sum())
        };
        bins_hold(text, shown, &bins(continuous), bin)?;
    }
    // What is shown is what was merged.
    let found = |name: &str| shown.figures.iter().find(|figure| figure.name == name).map(|figure| &figure.quantity);
    if !chosen.is_empty() && plan.asks[ask].operands.is_empty() {
        prop_assert_eq!(found("n"), None);
    } else if !chosen.is_empty() {
        prop_assert_eq!(found("n"), Some(&Quantity::Count(figure(&merged.valid))), "{}", text);
        prop_assert_eq!(
            found("missing").cloned(),
            merged.missing.as_ref().map(figure).map(Quantity::Count),
            "{}",
            text
        );
    }
    prop_assert_eq!(shown.sites_in.len(), chosen.len());
    prop_assert_eq!(shown.sites_out.len(), sites.len() - chosen.len());
    Ok(())
}

/// The cells of the grid in each bin of the histogram.
fn bins(continuous: &Continuous) -> Vec<std::ops::RangeInclusive<usize>> {
    let ends = continuous.bin_ends();
    let starts = std::iter::once(0).chain(ends.iter().map(|end| end + 1));
    starts.zip(&ends).map(|(start, end)| start..=*end).collect()
}

fn bins_hold(
    text: &str,
    shown: &Estimate,
    bins: &[std::ops::RangeInclusive<usize>],
    truth: impl Fn(std::ops::RangeInclusive<usize>) -> u64,
) -> Result<(), TestCaseError> {
    let counts: Vec<&Figure> = shown.figures.iter().filter(|figure| figure.name == "count").collect();
    prop_assert_eq!(counts.len(), bins.len());
    for (found, bin) in counts.into_iter().zip(bins) {
        let Quantity::Count(count) = found.quantity else {
            prop_assert!(shown.sites_in.is_empty(), "{found:?}");
            continue;
        };
        let (low, high) = count.certain.unwrap();
        let truth = truth(bin.clone());
        prop_assert!(low <= truth && truth <= high, "{text}: {truth} not in {found:?}");
        prop_assert!(count.value.is_some() != count.estimate.is_some(), "{found:?}");
    }
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(256))]

    #[test]
    fn the_true_count_certainly_lies_between_the_bounds_of_what_is_told(
        sites in network(0..400),
        counted in crate::world::counted(),
        by in prop::sample::select(vec![vec![], vec!["sex"], vec!["ward"], vec!["icu"]]),
        tellers in prop::collection::vec(teller(), 5),
    ) {
        let plan = plan(counted, if counted == Counted::People { PEOPLE } else { ROWS }, &by);
        let site = |(people, teller): (&Vec<Person>, &Teller)| {
            let raw = tabulated(&plan, counted, &records(people, counted));
            Site { told: teller.tell(&plan, &raw), raw }
        };
        let sites: Vec<Site> = sites.iter().zip(&tellers).map(site).collect();
        let told: Vec<SiteFrames> = sites.iter().map(|site| site.told.clone()).collect();
        for answer in &told {
            prop_assert_eq!(verify(&plan, answer), Ok(()));
        }
        for (ask, shown) in estimates(&plan, &told).iter().enumerate() {
            for (cell, shown) in shown.cells.iter().enumerate() {
                check(&plan, (ask, cell), &sites.iter().collect::<Vec<_>>(), &shown.network)?;
                for (site, (_, own)) in sites.iter().zip(&shown.sites) {
                    check(&plan, (ask, cell), &[site], own)?;
                }
            }
        }
    }

    /// Without a plan, so that thresholds, sensitive variables and cohorts are of all kinds.
    #[test]
    fn a_merged_count_holds_the_truth_whatever_its_sites_are(
        sites in prop::collection::vec(
            (0..60u64, prop_oneof![Just(5u64), 6..30u64], any::<[u64; 3]>(), any::<[bool; 2]>(), prop::option::weighted(0.9, 0..1000u64)),
            1..8,
        ),
    ) {
        let rounding = |least: u64, exact: bool| {
            let least = Threshold::new(least).unwrap();
            if exact { Rounding::exact(least) } else { Rounding::random(least) }
        };
        let roundings: Vec<Rounding> = sites.iter().map(|(_, least, _, [exact, _], _)| rounding(*least, *exact)).collect();
        let counts: Vec<SiteCount<'_>> = sites
            .iter()
            .zip(&roundings)
            .map(|((people, _, [secret, statement, key], [exact, sensitive], cohort), rounding)| {
                let sensitivity = if *sensitive { Sensitivity::Sensitive } else { Sensitivity::Plain };
                let slot = Slot::default();
                let teller = if *exact { Teller::Exact } else { Teller::Rounded(*secret) };
                let told = Told { slot: &slot, statement: *statement, sensitivity };
                let found = teller.people_of(rounding, told, *people, SetKey(*key));
                let told = (found >= rounding.told_from).then_some(Count { people: People(found), rows: Rows(found) });
                SiteCount { rounding, told, cohort: *cohort, sensitivity, unit: Unit::People, records: 1 }
            })
            .collect();
        let merged = MergedCount::of(&counts);
        let told: Vec<Option<u64>> = counts.iter().map(|count| count.told.map(|told| told.people.0)).collect();
        prop_assert!(merged.certain.is_some());
        holds("merged", &merged, sites.iter().map(|(people, ..)| people).sum(), &told)?;
        // A rate is known where a site that tells has told its cohort.
        let rate = counts.iter().any(|count| count.told.is_some() && count.cohort.is_some_and(|cohort| cohort > 0));
        let suppressed = counts.iter().any(|count| count.told.is_none());
        prop_assert_eq!(merged.estimate.is_some(), rate && suppressed);
        let exact = counts.iter().all(|count| count.told.is_none() || count.rounding.is_exact());
        prop_assert_eq!(exact, merged.variance == 0.0);
    }
}

/// A count that one site tells, or suppresses, of a cohort of 100; a person has up to seven rows.
fn one(rounding: &Rounding, told: Option<(u64, u64)>, unit: Unit) -> SiteCount<'_> {
    let told = told.map(|(people, rows)| Count { people: People(people), rows: Rows(rows) });
    let records = if unit == Unit::People { 1 } else { 7 };
    SiteCount { rounding, told, cohort: Some(100), sensitivity: Sensitivity::Plain, unit, records }
}

#[test]
fn bounds_are_those_of_the_rule() {
    let (exact, random) = (Rounding::exact(Threshold::default()), Rounding::random(Threshold::default()));
    let of = |sites: &[(&Rounding, Option<(u64, u64)>)], unit, sensitivity| {
        let counts: Vec<_> =
            sites.iter().map(|(rounding, told)| SiteCount { sensitivity, ..one(rounding, *told, unit) }).collect();
        let CountFigure { value, certain, .. } = figure(&MergedCount::of(&counts));
        (value, certain)
    };
    let people = |sites: &[(&Rounding, Option<(u64, u64)>)], sensitivity| of(sites, Unit::People, sensitivity);
    let (plain, sensitive) = (Sensitivity::Plain, Sensitivity::Sensitive);
    let twenty = Some((20, 20));
    assert_eq!(people(&[], plain), (None, Some((0, 0))));
    assert_eq!(people(&[(&exact, twenty)], plain), (Some(20), Some((20, 20))));
    assert_eq!(people(&[(&random, twenty)], plain), (Some(20), Some((12, 28))));
    assert_eq!(people(&[(&random, twenty)], sensitive), (Some(20), Some((8, 32))));
    assert_eq!(people(&[(&random, Some((10, 10)))], sensitive), (Some(10), Some((0, 22))), "not under 0");
    assert_eq!(people(&[(&random, None)], plain), (None, Some((0, 9))));
    assert_eq!(people(&[(&exact, None)], sensitive), (None, Some((0, 4))));
    assert_eq!(people(&[(&exact, twenty), (&random, twenty), (&random, None)], plain), (Some(40), Some((32, 57))));
    // Of rows: as many as a person may have, seven here; a perturbed number of rows has no narrow bound.
    let rows = Unit::Rows(1);
    assert_eq!(of(&[(&exact, Some((20, 65))), (&exact, None)], rows, plain), (Some(65), Some((65, 65 + 4 * 7))));
    assert_eq!(of(&[(&random, None)], rows, plain), (None, Some((0, 9 * 7))));
    assert_eq!(of(&[(&random, Some((20, 65))), (&exact, None)], rows, plain), (Some(65), None));
}

#[test]
fn bins_are_bounded_by_the_rounding_of_both_their_edges() {
    let random = Rounding::random(Threshold::default());
    let step =
        |people| Shown::Value(ShownSlot { count: Count { people: People(people), rows: Rows(people) }, sums: None });
    for (sensitivity, error) in [(Sensitivity::Plain, 8), (Sensitivity::Sensitive, 12)] {
        let mut merged = Distribution::default();
        merged.add(
            &[step(40), step(60)],
            &Grid { edges: &[0, 5], bin_ends: &[], highest: 9 },
            100,
            (&random, sensitivity),
        );
        let bins: Vec<_> = merged.bins(&[0, 1]).iter().map(|bin| (bin.value, bin.certain)).collect();
        let expected =
            // The first bin has one edge, with the step in it; of the second the step cancels.
            [(40, error), (60, 8)].map(|(told, error)| (Some(told), Some((told - error, told + error))));
        assert_eq!(bins, expected);
    }
}

#[test]
fn an_estimate_is_of_what_a_site_suppresses_while_another_tells() {
    let (exact, random) = (Rounding::exact(Threshold::default()), Rounding::random(Threshold::default()));
    let estimate = |sites: &[SiteCount<'_>]| MergedCount::of(sites).estimate;
    for rounding in [&exact, &random] {
        let (told, suppressed) = (one(rounding, Some((20, 20)), Unit::People), one(rounding, None, Unit::People));
        assert_eq!(estimate(&[]), None);
        assert_eq!(estimate(&[told, told]), None, "all tell");
        assert_eq!(estimate(&[suppressed, suppressed]), None, "none tells");
        assert_eq!(estimate(&[SiteCount { cohort: None, ..told }, suppressed]), None, "a rate of nobody knows whom");
        let found = estimate(&[told, suppressed]).unwrap().value;
        let most = 20.0 + rounding.suppressed_at_most() as f64;
        assert!(20.0 < found && found < most, "{found}");
        // More where more people are behind it, and less where fewer were told of those who tell.
        let small = estimate(&[told, SiteCount { cohort: Some(10), ..suppressed }]).unwrap().value;
        let rare = estimate(&[SiteCount { cohort: Some(1000), ..told }, suppressed]).unwrap().value;
        assert!(20.0 < small && small < found && rare < found, "{small} {rare} {found}");
        let rows = |told| SiteCount { unit: Unit::Rows(1), ..told };
        assert_eq!(estimate(&[rows(told), rows(suppressed)]), None, "of rows");
    }
}

/// Few who miss a value are not called none.
#[test]
fn a_few_missing_beside_a_mean_are_suppressed() {
    let person = |crp: i32| Person { key: 3, codes: vec![50, crp, -1, 0, 0, 0, 0, 0], lab: vec![] };
    let people: Vec<_> = (0..40).map(|n| person(if n < 3 { -1 } else { n })).collect();
    let plan = plan(Counted::People, &["mean:crp"], &[]);
    let raw = tabulated(&plan, Counted::People, &records(&people, Counted::People));
    for (teller, most) in [(Teller::Exact, 4), (Teller::Rounded(1), 9)] {
        let told = teller.tell(&plan, &raw);
        assert_eq!(told.asks[0][0].missing, Some(Shown::Suppressed));
        let missing = merge(&plan, 0, 0, &[&told]).0.missing.unwrap();
        assert_eq!((missing.value(), missing.certain, missing.estimate), (None, Some((0, most)), None));
    }
}
