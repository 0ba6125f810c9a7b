//! The query sets of an answered query, as the watch keeps and compares them (docs/disclosure.md, section "The watch").

use std::collections::HashSet;

use coda_disclosure::{
    Buckets, RuleSet,
    watch::{SetKind, WatchedSet},
};
use coda_engine::BucketSums;
use coda_model::{
    dictionary::Dataset,
    frame::SetKey,
    plan::{Plan, Unit},
};

use crate::statements::{Said, Speaker};

/// The told sets of the new asks of a plan, each with the number of its ask. `asks` has a number for each new ask of the plan;
/// `rules` are those by which it was answered.
///
/// Where no set of an ask is told, its cells are: who misses a value may be all of them. Where no cell is told, the cohort is.
pub fn sets(
    speaker: &Speaker<'_>,
    rules: &RuleSet,
    plan: &Plan,
    dataset: &Dataset,
    sums: &BucketSums,
    asks: &[Option<i64>],
) -> Vec<(i64, WatchedSet)> {
    let cohort = *speaker.key(&plan.prepared(dataset).statement(&[])).bytes();
    let told = |said: Vec<Said>, sums: &[(Buckets, u64)], kind| -> Vec<WatchedSet> {
        let one = |(said, (buckets, people)): (Said, &(Buckets, u64))| {
            let key = SetKey(buckets.iter().fold(0, |sum, bucket| sum.wrapping_add(*bucket)));
            let told = *rules.told(speaker.secret, *people, key, &said.statement).value()?;
            let (statement, complement) = (*said.statement.bytes(), *said.complement.bytes());
            let levels = *said.levels.bytes();
            Some(WatchedSet { buckets: *buckets, told, statement, complement, cohort, levels, kind })
        };
        said.into_iter().zip(sums).filter_map(one).collect()
    };
    let mut sets = Vec::new();
    let mut known = HashSet::new();
    for (index, (of_ask, ask)) in sums.asks.iter().zip(asks).enumerate() {
        let Some(ask) = ask else { continue };
        let cell = if plan.unit == Unit::People { SetKind::Cell } else { SetKind::CellOfRows };
        let kind = if of_ask.is_distribution { SetKind::Distribution } else { cell };
        let mut own = told(speaker.said(plan, dataset, index), &of_ask.sets, kind);
        if own.is_empty() {
            own = told(speaker.said_of_cells(plan, dataset), &sums.cells, cell);
        }
        if own.is_empty() {
            own = told(vec![speaker.said_of_cohort(plan, dataset)], &[sums.cohort], SetKind::Cell);
        }
        // Several asks of a query are about the same sets; a distribution weighs more than a count.
        let new = own.into_iter().filter(|set| known.insert((set.statement, set.buckets, set.kind)));
        sets.extend(new.map(|set| (*ask, set)));
    }
    sets
}
