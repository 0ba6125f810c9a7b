use coda_model::{
    frame::{Frame, Guard, Shown, Slot},
    ids::{People, Rows},
    plan::Unit,
    variable::Missing,
};
use proptest::prelude::*;

use super::*;

fn slot(people: u64) -> Slot {
    Slot { people: People(people), rows: Rows(people), sums: vec![] }
}

fn ask(guard: Guard, missing: Option<u64>, columns: &[usize], slots: &[u64]) -> Tabulated {
    let frame = Frame { slots: slots.iter().map(|n| slot(*n)).collect(), missing: slot(missing.unwrap_or(0)) };
    let kind = if missing.is_some() { Missing::May } else { Missing::Never };
    Tabulated { guard, missing: kind, unit: Unit::People, columns: columns.to_vec(), edges: None, frames: vec![frame] }
}

/// What is out, as text: `7 - 12 | -` is 7, withheld, 12, and withheld missing.
fn out(asks: &[Tabulated]) -> Vec<String> {
    let release = release(asks, Threshold::default());
    let frame = |frames: &Vec<ShownFrame>| {
        let text = |n: Option<u64>| n.map_or("-".to_owned(), |n| n.to_string());
        let slots: Vec<_> = frames[0].slots.iter().map(|s| text(s.value().map(|slot| slot.count.people.0))).collect();
        let missing = frames[0].missing.map(|m| format!(" | {}", text(m.value().map(|count| count.people.0))));
        format!("{}{}", slots.join(" "), missing.unwrap_or_default())
    };
    release.frames().asks.iter().map(frame).collect()
}

const SAMPLE: Guard = Guard::Sample { least: 0 };

#[test]
fn zero_to_four_are_all_the_same_and_five_is_out() {
    for people in 0..5 {
        assert_eq!(out(&[ask(Guard::Table, None, &[], &[people])]), ["-"], "{people}");
    }
    assert_eq!(out(&[ask(Guard::Table, None, &[], &[5])]), ["5"]);
}

#[test]
fn samples_leave_from_their_least_size_on() {
    for least in [10, 20] {
        let guard = Guard::Sample { least };
        assert_eq!(out(&[ask(guard, None, &[0], &[least - 1])]), ["-"]);
        assert_eq!(out(&[ask(guard, None, &[0], &[least])]), [least.to_string()]);
    }
}

#[test]
fn all_four_cells_of_a_two_by_two_leave_or_none() {
    let guard = Guard::Together { least: 0 };
    assert_eq!(out(&[ask(guard, None, &[0, 1], &[40, 4, 50, 60])]), ["- - - -"]);
    assert_eq!(out(&[ask(guard, None, &[0, 1], &[40, 5, 50, 60])]), ["40 5 50 60"]);
}

#[test]
fn without_a_total_only_small_levels_are_withheld() {
    assert_eq!(out(&[ask(Guard::Table, None, &[0], &[40, 3, 50])]), ["40 - 50"]);
    assert_eq!(out(&[ask(Guard::Table, Some(0), &[0], &[40, 50])]), ["40 50 | -"]);
}

#[test]
fn a_total_beside_a_table_withholds_a_second_level() {
    let count = ask(Guard::Table, None, &[], &[93]);
    assert_eq!(out(&[count, ask(Guard::Table, None, &[0], &[40, 3, 50])]), ["93", "40 - -"]);
    let mean = ask(SAMPLE, Some(9), &[0], &[93]);
    assert_eq!(out(&[mean, ask(Guard::Table, Some(9), &[0], &[40, 50, 3])]), ["93 | 9", "- 50 - | 9"]);
}

#[test]
fn few_missing_are_not_given_away_by_the_base() {
    let mean = || ask(SAMPLE, Some(3), &[0], &[97]);
    assert_eq!(out(&[mean()]), ["97 | -"]);
    assert_eq!(out(&[ask(Guard::Table, None, &[], &[100]), mean()]), ["100", "- | -"]);
    // Nobody missing looks like three missing.
    let full = ask(SAMPLE, Some(0), &[0], &[100]);
    assert_eq!(out(&[ask(Guard::Table, None, &[], &[100]), full]), ["100", "- | -"]);
    // The base may also come from another variable that nobody misses, or that many miss.
    assert_eq!(out(&[ask(SAMPLE, None, &[1], &[100]), mean()]), ["100", "- | -"]);
    assert_eq!(out(&[ask(SAMPLE, Some(30), &[1], &[70]), mean()]), ["70 | 30", "- | -"]);
}

#[test]
fn a_count_of_those_with_a_value_is_withheld_with_few_missing() {
    let everybody = ask(Guard::Table, None, &[], &[100]);
    assert_eq!(out(&[everybody, ask(Guard::Table, Some(2), &[0], &[98])]), ["100", "- | -"]);
}

#[test]
fn a_distribution_leaves_in_steps_that_end_with_the_grid() {
    let guard = Guard::Distribution { least: 10 };
    assert_eq!(out(&[ask(guard, None, &[0], &[3, 4, 0, 6, 2, 0])]), ["- 7 - - - 8"]);
    assert_eq!(out(&[ask(guard, None, &[0], &[0, 20, 0])]), ["- - 20"]);
    assert_eq!(out(&[ask(guard, None, &[0], &[3, 3, 3])]), ["- - -"]);
}

#[test]
fn few_people_with_many_rows_are_few() {
    let mut many = ask(Guard::Table, None, &[0], &[0]);
    many.frames[0].slots[0] = Slot { people: People(4), rows: Rows(400), sums: vec![] };
    assert_eq!(out(&[many]), ["-"]);
}

proptest! {
    /// The attacker knows every total that is out beside a table. What the withheld cells of a line add up to must then be
    /// shared by at least two of them and be no small number.
    #[test]
    fn no_withheld_level_follows_from_the_totals_beside_it(
        levels in prop::collection::vec(0..30u64, 1..6),
        missing in prop::option::of(0..12u64),
        with_base: bool,
        with_mean: bool,
    ) {
        let valid: u64 = levels.iter().sum();
        let base = valid + missing.unwrap_or(0);
        let mut asks = vec![ask(Guard::Table, missing, &[0], &levels)];
        if with_base { asks.push(ask(Guard::Table, None, &[], &[base])); }
        if with_mean { asks.push(ask(SAMPLE, missing, &[0], &[valid])); }
        let release = release(&asks, Threshold::default());
        let frames: Vec<_> = release.frames().asks.iter().map(|cells| cells[0].clone()).collect();
        let total = |frame: &ShownFrame| frame.slots.iter().map(|s| s.value().map(|s| s.count.people.0)).sum::<Option<u64>>();
        let hidden = |slots: &[Shown<coda_model::frame::ShownSlot>]| slots.iter().filter(|s| s.value().is_none()).count();
        let table = &frames[0];
        let shown: u64 = table.slots.iter().filter_map(Shown::value).map(|slot| slot.count.people.0).sum();
        let missing_shown = table.missing.and_then(|m| m.value().copied()).map_or(0, |count| count.people.0);
        for frame in &frames[1..] {
            let Some(known) = total(frame) else { continue };
            let is_base = frame.missing.is_none();
            let (rest, cells) = if is_base {
                let hidden_missing = usize::from(table.missing.is_some_and(|m| m.value().is_none()));
                (known - shown - missing_shown, hidden(&table.slots) + hidden_missing)
            } else {
                (known - shown, hidden(&table.slots))
            };
            prop_assert!(cells == 0 || (cells >= 2 && rest >= 5), "{levels:?} {missing:?}: {cells} cells share {rest}");
        }
        // Base less valid is the number of missing.
        if let (true, true, Some(missing)) = (with_base, with_mean, missing) {
            let both = total(&frames[1]).is_some() && total(&frames[2]).is_some();
            prop_assert!(!both || missing >= 5);
        }
    }
}

#[test]
fn two_asks_that_each_withhold_a_few_do_not_pin_each_other_down() {
    // 5147 common, 4 rare; 5151 have a marker, nobody misses it: both small counts would follow from the difference.
    let levels = || ask(Guard::Table, None, &[0], &[5147, 4]);
    let marker = || ask(SAMPLE, Some(0), &[1], &[5151]);
    assert_eq!(out(&[levels(), marker()]), ["- -", "5151 | -"]);
    assert_eq!(out(&[marker(), levels()]), ["5151 | -", "- -"]);
    // Two samples with few missing each; the same columns have the same people.
    let other = ask(SAMPLE, Some(3), &[2], &[5148]);
    assert_eq!(out(&[marker(), other]), ["5151 | -", "- | -"]);
    assert_eq!(out(&[marker(), marker()]), ["5151 | -", "5151 | -"]);
    // Two tables, each with a small level.
    let ages = ask(Guard::Table, None, &[3], &[3, 5100, 48]);
    assert_eq!(out(&[levels(), ages]), ["5147 -", "- - 48"]);
    // Two divisions of one variable.
    let finer = ask(Guard::Table, None, &[0], &[5100, 50, 1]);
    assert_eq!(out(&[levels(), finer]), ["5147 -", "- 50 -"]);
}

#[test]
fn one_person_with_a_row_in_each_of_many_cells_is_one_person() {
    let mut many = ask(Guard::Distribution { least: 10 }, None, &[], &[1; 40]);
    assert_ne!(out(std::slice::from_ref(&many)), [vec!["-"; 40].join(" ")], "people of their own leave");
    many.unit = Unit::Rows(0);
    assert_eq!(out(&[many]), [vec!["-"; 40].join(" ")]);
}

#[test]
fn the_second_withheld_cell_is_large_enough_to_hide_the_first() {
    // With 0 and 5 withheld, whoever knows that one of them is at least 5 knows the other is 0.
    let count = |people| ask(Guard::Table, None, &[], &[people]);
    assert_eq!(out(&[count(45), ask(Guard::Table, None, &[], &[40, 0, 5])]), ["45", "- - -"]);
    assert_eq!(out(&[count(58), ask(Guard::Table, None, &[], &[40, 0, 9, 9])]), ["58", "40 - - 9"]);
}

#[test]
fn a_table_beside_a_distribution_tells_nothing_that_its_steps_do_not() {
    let grid: Vec<i32> = (0..6).collect();
    let mut median = ask(Guard::Distribution { least: 10 }, None, &[], &[20, 3, 20, 2, 20, 20]);
    median.edges = Some((0, grid));
    // The middle class would end within a step: 20 + 3 and 20 + 2 + 20 are not told apart by the steps.
    let mut table = ask(Guard::Table, None, &[], &[23, 22, 40]);
    table.edges = Some((0, vec![0, 2, 4]));
    assert_eq!(out(&[median, table]), ["20 - 23 - 22 20", "- - -"]);
}

#[test]
fn people_behind_rows_that_may_miss_a_value_are_only_said_to_be_enough() {
    let mut mean = ask(SAMPLE, Some(9), &[0], &[0]);
    mean.unit = Unit::Rows(0);
    mean.frames[0].slots[0] = Slot { people: People(30), rows: Rows(90), sums: vec![] };
    assert_eq!(out(&[mean]), ["5 | 5"]);
}
