//! What a site does with its people, and what a network does with its sites.

use coda_model::{
    estimate::{AskEstimates, Estimate, Figure, Interval, Quantity},
    frame::{Count, FINE, Frame, Guard, SetKey, Shown, ShownFrame, ShownSlot, ShownSums, SiteFrames, Slot, Tabulated},
    ids::{People, Rows, SiteId},
    plan::{Plan, Source, Unit},
    rounding::{Rounding, Sensitivity},
    threshold::Threshold,
    variable::Missing,
};
use coda_stats::{Cells, Input, Operands, Shape, estimate, find, tabulate, tabulate_plan};
use proptest::prelude::*;

use crate::world::{Counted, DICTIONARY, Dice, Person};

/// One person, or row: whose it is, that person's record key, and a code for each declared variable, table after table.
pub(crate) struct Record {
    pub(crate) person: i32,
    pub(crate) key: u64,
    pub(crate) codes: Vec<i32>,
}

/// The records of some people.
pub(crate) fn records(people: &[Person], counted: Counted) -> Vec<Record> {
    let people = (0..).zip(people);
    match counted {
        Counted::People => people
            .map(|(person, one)| {
                let nothing = DICTIONARY.datasets[0].tables[1].variables.iter().map(|_| -1);
                Record { person, key: one.key, codes: one.codes.iter().copied().chain(nothing).collect() }
            })
            .collect(),
        Counted::LabRows => people
            .flat_map(|(person, one)| {
                let whole = |row: &Vec<i32>| one.codes.iter().chain(row).copied().collect();
                one.lab.iter().map(move |row| Record { person, key: one.key, codes: whole(row) })
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

/// What a site has computed.
pub(crate) struct Raw {
    /// Everybody in the cohort.
    pub(crate) cohort: Slot,
    /// The frames of each ask.
    pub(crate) asks: Vec<Tabulated>,
}

/// The raw frames of one site.
pub(crate) fn tabulated(plan: &Plan, counted: Counted, records: &[Record]) -> Raw {
    with_records(plan, counted, records, |input| raw(plan, input))
}

/// The raw frames of one site, from the plan's columns; all are people.
pub(crate) fn tabulated_columns(plan: &Plan, columns: &[Vec<i32>]) -> Raw {
    let mut dice = Dice(7);
    let keys: Vec<u64> = columns[0].iter().map(|_| dice.next()).collect();
    with_input(plan, columns, None, &keys, |input| raw(plan, input))
}

fn raw(plan: &Plan, input: &Input<'_>) -> Raw {
    let everybody = Input { cells: Cells::One(input.cells.records()), ..*input };
    let cohort = tabulate(&Shape::everybody(), &everybody).remove(0).valid;
    Raw { cohort, asks: tabulate_plan(plan, input) }
}

/// Does something with these records as the kernels see them.
pub(crate) fn with_records<T>(
    plan: &Plan,
    counted: Counted,
    records: &[Record],
    work: impl FnOnce(&Input<'_>) -> T,
) -> T {
    let columns = columns(plan, records);
    match counted {
        Counted::People => {
            let keys: Vec<u64> = records.iter().map(|record| record.key).collect();
            with_input(plan, &columns, None, &keys, work)
        }
        Counted::LabRows => {
            let persons: Vec<i32> = records.iter().map(|record| record.person).collect();
            let mut keys = vec![0; persons.last().map_or(0, |last| *last as usize + 1)];
            for record in records {
                keys[record.person as usize] = record.key;
            }
            with_input(plan, &columns, Some(&persons), &keys, work)
        }
    }
}

/// Does something with the data of one site as the kernels see them.
fn with_input<T>(
    plan: &Plan,
    columns: &[Vec<i32>],
    persons: Option<&[i32]>,
    keys: &[u64],
    work: impl FnOnce(&Input<'_>) -> T,
) -> T {
    let records = persons.map_or(keys.len(), <[i32]>::len);
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
    work(&Input { columns: &slices, highest: &highest, cells, persons, keys })
}

/// How a site tells what it has computed.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Teller {
    /// Everything as it is, whatever it is.
    Everything,
    /// As it is, from the threshold on (docs/disclosure.md, R14).
    Exact,
    /// Counts as R4, R5 and R8 have it, with a secret made of this number; means and spreads as they are.
    Rounded(u64),
}

/// Sites as there may be in a network.
pub(crate) fn teller() -> impl Strategy<Value = Teller> {
    prop_oneof![1 => Just(Teller::Exact), 3 => any::<u64>().prop_map(Teller::Rounded)]
}

/// A query set that is told under a statement.
#[derive(Clone, Copy)]
pub(crate) struct Told<'a> {
    pub(crate) slot: &'a Slot,
    pub(crate) statement: u64,
    pub(crate) sensitivity: Sensitivity,
}

/// Everything is told, whatever it is.
pub(crate) fn everything(plan: &Plan, raw: &Raw) -> SiteFrames {
    Teller::Everything.tell(plan, raw)
}

impl Teller {
    pub(crate) fn rounding(self) -> Rounding {
        match self {
            Self::Everything | Self::Exact => Rounding::exact(Threshold::default()),
            Self::Rounded(_) => Rounding::random(Threshold::default()),
        }
    }

    /// What leaves the site.
    pub(crate) fn tell(self, plan: &Plan, raw: &Raw) -> SiteFrames {
        self.tell_with(plan, raw, |_| true)
    }

    /// The same; `ends` may put off the edge of a distribution.
    pub(crate) fn tell_with(self, plan: &Plan, raw: &Raw, ends: impl Fn(usize) -> bool) -> SiteFrames {
        let cohort = Told { slot: &raw.cohort, statement: 1, sensitivity: plan.cohort_sensitivity };
        let asks = raw.asks.iter().enumerate().map(|(ask, own)| {
            let frame = |(cell, frame)| self.frame(plan, (ask, cell), own, frame, &ends);
            own.frames.iter().enumerate().map(frame).collect()
        });
        SiteFrames { rounding: self.rounding(), total: self.count(cohort, plan.unit), asks: asks.collect() }
    }

    fn frame(
        self,
        plan: &Plan,
        (ask, cell): (usize, usize),
        own: &Tabulated,
        frame: &Frame,
        ends: &impl Fn(usize) -> bool,
    ) -> ShownFrame {
        let planned = &plan.asks[ask];
        let shape = find(&planned.statistic).unwrap().shape(&Operands::of(plan, &planned.operands));
        let axes: Vec<usize> = shape.axes.iter().map(|axis| axis.column).collect();
        let statement = |place: usize| ((ask * 5000 + cell) * 5000 + place + 2) as u64;
        let of_cell = plan.sensitivity(&[]);
        let valid = Told { slot: &frame.valid, statement: statement(0), sensitivity: of_cell };
        let missing = Told { slot: &frame.missing, statement: statement(1), sensitivity: of_cell };
        let slot = |(place, slot)| {
            let told = Told { slot, statement: statement(place + 2), sensitivity: plan.sensitivity(&axes) };
            self.slot(told, own)
        };
        let slots = match own.guard {
            Guard::Each | Guard::All => frame.slots.iter().enumerate().map(slot).collect(),
            Guard::Distribution { least } => self.distribution(valid, &frame.slots, least, ends),
        };
        ShownFrame {
            slots,
            valid: self.count(valid, own.unit),
            missing: (own.missing == Missing::May).then(|| self.count(missing, own.unit)),
        }
    }

    fn slot(self, told: Told<'_>, own: &Tabulated) -> Shown<ShownSlot> {
        match self.count(told, own.unit) {
            Shown::Suppressed => Shown::Suppressed,
            Shown::Value(count) => {
                Shown::Value(ShownSlot { count, sums: own.summed.map(|_| self.sums(told.slot, count)) })
            }
        }
    }

    fn count(self, told: Told<'_>, unit: Unit) -> Shown<Count> {
        let people = self.people(told, told.slot.people.0, told.slot.key);
        let least = if matches!(self, Self::Everything) { 0 } else { self.rounding().told_from };
        if people < least {
            return Shown::Suppressed;
        }
        let rows = match self {
            Self::Rounded(_) if unit == Unit::People => people,
            // To the nearest multiple of the base, in proportion to the people.
            Self::Rounded(_) => {
                let (rows, of) = (told.slot.rows.0 * people, 5 * told.slot.people.0);
                ((rows + of / 2) / of * 5).max(people)
            }
            Self::Everything | Self::Exact => told.slot.rows.0,
        };
        Shown::Value(Count { people: People(people), rows: Rows(rows) })
    }

    /// f of R4 for so many people with this key, under the statement of the whole.
    fn people(self, told: Told<'_>, people: u64, key: SetKey) -> u64 {
        self.people_of(&self.rounding(), told, people, key)
    }

    /// The same under any threshold.
    pub(crate) fn people_of(self, rounding: &Rounding, told: Told<'_>, people: u64, key: SetKey) -> u64 {
        let Self::Rounded(secret) = self else { return people };
        let count = people as i64;
        let (half, least, base) = (rounding.step(told.sensitivity), rounding.told_from as i64, rounding.base as i64);
        let step = Dice(secret ^ told.statement).below(2 * half + 1) as i64 - half as i64;
        let stepped = if count >= least { least.max(count + step) } else { count + step.min(0) };
        let rest = stepped.rem_euclid(base);
        let up = (Dice(secret ^ key.0).below(5) as i64) < rest;
        (stepped - rest + if up { base } else { 0 }).max(0) as u64
    }

    /// R8: cumulative counts at some edges; the last is everybody.
    fn distribution(
        self,
        whole: Told<'_>,
        cells: &[Slot],
        least: u64,
        ends: impl Fn(usize) -> bool,
    ) -> Vec<Shown<ShownSlot>> {
        let all = self.people(whole, whole.slot.people.0, whole.slot.key);
        let rounding = self.rounding();
        let (few, rise) = match self {
            Self::Everything => (0, 0),
            Self::Exact => (least.max(rounding.told_from), 0),
            Self::Rounded(_) => (least.max(rounding.told_from), rounding.rise(all, whole.sensitivity)),
        };
        if all < few {
            return vec![Shown::Suppressed; cells.len()];
        }
        let (mut people, mut key, mut highest, mut below) = (0, SetKey::default(), 0, 0);
        let edge = |(place, cell): (usize, &Slot)| {
            (people, key) = (people + cell.people.0, key.plus(cell.key));
            highest = self.people(whole, people, key).max(highest).min(all);
            let is_last = place + 1 == cells.len();
            let up_to = if is_last { all } else { highest };
            let is_told = up_to >= below + rise && up_to + rise <= all;
            if !(is_last || is_told && ends(place)) {
                return Shown::Suppressed;
            }
            let step = up_to - std::mem::replace(&mut below, up_to);
            Shown::Value(ShownSlot { count: Count { people: People(step), rows: Rows(step) }, sums: None })
        };
        cells.iter().enumerate().map(edge).collect()
    }

    /// The sums as they are; of a rounded count, those that give it the same mean and spread.
    fn sums(self, slot: &Slot, count: Count) -> ShownSums {
        let (n, x, q) = (i128::from(slot.rows.0), slot.sums.x, slot.sums.q);
        let Self::Rounded(_) = self else {
            return ShownSums { x: x << FINE, q: q << (2 * FINE) };
        };
        let rows = i128::from(count.rows.0);
        let ceiling = |over: i128, under: i128| (over + under - 1) / under;
        let (told, spread) = ((x << FINE) * rows / n, q * n - x * x);
        let q = ceiling((spread << (2 * FINE)) * (rows - 1), (n * (n - 1)).max(1)) + ceiling(told * told, rows);
        ShownSums { x: told, q }
    }
}

/// The estimates over sites called s0, s1, …
pub(crate) fn estimates(plan: &Plan, sites: &[SiteFrames]) -> Vec<AskEstimates> {
    let sites: Vec<_> = sites.iter().enumerate().map(|(place, frames)| (name(place), frames.clone())).collect();
    estimate(plan, &sites, &[])
}

/// The site of this number.
pub(crate) fn name(place: usize) -> SiteId {
    SiteId::new(&format!("s{place}")).unwrap()
}

/// The network's estimates, ask by ask and cell by cell.
pub(crate) fn network_estimates(plan: &Plan, sites: &[SiteFrames]) -> Vec<Vec<Estimate>> {
    of_network(estimates(plan, sites))
}

/// Of all estimates those of the network.
pub(crate) fn of_network(asks: Vec<AskEstimates>) -> Vec<Vec<Estimate>> {
    let cells = |ask: AskEstimates| ask.cells.into_iter().map(|cell| cell.network).collect();
    asks.into_iter().map(cells).collect()
}

/// The figures of every ask and cell with all their bits.
pub(crate) fn spelled(estimates: &[Vec<Estimate>]) -> Vec<Vec<Vec<String>>> {
    let cells = |cells: &Vec<Estimate>| cells.iter().map(|one| one.figures.iter().map(bits).collect()).collect();
    estimates.iter().map(cells).collect()
}

fn bits(figure: &Figure) -> String {
    let Figure { name, level, quantity, confidence, certain, unit } = figure;
    // What `Debug` writes of a number is read as that number and no other.
    let quantity = match quantity {
        Quantity::Number(number) => format!("{number} {:x}", number.to_bits()),
        other => format!("{other:?}"),
    };
    let ends =
        |interval: &Option<Interval>| interval.map(|one| format!("{:x} {:x}", one.low.to_bits(), one.high.to_bits()));
    format!("{name} {level:?}: {quantity} {:?} {:?} {unit:?}", ends(confidence), ends(certain))
}
