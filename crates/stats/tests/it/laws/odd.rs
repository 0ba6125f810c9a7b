//! An answer that no honest site can give is refused.

use coda_model::{
    frame::{Count, Guard, Shown, ShownFrame, ShownSlot, SiteFrames, Tabulated},
    ids::{People, Rows},
    plan::Plan,
};
use coda_stats::{find, verify::verify};
use proptest::{prelude::*, sample::Index};

use crate::{
    sites::{THRESHOLD, honest, records, tabulated},
    world::{Counted, Person, choices, counted, one_of_each, people, plan},
};

/// A way to spoil a whole answer.
type Spoil = fn(&mut SiteFrames);
/// A way to spoil one frame, if it can be done to it.
type SpoilFrame = fn(&mut ShownFrame, Guard) -> Option<()>;
/// A way to spoil one slot that is out, given the largest code of its value.
type SpoilSlot = fn(&mut ShownSlot, i128) -> Option<()>;

const ANSWERS: &[(&str, Spoil)] = &[
    ("an ask less", |answer| drop(answer.asks.pop())),
    ("an ask more", |answer| answer.asks.push(answer.asks[0].clone())),
    ("no asks", |answer| answer.asks.clear()),
    ("a cell less", |answer| drop(answer.asks[0].pop())),
    ("a cell more", |answer| {
        let cell = answer.asks[0][0].clone();
        answer.asks[0].push(cell);
    }),
    ("a threshold under the floor", |answer| answer.threshold = 4),
    ("no threshold", |answer| answer.threshold = 0),
    ("a threshold above everything that is out", |answer| answer.threshold = 1 << 31),
    ("a threshold that nobody has", |answer| answer.threshold = u64::MAX),
    ("slack without end", |answer| answer.slack = u64::MAX),
    ("a cohort of fewer people than the threshold", |answer| answer.total = count(THRESHOLD - 1, 1000)),
    ("a cohort of nobody", |answer| answer.total = count(0, 0)),
    ("a cohort of more people than rows", |answer| answer.total = count(9, 8)),
    ("a cohort of more rows than there are", |answer| answer.total = count(THRESHOLD, u64::MAX)),
];

const FRAMES: &[(&str, SpoilFrame)] = &[
    ("a slot less", |frame, _| frame.slots.pop().map(drop)),
    ("a slot more", |frame, _| {
        frame.slots.push(frame.slots.first()?.clone());
        Some(())
    }),
    ("no slots", |frame, _| {
        frame.slots.clear();
        Some(())
    }),
    ("missing where none can be, or the other way round", |frame, _| {
        frame.missing = if frame.missing.is_some() { None } else { Some(Shown::Withheld) };
        Some(())
    }),
    ("three missing", |frame, _| {
        frame.missing.as_mut().map(|missing| *missing = Shown::Value(Count { people: People(3), rows: Rows(3) }))
    }),
    ("more people than rows missing", |frame, _| {
        frame.missing.as_mut().map(|missing| *missing = Shown::Value(Count { people: People(9), rows: Rows(8) }))
    }),
    ("a rest of fewer people than the threshold", |frame, _| {
        frame.rest = count(THRESHOLD - 1, 1000);
        Some(())
    }),
    ("a rest of nobody", |frame, _| {
        frame.rest = count(0, 0);
        Some(())
    }),
    ("a rest of more people than rows", |frame, _| {
        frame.rest = count(9, 8);
        Some(())
    }),
    ("a rest of more rows than there are", |frame, _| {
        frame.rest = count(u64::MAX, u64::MAX);
        Some(())
    }),
    ("a part of what leaves whole or not at all", |frame, guard| {
        let whole = matches!(guard, Guard::Sample { .. } | Guard::Together { .. });
        (whole && frame.slots.len() > 1).then(|| frame.slots[0] = Shown::Withheld)
    }),
    ("a distribution that does not end where the grid ends", |frame, guard| {
        matches!(guard, Guard::Distribution { .. }).then(|| *frame.slots.last_mut().unwrap() = Shown::Withheld)
    }),
    ("fewer people than the statistic needs", |frame, guard| {
        let (Guard::Sample { least } | Guard::Together { least } | Guard::Distribution { least }) = guard else {
            return None;
        };
        (least > THRESHOLD).then(|| {
            let few = Count { people: People(least - 1), rows: Rows(least - 1) };
            for slot in &mut frame.slots {
                *slot = Shown::Withheld;
            }
            let sums = vec![0; usize::from(matches!(guard, Guard::Sample { .. } | Guard::Together { .. })) * 2];
            *frame.slots.last_mut().unwrap() = Shown::Value(ShownSlot { count: few, sums });
        })
    }),
];

const SLOTS: &[(&str, SpoilSlot)] = &[
    ("three people", |slot, _| {
        slot.count = Count { people: People(3), rows: Rows(3) };
        slot.sums.fill(0);
        Some(())
    }),
    ("nobody", |slot, _| {
        slot.count = Count::default();
        slot.sums.fill(0);
        Some(())
    }),
    ("more people than rows", |slot, _| {
        slot.count.people.0 = slot.count.rows.0 + 1;
        Some(())
    }),
    ("more rows than there are", |slot, _| {
        slot.count = Count { people: People(u64::MAX), rows: Rows(u64::MAX) };
        Some(())
    }),
    ("a sum more", |slot, _| {
        slot.sums.push(0);
        Some(())
    }),
    ("a sum less", |slot, _| slot.sums.pop().map(drop)),
    ("a negative sum", |slot, _| slot.sums.first_mut().map(|sum| *sum = -1)),
    ("a sum over the bounds", |slot, highest| {
        let rows = i128::from(slot.count.rows.0);
        slot.sums.first_mut().map(|sum| *sum = rows * highest + 1)
    }),
    ("the largest sum there is", |slot, _| slot.sums.first_mut().map(|sum| *sum = i128::MAX)),
    ("a negative square", |slot, _| slot.sums.get_mut(1).map(|sum| *sum = -1)),
    ("a square over the bounds", |slot, highest| {
        let first = *slot.sums.first()?;
        slot.sums.get_mut(1).map(|sum| *sum = first * highest + 1)
    }),
    ("the largest square there is", |slot, _| slot.sums.get_mut(1).map(|sum| *sum = i128::MAX)),
    ("squares that are smaller than the mean's (Cauchy and Schwarz)", |slot, _| {
        let (rows, first) = (i128::from(slot.count.rows.0), *slot.sums.first()?);
        (first > 0).then_some(())?;
        slot.sums.get_mut(1).map(|sum| *sum = (first * first - 1) / rows)
    }),
];

fn count(people: u64, rows: u64) -> Shown<Count> {
    Shown::Value(Count { people: People(people), rows: Rows(rows) })
}

/// An answer in which everything is out: the same large site whatever is asked.
fn large_site(plan: &Plan, counted: Counted, people: &[Person]) -> (Vec<Tabulated>, SiteFrames) {
    let many: Vec<Person> = people.iter().cycle().take(people.len() * 12).cloned().collect();
    let raw = tabulated(plan, counted, &records(&many, counted));
    let answer = honest(&raw);
    (raw, answer)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(96))]

    #[test]
    fn the_answer_of_an_honest_site_is_taken(
        people in people(0..120),
        (counted, asks) in counted().prop_flat_map(|counted| (Just(counted), one_of_each(counted))),
        by in prop::sample::select(vec![vec![], vec!["ward"]]),
    ) {
        let plan = plan(counted, &asks, &by);
        prop_assert_eq!(verify(&plan, &honest(&tabulated(&plan, counted, &records(&people, counted)))), Ok(()));
    }

    #[test]
    fn an_odd_answer_is_refused_whatever_is_odd_about_it(
        people in people(60..80),
        (counted, asks) in counted().prop_flat_map(|counted| (Just(counted), one_of_each(counted))),
        at in any::<Index>(),
    ) {
        let plan = plan(counted, &asks, &[]);
        let (raw, answer) = large_site(&plan, counted, &people);
        prop_assert_eq!(verify(&plan, &answer), Ok(()));
        let mut slack = answer.clone();
        slack.slack = 2 * answer.threshold * u64::from(plan.records_per_person) + 1;
        prop_assert!(verify(&plan, &slack).is_err(), "more slack than the records of twice the threshold of people was taken");
        for (what, spoil) in ANSWERS {
            let mut odd = answer.clone();
            spoil(&mut odd);
            prop_assert!(verify(&plan, &odd).is_err(), "{what} was taken");
        }
        for (ask, own) in raw.iter().enumerate() {
            let frame = &answer.asks[ask][0];
            for (what, spoil) in FRAMES {
                let mut odd = answer.clone();
                if spoil(&mut odd.asks[ask][0], own.guard).is_some() && odd != answer {
                    prop_assert!(verify(&plan, &odd).is_err(), "{what} was taken of {}", asks[ask]);
                }
            }
            let out: Vec<usize> = (0..frame.slots.len()).filter(|slot| frame.slots[*slot].value().is_some()).collect();
            if out.is_empty() {
                continue;
            }
            let slot = *at.get(&out);
            for (what, spoil) in SLOTS {
                let mut odd = answer.clone();
                let Shown::Value(one) = &mut odd.asks[ask][0].slots[slot] else { unreachable!() };
                if spoil(one, highest(&plan, ask)).is_some() {
                    prop_assert!(verify(&plan, &odd).is_err(), "{what} was taken of {}", asks[ask]);
                }
            }
        }
    }
}

#[test]
fn every_way_to_be_odd_is_tried_on_some_statistic() {
    let asks: Vec<&str> = choices(Counted::People).iter().map(|(_, asks)| asks[asks.len() - 1].as_str()).collect();
    let plan = plan(Counted::People, &asks, &[]);
    let levels = |n: i32| Person {
        codes: vec![n % 111, n % 601, n % 17, n % 2, n / 2 % 2, n / 4 % 2, n % 3, n % 91],
        lab: vec![],
    };
    let people: Vec<Person> = (0..120).map(levels).collect();
    let (raw, answer) = large_site(&plan, Counted::People, &people);
    assert_eq!(verify(&plan, &answer), Ok(()));
    for (what, spoil) in FRAMES {
        let tried = raw.iter().zip(&answer.asks).any(|(own, cells)| spoil(&mut cells[0].clone(), own.guard).is_some());
        assert!(tried, "{what}");
    }
    for (what, spoil) in SLOTS {
        let mut out = answer.asks.iter().flat_map(|cells| cells[0].slots.iter().filter_map(Shown::value));
        assert!(out.any(|slot| spoil(&mut slot.clone(), 1).is_some()), "{what}");
    }
}

/// The largest code of the column that an ask sums.
fn highest(plan: &Plan, ask: usize) -> i128 {
    let planned = &plan.asks[ask];
    let shape = find(&planned.statistic).unwrap().shape(&coda_stats::Operands::of(plan, &planned.operands));
    shape.value.map_or(0, |column| i128::from(plan.columns[column].variable.kind.highest()))
}
