//! What the watch saw of a session.

use coda_disclosure::watch::ALERT;
use coda_ledger::Sighting;

use crate::sites::{each_seed, seeds};

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

/// Runs a session at sites of these sizes, with a few seeds; prints what was seen, and fails when somebody would be alerted.
pub(crate) fn check(name: &str, sizes: &[usize], session: impl AsyncFn(usize, u64) -> Seen + Sync) {
    let mut lines = String::new();
    let mut most = Seen::default();
    for people in sizes.iter().copied() {
        let of_seed = |seed| {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
            runtime.block_on(session(people, seed))
        };
        let seen = each_seed(seeds(4), of_seed);
        let of_size = seen.iter().fold(Seen::default(), |most, seen| most.or(*seen));
        let twins: Vec<u64> = seen.iter().map(|seen| seen.twins).collect();
        lines.push_str(&format!(
            "WATCH\t{name}\t{people} people\t{} twins\t{} near cells\ttwins by seed: {twins:?}\n",
            of_size.twins, of_size.near_cells
        ));
        most = most.or(of_size);
    }
    println!("\n{lines}");
    assert!(most.twins < ALERT && !most.held, "{name}: an honest session has {} twins\n{lines}", most.twins);
}
