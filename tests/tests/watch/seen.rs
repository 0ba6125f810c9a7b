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

/// Runs a session at sites of these sizes, with a few seeds; prints what was seen, and fails when more sessions are alerted than are
/// known to be, with the usual seeds; and when none is where some are known, so that nobody forgets to say so.
pub(crate) fn check(name: &str, sizes: &[usize], known: usize, session: impl AsyncFn(usize, u64) -> Seen + Sync) {
    let alerted = alerted(name, sizes, session);
    assert_eq!(alerted == 0, known == 0, "{name}: {alerted} honest sessions are alerted, {known} are known to be");
    let is_usual = seeds(USUAL) == USUAL;
    assert!(!is_usual || alerted <= known, "{name}: {alerted} honest sessions are alerted, {known} were before");
}

/// How many sessions are alerted.
fn alerted(name: &str, sizes: &[usize], session: impl AsyncFn(usize, u64) -> Seen + Sync) -> usize {
    let mut alerted = 0;
    for people in sizes.iter().copied() {
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
    alerted
}
