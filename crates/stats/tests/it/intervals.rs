//! A withheld count is an interval that holds the true count, whatever else the answer tells.

use coda_model::{
    frame::{Guard, Shown, ShownFrame, SiteFrames, Tabulated},
    plan::Plan,
};
use coda_stats::merge::{Bounds, Needs, Part, merge};
use proptest::prelude::*;

use crate::{
    sites::{honest, records, tabulated},
    world::{Counted, network, plan},
};

/// Two tables, then whatever may tell their totals.
const PEOPLE: ([&str; 2], &[&str]) = (
    ["marginals:ward", "marginals:crp@1,10"],
    &["count", "count:ward", "mode:ward", "mean:crp", "median:crp", "mean:age"],
);
const ROWS: ([&str; 2], &[&str]) = (
    ["marginals:flag", "marginals:lactate@5,10"],
    &["count", "count:flag", "mode:flag", "mean:lactate", "median:lactate", "mean:age"],
);

/// What the other asks of an answer tell of the totals of a table.
#[derive(Clone, Copy, PartialEq)]
struct Known {
    /// How many are in the cell.
    base: bool,
    /// How many have a value in the table's columns.
    valid: bool,
}

fn known(raw: &[Tabulated], answer: &SiteFrames, table: usize) -> Known {
    let mut known = Known { base: false, valid: false };
    for (other, cells) in answer.asks.iter().enumerate().skip(2) {
        let ShownFrame { slots, missing } = &cells[0];
        let out = |slot: &Shown<_>| slot.value().is_some();
        let whole = match raw[other].guard {
            Guard::Distribution { .. } => slots.iter().any(out),
            _ => slots.iter().all(out),
        };
        known.base |= whole && missing.is_none_or(|missing| missing.value().is_some());
        known.valid |= whole && raw[other].columns == raw[table].columns;
    }
    known
}

/// Withholds large counts too, as far as a site does that so that the totals give nothing away.
fn withhold_more(frame: &mut ShownFrame, known: Known, hide: &[bool]) {
    let mut hide = hide.iter().cycle();
    for slot in &mut frame.slots {
        if *hide.next().unwrap() && (known.base || known.valid) {
            *slot = Shown::Withheld;
        }
    }
    if let Some(missing) = frame.missing.as_mut().filter(|_| *hide.next().unwrap() && known.base) {
        *missing = Shown::Withheld;
    }
}

fn holds(bounds: Bounds, truth: u64) -> bool {
    bounds.low <= truth && truth <= bounds.high
}

/// Checks every count of every merged ask against the raw frames.
fn check(plan: &Plan, raw: &[Vec<Tabulated>], answers: &[SiteFrames]) -> Result<(), TestCaseError> {
    let answers: Vec<&SiteFrames> = answers.iter().collect();
    for (ask, planned) in plan.asks.iter().enumerate() {
        let (merged, parts) = merge(plan, &Needs::of(plan), ask, 0, &answers);
        let guard = raw[0][ask].guard;
        let chosen = || {
            let sites = raw.iter().zip(&parts).filter(move |(_, part)| guard == Guard::Table || **part == Part::In);
            sites.map(|(site, _)| &site[ask].frames[0])
        };
        if !matches!(guard, Guard::Distribution { .. }) {
            for (place, slot) in merged.slots.iter().enumerate() {
                let people = chosen().map(|frame| frame.slots[place].people.0).sum();
                let rows = chosen().map(|frame| frame.slots[place].rows.0).sum();
                prop_assert!(holds(slot.count.people, people), "{} slot {place}: {people} {slot:?}", planned.text);
                prop_assert!(holds(slot.count.rows, rows), "{} slot {place}: {rows} {slot:?}", planned.text);
            }
        }
        if let Some(missing) = merged.missing {
            let people = chosen().map(|frame| frame.missing.people.0).sum();
            let rows = chosen().map(|frame| frame.missing.rows.0).sum();
            prop_assert!(holds(missing.people, people), "{} missing: {people} {missing:?}", planned.text);
            prop_assert!(holds(missing.rows, rows), "{} missing: {rows} {missing:?}", planned.text);
        }
    }
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(768))]

    #[test]
    fn the_true_count_lies_between_the_bounds_of_what_is_withheld(
        sites in network(0..90),
        counted in crate::world::counted(),
        tellers in prop::collection::vec(any::<bool>(), 6),
        hide in prop::collection::vec(any::<bool>(), 5),
    ) {
        let (tables, others) = if counted == Counted::People { PEOPLE } else { ROWS };
        let others = others.iter().zip(&tellers).filter(|(_, told)| **told).map(|(ask, _)| *ask);
        let plan = plan(counted, &tables.into_iter().chain(others).collect::<Vec<_>>(), &[]);
        let raw: Vec<_> = sites.iter().map(|people| tabulated(&plan, counted, &records(people, counted))).collect();
        let answer = |raw: &Vec<Tabulated>| {
            let mut answer = honest(raw);
            for table in [0, 1] {
                let known = known(raw, &answer, table);
                withhold_more(&mut answer.asks[table][0], known, &hide);
            }
            answer
        };
        let answers: Vec<_> = raw.iter().map(answer).collect();
        check(&plan, &raw, &answers)?;
    }
}

#[test]
fn a_few_missing_beside_a_mean_are_not_called_none() {
    let ages = |crp: i32| crate::world::Person { codes: vec![50, crp, -1, 0, 0, 0, 0, 0], lab: vec![] };
    let people: Vec<_> = (0..40).map(|n| ages(if n < 3 { -1 } else { n })).collect();
    let plan = plan(Counted::People, &["mean:crp"], &[]);
    let answer = honest(&tabulated(&plan, Counted::People, &records(&people, Counted::People)));
    assert_eq!(answer.asks[0][0].missing, Some(Shown::Withheld));
    let (merged, _) = merge(&plan, &Needs::of(&plan), 0, 0, &[&answer]);
    let missing = merged.missing.unwrap();
    assert_eq!((missing.people.low, missing.people.high), (0, 4));
}
