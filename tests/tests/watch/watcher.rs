//! A site with a ledger, whose watch looks at every query.

use coda_compute::watched;
use coda_disclosure::RuleSet;
use coda_engine::Study;
use coda_ledger::{Counted, Ledger, LineageId, NewAsk, NewAsks, Nonce, NotCounted, Options, Watched};
use coda_model::{UserId, dictionary::Dictionary, estimate::Limits, threshold::Threshold};
use coda_pki::sha256;
use tempfile::TempDir;

use crate::{
    seen::Seen,
    sites::{Site, plan},
};

/// A moment in 2026, in seconds since 1970. All is asked at once: the watch knows no time.
const NOW: i64 = 1_790_000_000;
/// The watch is looked at alone, so that no limit of R15 ends a session.
const AMPLE: Limits = Limits { asks_left: 1_000_000, cohorts_left: 1_000_000, asks_left_today: 1_000_000 };

/// A site that is asked by one person for one project.
pub(crate) struct Watcher<'w> {
    site: &'w Site,
    dictionary: &'w Dictionary,
    ledger: Ledger,
    lineage: LineageId,
    /// How often it was asked, for nonces.
    asked: u128,
    /// What was seen of the person's questions so far.
    pub(crate) seen: Seen,
    _folder: TempDir,
}

impl<'w> Watcher<'w> {
    /// A site that was never asked.
    pub(crate) async fn of(site: &'w Site, dictionary: &'w Dictionary) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let ledger = Ledger::open(&folder.path().join("ledger.sqlite"), Options::default()).await.unwrap();
        let lineage = ledger.lineage(&dictionary.datasets[0].id, [7; 16]).await.unwrap();
        Self { site, dictionary, ledger, lineage, asked: 0, seen: Seen::default(), _folder: folder }
    }

    /// Asks, and lets the watch look at the new asks, as the computation node does after an answer has left. Says how many people
    /// the first query set has.
    pub(crate) async fn ask(&mut self, query: &str) -> Result<u64, NotCounted> {
        let (plan, dataset) = (plan(self.dictionary, query), &self.dictionary.datasets[0]);
        let cohort = sha256(plan.cohort_text(dataset).as_bytes());
        let ask = |ask| NewAsk { ask: sha256(plan.ask_text(dataset, ask).as_bytes()), cohort };
        let (user, project) = (UserId::new("ana").unwrap(), "p".to_owned());
        let asks = (0..plan.asks.len()).map(ask).collect();
        self.asked += 1;
        let nonce = Nonce { bytes: u128::to_le_bytes(self.asked), until: NOW + 300 };
        let new =
            NewAsks { lineage: self.lineage, user: user.clone(), project: project.clone(), time: NOW, nonce, asks };
        let Counted { new, .. } = self.ledger.count(&new, &AMPLE).await.unwrap()?;
        let tables = self.site.tables(&plan, dataset);
        let sums = Study::of(&plan, &tables).unwrap().bucket_sums(&tables).unwrap();
        let rules = RuleSet::perturbed(Threshold::default());
        let sets = watched::sets(&self.site.speaker(), &rules, &plan, dataset, &sums, &new);
        let lineage = self.lineage;
        let watched = Watched { lineage, user, project, time: NOW, sets, everybody: &sums.everybody };
        for sighting in self.ledger.watch(&watched).await.unwrap() {
            self.seen.add(&sighting);
        }
        Ok(sums.asks[0].sets[0].1)
    }

    /// Asks these, until the person is held.
    pub(crate) async fn ask_all(mut self, queries: impl IntoIterator<Item = String>) -> Seen {
        for query in queries {
            if self.ask(&query).await.is_err() {
                break;
            }
        }
        self.seen
    }
}
