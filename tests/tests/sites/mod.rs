//! Sites without a network: from the words of a question to a site's checked answer, by the code that sites run.

pub(crate) mod draws;

use std::{collections::BTreeMap, path::PathBuf, sync::Arc};

use coda_compute::statements::Speaker;
use coda_disclosure::{Query, RuleSet, SiteSecret, release};
use coda_engine::{Need, Tables, execute, needs};
use coda_model::{
    SiteId,
    dictionary::{Dataset, Dictionary, Place},
    frame::{SiteFrames, Tabulated},
    plan::Plan,
    query::parse_file,
};
use rand::{Rng as _, RngExt as _};
use rand_chacha::ChaCha8Rng;
use time::macros::date;

/// A site: a secret, and people in columns of codes.
pub(crate) struct Site {
    pub(crate) id: SiteId,
    secret: SiteSecret,
    columns: BTreeMap<String, Arc<Vec<i32>>>,
    record_keys: Arc<Vec<u64>>,
}

/// What a site lets out, and what it would have let out if nothing were perturbed.
pub(crate) struct Answer {
    pub(crate) frames: SiteFrames,
    pub(crate) raw: Vec<Tabulated>,
}

impl Site {
    /// A site of these people with a secret of its own.
    pub(crate) fn new(place: usize, columns: BTreeMap<String, Vec<i32>>, rng: &mut ChaCha8Rng) -> Self {
        let people = columns.values().next().map_or(0, Vec::len);
        let mut secret = [0; 32];
        rng.fill_bytes(&mut secret);
        // Record keys are an HMAC of pseudonyms: as good as random numbers, and these take less time.
        let record_keys = (0..people).map(|_| rng.random()).collect();
        let columns = columns.into_iter().map(|(name, codes)| (name, Arc::new(codes))).collect();
        let id = SiteId::new(&format!("site{place}")).unwrap();
        Self { id, secret: SiteSecret::new(secret), columns, record_keys: Arc::new(record_keys) }
    }

    /// How many people it has.
    pub(crate) fn people(&self) -> usize {
        self.record_keys.len()
    }

    /// What a plan needs of its people.
    pub(crate) fn tables<'d>(&self, plan: &Plan, dataset: &'d Dataset) -> Tables<'d> {
        let mut tables = Tables::new(dataset, self.record_keys.clone());
        for need in needs(plan, dataset) {
            let Need::Variable(place) = need else { panic!("there is one table") };
            tables.insert(need, self.columns[dataset.variable(place).unwrap().id.as_str()].clone());
        }
        tables
    }

    /// By whom its statements are keyed.
    pub(crate) fn speaker(&self) -> Speaker<'_> {
        Speaker { secret: &self.secret, lineage: &[7; 16], made: date!(2026 - 11 - 30) }
    }

    /// Its answer to a plan, which has passed the hub's checks.
    pub(crate) fn answer(&self, plan: &Plan, dataset: &Dataset, rules: &RuleSet) -> Answer {
        let computed = execute(plan, &self.tables(plan, dataset)).unwrap();
        let statements = self.speaker().statements(plan, dataset);
        let query = Query { cohort: &computed.cohort, asks: &computed.asks, statements: &statements };
        let frames = release(&query, &self.secret, rules).frames().clone();
        coda_stats::verify::verify(plan, &frames).unwrap();
        Answer { frames, raw: computed.asks }
    }
}

/// The plan of a query file over the dictionary's only data set.
pub(crate) fn plan(dictionary: &Dictionary, text: &str) -> Plan {
    let text = format!("dataset = \"{}\"\n{text}", dictionary.datasets[0].id);
    let (query, _) = parse_file(&text).unwrap();
    let plan = Plan::of(&query, dictionary).unwrap_or_else(|error| panic!("{text}: {error}"));
    coda_stats::check(&plan).unwrap_or_else(|error| panic!("{text}: {error}"));
    plan
}

/// The code of a level, a residual one included.
pub(crate) fn code(dictionary: &Dictionary, variable: &str, level: &str) -> i32 {
    let (_, _, found) = dictionary.datasets[0].variables().find(|(_, _, found)| found.id.as_str() == variable).unwrap();
    match &found.kind {
        coda_model::variable::Kind::Categorical(categorical) => categorical.code(level).unwrap(),
        coda_model::variable::Kind::Binary(binary) => binary.code(level).unwrap(),
        other => panic!("{variable} is {}", other.word()),
    }
}

/// The place of a variable of the only table.
pub(crate) fn place(dictionary: &Dictionary, variable: &str) -> Place {
    let mut all = dictionary.datasets[0].variables();
    all.find(|(_, _, found)| found.id.as_str() == variable).unwrap().0
}

/// How many seeds to run: `CODA_SEEDS`, or so many.
pub(crate) fn seeds(usual: u64) -> u64 {
    std::env::var("CODA_SEEDS").ok().and_then(|seeds| seeds.parse().ok()).unwrap_or(usual)
}

/// Work on each seed, on every core; what comes of each, in the order of the seeds.
pub(crate) fn each_seed<T: Send>(seeds: u64, work: impl Fn(u64) -> T + Sync) -> Vec<T> {
    let threads = std::thread::available_parallelism().map_or(1, usize::from) as u64;
    let of = |thread: u64| (thread..seeds).step_by(threads as usize).map(|seed| (seed, work(seed))).collect::<Vec<_>>();
    let of = &of;
    let mut all: Vec<(u64, T)> = std::thread::scope(|scope| {
        let running: Vec<_> = (0..threads).map(|thread| scope.spawn(move || of(thread))).collect();
        running.into_iter().flat_map(|thread| thread.join().unwrap()).collect()
    });
    all.sort_by_key(|(seed, _)| *seed);
    all.into_iter().map(|(_, found)| found).collect()
}

/// A file that lies beside the repository, not in it; says so and gives nothing where it is not there.
pub(crate) fn shared(path: &str) -> Option<String> {
    let beside = || here().join("../../shared");
    let path = std::env::var_os("CODA_SHARED").map_or_else(beside, PathBuf::from).join(path);
    let Ok(text) = std::fs::read_to_string(&path) else {
        let required = std::env::var_os("CODA_REQUIRE_SHARED").is_some_and(|value| value == "1");
        assert!(!required, "CODA_REQUIRE_SHARED=1, and {} cannot be read", path.display());
        println!("LEFT OUT: {} cannot be read; set CODA_SHARED to the folder that has data/tables", path.display());
        return None;
    };
    Some(text)
}

/// This package's folder, as cargo says where the test runs.
pub(crate) fn here() -> PathBuf {
    PathBuf::from(std::env::var_os("CARGO_MANIFEST_DIR").unwrap())
}
