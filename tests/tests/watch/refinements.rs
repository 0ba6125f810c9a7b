//! Refinements: a researcher narrows, widens and changes the criteria of a cohort, one at a time.
//!
//! In a cohort of 20 to 50 people, and in the tail of a criterion, one step of the grid moves four people or fewer: these are twins
//! by definition, and the levels of alert and hold leave room for them. With 20 seeds, were nobody held,
//! 5 sessions of 200 refinements at 300 people would be alerted (19 to 33 twins), and 8 of the 60 of refinements by outcome (16 to 18).

use std::collections::BTreeMap;

use coda_model::dictionary::Dictionary;
use rand::{RngExt as _, SeedableRng as _};
use rand_chacha::ChaCha8Rng;

use crate::{
    clinic,
    seen::{self, Seen},
    sites::Site,
    watcher::Watcher,
};

/// Criteria at most at once, as a query takes them.
const MOST: usize = 4;
/// Whoever reads a smaller count takes the last change back.
const TOO_FEW: u64 = 20;
/// How often a criterion that is in is left out again.
const DROPPED: f64 = 0.3;

/// Criteria that go by one step of the public grid at a time: the first value, the step, how many there are, and at which of
/// them a criterion comes in, as somebody would choose who wants to divide people by it.
const STEPWISE: [(&str, i32, i32, usize, [usize; 2]); 4] = [
    ("age >=", 20, 5, 14, [6, 9]),
    ("age <", 95, -5, 10, [3, 6]),
    ("stay >=", 2, 2, 10, [1, 3]),
    ("crp >=", 20, 20, 12, [1, 4]),
];
/// Criteria that choose levels.
#[rustfmt::skip]
const AMONG: [(&str, &[&str]); 5] = [
    ("sex", &["female", "male"]), ("unit", &["ward, emergency", "icu, emergency", "ward"]), ("smoking", &["never", "former, current"]),
    ("diabetes", &["no", "yes"]), ("hypertension", &["no", "yes"]),
];

/// A cohort: the criteria that are in, each with its place among the values it may have.
#[derive(Clone, Default)]
struct Cohort(BTreeMap<usize, usize>);

impl Cohort {
    fn values(criterion: usize) -> usize {
        STEPWISE.get(criterion).map_or_else(|| AMONG[criterion - STEPWISE.len()].1.len(), |stepwise| stepwise.3)
    }

    /// This cohort with one criterion changed: narrowed or widened by a step, changed, left out or put in.
    fn refined(&self, rng: &mut ChaCha8Rng) -> Self {
        let mut refined = self.clone();
        let criterion = rng.random_range(0..STEPWISE.len() + AMONG.len());
        let values = Self::values(criterion);
        match self.0.get(&criterion) {
            Some(_) if rng.random::<f64>() < DROPPED => drop(refined.0.remove(&criterion)),
            Some(place) if criterion < STEPWISE.len() => {
                let next = if rng.random() { place + 1 } else { place.wrapping_sub(1) };
                refined.0.insert(criterion, if next < values { next } else { *place });
            }
            Some(place) => drop(refined.0.insert(criterion, (place + 1) % values)),
            None if self.0.len() < MOST => {
                let [first, last] = STEPWISE.get(criterion).map_or([0, values - 1], |stepwise| stepwise.4);
                refined.0.insert(criterion, rng.random_range(first..=last));
            }
            None => {}
        }
        refined
    }

    fn text(&self) -> String {
        let criterion = |(criterion, place): (&usize, &usize)| {
            if let Some((what, first, step, ..)) = STEPWISE.get(*criterion) {
                format!("{what} {}", first + step * *place as i32)
            } else {
                let (name, levels) = AMONG[criterion - STEPWISE.len()];
                format!("{name} in ({})", levels[*place])
            }
        };
        self.0.iter().map(criterion).collect::<Vec<_>>().join(" and ")
    }
}

/// A session of so many refinements, each a query of these statistics. It ends where the person is held.
async fn session(site: &Site, dictionary: &Dictionary, refinements: usize, of: &str, rng: &mut ChaCha8Rng) -> Seen {
    let mut watcher = Watcher::of(site, dictionary).await;
    let mut cohort = Cohort::default();
    for _ in 0..refinements {
        let mut refined = cohort.refined(rng);
        while refined.0 == cohort.0 || refined.0.is_empty() {
            refined = cohort.refined(rng);
        }
        let Ok(people) = watcher.ask(&format!("where = '{}'\n{of}", refined.text())).await else { break };
        if people >= TOO_FEW {
            cohort = refined;
        }
    }
    watcher.seen
}

const COUNT: &str = "of = ['count']";
const BY_OUTCOME: &str = "of = ['count']\nby = ['outcome']";

fn check(refinements: usize, of: &str) {
    let name = format!("{refinements} refinements, {}", if of == COUNT { "counts" } else { "by outcome" });
    seen::check(&name, async |people, seed| {
        let (dictionary, site) = (clinic::dictionary(), clinic::site(people, seed));
        let mut rng = ChaCha8Rng::seed_from_u64(1_000 + seed);
        session(&site, &dictionary, refinements, of, &mut rng).await
    });
}

#[test]
fn sixty_refinements_are_left_alone() {
    check(60, COUNT);
}

#[test]
fn two_hundred_refinements_are_left_alone() {
    check(200, COUNT);
}

#[test]
fn sixty_refinements_by_outcome_are_left_alone() {
    check(60, BY_OUTCOME);
}
