//! A withheld count is an interval that holds the true count, and is no wider than what the answer says of it.

use coda_model::{
    estimate::{Estimate, Quantity},
    frame::{Absent, Count, Frame, Guard, Shown, ShownFrame, ShownSlot, SiteFrames, Slot, Tabulated, UNBOUNDED},
    ids::{People, Rows},
    plan::Plan,
};
use coda_stats::{
    Input, Operands, Shape, find,
    kernel::{measure, members},
    merge::{Bounds, MergedCount, Most, Part, Totals, merge},
};
use proptest::prelude::*;

use crate::{
    sites::{Record, THRESHOLD, columns, estimates, honest, network_estimates, records, rest, tabulated, with_input},
    world::{Counted, network, plan},
};

/// Two tables and whatever may stand beside them; the first ask is never a distribution, so that all are in its frames.
const PEOPLE: ([&str; 2], &[&str]) = (
    ["marginals:ward", "marginals:crp@1,10"],
    &["count", "count:crp", "mode:ward", "mean:crp", "median:crp", "mean:age", "risk_ratio:icu:dead"],
);
const ROWS: ([&str; 2], &[&str]) = (
    ["marginals:flag", "marginals:lactate@5,10"],
    &["count", "count:lactate", "mode:flag", "mean:lactate", "median:lactate", "mean:age", "risk_ratio:icu:dead"],
);

/// A site: what it knows, and what it says.
struct Site {
    raw: Vec<Tabulated>,
    /// Those who miss a value, before the few are counted with others.
    missing: Vec<Vec<Slot>>,
    answer: SiteFrames,
}

/// What a site withholds beyond what is small, because of what stands beside it or was released before.
#[derive(Debug, Clone)]
struct Hidden {
    /// Slots, and those who miss a value.
    counts: Vec<bool>,
    /// Cells.
    cells: Vec<bool>,
    /// Whether few who miss a value are counted with the largest slot.
    absorbs: bool,
}

fn hidden() -> impl Strategy<Value = Hidden> {
    let weighted = |weight: f64, sizes| prop::collection::vec(prop::bool::weighted(weight), sizes);
    (weighted(0.4, 5..12usize), weighted(0.2, 1..9usize), any::<bool>()).prop_map(|(counts, cells, absorbs)| Hidden {
        counts,
        cells,
        absorbs,
    })
}

fn site(plan: &Plan, counted: Counted, records: &[Record], hidden: &Hidden) -> Site {
    let mut raw = tabulated(plan, counted, records);
    let missing = raw.iter().map(|own| own.frames.iter().map(|frame| frame.missing.clone()).collect()).collect();
    if hidden.absorbs {
        let persons: Vec<i32> = records.iter().map(|record| record.person).collect();
        let persons = (counted == Counted::LabRows).then_some(persons.as_slice());
        with_input(plan, &columns(plan, records), records.len(), persons, |input| {
            for (own, ask) in raw.iter_mut().zip(&plan.asks) {
                absorb(own, &find(&ask.statistic).unwrap().shape(&Operands::of(plan, &ask.operands)), input);
            }
        });
    }
    let mut answer = honest(&raw);
    // Everybody, whichever slots they are in.
    let mut persons: Vec<i32> = records.iter().map(|record| record.person).collect();
    persons.dedup();
    answer.total = if (persons.len() as u64) < THRESHOLD {
        answer.asks.iter_mut().flatten().for_each(hide_all);
        Shown::Withheld
    } else {
        Shown::Value(Count { people: People(persons.len() as u64), rows: Rows(records.len() as u64) })
    };
    let mut hide = hidden.counts.iter().copied().cycle();
    let mut hide_cell = hidden.cells.iter().copied().cycle();
    for (own, shown) in raw.iter().zip(&mut answer.asks) {
        for (frame, shown) in own.frames.iter().zip(shown) {
            if hide_cell.next().unwrap() {
                hide_all(shown);
            } else if answer.total.value().is_some() {
                withhold_more(own, frame, shown, || hide.next().unwrap());
            }
        }
    }
    Site { raw, missing, answer }
}

/// Counts the few who miss a value with the largest slot, if they are few in all cells.
fn absorb(own: &mut Tabulated, shape: &Shape, input: &Input<'_>) {
    if own.frames.iter().any(|frame| frame.missing.people.0.min(frame.missing.rows.0) >= THRESHOLD) {
        return;
    }
    let everybody: Vec<u32> = (0..).take(input.cells.records()).collect();
    for (frame, members) in own.frames.iter_mut().zip(members(shape, input, &everybody)) {
        frame.absent = Absent::Absorbed;
        frame.missing = Slot::default();
        let (largest, slot) =
            members.slots.iter().zip(&mut frame.slots).max_by_key(|(records, _)| records.len()).unwrap();
        let mut records = [largest.as_slice(), &members.missing].concat();
        records.sort_unstable();
        *slot = measure(shape, input, &records);
    }
}

fn hide_all(frame: &mut ShownFrame) {
    frame.slots.fill(Shown::Withheld);
    frame.missing = frame.missing.map(|_| Shown::Withheld);
    frame.rest = Shown::Withheld;
}

/// Withholds large counts too, and says what is withheld together.
fn withhold_more(own: &Tabulated, frame: &Frame, shown: &mut ShownFrame, mut hide: impl FnMut() -> bool) {
    if own.guard == Guard::Table {
        shown.slots.iter_mut().filter(|_| hide()).for_each(|slot| *slot = Shown::Withheld);
    } else if hide() {
        shown.slots.fill(Shown::Withheld);
    }
    // A large number who miss a value is withheld beside something else only.
    if shown.slots.iter().any(|slot| slot.value().is_none()) && own.guard == Guard::Table && hide() {
        shown.missing = shown.missing.map(|_| Shown::Withheld);
    }
    shown.rest = rest(own, frame, &shown.slots, shown.missing);
}

fn holds(bounds: Bounds, truth: u64) -> bool {
    bounds.low <= truth && truth <= bounds.high
}

fn both_hold(count: MergedCount, people: u64, rows: u64) -> bool {
    holds(count.people, people) && holds(count.rows, rows)
}

/// How wide the interval of those with a value may be: as wide as what sites withhold together, if they all say so.
fn widest(answers: &[&ShownFrame]) -> Option<u64> {
    let hides = |frame: &&&ShownFrame| frame.slots.iter().any(|slot| slot.value().is_none());
    answers.iter().filter(hides).map(|frame| Some(frame.rest.value()?.rows.0)).sum()
}

/// Checks every count of one ask in one cell, merged over these sites, against what they know.
fn check(plan: &Plan, ask: usize, cell: usize, sites: &[&Site]) -> Result<(), TestCaseError> {
    let text = &plan.asks[ask].text;
    let totals: Vec<Vec<Totals>> = sites.iter().map(|site| Totals::of(plan, &site.answer, ask)).collect();
    let answers: Vec<_> = sites.iter().zip(&totals).map(|(site, totals)| (&site.answer, &totals[..])).collect();
    let (merged, parts) = merge(plan, ask, cell, &answers);
    let guard = sites[0].raw[ask].guard;
    let is_in = |part: &Part| guard == Guard::Table || *part == Part::In;
    let chosen: Vec<&Site> = sites.iter().zip(&parts).filter(|(_, part)| is_in(part)).map(|(site, _)| *site).collect();
    let sum = |count: &dyn Fn(&Site) -> u64| chosen.iter().map(|site| count(site)).sum::<u64>();
    let slots = |site: &Site| site.raw[ask].frames[cell].slots.clone();

    if !matches!(guard, Guard::Distribution { .. }) {
        for (place, slot) in merged.slots.iter().enumerate() {
            let people = sum(&|site| slots(site)[place].people.0);
            let rows = sum(&|site| slots(site)[place].rows.0);
            prop_assert!(both_hold(slot.count, people, rows), "{text} slot {place}: {people} {rows} {slot:?}");
        }
    }
    let valid = sum(&|site| slots(site).iter().map(|slot| slot.rows.0).sum());
    prop_assert!(holds(merged.valid, valid), "{text} n: {valid} {:?}", merged.valid);
    if let Some(count) = merged.missing {
        let people = sum(&|site| site.missing[ask][cell].people.0);
        let rows = sum(&|site| site.missing[ask][cell].rows.0);
        prop_assert!(both_hold(count, people, rows), "{text} missing: {people} {rows} {count:?}");
    }
    let shown: Vec<_> = chosen.iter().map(|site| &site.answer.asks[ask][cell]).collect();
    if let (Some(widest), Guard::Table) = (widest(&shown), guard) {
        let width = merged.valid.high - merged.valid.low;
        prop_assert!(width <= widest, "{text} n: {:?} is wider than {widest}", merged.valid);
    }
    Ok(())
}

/// What an estimate says of how many have a value is what its merge says.
fn n_holds(plan: &Plan, ask: usize, estimate: &Estimate, valid: u64, widest: Option<u64>) -> Result<(), TestCaseError> {
    let text = &plan.asks[ask].text;
    match estimate.figures.iter().find(|figure| figure.name == "n").map(|figure| &figure.quantity) {
        None => {}
        Some(Quantity::Count(n)) => prop_assert_eq!(*n, valid, "{}", text),
        Some(Quantity::CountBetween(low, high)) => {
            prop_assert!(*low <= valid && valid <= *high, "{text}: {valid} not in {low} to {high}");
            prop_assert!(widest.is_none_or(|widest| high - low <= widest), "{text}: {low} to {high}, not {widest:?}");
        }
        Some(other) => prop_assert!(false, "{text}: n is {other:?}"),
    }
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(512))]

    #[test]
    fn the_true_count_lies_between_the_bounds_of_what_is_withheld(
        sites in network(0..160),
        counted in crate::world::counted(),
        by in prop::sample::select(vec![vec![], vec!["sex"], vec!["ward"]]),
        beside in prop::collection::vec(any::<bool>(), 7),
        hidden in prop::collection::vec(hidden(), 5),
    ) {
        let (tables, others) = if counted == Counted::People { PEOPLE } else { ROWS };
        let others = others.iter().zip(&beside).filter(|(_, asked)| **asked).map(|(ask, _)| *ask);
        let plan = plan(counted, &tables.into_iter().chain(others).collect::<Vec<_>>(), &by);
        let sites: Vec<Site> =
            sites.iter().zip(&hidden).map(|(people, hidden)| site(&plan, counted, &records(people, counted), hidden)).collect();
        let all: Vec<&Site> = sites.iter().collect();
        let answers: Vec<_> = sites.iter().map(|site| site.answer.clone()).collect();
        for answer in &answers {
            prop_assert_eq!(coda_stats::verify::verify(&plan, answer), Ok(()));
        }
        let figures = estimates(&plan, &answers);
        for (ask, figures) in figures.iter().enumerate() {
            for cell in 0..plan.cells() {
                check(&plan, ask, cell, &all)?;
                for one in &sites {
                    check(&plan, ask, cell, &[one])?;
                }
                if sites[0].raw[ask].guard == Guard::Table {
                    let valid = |site: &Site| site.raw[ask].frames[cell].slots.iter().map(|slot| slot.rows.0).sum::<u64>();
                    let shown: Vec<_> = answers.iter().map(|answer| &answer.asks[ask][cell]).collect();
                    let estimate = &figures.cells[cell];
                    n_holds(&plan, ask, &estimate.network, sites.iter().map(valid).sum(), widest(&shown))?;
                    for ((site, (_, own)), shown) in sites.iter().zip(&estimate.sites).zip(shown) {
                        n_holds(&plan, ask, own, valid(site), widest(&[shown]))?;
                    }
                }
            }
        }
    }
}

/// Of `wards` people in each ward, and so many of whom none is known.
fn in_wards(wards: [usize; 3], missing: usize) -> Vec<crate::world::Person> {
    let person = |ward: i32| crate::world::Person { codes: vec![50, 10, -1, 0, 0, 0, ward, 0], lab: vec![] };
    let some = |(ward, count): (i32, usize)| std::iter::repeat_n(person(ward), count);
    (0..).zip(wards).chain([(-1, missing)]).flat_map(some).collect()
}

/// The figures of a table of wards of which all that is named is withheld.
fn table(wards: [usize; 3], missing: usize, withheld: &[usize], hide_missing: bool) -> Vec<(String, Quantity)> {
    let plan = plan(Counted::People, &["marginals:ward"], &[]);
    let raw = tabulated(&plan, Counted::People, &records(&in_wards(wards, missing), Counted::People));
    let mut answer = honest(&raw);
    let frame = &mut answer.asks[0][0];
    for slot in withheld {
        frame.slots[*slot] = Shown::Withheld;
    }
    if hide_missing {
        frame.missing = Some(Shown::Withheld);
    }
    frame.rest = rest(&raw[0], &raw[0].frames[0], &frame.slots, frame.missing);
    let figures = network_estimates(&plan, &[answer]).remove(0).remove(0).figures;
    figures.into_iter().filter(|figure| !figure.name.starts_with("share")).map(|one| (one.name, one.quantity)).collect()
}

fn spelled(figures: &[(&str, u64, u64)]) -> Vec<(String, Quantity)> {
    let quantity = |low, high| if low == high { Quantity::Count(low) } else { Quantity::CountBetween(low, high) };
    figures.iter().map(|(name, low, high)| ((*name).to_owned(), quantity(*low, *high))).collect()
}

#[test]
fn what_is_withheld_in_several_slots_is_one_rest() {
    assert_eq!(
        table([30, 9, 3], 20, &[1], false),
        spelled(&[("a", 30, 30), ("b", 0, 12), ("c", 0, 12), ("n", 30, 42), ("missing", 20, 20)])
    );
    // Those who miss a value may be all of the rest, or none.
    assert_eq!(
        table([30, 9, 3], 20, &[1], true),
        spelled(&[("a", 30, 30), ("b", 0, 32), ("c", 0, 32), ("n", 30, 62), ("missing", 0, 32)])
    );
    // A rest under the threshold is not told: it is what the cohort has beyond all that is out.
    assert_eq!(
        table([30, 9, 3], 20, &[], false),
        spelled(&[("a", 30, 30), ("b", 9, 9), ("c", 0, 3), ("n", 39, 42), ("missing", 20, 20)])
    );
    assert_eq!(
        table([30, 2, 1], 20, &[], false),
        spelled(&[("a", 30, 30), ("b", 0, 3), ("c", 0, 3), ("n", 30, 33), ("missing", 20, 20)])
    );
    assert_eq!(
        table([30, 9, 6], 20, &[], false),
        spelled(&[("a", 30, 30), ("b", 9, 9), ("c", 6, 6), ("n", 45, 45), ("missing", 20, 20)])
    );
}

/// A cell that is withheld whole holds no more than the cohort less what is out of the other cells.
#[test]
fn a_cell_without_a_word_is_bounded_by_the_cohort() {
    let plan = plan(Counted::People, &["count"], &["ward"]);
    let raw = tabulated(&plan, Counted::People, &records(&in_wards([30, 9, 7], 6), Counted::People));
    let mut answer = honest(&raw);
    answer.asks[0][..2].iter_mut().for_each(hide_all);
    let of = |answer: &SiteFrames, cell: usize| {
        network_estimates(&plan, std::slice::from_ref(answer))[0][cell].figures[0].quantity.clone()
    };
    assert_eq!(of(&answer, 0), Quantity::CountBetween(0, 39));
    assert_eq!(of(&answer, 1), Quantity::CountBetween(0, 39));
    assert_eq!((of(&answer, 2), of(&answer, 3)), (Quantity::Count(7), Quantity::Count(6)));
    // Without a word of the cohort, it is small.
    answer.total = Shown::Withheld;
    assert_eq!(of(&answer, 0), Quantity::CountBetween(0, 4));
    // Beside a history it may be close to a small one, of up to 8 people and 4 more; or close to a large one.
    answer.slack = 8;
    assert_eq!(of(&answer, 0), Quantity::CountBetween(0, 12));
    answer.slack = UNBOUNDED;
    assert_eq!(of(&answer, 0), Quantity::Withheld);
}

/// A site that is off by eight people is off by all their rows, but by no more people.
#[test]
fn people_are_not_bound_by_the_rows_they_may_have() {
    let plan = plan(Counted::LabRows, &["count"], &[]);
    let frame = ShownFrame { slots: vec![Shown::Withheld], missing: None, rest: Shown::Withheld };
    let of = |total| {
        let answer = SiteFrames { threshold: THRESHOLD, slack: 8 * 4, total, asks: vec![vec![frame.clone()]] };
        Totals::of(&plan, &answer, 0)[0].slot
    };
    assert_eq!(of(Shown::Withheld), Most { people: 12, rows: 48 });
    let total = Shown::Value(Count { people: People(50), rows: Rows(120) });
    assert_eq!(of(total), Most { people: 58, rows: 152 });
}

/// Few people may have many rows: those without a value may be more than the rest that the answer tells of.
#[test]
fn a_few_missing_beside_a_small_rest_may_have_as_many_rows_as_they_can() {
    let rows = |count: usize, flag: i32| crate::world::Person {
        codes: vec![50, 10, -1, 0, 0, 0, 0, 0],
        lab: vec![vec![0, -1, flag]; count],
    };
    let people = [vec![rows(4, 0); 20], vec![rows(1, 1); 5], vec![rows(4, -1); 2]].concat();
    let plan = plan(Counted::LabRows, &["marginals:flag"], &[]);
    let hidden = Hidden { counts: vec![false, true, true, false], cells: vec![false], absorbs: true };
    let site = site(&plan, Counted::LabRows, &records(&people, Counted::LabRows), &hidden);
    assert_eq!(site.answer.asks[0][0].rest, Shown::Value(Count { people: People(5), rows: Rows(5) }));
    let totals = Totals::of(&plan, &site.answer, 0);
    let missing = merge(&plan, 0, 0, &[(&site.answer, &totals)]).0.missing.unwrap();
    assert_eq!((missing.rows.low, missing.rows.high), (0, 16));
    assert!(holds(missing.people, 2) && holds(missing.rows, 8));
}

#[test]
fn a_few_missing_beside_a_mean_are_not_called_none() {
    let ages = |crp: i32| crate::world::Person { codes: vec![50, crp, -1, 0, 0, 0, 0, 0], lab: vec![] };
    let people: Vec<_> = (0..40).map(|n| ages(if n < 3 { -1 } else { n })).collect();
    let plan = plan(Counted::People, &["mean:crp"], &[]);
    let answer = honest(&tabulated(&plan, Counted::People, &records(&people, Counted::People)));
    assert_eq!(answer.asks[0][0].missing, Some(Shown::Withheld));
    let totals = Totals::of(&plan, &answer, 0);
    let (merged, _) = merge(&plan, 0, 0, &[(&answer, &totals)]);
    let missing = merged.missing.unwrap();
    assert_eq!((missing.people.low, missing.people.high), (0, 4));
}

#[test]
fn what_stands_in_for_parts_leaves_room_for_what_is_withheld() {
    let plan = plan(Counted::People, &["marginals:ward"], &[]);
    // Of 100 people 26 are in each of all wards but the last, and 30 were told of: others who stand in for them.
    let wards = plan.asks[0].operands[0].axis.as_ref().unwrap().len() as u64;
    let count = |number| Count { people: People(number), rows: Rows(number) };
    let told = Shown::Value(ShownSlot { count: count(30), sums: Vec::new() });
    let mut slots = vec![told; wards as usize - 1];
    slots.push(Shown::Withheld);
    let frame = ShownFrame { slots, missing: None, rest: Shown::Withheld };
    let total = 26 * (wards - 1) + 40;
    let site = |slack| SiteFrames {
        threshold: THRESHOLD,
        slack,
        total: Shown::Value(count(total)),
        asks: vec![vec![frame.clone()]],
    };
    assert!(Totals::of(&plan, &site(2 * (THRESHOLD - 1)), 0)[0].slot.people >= 40);
    // Without a history nothing stands in.
    assert_eq!(Totals::of(&plan, &site(0), 0)[0].slot.people, total - 30 * (wards - 1));
}
