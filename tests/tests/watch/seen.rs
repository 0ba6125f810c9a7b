//! What the watch saw of a session.

use coda_disclosure::watch::ALERT;
use coda_ledger::Sighting;

use crate::sites::{each_seed, seeds};

/// Seeds of a usual run.
const USUAL: u64 = 4;

/// People of the sites at which honest sessions are run.
pub(crate) const SIZES: [usize; 3] = [300, 1_000, 5_000];

/// The most that was counted for the person or the project at any moment of a session.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Seen {
    pub(crate) twins: u64,
    pub(crate) near_cells: u64,
    pub(crate) held: bool,
}

impl Seen {
    pub(crate) fn add(&mut self, sighting: &Sighting) {
        self.twins = self.twins.max(sighting.twins);
        self.near_cells = self.near_cells.max(sighting.near_cells);
        self.held |= sighting.held;
    }

    fn or(self, other: Self) -> Self {
        let Self { twins, near_cells, held } = other;
        Self { twins: self.twins.max(twins), near_cells: self.near_cells.max(near_cells), held: self.held || held }
    }
}

/// Runs a session at sites of each size, with a few seeds; prints what was seen, and fails when one is alerted.
pub(crate) fn check(name: &str, session: impl AsyncFn(usize, u64) -> Seen + Sync) {
    let mut alerted = 0;
    for people in SIZES {
        let of_seed = |seed| {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
            runtime.block_on(session(people, seed))
        };
        let seen = each_seed(seeds(USUAL), of_seed);
        let Seen { twins, near_cells, .. } = seen.iter().fold(Seen::default(), |most, seen| most.or(*seen));
        let of_each: Vec<u64> = seen.iter().map(|seen| seen.twins).collect();
        println!(
            "\nWATCH\t{name}\t{people} people\t{twins} twins\t{near_cells} near cells\ttwins by seed: {of_each:?}"
        );
        alerted += seen.iter().filter(|seen| seen.twins >= ALERT || seen.held).count();
    }
    assert_eq!(alerted, 0, "{name}: so many honest sessions are alerted");
}
