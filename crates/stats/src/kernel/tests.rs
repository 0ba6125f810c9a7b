use coda_model::plan::{Axis, Classes};
use proptest::prelude::*;

use super::*;

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
