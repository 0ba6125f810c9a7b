//! An answer that no honest site can give is refused.

use coda_model::{
    frame::{Count, FINE, Guard, Shown, ShownFrame, ShownSlot, ShownSums, SiteFrames, Tabulated},
    ids::{People, Rows},
    plan::Plan,
};
use coda_stats::{find, verify::verify};
use proptest::{prelude::*, sample::Index};

use crate::{
    sites::{Teller, records, tabulated, teller},
    world::{Counted, Person, choices, counted, one_of_each, people, plan},
};

/// A way to spoil a whole answer.
type Spoil = fn(&mut SiteFrames);
/// A way to spoil one frame, if it can be done to it.
type SpoilFrame = fn(&mut ShownFrame, Guard) -> Option<()>;
/// A way to spoil one slot that is told.
type SpoilSlot = fn(&mut ShownSlot, Of) -> Option<()>;

const ANSWERS: &[(&str, Spoil)] = &[
    ("an ask less", |answer| drop(answer.asks.pop())),
    ("an ask more", |answer| answer.asks.push(answer.asks[0].clone())),
    ("no asks", |answer| answer.asks.clear()),
    ("a cell less", |answer| drop(answer.asks[0].pop())),
    ("a cell more", |answer| {
        let cell = answer.asks[0][0].clone();
        answer.asks[0].push(cell);
    }),
    ("a threshold under the floor", |answer| answer.rounding.told_from = 4),
    ("no threshold", |answer| answer.rounding.told_from = 0),
    ("a threshold above everything that is told", |answer| answer.rounding.told_from = 10_000),
    ("a threshold that nobody has", |answer| answer.rounding.told_from = u64::MAX),
    ("a base that nobody has", |answer| answer.rounding.base = 7),
    ("a base of 0", |answer| answer.rounding.base = 0),
    ("a step that nobody has", |answer| answer.rounding.step = 1),
    ("a step without end", |answer| answer.rounding.step_sensitive = u64::MAX),
    ("a cohort of fewer people than the threshold", |answer| {
        let least = answer.rounding.told_from;
        answer.total = count(least - answer.rounding.base, 1000);
    }),
    ("a cohort of nobody", |answer| answer.total = count(0, 0)),
    ("a cohort of more people than rows", |answer| answer.total = count(20, 15)),
    ("a cohort of more rows than there are", |answer| answer.total = count(20, MANY)),
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
        frame.missing = if frame.missing.is_some() { None } else { Some(Shown::Suppressed) };
        Some(())
    }),
    ("three missing", |frame, _| frame.missing.as_mut().map(|missing| *missing = count(3, 3))),
    ("more people than rows missing", |frame, _| frame.missing.as_mut().map(|missing| *missing = count(20, 15))),
    ("fewer people with a value than the threshold", |frame, _| {
        frame.valid = count(3, 1000);
        Some(())
    }),
    ("nobody with a value", |frame, _| {
        frame.valid = count(0, 0);
        Some(())
    }),
    ("more people than rows with a value", |frame, _| {
        frame.valid = count(20, 15);
        Some(())
    }),
    ("more rows with a value than there are", |frame, _| {
        frame.valid = count(MANY, MANY);
        Some(())
    }),
    ("a distribution that does not end where the grid ends", |frame, guard| {
        matches!(guard, Guard::Distribution { .. }).then(|| *frame.slots.last_mut().unwrap() = Shown::Suppressed)
    }),
    ("a distribution of fewer than it adds up to", |frame, guard| {
        let Shown::Value(Count { people, .. }) = frame.valid else { return None };
        matches!(guard, Guard::Distribution { .. }).then(|| frame.valid = count(people.0 - 5, people.0 - 5))
    }),
    ("a distribution of people who are not told", |frame, guard| {
        matches!(guard, Guard::Distribution { .. }).then(|| frame.valid = Shown::Suppressed)
    }),
    ("no distribution of people who are told", |frame, guard| {
        matches!(guard, Guard::Distribution { .. }).then(|| frame.slots.fill(Shown::Suppressed))
    }),
    ("fewer people than the statistic needs", |frame, guard| {
        let Guard::Distribution { least } = guard else { return None };
        let few = least.saturating_sub(5);
        (few >= 10).then(|| {
            frame.slots.fill(Shown::Suppressed);
            frame.valid = count(few, few);
            let count = Count { people: People(few), rows: Rows(few) };
            *frame.slots.last_mut().unwrap() = Shown::Value(ShownSlot { count, sums: None });
        })
    }),
];

const SLOTS: &[(&str, SpoilSlot)] = &[
    ("three people", |slot, _| {
        slot.count = Count { people: People(3), rows: Rows(3) };
        nothing(slot);
        Some(())
    }),
    ("nobody", |slot, _| {
        slot.count = Count::default();
        nothing(slot);
        Some(())
    }),
    ("more people than rows", |slot, _| {
        slot.count.people.0 = slot.count.rows.0 + 5;
        Some(())
    }),
    ("more rows than there are", |slot, _| {
        slot.count = Count { people: People(MANY), rows: Rows(MANY) };
        nothing(slot);
        Some(())
    }),
    ("no multiple of the base", |slot, of| {
        (of.base > 1).then(|| slot.count = Count { people: People(21), rows: Rows(21) })?;
        nothing(slot);
        Some(())
    }),
    ("sums where there are none", |slot, _| slot.sums.is_none().then(|| slot.sums = Some(ShownSums { x: 0, q: 0 }))),
    ("no sums where there are some", |slot, _| slot.sums.take().map(drop)),
    ("a negative sum", |slot, _| slot.sums.as_mut().map(|sums| sums.x = -1)),
    ("a sum over the bounds", |slot, of| {
        let most = i128::from(slot.count.rows.0) * of.highest;
        // As squares of a value at its bound.
        let sums = ShownSums { x: (most << FINE) + 1, q: (most * of.highest + 1) << (2 * FINE) };
        slot.sums.as_mut().map(|told| *told = sums)
    }),
    ("the largest sum there is", |slot, _| slot.sums.as_mut().map(|sums| sums.x = i128::MAX)),
    ("a negative square", |slot, _| slot.sums.as_mut().map(|sums| sums.q = -1)),
    ("a square over the bounds", |slot, of| {
        // Exact squares are those of values within the bounds; a perturbed SD is no more than about the bounds.
        let rows = i128::from(slot.count.rows.0);
        let span = of.highest << FINE;
        let sums = slot.sums.as_mut()?;
        let most = if of.base == 1 { sums.x * span } else { 2 * rows * span * span };
        sums.q = most + 1;
        Some(())
    }),
    ("the largest square there is", |slot, _| slot.sums.as_mut().map(|sums| sums.q = i128::MAX)),
    ("squares that are smaller than the mean's (Cauchy and Schwarz)", |slot, _| {
        let rows = i128::from(slot.count.rows.0);
        let sums = slot.sums.as_mut().filter(|sums| sums.x > 0)?;
        sums.q = (sums.x * sums.x - 1) / rows;
        Some(())
    }),
];

/// More than there can be, and a multiple of the base.
const MANY: u64 = u64::MAX;

/// What a slot is a slot of.
#[derive(Clone, Copy)]
struct Of {
    /// The largest code of the summed column.
    highest: i128,
    base: u64,
}

/// No sums for the few people of a slot that has sums.
fn nothing(slot: &mut ShownSlot) {
    slot.sums.iter_mut().for_each(|sums| *sums = ShownSums { x: 0, q: 0 });
}

fn count(people: u64, rows: u64) -> Shown<Count> {
    Shown::Value(Count { people: People(people), rows: Rows(rows) })
}

/// A site of twelve times these people, and what it tells.
fn large_site(plan: &Plan, counted: Counted, people: &[Person], teller: Teller) -> (Vec<Tabulated>, SiteFrames) {
    let many: Vec<Person> = people.iter().cycle().take(people.len() * 12).cloned().collect();
    let raw = tabulated(plan, counted, &records(&many, counted));
    let answer = teller.tell(plan, &raw);
    (raw.asks, answer)
}

/// What the slots of an ask are.
fn of(plan: &Plan, ask: usize, teller: Teller) -> Of {
    let planned = &plan.asks[ask];
    let shape = find(&planned.statistic).unwrap().shape(&coda_stats::Operands::of(plan, &planned.operands));
    let highest = shape.value.map_or(0, |column| i128::from(plan.columns[column].variable.kind.highest()));
    Of { highest, base: teller.rounding().base }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(96))]

    #[test]
    fn the_answer_of_an_honest_site_is_taken(
        people in people(0..120),
        (counted, asks) in counted().prop_flat_map(|counted| (Just(counted), one_of_each(counted))),
        by in prop::sample::select(vec![vec![], vec!["ward"]]),
        teller in teller(),
    ) {
        let plan = plan(counted, &asks, &by);
        let answer = teller.tell(&plan, &tabulated(&plan, counted, &records(&people, counted)));
        prop_assert_eq!(verify(&plan, &answer), Ok(()));
    }

    #[test]
    fn an_odd_answer_is_refused_whatever_is_odd_about_it(
        people in people(60..80),
        (counted, asks) in counted().prop_flat_map(|counted| (Just(counted), one_of_each(counted))),
        at in any::<Index>(),
        teller in teller(),
    ) {
        let plan = plan(counted, &asks, &[]);
        let (raw, answer) = large_site(&plan, counted, &people, teller);
        prop_assert_eq!(verify(&plan, &answer), Ok(()));
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
            let told: Vec<usize> = (0..frame.slots.len()).filter(|slot| frame.slots[*slot].value().is_some()).collect();
            if told.is_empty() {
                continue;
            }
            let slot = *at.get(&told);
            for (what, spoil) in SLOTS {
                let mut odd = answer.clone();
                let Shown::Value(one) = &mut odd.asks[ask][0].slots[slot] else { unreachable!() };
                if spoil(one, of(&plan, ask, teller)).is_some() && odd != answer {
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
        key: n as u64,
        codes: vec![n % 111, n % 601, n % 17, n % 2, n / 2 % 2, n / 4 % 2, n % 3, n % 91],
        lab: vec![],
    };
    let people: Vec<Person> = (0..120).map(levels).collect();
    let told =
        [Teller::Exact, Teller::Rounded(1)].map(|teller| (teller, large_site(&plan, Counted::People, &people, teller)));
    for (_, (_, answer)) in &told {
        assert_eq!(verify(&plan, answer), Ok(()));
    }
    for (what, spoil) in FRAMES {
        let tried = |(_, (raw, answer)): &(Teller, (Vec<Tabulated>, SiteFrames))| {
            raw.iter().zip(&answer.asks).any(|(own, cells)| spoil(&mut cells[0].clone(), own.guard).is_some())
        };
        assert!(told.iter().any(tried), "{what}");
    }
    for (what, spoil) in SLOTS {
        let tried = |(teller, (_, answer)): &(Teller, (Vec<Tabulated>, SiteFrames))| {
            let slots = |ask: usize| answer.asks[ask][0].slots.iter().filter_map(Shown::value);
            let spoilt =
                |ask: usize| slots(ask).any(|slot| spoil(&mut slot.clone(), of(&plan, ask, *teller)).is_some());
            (0..asks.len()).any(spoilt)
        };
        assert!(told.iter().any(tried), "{what}");
    }
}
