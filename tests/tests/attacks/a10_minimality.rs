//! 10. Minimality
//!
//! Learns: a small count, from which large one is withheld beside it: were it the smallest that is large enough, it
//! would be no more than the smallest that is shown, and the rest is small's.
//! Against: which is withheld follows a keyed order and no count (1.4)

use coda_disclosure::{
    Defences,
    suppress::{Cell, Weight, pattern},
};

use crate::bench::{Bench, Reply, of, patients::patients};

const LEAST: u64 = 5;
const TABLES: usize = 200;
/// Fillings of what is withheld that an attacker tries for each number.
const TRIES: usize = 400;

/// Which cells leave.
type Rule<'r> = &'r dyn Fn(&[u64]) -> Vec<bool>;

/// The rule of the site, in an order that its secret gives.
fn keyed(secret: u64) -> impl Fn(&[u64]) -> Vec<bool> {
    move |counts| {
        let cell = |people: &u64| Cell { people: *people, weight: if *people < LEAST { Weight::Small } else { Weight::Free } };
        let cells: Vec<Cell> = counts.iter().map(cell).collect();
        pattern(&[cells.len()], &cells, LEAST, &|place| mixed(secret ^ place as u64))
    }
}

/// The rule that everybody thinks of first: beside the small ones the smallest that is large enough.
fn smallest(counts: &[u64]) -> Vec<bool> {
    let mut out: Vec<bool> = counts.iter().map(|count| *count >= LEAST).collect();
    let large = (0..counts.len()).filter(|place| out[*place]).min_by_key(|place| counts[*place]);
    if let (Some(place), false) = (large, out.iter().all(|out| *out)) {
        out[place] = false;
    }
    out
}

fn mixed(value: u64) -> u64 {
    // Steele, Lea and Flood 2014, the finisher of SplitMix64 (doi:10.1145/2660193.2660195).
    let value = (value ^ (value >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9).wrapping_add(0x9e37_79b9_7f4a_7c15);
    let value = (value ^ (value >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    value ^ (value >> 31)
}

/// What a small cell may be, for one who knows the rule, its order, the shown cells and the total: the numbers under the threshold
/// for which some filling of what is withheld would have shown the same.
fn posterior(counts: &[u64], rule: Rule<'_>, small: usize, draw: &mut impl FnMut(u64) -> u64) -> Vec<u64> {
    let out = rule(counts);
    let withheld: Vec<usize> = (0..counts.len()).filter(|place| !out[*place]).collect();
    let rest: u64 = withheld.iter().map(|place| counts[*place]).sum();
    let mut possible = |number: u64| {
        (0..TRIES).any(|_| {
            let mut world = counts.to_vec();
            world[small] = number;
            let mut left = rest.checked_sub(number);
            // The last of the others takes what is left.
            let others: Vec<usize> = withheld.iter().copied().filter(|place| *place != small).collect();
            let turn = draw(others.len().max(1) as u64) as usize;
            for (nth, place) in others.iter().cycle().skip(turn).take(others.len()).enumerate() {
                let Some(now) = left else { return false };
                let is_large = counts[*place] >= LEAST;
                let most = if is_large { now } else { now.min(LEAST - 1) };
                world[*place] = if nth + 1 == others.len() { now } else { draw(most + 1) };
                left = now.checked_sub(world[*place]);
            }
            left == Some(0) && rule(&world) == out
        })
    };
    (0..LEAST).filter(|number| possible(*number)).collect()
}

fn draws() -> impl FnMut(u64) -> u64 {
    let mut state = 11_u64;
    move |below| {
        state = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
        (mixed(state) >> 11) % below
    }
}

/// A table of three to eight cells, some of which are small.
fn table(draw: &mut impl FnMut(u64) -> u64) -> Vec<u64> {
    let cells = 3 + draw(6) as usize;
    (0..cells).map(|_| if draw(3) == 0 { draw(LEAST) } else { LEAST + draw(12) }).collect()
}

#[test]
fn is_defended() {
    let mut draw = draws();
    for number in 0..TABLES {
        let (counts, rule) = (table(&mut draw), keyed(number as u64));
        if counts.iter().all(|count| *count < LEAST) {
            continue;
        }
        for small in (0..counts.len()).filter(|place| counts[*place] < LEAST) {
            let found = posterior(&counts, &rule, small, &mut draw);
            assert_eq!(found, [0, 1, 2, 3, 4], "{counts:?}, place {small}");
        }
    }
}

/// Nine people in two studies, in every way that leaves one of them small: what is on the wire is the same.
#[tokio::test(flavor = "multi_thread")]
async fn is_defended_on_the_wire() {
    let mut replies: Vec<Reply> = Vec::new();
    for four in 0..5 {
        // The order is secret, another in each network: of the two large levels the same one is to be withheld.
        loop {
            let mut people = patients("a");
            people[10..19].iter_mut().enumerate().for_each(|(place, patient)| {
                patient.study = if place < four { "g4" } else { "g5" };
            });
            let bench = Bench::twin(people, Defences::default()).await;
            let reply = bench.wire(&of(&["marginals:study"])).await;
            if reply.people(3).is_some() {
                replies.push(reply);
                break;
            }
        }
    }
    assert!(replies.iter().all(|reply| reply.is_like(&replies[0])), "none to four");
}

#[test]
fn works_undefended() {
    let found = posterior(&[4, 5, 6, 20], &smallest, 0, &mut draws());
    assert_eq!(found, [3, 4], "9 are left, and the large one is no more than 6");
}
