//! What a site does with its people, and what a network does with its sites.

use coda_model::{
    estimate::{AskEstimates, Estimate, Figure, Quantity},
    frame::{Absent, Count, Frame, Guard, Shown, ShownFrame, ShownSlot, SiteFrames, Slot, Tabulated},
    ids::SiteId,
    plan::{Plan, Source, Unit},
    variable::Missing,
};
use coda_stats::{Cells, Input, estimate, tabulate_plan};

use crate::world::{Counted, DICTIONARY, Person};

/// The threshold of every site here.
pub(crate) const THRESHOLD: u64 = 5;

/// One person, or row: whose it is, and a code for each declared variable, table after table.
pub(crate) struct Record {
    pub(crate) person: i32,
    pub(crate) codes: Vec<i32>,
}

/// The records of some people.
pub(crate) fn records(people: &[Person], counted: Counted) -> Vec<Record> {
    let people = (0..).zip(people);
    match counted {
        Counted::People => people
            .map(|(person, one)| {
                let nothing = DICTIONARY.datasets[0].tables[1].variables.iter().map(|_| -1);
                Record { person, codes: one.codes.iter().copied().chain(nothing).collect() }
            })
            .collect(),
        Counted::LabRows => people
            .flat_map(|(person, one)| {
                let whole = |row: &Vec<i32>| one.codes.iter().chain(row).copied().collect();
                one.lab.iter().map(move |row| Record { person, codes: whole(row) })
            })
            .collect(),
    }
}

/// The columns of a plan, in its order.
pub(crate) fn columns(plan: &Plan, records: &[Record]) -> Vec<Vec<i32>> {
    let place = |source: &Source| match source {
        Source::Declared(place) => {
            let before: usize = DICTIONARY.datasets[0].tables[..place.table].iter().map(|t| t.variables.len()).sum();
            before + place.variable
        }
        Source::Derived(_) => panic!("these tests derive nothing"),
    };
    let column = |place: usize| records.iter().map(|record| record.codes[place]).collect();
    plan.columns.iter().map(|one| column(place(&one.source))).collect()
}

/// The raw frames of one site.
pub(crate) fn tabulated(plan: &Plan, counted: Counted, records: &[Record]) -> Vec<Tabulated> {
    let persons: Vec<i32> = records.iter().map(|record| record.person).collect();
    let persons = (counted == Counted::LabRows).then_some(persons.as_slice());
    tabulated_columns(plan, &columns(plan, records), records.len(), persons)
}

/// The raw frames of one site, from the plan's columns.
pub(crate) fn tabulated_columns(
    plan: &Plan,
    columns: &[Vec<i32>],
    records: usize,
    persons: Option<&[i32]>,
) -> Vec<Tabulated> {
    with_input(plan, columns, records, persons, |input| tabulate_plan(plan, input))
}

/// Does something with the data of one site as the kernels see them.
pub(crate) fn with_input<T>(
    plan: &Plan,
    columns: &[Vec<i32>],
    records: usize,
    persons: Option<&[i32]>,
    work: impl FnOnce(&Input<'_>) -> T,
) -> T {
    let cell = |record: usize| {
        plan.axes.iter().fold(0, |cell, axis| {
            let class = axis.axis.class(columns[axis.axis.column][record]).unwrap_or(axis.axis.len());
            cell * axis.len() + class
        })
    };
    let codes: Vec<i32> = (0..records).map(|record| i32::try_from(cell(record)).unwrap()).collect();
    let cells =
        if plan.axes.is_empty() { Cells::One(records) } else { Cells::Coded { codes: &codes, count: plan.cells() } };
    let slices: Vec<&[i32]> = columns.iter().map(Vec::as_slice).collect();
    let highest: Vec<i32> = plan.columns.iter().map(|column| column.variable.kind.highest()).collect();
    work(&Input { columns: &slices, highest: &highest, cells, persons })
}

/// Everything is out, whatever it is.
pub(crate) fn everything(tabulated: &[Tabulated]) -> SiteFrames {
    let frame = |ask: &Tabulated, frame: &Frame| ShownFrame {
        slots: frame.slots.iter().map(|slot| Shown::Value(shown(slot))).collect(),
        missing: (ask.missing == Missing::May).then(|| Shown::Value(shown(&frame.missing).count)),
        rest: Shown::Withheld,
    };
    site_frames(tabulated, frame)
}

/// Each frame by the rules that look at it alone: small slots are withheld, samples leave whole or not at all, and
/// distributions in steps (disclosure.md 1.1, 1.3, 1.8, 3.4).
pub(crate) fn honest(tabulated: &[Tabulated]) -> SiteFrames {
    let frame = |ask: &Tabulated, frame: &Frame| {
        let all = frame.slots.as_slice();
        let slots: Vec<_> = match ask.guard {
            Guard::Table => all.iter().map(|slot| small_withheld(slot, 0)).collect(),
            Guard::Sample { least } | Guard::Together { least } => all_or_nothing(all, least),
            Guard::Distribution { least } => steps(all, least, |_| true),
        };
        let missing = (ask.missing == Missing::May).then(|| match small_withheld(&frame.missing, 0) {
            Shown::Value(slot) => Shown::Value(slot.count),
            Shown::Withheld => Shown::Withheld,
        });
        let rest = rest(ask, frame, &slots, missing);
        ShownFrame { slots, missing, rest }
    };
    site_frames(tabulated, frame)
}

/// All that a frame withholds, together, where that is enough; the missing only beside slots (disclosure.md 1.4).
pub(crate) fn rest(
    ask: &Tabulated,
    frame: &Frame,
    slots: &[Shown<ShownSlot>],
    missing: Option<Shown<Count>>,
) -> Shown<Count> {
    let out = |slot: &Shown<ShownSlot>| slot.value().is_some();
    let in_steps = matches!(ask.guard, Guard::Distribution { .. }) && slots.iter().any(out);
    if in_steps || slots.iter().all(out) {
        return Shown::Withheld;
    }
    let hidden = frame.slots.iter().zip(slots).filter(|(_, shown)| !out(shown)).map(|(slot, _)| slot);
    let missing = missing.filter(|missing| missing.value().is_none() && frame.absent == Absent::Apart);
    together(hidden.chain(missing.map(|_| &frame.missing)), ask.unit)
}

/// The count of all these slots, if it is enough. Of rows, only the most people of one slot are sure to be distinct.
fn together<'a>(slots: impl Iterator<Item = &'a Slot>, unit: Unit) -> Shown<Count> {
    let mut all = Count::default();
    for slot in slots {
        all.rows.0 += slot.rows.0;
        all.people.0 = match unit {
            Unit::People => all.people.0 + slot.people.0,
            Unit::Rows(_) => all.people.0.max(slot.people.0),
        };
    }
    if all.people.0 < THRESHOLD { Shown::Withheld } else { Shown::Value(all) }
}

/// A distribution in steps of at least the threshold. `ends` may put off the end of a step; what is left over goes into the
/// last, which ends where the grid ends.
pub(crate) fn steps(slots: &[Slot], least: u64, mut ends: impl FnMut(usize) -> bool) -> Vec<Shown<ShownSlot>> {
    let mut shown: Vec<_> = slots.iter().map(|_| Shown::Withheld).collect();
    // Of rows, only the most people of one slot are sure to be distinct.
    let all = sum(slots).count;
    let most = slots.iter().map(|slot| slot.people.0).max().unwrap_or_default();
    let distinct = if all.people.0 == all.rows.0 { all.people.0 } else { most };
    if distinct < least.max(THRESHOLD) {
        return shown;
    }
    let mut from = 0;
    let mut begin = None;
    for to in 1..=slots.len() {
        let step = sum(&slots[from..to]);
        if step.count.people.0 >= THRESHOLD && ends(to - 1) {
            shown[to - 1] = Shown::Value(step);
            begin = Some(std::mem::replace(&mut from, to));
        }
    }
    let start = begin.unwrap_or(0);
    shown[start..].fill(Shown::Withheld);
    *shown.last_mut().unwrap() = Shown::Value(sum(&slots[start..]));
    shown
}

/// The estimates over sites called s0, s1, …
pub(crate) fn estimates(plan: &Plan, sites: &[SiteFrames]) -> Vec<AskEstimates> {
    let name = |place: usize| SiteId::new(&format!("s{place}")).unwrap();
    let sites: Vec<_> = sites.iter().enumerate().map(|(place, frames)| (name(place), frames.clone())).collect();
    estimate(plan, &sites)
}

/// The network's estimates, ask by ask and cell by cell.
pub(crate) fn network_estimates(plan: &Plan, sites: &[SiteFrames]) -> Vec<Vec<Estimate>> {
    let cells = |ask: AskEstimates| ask.cells.into_iter().map(|cell| cell.network).collect();
    estimates(plan, sites).into_iter().map(cells).collect()
}

/// The figures of every ask and cell with all their bits.
pub(crate) fn spelled(estimates: &[Vec<Estimate>]) -> Vec<Vec<Vec<String>>> {
    let cells = |cells: &Vec<Estimate>| cells.iter().map(|one| one.figures.iter().map(bits).collect()).collect();
    estimates.iter().map(cells).collect()
}

fn bits(figure: &Figure) -> String {
    let Figure { name, quantity, interval, unit } = figure;
    let quantity = match quantity {
        Quantity::Number(number) => format!("{number} {:x}", number.to_bits()),
        other => format!("{other:?}"),
    };
    let interval = interval.map(|one| format!("{:x} {:x} {:?}", one.low.to_bits(), one.high.to_bits(), one.kind));
    format!("{name}: {quantity} {interval:?} {unit:?}")
}

pub(crate) fn shown(slot: &Slot) -> ShownSlot {
    ShownSlot { count: Count { people: slot.people, rows: slot.rows }, sums: slot.sums.clone() }
}

fn site_frames(tabulated: &[Tabulated], frame: impl Fn(&Tabulated, &Frame) -> ShownFrame) -> SiteFrames {
    let cells = |ask: &Tabulated| ask.frames.iter().map(|one| frame(ask, one)).collect();
    let total = tabulated.first().map_or(Shown::Withheld, |ask| {
        together(ask.frames.iter().flat_map(|frame| frame.slots.iter().chain([&frame.missing])), ask.unit)
    });
    SiteFrames { threshold: THRESHOLD, slack: 0, total, asks: tabulated.iter().map(cells).collect() }
}

pub(crate) fn small_withheld(slot: &Slot, least: u64) -> Shown<ShownSlot> {
    if slot.people.0 < least.max(THRESHOLD) { Shown::Withheld } else { Shown::Value(shown(slot)) }
}

fn all_or_nothing(slots: &[Slot], least: u64) -> Vec<Shown<ShownSlot>> {
    let each: Vec<_> = slots.iter().map(|slot| small_withheld(slot, least)).collect();
    if each.iter().all(|slot| slot.value().is_some()) { each } else { vec![Shown::Withheld; slots.len()] }
}

fn sum(slots: &[Slot]) -> ShownSlot {
    let mut sum = ShownSlot { count: Count::default(), sums: Vec::new() };
    for slot in slots {
        sum.count.people.0 += slot.people.0;
        sum.count.rows.0 += slot.rows.0;
    }
    sum
}
