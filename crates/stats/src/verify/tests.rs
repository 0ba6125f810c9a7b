//! The edges of what is taken, by hand; `tests/it/laws/odd.rs` spoils answers of every statistic.

use coda_model::{
    dictionary::Dictionary,
    ids::{People, Rows},
    query::{Query, parse_ask},
};

use coda_model::frame::UNBOUNDED;

use super::*;

const TOML: &str = r#"
version = "1"
title = "test"
[dataset.d]
people = "p"
[dataset.d.table.p]
rows = "one"
person = "id"
[dataset.d.table.p.variable]
x = { type = "continuous", unit = "1", lower = 0, upper = 10, resolution = 1, missing = "never" }
y = { type = "continuous", unit = "1", lower = 0, upper = 10, resolution = 1, missing = "may" }
g = { type = "binary", missing = "never" }
[dataset.d.table.v]
rows = "many"
person = "id"
[dataset.d.table.v.variable]
z = { type = "continuous", unit = "1", lower = 0, upper = 10, resolution = 1, missing = "never" }
"#;

fn plan(rows: Option<&str>, ask: &str) -> Plan {
    let dictionary = Dictionary::parse(TOML).unwrap();
    let asks = vec![parse_ask("of", ask).unwrap()];
    let query = Query { dataset: "d".to_owned(), rows: rows.map(str::to_owned), asks, ..Query::default() };
    Plan::of(&query, &dictionary).unwrap()
}

fn count(people: u64, rows: u64) -> Count {
    Count { people: People(people), rows: Rows(rows) }
}

fn slot(people: u64, rows: u64, sums: &[i128]) -> Shown<ShownSlot> {
    Shown::Value(ShownSlot { count: count(people, rows), sums: sums.to_vec() })
}

/// What is said of one frame as the answer to one ask of a site whose threshold is 5.
fn said(plan: &Plan, slots: Vec<Shown<ShownSlot>>, missing: Option<Shown<Count>>) -> Result<(), Odd> {
    said_of(plan, ShownFrame { slots, missing, rest: Shown::Withheld })
}

fn said_of(plan: &Plan, frame: ShownFrame) -> Result<(), Odd> {
    verify(plan, &answer(FLOOR, frame))
}

/// An answer with one frame, of a cohort that is not told.
fn answer(threshold: u64, frame: ShownFrame) -> SiteFrames {
    SiteFrames { threshold, slack: 0, total: Shown::Withheld, asks: vec![vec![frame]] }
}

/// What is said of people with these sums of x, whose largest code is 10.
fn said_of_sums(people: u64, sums: &[i128]) -> Result<(), Odd> {
    said(&plan(None, "sd:x"), vec![slot(people, people, sums)], None)
}

#[test]
fn sums_are_taken_up_to_what_values_within_the_bounds_can_have() {
    assert_eq!(said_of_sums(10, &[0, 0]), Ok(()));
    assert_eq!(said_of_sums(10, &[100, 1000]), Ok(()));
    assert_eq!(said_of_sums(10, &[101, 1000]), Err(Odd::Sums));
    assert_eq!(said_of_sums(10, &[100, 1001]), Err(Odd::Sums));
    assert_eq!(said_of_sums(10, &[-1, 0]), Err(Odd::Sums));
}

#[test]
fn squares_are_taken_from_those_of_equal_values_to_those_at_the_ends() {
    assert_eq!(said_of_sums(10, &[50, 250]), Ok(()));
    assert_eq!(said_of_sums(10, &[50, 249]), Err(Odd::Sums));
    assert_eq!(said_of_sums(10, &[50, 500]), Ok(()));
    assert_eq!(said_of_sums(10, &[50, 501]), Err(Odd::Sums));
    assert_eq!(said_of_sums(10, &[0, 1]), Err(Odd::Sums));
}

#[test]
fn sums_that_would_overflow_are_refused_without_overflow() {
    for sum in [i128::MAX, i128::MIN] {
        assert_eq!(said_of_sums(10, &[sum, 0]), Err(Odd::Sums));
        assert_eq!(said_of_sums(10, &[50, sum]), Err(Odd::Sums));
    }
    let span = 10;
    let rows = i128::from(MOST_ROWS);
    assert_eq!(said_of_sums(MOST_ROWS, &[rows * span, rows * span * span]), Ok(()));
    assert_eq!(said_of_sums(MOST_ROWS + 1, &[0, 0]), Err(Odd::Count));
}

#[test]
fn as_many_sums_as_the_statistic_needs_are_taken() {
    for (ask, sums) in [("count", 0), ("mean:x", 1), ("sd:x", 2)] {
        for given in 0..4 {
            let said = said(&plan(None, ask), vec![slot(10, 10, &vec![0; given])], None);
            assert_eq!(said, if given == sums { Ok(()) } else { Err(Odd::Shape) }, "{ask} with {given}");
        }
    }
}

#[test]
fn counts_are_taken_from_the_threshold_on() {
    let count = plan(None, "count");
    assert_eq!(said(&count, vec![slot(5, 5, &[])], None), Ok(()));
    assert_eq!(said(&count, vec![slot(4, 4, &[])], None), Err(Odd::Threshold));
    assert_eq!(said(&count, vec![slot(0, 0, &[])], None), Err(Odd::Threshold));
    assert_eq!(said(&count, vec![slot(4, 40, &[])], None), Err(Odd::Threshold));
    assert_eq!(said(&count, vec![Shown::Withheld], None), Ok(()));
}

#[test]
fn a_site_may_ask_for_more_than_the_floor_but_not_for_anything() {
    let plan = plan(None, "count");
    let of = |threshold, people| {
        let slots = vec![slot(people, people, &[])];
        verify(&plan, &answer(threshold, ShownFrame { slots, missing: None, rest: Shown::Withheld }))
    };
    assert_eq!(of(20, 20), Ok(()));
    assert_eq!(of(20, 19), Err(Odd::Threshold));
    assert_eq!(of(FLOOR - 1, 19), Err(Odd::Threshold));
    assert_eq!(of(MOST_ROWS + 1, u64::MAX), Err(Odd::Threshold));
}

/// An answer whose one count is withheld.
fn withheld(threshold: u64) -> SiteFrames {
    answer(threshold, ShownFrame { slots: vec![Shown::Withheld], missing: None, rest: Shown::Withheld })
}

#[test]
fn a_cohort_may_be_off_by_up_to_twice_the_threshold() {
    let plan = plan(None, "count");
    for threshold in [FLOOR, 20, MOST_ROWS] {
        let of = |slack| verify(&plan, &SiteFrames { slack, ..withheld(threshold) });
        assert_eq!(of(0), Ok(()));
        assert_eq!(of(2 * threshold), Ok(()));
        assert_eq!(of(2 * threshold + 1), Err(Odd::Threshold));
        assert_eq!(of(u64::MAX - 1), Err(Odd::Threshold));
    }
}

#[test]
fn only_where_the_total_is_withheld_nothing_may_bound_it() {
    let plan = plan(None, "count");
    let of = |total| verify(&plan, &SiteFrames { slack: UNBOUNDED, total, ..withheld(FLOOR) });
    assert_eq!(of(Shown::Withheld), Ok(()));
    assert_eq!(of(Shown::Value(Count { people: People(60), rows: Rows(60) })), Err(Odd::Threshold));
}

#[test]
fn a_cohort_is_told_from_the_threshold_on() {
    for rows in [None, Some("v")] {
        let plan = plan(rows, "count");
        let of = |threshold, people, rows| {
            verify(&plan, &SiteFrames { total: Shown::Value(count(people, rows)), ..withheld(threshold) })
        };
        assert_eq!(verify(&plan, &withheld(20)), Ok(()));
        assert_eq!(of(20, 20, 20), Ok(()));
        assert_eq!(of(FLOOR, MOST_ROWS, MOST_ROWS), Ok(()));
        assert!(of(20, 19, 19).is_err());
        assert!(of(20, 19, 1000).is_err(), "many rows of few people");
        assert!(of(20, 0, 0).is_err());
        assert!(of(20, 21, 20).is_err(), "people without a row");
        assert!(of(FLOOR, FLOOR, MOST_ROWS + 1).is_err());
        assert!(of(FLOOR, u64::MAX, u64::MAX).is_err());
    }
    assert_eq!(
        verify(&plan(Some("v"), "count"), &SiteFrames { total: Shown::Value(count(20, 70)), ..withheld(20) }),
        Ok(())
    );
}

#[test]
fn a_rest_is_told_from_the_threshold_on() {
    let of = |threshold, rows, people_in, rows_in| {
        let plan = plan(rows, "marginals:g");
        let slots = vec![slot(30, 30, &[]), Shown::Withheld];
        verify(
            &plan,
            &answer(threshold, ShownFrame { slots, missing: None, rest: Shown::Value(count(people_in, rows_in)) }),
        )
    };
    for rows in [None, Some("v")] {
        assert_eq!(of(20, rows, 20, 20), Ok(()));
        assert_eq!(of(20, rows, 19, 19), Err(Odd::Threshold));
        assert_eq!(of(20, rows, 19, 1000), Err(Odd::Threshold), "many rows of few people");
        assert_eq!(of(20, rows, 0, 0), Err(Odd::Threshold));
        assert_eq!(of(20, rows, 21, 20), Err(Odd::Count), "people without a row");
        assert_eq!(of(FLOOR, rows, MOST_ROWS, MOST_ROWS), Ok(()));
        assert_eq!(of(FLOOR, rows, MOST_ROWS + 1, MOST_ROWS + 1), Err(Odd::Count));
    }
    assert_eq!(of(20, Some("v"), 20, 70), Ok(()));
    assert_eq!(of(20, None, 20, 70), Err(Odd::Count), "of people there are as many rows");
}

#[test]
fn of_people_there_are_as_many_rows_and_of_rows_no_more_people() {
    let (people, rows) = (plan(None, "count"), plan(Some("v"), "count"));
    assert_eq!(said(&people, vec![slot(7, 8, &[])], None), Err(Odd::Count));
    assert_eq!(said(&rows, vec![slot(7, 8, &[])], None), Ok(()));
    assert_eq!(said(&rows, vec![slot(8, 7, &[])], None), Err(Odd::Count));
}

#[test]
fn missing_is_there_where_it_may_be_and_only_there() {
    let (never, may) = (plan(None, "count:x"), plan(None, "count:y"));
    let one = || vec![slot(9, 9, &[])];
    assert_eq!(said(&never, one(), None), Ok(()));
    assert_eq!(said(&never, one(), Some(Shown::Withheld)), Err(Odd::Shape));
    assert_eq!(said(&may, one(), None), Err(Odd::Shape));
    assert_eq!(said(&may, one(), Some(Shown::Withheld)), Ok(()));
    assert_eq!(said(&may, one(), Some(Shown::Value(count(5, 5)))), Ok(()));
    assert_eq!(said(&may, one(), Some(Shown::Value(count(3, 3)))), Err(Odd::Threshold));
    assert_eq!(said(&may, one(), Some(Shown::Value(count(6, 5)))), Err(Odd::Count));
}

#[test]
fn samples_leave_whole_and_from_their_least_size_on() {
    let sd = plan(None, "sd:x");
    assert_eq!(said(&sd, vec![slot(9, 9, &[0, 0])], None), Err(Odd::Threshold));
    assert_eq!(said(&sd, vec![slot(10, 10, &[0, 0])], None), Ok(()));
    let both = plan(None, "smd:x:g");
    let (in_full, few) = (|| slot(10, 10, &[0, 0]), || slot(9, 9, &[0, 0]));
    assert_eq!(said(&both, vec![in_full(), in_full()], None), Ok(()));
    assert_eq!(said(&both, vec![Shown::Withheld, Shown::Withheld], None), Ok(()));
    assert_eq!(said(&both, vec![in_full(), Shown::Withheld], None), Err(Odd::Shape));
    assert_eq!(said(&both, vec![in_full(), few()], None), Err(Odd::Threshold));
}

#[test]
fn a_distribution_ends_where_the_grid_ends_and_has_enough_people_in_all() {
    let median = plan(None, "median:x");
    let steps = |ends: &[(usize, u64)]| {
        let mut slots = vec![Shown::Withheld; 11];
        for (cell, people) in ends {
            slots[*cell] = slot(*people, *people, &[]);
        }
        said(&median, slots, None)
    };
    assert_eq!(steps(&[]), Ok(()));
    assert_eq!(steps(&[(3, 5), (10, 5)]), Ok(()));
    assert_eq!(steps(&[(3, 5), (9, 5)]), Err(Odd::Shape));
    assert_eq!(steps(&[(10, 9)]), Err(Odd::Threshold));
    assert_eq!(steps(&[(3, 4), (10, 6)]), Err(Odd::Threshold));
}
