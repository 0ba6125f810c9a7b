use rand::{RngExt, SeedableRng, seq::SliceRandom};
use rand_chacha::ChaCha20Rng;

use super::*;
use crate::bucket;

fn buckets(keys: &[u64]) -> Buckets {
    let mut sums = [0u64; BUCKETS];
    for key in keys {
        sums[bucket(*key)] = sums[bucket(*key)].wrapping_add(*key);
    }
    sums
}

fn set(keys: &[u64], statement: u8) -> WatchedSet {
    WatchedSet {
        buckets: buckets(keys),
        told: keys.len() as u64,
        statement: [statement; 32],
        complement: [statement + 100; 32],
        cohort: [statement; 32],
        levels: [0; 32],
        kind: SetKind::Cell,
    }
}

fn people(n: usize, seed: u64) -> Vec<u64> {
    let mut random = ChaCha20Rng::seed_from_u64(seed);
    (0..n).map(|_| random.random()).collect()
}

/// Near is almost always no more than five people apart (docs/disclosure.md): 15 % at five, 1.5 at six, 0.01 at eight.
#[test]
fn how_far_apart_near_sets_are() {
    let mut random = ChaCha20Rng::seed_from_u64(1);
    let all = people(2000, 2);
    for (apart, least, most) in
        [(0, 1.0, 1.0), (1, 1.0, 1.0), (4, 1.0, 1.0), (5, 0.10, 0.21), (6, 0.005, 0.03), (8, 0.0, 0.002)]
    {
        let (mut near, tries) = (0, 4000);
        for _ in 0..tries {
            let mut chosen = all.clone();
            chosen.shuffle(&mut random);
            let (a, b) = (&chosen[..400], &chosen[apart..400]);
            near += usize::from(set(a, 1).relation(&set(b, 2), &buckets(&all)).is_some());
        }
        let share = near as f64 / f64::from(tries);
        assert!((least..=most).contains(&share), "{apart} apart: {share}");
    }
}

#[test]
fn near_sets_are_found_by_a_group_and_far_ones_are_not() {
    let mut random = ChaCha20Rng::seed_from_u64(3);
    let all = people(1000, 4);
    for _ in 0..500 {
        let mut chosen = all.clone();
        chosen.shuffle(&mut random);
        let (a, b) = (set(&chosen[..300], 1), set(&chosen[3..300], 2));
        assert!(a.groups().iter().zip(b.groups()).any(|(a, b)| *a == b));
        let everybody = buckets(&all);
        let other = set(&chosen[303..], 3);
        assert!(a.groups_of_rest(&everybody).iter().zip(other.groups()).any(|(a, b)| *a == b), "complements");
        assert!(a.relation(&other, &everybody).is_some());
        let far = set(&chosen[500..], 4);
        assert!(a.relation(&far, &everybody).is_none());
        assert!(!a.groups().iter().zip(far.groups()).any(|(a, b)| *a == b));
    }
}

#[test]
fn twins_are_the_same_cell_of_two_cohorts() {
    let all = people(200, 5);
    let everybody = buckets(&all);
    let (a, mut b) = (set(&all[..50], 1), set(&all[1..50], 2));
    assert_eq!(a.relation(&b, &everybody), Some(Relation::Twin { weight: 1 }));
    b.levels = [9; 32];
    assert_eq!(a.relation(&b, &everybody), Some(Relation::NearCell));
    let same = WatchedSet { statement: [1; 32], ..b.clone() };
    assert_eq!(a.relation(&same, &everybody), None, "one statement about two builds");
    let complement = WatchedSet { complement: [1; 32], ..b };
    assert_eq!(a.relation(&complement, &everybody), None, "complements by their words");
    let (told, suppressed) = (set(&all[..10], 1), WatchedSet { told: 0, ..set(&all[..9], 2) });
    assert_eq!(told.relation(&suppressed, &everybody), None, "one of them is suppressed");
    assert_eq!(suppressed.relation(&told, &everybody), None, "one of them is suppressed");
}
