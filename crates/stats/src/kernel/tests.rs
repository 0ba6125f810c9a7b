use std::collections::{BTreeMap, HashSet};

use coda_model::{
    frame::Slot,
    plan::{Axis, Classes},
};
use proptest::{prelude::*, sample::Index};

use super::{largest::largest, *};

fn axis(column: usize, edges: Vec<i32>) -> Axis {
    let labels = edges.iter().map(ToString::to_string).collect();
    Axis { column, classes: Classes::Edges(edges), labels }
}

/// The same records in one coded cell take the general path, so the two kernels check each other.
fn both(shape: &Shape, column: &[i32], highest: i32) -> (Vec<Frame>, Vec<Frame>) {
    let columns = [column];
    let zeros = vec![0; column.len()];
    let input = Input { columns: &columns, highest: &[highest], cells: Cells::One(column.len()), persons: None };
    let coded = Input { cells: Cells::Coded { codes: &zeros, count: 1 }, ..input };
    (tabulate(shape, &input), tabulate(shape, &coded))
}

proptest! {
    #[test]
    fn the_fast_kernel_counts_and_sums_like_the_general_one(column in prop::collection::vec(-1..1000i32, 0..500)) {
        for shape in [
            Shape::everybody(),
            Shape::valid(0),
            Shape::sums(0, 1),
            Shape::sums(0, 2),
            Shape::counts(axis(0, vec![0, 10, 500])),
        ] {
            let (fast, general) = both(&shape, &column, 1000);
            prop_assert!(fast == general);
        }
    }
}

#[test]
fn squares_of_the_largest_codes_do_not_overflow() {
    let highest = 1 << 30;
    let column = vec![highest; 10_000];
    let (fast, general) = both(&Shape::sums(0, 2), &column, highest);
    assert!(fast == general);
    assert_eq!(fast[0].slots[0].sums[1], 10_000 * (1i128 << 60));
}

#[test]
fn rows_of_one_person_are_one_person() {
    let column = [5, 7, -1, 9, 9];
    let persons = [0, 0, 0, 1, 2];
    let input = Input { columns: &[&column], highest: &[9], cells: Cells::One(5), persons: Some(&persons) };
    let frames = tabulate(&Shape::sums(0, 1), &input);
    let slot = &frames[0].slots[0];
    assert_eq!((slot.people.0, slot.rows.0, slot.sums[0]), (3, 4, 30));
    assert_eq!((frames[0].missing.people.0, frames[0].missing.rows.0), (1, 1));
}

#[test]
fn records_outside_every_cell_are_not_counted() {
    let column = [1, 2, 3, 4];
    let cells = [0, -1, 1, -1];
    let input =
        Input { columns: &[&column], highest: &[4], cells: Cells::Coded { codes: &cells, count: 2 }, persons: None };
    let frames = tabulate(&Shape::sums(0, 1), &input);
    assert_eq!([frames[0].slots[0].sums[0], frames[1].slots[0].sums[0]], [1, 3]);
}

/// Records with random columns, cells and persons, and a random shape over them.
#[derive(Debug, Clone)]
struct Case {
    columns: Vec<Vec<i32>>,
    highest: Vec<i32>,
    cells: Option<(Vec<i32>, usize)>,
    persons: Option<Vec<i32>>,
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
        work(&Input { columns: &columns, highest: &self.highest, cells, persons: self.persons.as_deref() })
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

    /// What each person has of the summed column over these records, the largest first; records without a value have no part.
    fn parts(&self, records: &[u32]) -> Vec<i128> {
        let mut parts: BTreeMap<i32, i128> = BTreeMap::new();
        for record in records.iter().map(|record| *record as usize) {
            let code = self.shape.value.map_or(0, |value| self.columns[value][record]);
            *parts.entry(self.person(record)).or_default() += i128::from(code.max(0));
        }
        let mut parts: Vec<i128> = parts.into_values().chain([0, 0]).collect();
        parts.sort_unstable_by(|one, other| other.cmp(one));
        parts
    }

    /// What these records come to, added up one by one.
    fn by_hand(&self, records: &[u32]) -> Slot {
        let persons: HashSet<i32> = records.iter().map(|record| self.person(*record as usize)).collect();
        let value =
            |record: &u32| i128::from(self.shape.value.map_or(0, |value| self.columns[value][*record as usize]));
        let power = |power: u32| records.iter().map(|record| value(record).pow(power)).sum();
        Slot {
            people: coda_model::People(persons.len() as u64),
            rows: coda_model::Rows(records.len() as u64),
            sums: (1..=u32::from(self.shape.powers)).map(power).collect(),
            ..Slot::default()
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
    (axes, value, 0..=2u8).prop_map(|(axes, value, powers)| Shape {
        axes,
        value,
        powers: if value.is_some() { powers } else { 0 },
    })
}

fn case() -> impl Strategy<Value = Case> {
    // Few codes, many, and so many that classes are searched for.
    let highest = prop_oneof![4 => 1..6i32, 2 => 6..300i32, 1 => Just(1 << 22)];
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
        let shape = any_shape(&highest);
        (columns, Just(highest), prop::option::of(cells), prop::option::of(persons), shape)
            .prop_map(|(columns, highest, cells, persons, shape)| Case { columns, highest, cells, persons, shape })
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(512))]

    #[test]
    fn frames_members_and_measures_agree_with_a_count_by_hand(case in case()) {
        let everybody: Vec<u32> = (0..case.records() as u32).collect();
        let (frames, members) =
            case.with(|input| (tabulate(&case.shape, input), members(&case.shape, input, &everybody)));
        prop_assert_eq!(frames.len(), members.len());
        let placed = case.placed();
        let chosen = |cell: usize, slot: Option<usize>| placed.get(&(cell, slot)).cloned().unwrap_or_default();
        for (cell, (frame, members)) in frames.iter().zip(&members).enumerate() {
            prop_assert_eq!((frame.slots.len(), members.slots.len()), (case.shape.slots(), case.shape.slots()));
            for (place, (slot, records)) in frame.slots.iter().zip(&members.slots).enumerate() {
                prop_assert_eq!(records, &chosen(cell, Some(place)));
                let expected = case.by_hand(records);
                prop_assert!(*slot == expected, "cell {cell} slot {place} of the frame");
                let measured = case.with(|input| measure(&case.shape, input, records));
                prop_assert!(Slot { largest: [0; 2], ..measured } == expected, "cell {cell} slot {place} measured");
            }
            prop_assert_eq!(&members.missing, &chosen(cell, None));
            let missing = Slot { sums: vec![], ..case.by_hand(&members.missing) };
            prop_assert!(frame.missing == missing, "cell {cell} missing");
        }
    }

    #[test]
    fn members_among_some_are_the_members_among_all_who_are_some(
        case in case(),
        chosen in prop::collection::vec(any::<bool>(), 1..20),
    ) {
        let of = |who: &[u32]| case.with(|input| members(&case.shape, input, who));
        let everybody: Vec<u32> = (0..case.records() as u32).collect();
        let is_in = |record: &u32| chosen[*record as usize % chosen.len()];
        let who: Vec<u32> = everybody.iter().copied().filter(is_in).collect();
        let among = |records: &Vec<u32>| records.iter().copied().filter(is_in).collect();
        let expected: Vec<Members> = of(&everybody)
            .iter()
            .map(|all| Members { slots: all.slots.iter().map(among).collect(), missing: among(&all.missing) })
            .collect();
        prop_assert!(of(&who) == expected);
    }

    #[test]
    fn a_measure_takes_those_who_miss_a_value_to_have_the_mean_of_the_others(
        case in case(),
        chosen in prop::collection::vec(any::<bool>(), 1..20),
    ) {
        let is_in = |record: &u32| chosen[*record as usize % chosen.len()];
        let records: Vec<u32> = (0..case.records() as u32).filter(is_in).collect();
        let measured = case.with(|input| measure(&case.shape, input, &records));
        let known = |record: &u32| case.shape.value.is_none_or(|value| case.columns[value][*record as usize] >= 0);
        let valid: Vec<u32> = records.iter().copied().filter(known).collect();
        let (all, others) = (case.by_hand(&records), case.by_hand(&valid));
        prop_assert_eq!((measured.people, measured.rows), (all.people, all.rows));
        let (rows, valid_rows) = (records.len() as i128, valid.len() as i128);
        prop_assert_eq!(measured.sums.len(), others.sums.len());
        // The nearest whole code to known * rows / valid, halves up.
        let scaled = |known: i128| match valid_rows {
            0 => 0,
            valid => (2 * known * rows + valid).div_euclid(2 * valid),
        };
        if let (Some(sum), Some(known)) = (measured.sums.first(), others.sums.first()) {
            prop_assert_eq!(*sum, scaled(*known));
            prop_assert!(2 * (sum * valid_rows - known * rows).abs() <= valid_rows, "the mean moves");
        }
        // Squares are moved to where some values have them with this sum.
        if let (Some(first), Some(second), Some(known)) = (measured.sums.first(), measured.sums.get(1), others.sums.get(1)) {
            prop_assert!(first * first <= rows * second);
            prop_assert!(*second == scaled(*known) || (second - scaled(*known)).abs() <= 1 + first.abs());
        }
        let parts = case.parts(&valid);
        let largest = if case.shape.powers == 0 { [0; 2] } else { [scaled(parts[0]), scaled(parts[1])] };
        prop_assert_eq!(measured.largest, largest);
    }

    #[test]
    fn the_largest_parts_are_those_of_persons_with_all_their_records(case in case()) {
        let found = case.with(|input| largest(&case.shape, input));
        prop_assert_eq!(found.len(), case.with(|input| input.cells.count()));
        let placed = case.placed();
        for (cell, found) in found.iter().enumerate() {
            prop_assert_eq!(found.len(), case.shape.slots());
            for (slot, found) in found.iter().enumerate() {
                let parts = case.parts(placed.get(&(cell, Some(slot))).map_or(&[], Vec::as_slice));
                prop_assert_eq!(*found, [parts[0], parts[1]], "cell {} slot {}", cell, slot);
            }
        }
    }
}

#[test]
fn the_rows_of_one_person_are_one_part_though_other_slots_lie_between() {
    let (values, groups) = ([3, 9, 4, 5, -1, 6], [0, 1, 0, 0, 0, 1]);
    let input = Input {
        columns: &[&values, &groups],
        highest: &[9, 1],
        cells: Cells::One(6),
        persons: Some(&[0, 0, 0, 1, 1, 2]),
    };
    let shape = Shape::sums(0, 1).by(axis(1, vec![0, 1]));
    assert_eq!(largest(&shape, &input), [[[7, 5], [9, 6]]]);
}

#[test]
fn one_who_misses_a_value_has_the_mean_to_the_nearest_code_and_halves_go_up() {
    let column = [1, 2, -1, 7, 7, -1];
    let input = Input { columns: &[&column], highest: &[9], cells: Cells::One(6), persons: None };
    let of = |records: &[u32]| measure(&Shape::sums(0, 2), &input, records);
    // 3 and 5 for two are 4.5 and 7.5 for three; parts of 2 and 1 are 3 and 1.5.
    let slot = of(&[0, 1, 2]);
    assert_eq!(
        (slot.people.0, slot.rows.0, slot.sums, slot.largest),
        (3, 3, vec![5, 9], [3, 2]),
        "no three whole numbers have a sum of 5 and squares of 8"
    );
    // Where all are alike, nothing is lost to rounding.
    assert_eq!(of(&[2, 3, 4, 5]).sums, [28, 196]);
    assert_eq!((of(&[2, 5]).people.0, of(&[2, 5]).sums), (2, vec![0, 0]));
}
