//! The edges of what is taken, by hand; `tests/it/laws/odd.rs` spoils answers of every statistic.

use coda_model::{
    dictionary::Dictionary,
    ids::{People, Rows},
    plan::Axis,
    query::{Query, parse_ask},
    rounding::BASE,
    threshold::Threshold,
};

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

/// A slot without sums.
fn slot(people: u64, rows: u64) -> Shown<ShownSlot> {
    Shown::Value(ShownSlot { count: count(people, rows), sums: None })
}

/// A slot with sums in whole codes and parts of 65,536.
fn sums(people: u64, x: i128, q: i128) -> Shown<ShownSlot> {
    Shown::Value(ShownSlot { count: count(people, people), sums: Some(ShownSums { x, q }) })
}

fn exact(least: u64) -> Rounding {
    Rounding::exact(Threshold::new(least).unwrap())
}

fn random(least: u64) -> Rounding {
    Rounding::random(Threshold::new(least).unwrap())
}

/// An answer with one frame, of a cohort that is not told.
fn answer(rounding: Rounding, frame: ShownFrame) -> SiteFrames {
    SiteFrames { rounding, total: Shown::Suppressed, asks: vec![vec![frame]] }
}

/// What is said of these slots as the answer to one ask; nothing else is told.
fn said(plan: &Plan, rounding: Rounding, slots: Vec<Shown<ShownSlot>>) -> Result<(), Odd> {
    said_of(plan, rounding, slots, Shown::Suppressed, None)
}

fn said_of(
    plan: &Plan,
    rounding: Rounding,
    slots: Vec<Shown<ShownSlot>>,
    valid: Shown<Count>,
    missing: Option<Shown<Count>>,
) -> Result<(), Odd> {
    verify(plan, &answer(rounding, ShownFrame { slots, valid, missing }))
}

/// What is said of people with these exact sums of x, whose largest code is 10.
fn said_of_sums(people: u64, x: i128, q: i128) -> Result<(), Odd> {
    said_of_fine(exact(5), people, x.saturating_mul(1 << FINE), q.saturating_mul(1 << (2 * FINE)))
}

/// The same in parts of a code, as told by any site.
fn said_of_fine(rounding: Rounding, people: u64, x: i128, q: i128) -> Result<(), Odd> {
    said(&plan(None, "sd:x"), rounding, vec![sums(people, x, q)])
}

#[test]
fn sums_are_taken_up_to_what_values_within_the_bounds_can_have() {
    assert_eq!(said_of_sums(10, 0, 0), Ok(()));
    assert_eq!(said_of_sums(10, 100, 1000), Ok(()));
    assert_eq!(said_of_sums(10, 101, 1021), Err(Odd::Sums));
    assert_eq!(said_of_sums(10, 100, 1001), Err(Odd::Sums));
    assert_eq!(said_of_sums(10, -1, 0), Err(Odd::Sums));
    for rounding in [exact(5), random(5)] {
        assert_eq!(said_of_fine(rounding, 10, (100 << FINE) + 1, 1001 << (2 * FINE)), Err(Odd::Sums));
        assert_eq!(said_of_fine(rounding, 10, -1, 1), Err(Odd::Sums));
    }
}

#[test]
fn squares_are_taken_from_those_of_equal_values_to_those_at_the_ends() {
    assert_eq!(said_of_sums(10, 50, 250), Ok(()));
    assert_eq!(said_of_sums(10, 50, 249), Err(Odd::Sums));
    assert_eq!(said_of_sums(10, 50, 500), Ok(()));
    assert_eq!(said_of_sums(10, 50, 501), Err(Odd::Sums));
    assert_eq!(said_of_sums(10, 0, 1), Err(Odd::Sums));
}

/// Cauchy and Schwarz to the last digit: a square less would be a variance under 0.
#[test]
fn squares_smaller_than_the_means_are_refused_whoever_tells_them() {
    for rounding in [exact(5), random(5)] {
        for x in [1, 50 << FINE, (50 << FINE) + 1, (50 << FINE) + 7, 100 << FINE] {
            let least = (x * x + 9) / 10;
            assert_eq!(said_of_fine(rounding, 10, x, least), Ok(()), "{x}");
            assert_eq!(said_of_fine(rounding, 10, x, least - 1), Err(Odd::Sums), "{x}");
        }
    }
}

#[test]
fn a_perturbed_spread_may_exceed_the_bounds_but_not_by_far() {
    let one = 1i128 << (2 * FINE);
    // The SD is 9 at most of 10 people at 0 to 10, and 11.2 about a mean of 5 is taken.
    assert_eq!(said_of_fine(random(5), 10, 50 << FINE, 501 * one), Ok(()));
    assert_eq!(said_of_fine(random(5), 10, 50 << FINE, 1250 * one), Ok(()));
    assert_eq!(said_of_fine(random(5), 10, 50 << FINE, 1400 * one), Err(Odd::Sums));
}

#[test]
fn sums_that_would_overflow_are_refused_without_overflow() {
    for rounding in [exact(5), random(5)] {
        for sum in [i128::MAX, i128::MIN] {
            assert_eq!(said_of_fine(rounding, 10, sum, 0), Err(Odd::Sums));
            assert_eq!(said_of_fine(rounding, 10, 50 << FINE, sum), Err(Odd::Sums));
        }
    }
    let rows = i128::from(MOST_ROWS);
    assert_eq!(said_of_sums(MOST_ROWS, rows * 10, rows * 100), Ok(()));
    assert_eq!(said_of_sums(MOST_ROWS + 1, 0, 0), Err(Odd::Count));
}

#[test]
fn sums_are_taken_where_the_statistic_needs_them_and_only_there() {
    for (ask, summed) in [("count", false), ("mean:x", true), ("sd:x", true), ("marginals:g", false)] {
        for told in [false, true] {
            let one = if told { sums(10, 0, 0) } else { slot(10, 10) };
            let plan = plan(None, ask);
            let slots = plan.asks[0].operands.first().and_then(|operand| operand.axis.as_ref()).map_or(1, Axis::len);
            let expected = if told == summed { Ok(()) } else { Err(Odd::Shape) };
            assert_eq!(said(&plan, exact(5), vec![one; slots]), expected, "{ask}");
        }
    }
}

#[test]
fn as_many_slots_cells_and_asks_as_the_plan_has_are_taken() {
    let plan = plan(None, "marginals:g");
    for slots in 0..4 {
        let expected = if slots == 2 { Ok(()) } else { Err(Odd::Shape) };
        assert_eq!(said(&plan, exact(5), vec![slot(10, 10); slots]), expected, "{slots}");
    }
    let frame = ShownFrame { slots: vec![slot(10, 10); 2], valid: Shown::Suppressed, missing: None };
    for (asks, cells) in [(0, 1), (2, 1), (1, 0), (1, 2)] {
        let asks = vec![vec![frame.clone(); cells]; asks];
        let answer = SiteFrames { rounding: exact(5), total: Shown::Suppressed, asks };
        assert_eq!(verify(&plan, &answer), Err(Odd::Shape));
    }
}

/// Every place where a count may be told takes it from the site's threshold on, and no count that cannot be.
#[test]
fn counts_are_taken_from_what_the_site_tells_on_wherever_they_stand() {
    let places: [fn(&mut SiteFrames, Count); 4] = [
        |answer, count| answer.asks[0][0].slots[0] = Shown::Value(ShownSlot { count, sums: None }),
        |answer, count| answer.asks[0][0].valid = Shown::Value(count),
        |answer, count| answer.asks[0][0].missing = Some(Shown::Value(count)),
        |answer, count| answer.total = Shown::Value(count),
    ];
    for (rows, ask) in [(None, "count:y"), (Some("v"), "count:y")] {
        let plan = plan(rows, ask);
        for place in places {
            let of = |rounding, people, rows| {
                let frame = ShownFrame {
                    slots: vec![Shown::Suppressed],
                    valid: Shown::Suppressed,
                    missing: Some(Shown::Suppressed),
                };
                let mut answer = answer(rounding, frame);
                assert_eq!(verify(&plan, &answer), Ok(()));
                place(&mut answer, count(people, rows));
                verify(&plan, &answer)
            };
            assert_eq!(of(exact(5), 5, 5), Ok(()));
            assert_eq!(of(exact(5), 4, 4), Err(Odd::Threshold));
            assert_eq!(of(exact(5), 4, 40), Err(Odd::Threshold), "many rows of few people");
            assert_eq!(of(exact(5), 0, 0), Err(Odd::Threshold));
            assert_eq!(of(exact(20), 20, 20), Ok(()));
            assert_eq!(of(exact(20), 19, 19), Err(Odd::Threshold));
            assert_eq!(of(exact(5), 21, 20), Err(Odd::Count), "people without a row");
            assert_eq!(of(exact(5), MOST_ROWS, MOST_ROWS), Ok(()));
            assert_eq!(of(exact(5), 5, MOST_ROWS + 1), Err(Odd::Count));
            assert_eq!(of(exact(5), u64::MAX, u64::MAX), Err(Odd::Count));
            assert_eq!(of(random(5), 10, 10), Ok(()));
            assert_eq!(of(random(5), 5, 5), Err(Odd::Threshold));
            assert_eq!(of(random(6), 10, 10), Err(Odd::Threshold));
            for odd in [11, 12, 13, 14] {
                assert_eq!(of(random(5), odd, odd), Err(Odd::Count), "no multiple of {BASE}");
            }
            let many_rows = |people, rows| of(random(5), people, rows);
            let expected = if plan.unit == Unit::People { Err(Odd::Count) } else { Ok(()) };
            assert_eq!(of(exact(5), 7, 8), expected, "of people there are as many rows");
            assert_eq!(many_rows(10, 35), expected);
            assert_eq!(many_rows(10, 36), Err(Odd::Count), "rows are a multiple of {BASE} too");
        }
    }
}

#[test]
fn a_site_tells_counts_by_the_rule_or_as_they_are() {
    let plan = plan(None, "count");
    let of = |rounding| said(&plan, rounding, vec![Shown::Suppressed]);
    for least in [5, 6, 10, 20, 100] {
        assert_eq!(of(exact(least)), Ok(()));
        assert_eq!(of(random(least)), Ok(()));
    }
    let (five, usual) = (exact(5), random(5));
    let odd = [
        Rounding { told_from: FLOOR - 1, ..five },
        Rounding { told_from: 0, ..five },
        Rounding { told_from: MOST_ROWS + 1, ..five },
        Rounding { told_from: u64::MAX, ..five },
        Rounding { base: 0, ..five },
        Rounding { base: 5, ..five },
        Rounding { step: 4, ..five },
        Rounding { step_sensitive: 8, ..five },
        Rounding { told_from: 5, ..usual },
        Rounding { told_from: 11, ..usual },
        Rounding { told_from: u64::MAX, ..usual },
        Rounding { base: 0, ..usual },
        Rounding { base: 1, ..usual },
        Rounding { base: 2, ..usual },
        Rounding { base: 10, told_from: 20, ..usual },
        Rounding { base: u64::MAX, ..usual },
        Rounding { step: 0, ..usual },
        Rounding { step: 3, ..usual },
        Rounding { step: u64::MAX, ..usual },
        Rounding { step_sensitive: 0, ..usual },
        Rounding { step_sensitive: 4, ..usual },
        Rounding { step_sensitive: u64::MAX, ..usual },
    ];
    for rounding in odd {
        assert_eq!(of(rounding), Err(Odd::Threshold), "{rounding:?}");
    }
}

#[test]
fn missing_is_there_where_it_may_be_and_only_there() {
    let (never, may) = (plan(None, "count:x"), plan(None, "count:y"));
    let said = |plan, missing| said_of(plan, exact(5), vec![slot(9, 9)], Shown::Suppressed, missing);
    assert_eq!(said(&never, None), Ok(()));
    assert_eq!(said(&never, Some(Shown::Suppressed)), Err(Odd::Shape));
    assert_eq!(said(&may, None), Err(Odd::Shape));
    assert_eq!(said(&may, Some(Shown::Suppressed)), Ok(()));
    assert_eq!(said(&may, Some(Shown::Value(count(5, 5)))), Ok(()));
}

/// People at the ends of these cells of the grid, and everybody.
fn steps(ask: &str, rounding: Rounding, ends: &[(usize, u64)], all: Option<u64>) -> Result<(), Odd> {
    let mut slots = vec![Shown::Suppressed; 11];
    for (cell, people) in ends {
        slots[*cell] = slot(*people, *people);
    }
    let valid = all.map_or(Shown::Suppressed, |all| Shown::Value(count(all, all)));
    said_of(&plan(None, ask), rounding, slots, valid, None)
}

#[test]
fn a_distribution_ends_where_the_grid_ends_and_adds_up_to_everybody() {
    for rounding in [exact(5), random(5)] {
        let of = |ends: &[(usize, u64)], all| steps("median:x", rounding, ends, all);
        assert_eq!(of(&[(3, 20), (10, 20)], Some(40)), Ok(()));
        let near = if rounding.is_exact() { Ok(()) } else { Err(Odd::Count) };
        assert_eq!(of(&[(3, 15), (4, 10), (10, 15)], Some(40)), near, "exact edges may be near to each other");
        assert_eq!(of(&[(3, 40), (10, 0)], Some(40)), near);
        assert_eq!(of(&[(3, 20), (9, 20)], Some(40)), Err(Odd::Shape));
        assert_eq!(of(&[(3, 20), (10, 15)], Some(40)), Err(Odd::Shape));
        assert_eq!(of(&[(3, 20), (10, 25)], Some(40)), Err(Odd::Shape));
        assert_eq!(of(&[(3, u64::MAX - 15), (4, 35), (10, 20)], Some(40)), Err(Odd::Shape), "no sum that wraps");
    }
    assert_eq!(steps("median:x", random(5), &[(3, 18), (10, 22)], Some(40)), Err(Odd::Count));
    assert_eq!(steps("median:x", exact(5), &[(3, 18), (10, 22)], Some(40)), Ok(()));
}

#[test]
fn a_distribution_is_told_from_its_fewest_people_on_and_always_then() {
    for rounding in [exact(5), random(5)] {
        for (ask, least) in [("histogram:x", 10), ("median:x", 40), ("quartiles:x", 100), ("percentiles:x", 100)] {
            let of = |all: Option<u64>, told| {
                let ends = if told { vec![(10, all.unwrap_or(least))] } else { vec![] };
                steps(ask, rounding, &ends, all)
            };
            assert_eq!(of(Some(least), true), Ok(()), "{ask}");
            assert_eq!(of(Some(least), false), Err(Odd::Shape), "{ask}: everybody is told, the distribution is not");
            assert_eq!(of(None, false), Ok(()), "{ask}");
            assert!(of(None, true).is_err(), "{ask}");
            if least > 10 {
                assert_eq!(of(Some(least - 5), true), Err(Odd::Threshold), "{ask}");
                assert_eq!(of(Some(least - 5), false), Ok(()), "{ask}");
            }
        }
    }
}

#[test]
fn a_distribution_has_no_sums_and_counts_people_as_rows() {
    let median = plan(None, "median:x");
    let of = |last: Shown<ShownSlot>| {
        let mut slots = vec![Shown::Suppressed; 11];
        slots[10] = last;
        said_of(&median, exact(5), slots, Shown::Value(count(40, 40)), None)
    };
    assert_eq!(of(slot(40, 40)), Ok(()));
    assert_eq!(of(sums(40, 0, 0)), Err(Odd::Count));
    assert_eq!(of(slot(40, 41)), Err(Odd::Count));
    assert_eq!(of(slot(40, 39)), Err(Odd::Count));
}
