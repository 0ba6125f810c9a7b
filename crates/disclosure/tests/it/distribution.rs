//! R8 over random distributions: monotone, told edges far enough apart, the last one always told, the whole as its count says.

use coda_model::frame::{Guard, Shown, ShownSlot};
use proptest::{
    prelude::{Strategy, any, prop},
    test_runner::{Config, RngAlgorithm, TestRng, TestRunner},
};

use crate::world::{ask, cases, people, released, rules, secret};

/// Cells with their record keys, and every how many cells a bin ends.
fn distributions() -> impl Strategy<Value = (Vec<(u64, u64)>, usize)> {
    let cells = prop::collection::vec((prop_counts(), any::<u64>()), 1..120);
    (cells, 1..20usize)
}

fn prop_counts() -> impl Strategy<Value = u64> {
    proptest::prop_oneof![3 => 0..4u64, 2 => 0..30u64, 1 => 0..400u64]
}

fn check(property: impl Fn(&[Shown<ShownSlot>], &[u64], u64, &[usize])) {
    let config = Config { cases: (cases() / 5) as u32, failure_persistence: None, ..Config::default() };
    let mut runner = TestRunner::new_with_rng(config, TestRng::deterministic_rng(RngAlgorithm::ChaCha));
    let secret = secret(6);
    let outcome = runner.run(&distributions(), |(cells, every)| {
        let exact: Vec<u64> = cells.iter().map(|(people, _)| *people).collect();
        let slots = cells.iter().map(|(count, key)| people(*count, *key)).collect();
        let bins: Vec<usize> =
            (0..cells.len()).filter(|cell| (cell + 1) % every == 0 || cell + 1 == cells.len()).collect();
        let ask = ask(Guard::Distribution { least: 40 }, slots, bins.clone(), None);
        let text = format!("{}", cells[0].1);
        let release = released(&ask, &secret, &rules(5), &text);
        let frame = &release.frames().asks[0][0];
        if let Shown::Value(all) = &frame.valid
            && all.people.0 >= 40
        {
            property(&frame.slots, &exact, all.people.0, &bins);
        } else {
            assert!(frame.slots.iter().all(|slot| *slot == Shown::Suppressed));
        }
        Ok(())
    });
    outcome.unwrap();
}

/// The cumulative count at each told edge.
fn cumulative(slots: &[Shown<ShownSlot>]) -> Vec<(usize, u64)> {
    let mut sum = 0;
    let edge = |(place, slot): (usize, &Shown<ShownSlot>)| {
        let slot = slot.value()?;
        sum += slot.count.people.0;
        Some((place, sum))
    };
    slots.iter().enumerate().filter_map(edge).collect()
}

#[test]
fn the_whole_is_told_as_its_count() {
    check(|slots, _, all, _| assert_eq!(cumulative(slots).last(), Some(&(slots.len() - 1, all))));
}

#[test]
fn a_told_edge_has_risen_enough_and_leaves_enough() {
    check(|slots, _, all, _| {
        let (rise, edges) = (all.div_ceil(64).max(14), cumulative(slots));
        let mut last = 0;
        // The upper tail is what is left.
        for (_, count) in edges.iter().take(edges.len() - 1) {
            assert!(*count >= last + rise, "{last} to {count} of {all}");
            last = *count;
        }
        assert!(last == 0 || all >= last + rise, "{last} of {all}");
    });
}

/// What lies between two told edges is never so few people that a count of them would not be told.
#[test]
fn between_told_edges_are_more_than_k_people() {
    check(|slots, exact, _, _| {
        let mut before = 0;
        for (place, count) in cumulative(slots) {
            let truth: u64 = exact.iter().take(place + 1).sum();
            assert!(truth > before + 5, "{before} to {truth}, told as {count}");
            before = truth;
        }
    });
}

/// A told edge is within the bound of a count, but where the running maximum lifts it over an earlier one.
#[test]
fn a_told_edge_is_within_the_bound_of_a_count() {
    check(|slots, exact, all, _| {
        for (place, count) in cumulative(slots) {
            let truth: u64 = exact.iter().take(place + 1).sum();
            assert!(truth + 8 >= count && count + 8 >= truth, "{truth} told as {count} of {all}");
        }
    });
}

/// An edge counts the same whatever lies above it, as long as the whole has the same statement and told count.
#[test]
fn an_edge_does_not_depend_on_how_people_lie_above_it() {
    let (secret, rules) = (secret(7), rules(5));
    for round in 0..200u64 {
        let cells: Vec<(u64, u64)> =
            (0..20).map(|cell| (5 + (round * 7 + cell * 3) % 11, round * 1_000 + cell)).collect();
        let mut swapped = cells.clone();
        swapped.swap(15, 19);
        let edges = |cells: &[(u64, u64)]| {
            let slots = cells.iter().map(|(count, key)| people(*count, *key)).collect();
            let ask = ask(Guard::Distribution { least: 40 }, slots, vec![4, 9, 14, 19], None);
            cumulative(&released(&ask, &secret, &rules, "all").frames().asks[0][0].slots)
        };
        let bin = |edges: Vec<(usize, u64)>| {
            edges.into_iter().filter(|edge| [4, 9, 14].contains(&edge.0)).collect::<Vec<_>>()
        };
        assert_eq!(bin(edges(&cells)), bin(edges(&swapped)));
    }
}

/// The step of two edges of a distribution cancels in what lies between them, so that rounding alone is left.
#[test]
fn what_lies_between_two_told_edges_is_within_the_rounding_of_both() {
    check(|slots, exact, _, _| {
        let mut before = None;
        for (place, count) in cumulative(slots) {
            let truth: u64 = exact.iter().take(place + 1).sum();
            if let Some((truth_below, below)) = before {
                let (bin, told): (u64, u64) = (truth - truth_below, count - below);
                assert!(bin.abs_diff(told) <= 8, "{bin} told as {told}");
            }
            before = Some((truth, count));
        }
    });
}
