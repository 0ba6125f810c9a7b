use std::collections::BTreeMap;

use coda_model::{
    frame::{Contributions, SetKey, Slot},
    ids::{People, Rows},
    plan::{Axis, Classes},
};
use proptest::{prelude::*, sample::Index};

use super::*;

fn axis(column: usize, edges: Vec<i32>) -> Axis {
    let labels = edges.iter().map(ToString::to_string).collect();
    Axis { column, classes: Classes::Edges(edges), labels }
}

/// The same records in one coded cell take the general path, so the two kernels check each other.
fn both(shape: &Shape, column: &[i32], highest: i32, keys: &[u64]) -> (Vec<Frame>, Vec<Frame>) {
    let columns = [column];
    let zeros = vec![0; column.len()];
    let input = Input { columns: &columns, highest: &[highest], cells: Cells::One(column.len()), persons: None, keys };
    let coded = Input { cells: Cells::Coded { codes: &zeros, count: 1 }, ..input };
    (tabulate(shape, &input), tabulate(shape, &coded))
}

proptest! {
    #[test]
    fn the_fast_kernel_counts_and_sums_like_the_general_one(
        (column, highest) in prop_oneof![Just(1000), Just(1 << 20)]
            .prop_flat_map(|highest| (prop::collection::vec(-1..=highest, 0..5000), Just(highest))),
        keys in prop::collection::vec(any::<u64>(), 5000),
    ) {
        for shape in [
            Shape::everybody(),
            Shape::valid(0),
            Shape::sums(0),
            Shape::counts(axis(0, vec![0, 10, 500])),
        ] {
            let (fast, general) = both(&shape, &column, highest, &keys);
            prop_assert!(fast == general);
        }
    }
}

#[test]
fn fourth_powers_of_the_largest_codes_do_not_overflow() {
    for highest in [1 << 13, 1 << 24] {
        let column = vec![highest; 10_000];
        let (fast, general) = both(&Shape::sums(0), &column, highest, &vec![7; 10_000]);
        assert!(fast == general);
        let sums = fast[0].slots[0].sums;
        let power = |power: u32| 10_000 * i128::from(highest).pow(power);
        assert_eq!([sums.x, sums.q, sums.xq, sums.qq], [power(1), power(2), power(3), power(4)]);
    }
}

#[test]
fn rows_of_one_person_are_one_person_one_key_and_one_contribution() {
    let column = [5, 7, -1, 9, 8];
    let persons = [0, 0, 0, 1, 2];
    let keys = [3, u64::MAX, 10];
    let input =
        Input { columns: &[&column], highest: &[9], cells: Cells::One(5), persons: Some(&persons), keys: &keys };
    let frames = tabulate(&Shape::sums(0), &input);
    let slot = &frames[0].slots[0];
    assert_eq!((slot.people.0, slot.rows.0, slot.key.0), (3, 4, 12));
    // 5 and 7 of one person, 9 and 8 of two others.
    let sums = Contributions {
        x: 29,
        q: 25 + 49 + 81 + 64,
        nn: 4 + 1 + 1,
        nx: 2 * 12 + 9 + 8,
        nq: 2 * 74 + 81 + 64,
        xx: 12 * 12 + 81 + 64,
        xq: 12 * 74 + 9 * 81 + 8 * 64,
        qq: 74 * 74 + 81 * 81 + 64 * 64,
    };
    assert!(slot.sums == sums && frames[0].valid == *slot);
    let missing = &frames[0].missing;
    assert_eq!((missing.people.0, missing.rows.0, missing.key.0), (1, 1, 3));
    assert!(missing.sums == Contributions { nn: 1, ..Contributions::default() });
}

#[test]
fn a_person_with_rows_in_two_slots_is_one_of_all_who_have_a_value() {
    let (values, groups) = ([3, 9, 4, 5, -1, 6], [0, 1, 0, 0, 0, 1]);
    let input = Input {
        columns: &[&values, &groups],
        highest: &[9, 1],
        cells: Cells::One(6),
        persons: Some(&[0, 0, 0, 1, 1, 2]),
        keys: &[1, 10, 100],
    };
    let frame = tabulate(&Shape::sums(0).by(axis(1, vec![0, 1])), &input).remove(0);
    let told = |slot: &Slot| (slot.people.0, slot.rows.0, slot.key.0, slot.sums.x, slot.sums.xx);
    assert_eq!(frame.slots.iter().map(told).collect::<Vec<_>>(), [(2, 3, 11, 12, 49 + 25), (2, 2, 101, 15, 81 + 36)]);
    assert_eq!(told(&frame.valid), (3, 5, 111, 27, 256 + 25 + 36));
    assert_eq!((frame.missing.people.0, frame.missing.key.0), (1, 10));
}

#[test]
fn records_outside_every_cell_are_not_counted() {
    let column = [1, 2, 3, 4];
    let cells = [0, -1, 1, -1];
    let cells = Cells::Coded { codes: &cells, count: 2 };
    let input = Input { columns: &[&column], highest: &[4], cells, persons: None, keys: &[1, 2, 4, 8] };
    let frames = tabulate(&Shape::sums(0), &input);
    let told = |frame: &Frame| (frame.slots[0].people.0, frame.slots[0].sums.x, frame.slots[0].key.0);
    assert_eq!(frames.iter().map(told).collect::<Vec<_>>(), [(1, 1, 1), (1, 3, 4)]);
}

/// Records with random columns, cells and persons, and a random shape over them.
#[derive(Debug, Clone)]
struct Case {
    columns: Vec<Vec<i32>>,
    highest: Vec<i32>,
    cells: Option<(Vec<i32>, usize)>,
    persons: Option<Vec<i32>>,
    /// More than there are people.
    keys: Vec<u64>,
    shape: Shape,
}

impl Case {
    fn records(&self) -> usize {
        self.columns[0].len()
    }

    fn with<T>(&self, work: impl FnOnce(&Input<'_>) -> T) -> T {
        let columns: Vec<&[i32]> = self.columns.iter().map(Vec::as_slice).collect();
        let cells = match &self.cells {
            None => Cells::One(self.records()),
            Some((codes, count)) => Cells::Coded { codes, count: *count },
        };
        let persons = self.persons.as_deref();
        work(&Input { columns: &columns, highest: &self.highest, cells, persons, keys: &self.keys })
    }

    fn person(&self, record: usize) -> i32 {
        self.persons.as_ref().map_or(record as i32, |persons| persons[record])
    }

    fn cell(&self, record: usize) -> Option<usize> {
        self.cells.as_ref().map_or(Some(0), |(codes, _)| usize::try_from(codes[record]).ok())
    }

    /// The slot of a record, the last axis changing fastest; none if a value is missing.
    fn slot(&self, record: usize) -> Option<usize> {
        let code = |column: usize| self.columns[column][record];
        if self.shape.value.is_some_and(|value| code(value) < 0) {
            return None;
        }
        self.shape.axes.iter().try_fold(0, |slot, axis| Some(slot * axis.len() + axis.class(code(axis.column))?))
    }

    /// The records of each cell's slot, and of each cell those that miss a value.
    fn placed(&self) -> BTreeMap<(usize, Option<usize>), Vec<u32>> {
        let mut placed: BTreeMap<_, Vec<u32>> = BTreeMap::new();
        for record in 0..self.records() {
            if let Some(cell) = self.cell(record) {
                placed.entry((cell, self.slot(record))).or_default().push(record as u32);
            }
        }
        placed
    }

    /// What these records come to, person by person; sums only where `summed`.
    fn by_hand(&self, records: &[u32], summed: bool) -> Slot {
        let mut persons: BTreeMap<i32, Vec<i128>> = BTreeMap::new();
        for record in records.iter().map(|record| *record as usize) {
            let code = self.shape.value.filter(|_| summed).map_or(0, |value| self.columns[value][record]);
            persons.entry(self.person(record)).or_default().push(code.into());
        }
        let sum = |of: fn(i128, i128, i128) -> i128| {
            let own = |values: &Vec<i128>| {
                of(values.len() as i128, values.iter().sum(), values.iter().map(|value| value * value).sum())
            };
            persons.values().map(own).sum()
        };
        Slot {
            people: People(persons.len() as u64),
            rows: Rows(records.len() as u64),
            key: SetKey(persons.keys().fold(0, |key, person| key.wrapping_add(self.keys[*person as usize]))),
            sums: Contributions {
                x: sum(|_, x, _| x),
                q: sum(|_, _, q| q),
                nn: sum(|n, _, _| n * n),
                nx: sum(|n, x, _| n * x),
                nq: sum(|n, _, q| n * q),
                xx: sum(|_, x, _| x * x),
                xq: sum(|_, x, q| x * q),
                qq: sum(|_, _, q| q * q),
            },
        }
    }
}

/// An axis over a column: by edges, by its codes where they are few, or one code against the others.
fn any_axis(column: usize, highest: i32) -> BoxedStrategy<Axis> {
    let edges = prop::collection::btree_set(1..=highest, 0..4)
        .prop_map(move |edges| axis(column, std::iter::once(0).chain(edges).collect()));
    let labels = |count: i32| (0..count).map(|code| code.to_string()).collect();
    let is = (0..=highest).prop_map(move |code| Axis { column, classes: Classes::Is(code), labels: labels(2) });
    if highest >= 6 {
        return prop_oneof![edges, is].boxed();
    }
    let codes = Axis { column, classes: Classes::Codes, labels: labels(highest + 1) };
    prop_oneof![edges, is, Just(codes)].boxed()
}

/// A random shape over columns with these largest codes.
fn any_shape(highest: &[i32]) -> impl Strategy<Value = Shape> + use<> {
    let each: Vec<_> = highest.iter().enumerate().map(|(column, highest)| any_axis(column, *highest)).collect();
    let axes = prop::collection::vec(any::<Index>(), 0..=2)
        .prop_flat_map(move |picks| picks.iter().map(|pick| pick.get(&each).clone()).collect::<Vec<_>>());
    let value = prop::option::weighted(0.7, 0..highest.len());
    (axes, value, any::<bool>()).prop_map(|(axes, value, sums)| Shape { axes, value, sums: sums && value.is_some() })
}

fn case() -> impl Strategy<Value = Case> {
    // Few codes, many, and so many that classes are searched for.
    let highest = prop_oneof![4 => 1..6i32, 2 => 6..300i32, 1 => Just(1 << 24)];
    (prop::collection::vec(highest, 1..4), 0..120usize).prop_flat_map(|(highest, records)| {
        let code = |highest: i32| prop_oneof![1 => Just(-1), 6 => 0..=highest, 2 => 0..=highest.min(2)];
        let columns: Vec<_> = highest.iter().map(|one| prop::collection::vec(code(*one), records)).collect();
        let cells =
            (1..5usize).prop_flat_map(move |count| (prop::collection::vec(-1..count as i32, records), Just(count)));
        // Persons come one after the other, each with one record or more; some have none.
        let persons = prop::collection::vec(prop_oneof![3 => Just(0), 2 => 1..3i32], records).prop_map(|steps| {
            let person = |last: &mut i32, step: i32| {
                *last += step;
                Some(*last)
            };
            steps.into_iter().scan(0, person).collect::<Vec<i32>>()
        });
        // Persons go up by two at most.
        let keys = prop::collection::vec(any::<u64>(), 2 * records + 1);
        let shape = any_shape(&highest);
        (columns, Just(highest), prop::option::of(cells), prop::option::of(persons), keys, shape).prop_map(
            |(columns, highest, cells, persons, keys, shape)| Case { columns, highest, cells, persons, keys, shape },
        )
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(512))]

    #[test]
    fn frames_agree_with_a_count_by_hand(case in case()) {
        let frames = case.with(|input| tabulate(&case.shape, input));
        prop_assert_eq!(frames.len(), case.with(|input| input.cells.count()));
        let placed = case.placed();
        let chosen = |cell: usize, slot: Option<usize>| placed.get(&(cell, slot)).cloned().unwrap_or_default();
        for (cell, frame) in frames.iter().enumerate() {
            prop_assert_eq!(frame.slots.len(), case.shape.slots());
            let mut valid = Vec::new();
            for (place, slot) in frame.slots.iter().enumerate() {
                let records = chosen(cell, Some(place));
                prop_assert!(*slot == case.by_hand(&records, case.shape.sums), "cell {cell} slot {place}");
                valid.extend(records);
            }
            prop_assert!(frame.valid == case.by_hand(&valid, case.shape.sums), "cell {cell} valid");
            prop_assert!(frame.missing == case.by_hand(&chosen(cell, None), false), "cell {cell} missing");
        }
    }

    #[test]
    fn set_keys_and_contributions_of_people_apart_add_up(case in case(), chosen in prop::collection::vec(any::<bool>(), 1..20)) {
        let apart = |here: bool| {
            // Whoever is elsewhere is in no cell here.
            let cell = |record: usize| {
                let own = chosen[case.person(record) as usize % chosen.len()] == here;
                case.cell(record).filter(|_| own).map_or(-1, |cell| cell as i32)
            };
            let count = case.with(|input| input.cells.count());
            let cells = Some(((0..case.records()).map(cell).collect(), count));
            Case { cells, ..case.clone() }.with(|input| tabulate(&case.shape, input))
        };
        let whole = case.with(|input| tabulate(&case.shape, input));
        let (mut one, other) = (apart(true), apart(false));
        for (one, other) in one.iter_mut().zip(&other) {
            one.slots.iter_mut().zip(&other.slots).for_each(|(one, other)| one.add(other));
            one.valid.add(&other.valid);
            one.missing.add(&other.missing);
        }
        prop_assert!(one == whole);
    }
}
