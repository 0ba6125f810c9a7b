//! The watch: which query sets lie so close to each other that their figures, taken together, are about a few people
//! (docs/disclosure.md, section "The watch"). It works after an answer has left, and changes no figure.
//!
//! Worked example. 40 patients have diabetes; 39 have it and are not women born in 1931. The record keys of the two sets add up
//! to the same in 63 of 64 buckets, so the sets are near. They are two whole cohorts under different statements: a twin. Who asks
//! for twenty of them is held.

use crate::set_key::{BUCKETS, Buckets};

/// Sets are near when at most so many buckets differ.
const NEAR: usize = 4;
/// Two sets are compared when the told counts of both are at least this. A suppressed set is not compared.
const FEWEST: u64 = 6;
/// How many groups of buckets a set is found by; near sets agree in one at least.
pub const GROUPS: usize = 5;
/// A pair of distributions is worth so many pairs of counts.
const WEIGHT_OF_DISTRIBUTION: u32 = 3;

/// Twins of a person or a project over its last [`COHORTS`] cohorts at which the privacy auditor is alerted. Set by measurement:
/// honest sessions of the usual seeds have 15 at most (`tests/tests/watch`).
pub const ALERT: u64 = 16;
/// The same, at which new asks are refused until the privacy auditor releases them.
pub const HOLD: u64 = 20;
/// Over so many of the last cohorts twins are counted.
pub const COHORTS: i64 = 100;

/// A query set as the watch keeps it.
#[derive(Clone, PartialEq, Eq)]
pub struct WatchedSet {
    /// Sums of its record keys.
    pub buckets: Buckets,
    /// Told count of its people; 0 where it is suppressed.
    pub told: u64,
    /// Key of its statement.
    pub statement: [u8; 32],
    /// Key of the statement of everybody else.
    pub complement: [u8; 32],
    /// Key of its cohort's statement.
    pub cohort: [u8; 32],
    /// Key of the levels of the axes it is a cell of.
    pub levels: [u8; 32],
    /// Whether it is a whole distribution.
    pub kind: SetKind,
}

/// What is told of a set.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum SetKind {
    /// Counts and sums of people, each of whom is in one cell of an ask.
    Cell,
    /// Counts and sums of rows: a person may have rows in every cell.
    CellOfRows,
    /// A distribution.
    Distribution,
}

/// Two near sets.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Relation {
    /// The same levels of the same axes in two cohorts, or two cohorts themselves.
    Twin {
        /// What it counts.
        weight: u32,
    },
    /// Any other pair.
    NearCell,
}

impl WatchedSet {
    /// How a set stands to one of an earlier ask; `everybody` are the people of the build.
    pub fn relation(&self, earlier: &Self, everybody: &Buckets) -> Option<Relation> {
        let same = self.statement == earlier.statement || self.statement == earlier.complement;
        if same || self.told.min(earlier.told) < FEWEST {
            return None;
        }
        let near = |other: &Buckets| differing(&self.buckets, other) <= NEAR;
        if !near(&earlier.buckets) && !near(&rest(everybody, &earlier.buckets)) {
            return None;
        }
        if self.levels != earlier.levels || self.cohort == earlier.cohort {
            return Some(Relation::NearCell);
        }
        let distributions = [self.kind, earlier.kind] == [SetKind::Distribution; 2];
        Some(Relation::Twin { weight: if distributions { WEIGHT_OF_DISTRIBUTION } else { 1 } })
    }

    /// What sets are found by: near ones have one of these in common.
    pub fn groups(&self) -> [u64; GROUPS] {
        groups(&self.buckets)
    }

    /// The same of everybody else.
    pub fn groups_of_rest(&self, everybody: &Buckets) -> [u64; GROUPS] {
        groups(&rest(everybody, &self.buckets))
    }
}

/// Everybody but a set.
pub fn rest(everybody: &Buckets, set: &Buckets) -> Buckets {
    std::array::from_fn(|place| {
        let of = |buckets: &Buckets| buckets.get(place).copied().unwrap_or_default();
        of(everybody).wrapping_sub(of(set))
    })
}

fn differing(one: &Buckets, other: &Buckets) -> usize {
    one.iter().zip(other).filter(|(one, other)| one != other).count()
}

/// A digest of each fifth of the buckets. Record keys are secret and random, so that a mix of their sums is as good as a keyed
/// digest: equal groups have equal ones, and others but for a chance of 2^-64 have not.
fn groups(buckets: &Buckets) -> [u64; GROUPS] {
    let width = BUCKETS.div_ceil(GROUPS);
    let mut chunks = buckets
        .chunks(width)
        .enumerate()
        .map(|(group, chunk)| chunk.iter().fold(group as u64 + 1, |state, sum| mix(state ^ mix(*sum))));
    std::array::from_fn(|_| chunks.next().unwrap_or_default())
}

/// The finalizer of `SplitMix64` (Steele, Lea and Flood 2014, doi:10.1145/2660193.2660195).
fn mix(state: u64) -> u64 {
    let state = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
    let state = (state ^ (state >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let state = (state ^ (state >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    state ^ (state >> 31)
}

#[cfg(test)]
mod tests;
