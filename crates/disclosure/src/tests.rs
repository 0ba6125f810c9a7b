use coda_model::{
    frame::{Absent, Frame, Guard, Shown, Slot},
    ids::{People, Rows},
    plan::Unit,
    variable::Missing,
};
use proptest::prelude::*;

use super::*;

fn slot(people: u64) -> Slot {
    Slot { people: People(people), rows: Rows(people), ..Slot::default() }
}

/// One ask: for each cell its slots, and those who miss a value if any can.
fn ask(guard: Guard, cells: &[(&[u64], Option<u64>)]) -> Tabulated {
    let frame = |(slots, missing): &(&[u64], Option<u64>)| Frame {
        slots: slots.iter().map(|n| slot(*n)).collect(),
        missing: slot(missing.unwrap_or(0)),
        absent: Absent::Apart,
    };
    let missing = if cells.iter().any(|(_, missing)| missing.is_some()) { Missing::May } else { Missing::Never };
    let frames = cells.iter().map(frame).collect();
    Tabulated { guard, missing, unit: Unit::People, columns: vec![0], edges: None, powers: 0, frames }
}

/// The same with the few who miss a value counted with the first slot.
fn absorbed(mut ask: Tabulated) -> Tabulated {
    for frame in &mut ask.frames {
        let few = std::mem::take(&mut frame.missing);
        frame.slots[0].people.0 += few.people.0;
        frame.slots[0].rows.0 += few.rows.0;
        frame.absent = Absent::Absorbed;
    }
    ask
}

/// What is out, as text: `7 - 12 | - (9)` is 7, withheld, 12, withheld missing, and 9 withheld in all.
fn out_of(asks: &[Tabulated], answer: &Answer<'_>) -> Vec<Vec<String>> {
    let text = |n: Option<u64>| n.map_or("-".to_owned(), |n| n.to_string());
    let frame = |frame: &ShownFrame| {
        let slots: Vec<_> = frame.slots.iter().map(|s| text(s.value().map(|slot| slot.count.people.0))).collect();
        let missing = frame.missing.map(|m| format!(" | {}", text(m.value().map(|count| count.people.0))));
        let rest = frame.rest.value().map(|count| format!(" ({})", count.people.0));
        format!("{}{}{}", slots.join(" "), missing.unwrap_or_default(), rest.unwrap_or_default())
    };
    release(asks, answer).frames().asks.iter().map(|cells| cells.iter().map(frame).collect()).collect()
}

/// The same of answers with one cell.
fn out(asks: &[Tabulated]) -> Vec<String> {
    out_of(asks, &Answer::default()).into_iter().map(|cells| cells.join(" ; ")).collect()
}

const SAMPLE: Guard = Guard::Sample { least: 0 };

fn groups(length: usize) -> [Dimension; 1] {
    [Dimension { length, span: Span::Groups }]
}

#[test]
fn zero_to_four_are_all_the_same_and_five_is_out() {
    for people in 0..5 {
        assert_eq!(out(&[ask(Guard::Table, &[(&[people], None)])]), ["-"], "{people}");
    }
    assert_eq!(out(&[ask(Guard::Table, &[(&[5], None)])]), ["5"]);
}

#[test]
fn samples_leave_from_their_least_size_on() {
    for least in [10, 20] {
        let guard = Guard::Sample { least };
        assert_eq!(out(&[ask(guard, &[(&[least - 1], None)])]), [format!("- ({})", least - 1)]);
        assert_eq!(out(&[ask(guard, &[(&[least], None)])]), [least.to_string()]);
    }
}

#[test]
fn all_four_cells_of_a_two_by_two_leave_or_none() {
    let guard = Guard::Together { least: 0 };
    assert_eq!(out(&[ask(guard, &[(&[40, 4, 50, 60], None)])]), ["- - - - (154)"]);
    assert_eq!(out(&[ask(guard, &[(&[40, 5, 50, 60], None)])]), ["40 5 50 60"]);
}

#[test]
fn a_small_level_takes_a_large_one_with_it_and_their_sum_is_told() {
    assert_eq!(out(&[ask(Guard::Table, &[(&[40, 3, 50], None)])]), ["- - 50 (43)"]);
    // With 0 and 5 withheld, whoever knows that one of them is at least 5 would know that the other is 0.
    assert_eq!(out(&[ask(Guard::Table, &[(&[5, 0, 40], None)])]), ["- - - (45)"]);
    // Where everybody has one level, nobody learns it (R2).
    assert_eq!(out(&[ask(Guard::Table, &[(&[100, 0], None)])]), ["- - (100)"]);
}

#[test]
fn few_who_miss_a_value_are_counted_with_the_others_and_many_apart() {
    assert_eq!(out(&[absorbed(ask(SAMPLE, &[(&[97], Some(3))]))]), ["100 | -"]);
    assert_eq!(out(&[absorbed(ask(SAMPLE, &[(&[100], Some(0))]))]), ["100 | -"], "nobody looks like three");
    assert_eq!(out(&[ask(SAMPLE, &[(&[70], Some(30))])]), ["70 | 30"]);
    assert_eq!(out(&[absorbed(ask(Guard::Table, &[(&[60, 30], Some(2))]))]), ["62 30 | -"]);
    // Apart, few would be told by whoever knows how many people there are.
    assert_eq!(out(&[ask(SAMPLE, &[(&[97], Some(3))])]), ["- | - (100)"]);
}

#[test]
fn a_distribution_leaves_in_steps_that_end_with_the_grid() {
    let guard = Guard::Distribution { least: 10 };
    assert_eq!(out(&[ask(guard, &[(&[3, 4, 0, 6, 2, 0], None)])]), ["- 7 - - - 8"]);
    assert_eq!(out(&[ask(guard, &[(&[0, 20, 0], None)])]), ["- - 20"]);
    assert_eq!(out(&[ask(guard, &[(&[3, 3, 3], None)])]), ["- - - (9)"]);
    let mut close = ask(guard, &[(&[6, 6, 6], None)]);
    close.frames[0].slots[0].standing = Standing::Close;
    assert_eq!(out(&[close]), ["- 12 6"], "no step ends close to what was released");
}

#[test]
fn few_people_with_many_rows_are_few() {
    let mut many = ask(Guard::Table, &[(&[0], None)]);
    many.frames[0].slots[0] = Slot { people: People(4), rows: Rows(400), ..Slot::default() };
    assert_eq!(out(&[many]), ["-"]);
}

#[test]
fn cells_are_withheld_for_all_asks_alike() {
    let axes = groups(4);
    let answer = Answer { axes: &axes, ..Answer::default() };
    let cells: [(&[u64], Option<u64>); 4] = [(&[40], None), (&[3], None), (&[50], None), (&[60], None)];
    let asks = [ask(Guard::Table, &cells), ask(SAMPLE, &cells)];
    assert_eq!(out_of(&asks, &answer), [["-", "-", "50", "60"], ["-", "-", "50", "60"]]);
    // Seven are enough for a cell and too few for a spread; it would follow from the spreads of the others and of all.
    let spread = ask(Guard::Sample { least: 10 }, &[(&[40], None), (&[7], None), (&[50], None), (&[60], None)]);
    assert_eq!(out_of(&[spread], &answer), [["- (40)", "- (7)", "50", "60"]]);
}

#[test]
fn a_table_most_of_whose_cells_are_small_does_not_leave() {
    let axes = groups(5);
    let answer = Answer { axes: &axes, ..Answer::default() };
    let cells: [(&[u64], Option<u64>); 5] = [(&[40], None), (&[3], None), (&[50], None), (&[0], None), (&[1], None)];
    assert_eq!(out_of(&[ask(Guard::Table, &cells)], &answer), [["-"; 5]]);
}

#[test]
fn a_series_with_many_gaps_does_not_leave() {
    let axes = [Dimension { length: 6, span: Span::Time }];
    let answer = Answer { axes: &axes, ..Answer::default() };
    let series = |months: [u64; 6]| {
        let months = months.map(|month| [month]);
        let cells: Vec<(&[u64], Option<u64>)> = months.iter().map(|month| (month.as_slice(), None)).collect();
        out_of(&[ask(Guard::Table, &cells)], &answer)
    };
    assert_eq!(series([9, 2, 9, 2, 9, 9]), [["-"; 6]], "two of six");
    assert_eq!(
        series([9, 8, 9, 2, 9, 9])[0].iter().filter(|month| *month == "-").count(),
        2,
        "one of six, and one beside it"
    );
    assert_eq!(
        series([0, 9, 8, 9, 7, 0])[0].iter().filter(|month| *month != "-").count(),
        3,
        "months at the ends do not count"
    );
}

#[test]
fn what_stands_close_to_a_released_set_hides_its_own_people_in_its_line() {
    let mut table = ask(Guard::Table, &[(&[40, 30, 50], None)]);
    table.frames[0].slots[0].standing = Standing::Close;
    // 40 is what was released; 30 or 50 stays behind, or 120 less both would tell the true count.
    assert_eq!(out(&[table]), ["40 - 50"]);
    let mut known = ask(Guard::Table, &[(&[40, 3, 50], None)]);
    known.frames[0].slots[0].standing = Standing::Known;
    assert_eq!(out(&[known]), ["40 - - (53)"], "what is known is not withheld in vain");
    let mut barred = ask(Guard::Table, &[(&[40], None)]);
    barred.frames[0].slots[0].standing = Standing::Barred;
    assert_eq!(out(&[barred]), ["- (40)"]);
}

#[test]
fn one_person_with_a_row_in_each_of_many_cells_is_one_person() {
    let ones = [1; 40];
    let mut many = ask(Guard::Distribution { least: 10 }, &[(&ones, None)]);
    assert!(out(std::slice::from_ref(&many))[0].contains('5'), "people of their own leave");
    many.unit = Unit::Rows(0);
    assert_eq!(out(&[many]), [vec!["-"; 40].join(" ")]);
}

#[test]
fn people_behind_rows_that_may_miss_a_value_are_only_said_to_be_enough() {
    let mut mean = ask(SAMPLE, &[(&[0], Some(9))]);
    mean.unit = Unit::Rows(0);
    mean.frames[0].slots[0] = Slot { people: People(30), rows: Rows(90), ..Slot::default() };
    assert_eq!(out(&[mean]), ["5 | 5"]);
}

fn cases() -> u32 {
    std::env::var("CODA_CASES").ok().and_then(|cases| cases.parse().ok()).unwrap_or(1000)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(cases()))]

    /// Whoever knows how many people there are in all learns only that the withheld levels, one of them large, share enough people
    /// for each of them to be anything from none to four.
    #[test]
    fn no_withheld_level_follows_from_the_total(
        levels in prop::collection::vec(0..30u64, 1..7),
        missing in prop::option::of(5..12u64),
        keys in prop::collection::vec(any::<u64>(), 8),
    ) {
        let all = levels.iter().sum::<u64>() + missing.unwrap_or(0);
        let order = |_: Table, place: usize| keys[place % keys.len()];
        let answer = Answer { order: &order, ..Answer::default() };
        let frames = release(&[ask(Guard::Table, &[(&levels, missing)])], &answer).frames().clone();
        let frame = &frames.asks[0][0];
        let shown: u64 = frame.slots.iter().filter_map(Shown::value).map(|slot| slot.count.people.0).sum();
        let missing_shown = frame.missing.and_then(|missing| missing.value().copied()).map_or(0, |count| count.people.0);
        let hidden = frame.slots.iter().filter(|slot| slot.value().is_none()).count()
            + usize::from(frame.missing.is_some_and(|missing| missing.value().is_none()));
        let rest = all - shown - missing_shown;
        prop_assert!(hidden == 0 || (hidden >= 2 && rest >= 9) || shown == 0, "{levels:?} {missing:?}: {hidden} cells share {rest}");
        prop_assert!(frame.slots.iter().filter_map(Shown::value).all(|slot| slot.count.people.0 >= 5));
        if let Some(told) = frame.rest.value() {
            prop_assert_eq!(told.people.0, rest);
        }
    }
}
