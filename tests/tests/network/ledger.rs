//! What a site has told is kept before it is told: by many at once, on a ledger that is damaged, and when the clock goes back.

use std::{
    fs, io,
    path::PathBuf,
    sync::{Arc, Mutex},
};

use coda_model::{frame::Shown, query::Query};
use coda_runtime::ManualClock;
use coda_testkit::{Options, SiteData, SiteOptions};
use coda_wire::{
    envelope::Envelope,
    frames, token,
    v1::{self, SiteAnswer},
};
use time::Duration;
use tonic::{Code, Status};
use tracing::subscriber::DefaultGuard;
use tracing_subscriber::{Layer as _, filter::LevelFilter, fmt::MakeWriter, layer::SubscriberExt as _};

use crate::{
    signing::{Signers, request, signed},
    world::{RESEARCHER, With as _, World, files, of, site, user},
};

/// A hundred people, told apart by their place.
const DICTIONARY: &str = r#"
version = "1"
title = "A row of people"
[dataset.ward]
people = "patient"
[dataset.ward.table.patient]
rows = "one"
person = "id"
[dataset.ward.table.patient.variable]
place = { type = "continuous", unit = "1", lower = 0, upper = 99, resolution = 1, bounded = true, missing = "never" }
ill = { type = "binary", missing = "never" }
"#;
/// Budgets end nothing before what is tested does.
const POLICY: &str = "rank_budget = 100\nrank_budget_user = 100\nrequests_per_day = 10000\ncohorts_per_day = 10000\n";
const OTHER: &str = "ben@south.example";
/// What whoever asks is told when a ledger does not help, whatever is the matter with it.
const TOLD: &str = "the site cannot answer now; its administrator finds the reason in its log";

async fn world(clock: Arc<ManualClock>) -> World {
    let mut csv = "id,place,ill\n".to_owned();
    csv.extend((0..100).map(|n| format!("p{n},{n},{}\n", if n % 3 == 0 { "yes" } else { "no" })));
    let data = SiteData::Tables(vec![("patient".to_owned(), csv)]);
    let row = SiteOptions { policy: Some(POLICY.to_owned()), ..SiteOptions::new(site("row"), data) };
    let world = World::start_with(DICTIONARY, vec![row], |options| Options { clock, ..options }).await;
    world.network.name_researcher(&user(OTHER), &world.sites).await.unwrap();
    world
}

fn noon() -> Arc<ManualClock> {
    Arc::new(ManualClock::new(time::macros::datetime!(2026-03-01 12:00 UTC)))
}

/// What the site answers somebody; `number` keeps two questions of one instant apart.
async fn answered(world: &World, who: &str, query: &Query) -> Result<SiteAnswer, Status> {
    let mut signers = Signers::of(world);
    let asker = user(who);
    if who != RESEARCHER {
        signers.ana = world.network.credentials(&coda_model::Identity::User(asker.clone())).unwrap();
    }
    let envelope = Envelope { user: asker.clone(), ..signers.envelope(query, "row") };
    let claims = coda_policy::Claims { user: asker, ..signers.claims("row") };
    let token = signed(token::encode(&claims), &signers.auth);
    signers.send(&site("row"), request(signers.signed_by_ana(&envelope), token)).await
}

fn total(answer: &SiteAnswer) -> Option<u64> {
    match frames::decode(answer.frames.clone().unwrap()).unwrap().total {
        Shown::Value(count) => Some(count.people.0),
        Shown::Withheld => None,
    }
}

/// All that left: what the site said of its terms is the asker's own.
fn told(answer: SiteAnswer) -> v1::SiteFrames {
    answer.frames.unwrap()
}

/// The people from `from` on but for one.
fn all_but(from: u32, one: u32) -> Query {
    of(&["count", "mean:place", "marginals:ill"])
        .whose(&format!("place >= {from} and not (place >= {one} and place < {})", one + 1))
}

/// What is logged by this thread, on which all of a network runs in a test of one thread.
#[derive(Clone, Default)]
struct Log(Arc<Mutex<Vec<u8>>>);

impl Log {
    fn listen() -> (Self, DefaultGuard) {
        let log = Self::default();
        let lines =
            tracing_subscriber::fmt::layer().with_writer(log.clone()).with_ansi(false).with_filter(LevelFilter::WARN);
        (log, tracing::subscriber::set_default(tracing_subscriber::registry().with(lines)))
    }

    fn text(&self) -> String {
        String::from_utf8_lossy(&self.0.lock().unwrap()).into_owned()
    }
}

impl<'a> MakeWriter<'a> for Log {
    type Writer = Self;

    fn make_writer(&'a self) -> Self {
        self.clone()
    }
}

impl io::Write for Log {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// The reasons of the refusals that are on record at the site.
fn reasons(world: &World) -> String {
    files(world.folder.path(), "compute-audit.jsonl").into_iter().map(|(_, text)| text).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn two_who_ask_at_once_about_all_but_one_are_told_of_one_set() {
    let world = Arc::new(world(noon()).await);
    let ask = |number: u32| {
        let world = world.clone();
        let who = if number.is_multiple_of(2) { RESEARCHER } else { OTHER };
        tokio::spawn(async move { answered(&world, who, &all_but(40, 45 + number)).await })
    };
    // Sixty people, each time less another one.
    let asked: Vec<_> = (0..40).map(ask).collect();
    let mut all = Vec::new();
    for answer in asked {
        all.push(told(answer.await.unwrap().unwrap()));
    }
    assert!(all.iter().all(|answer| *answer == all[0]), "all are answered for whoever was first");
    let whole =
        answered(&world, OTHER, &of(&["count", "mean:place", "marginals:ill"]).whose("place >= 40")).await.unwrap();
    assert_eq!((total(&whole), told(whole)), (Some(59), all[0].clone()), "and so is everybody");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_same_question_at_once_is_told_and_charged_once() {
    let world = Arc::new(world(noon()).await);
    let ask = |_| {
        let world = world.clone();
        tokio::spawn(async move { answered(&world, RESEARCHER, &all_but(20, 60)).await })
    };
    let asked: Vec<_> = (0..40).map(ask).collect();
    let mut all = Vec::new();
    for answer in asked {
        all.push(answer.await.unwrap().unwrap());
    }
    let spent = |answer: &SiteAnswer| answer.terms.as_ref().unwrap().budget.as_ref().unwrap().spent;
    let (least, most) = (all.iter().map(spent).min().unwrap(), all.iter().map(spent).max().unwrap());
    assert_eq!(least, most, "it costs once");
    assert!(all.iter().all(|answer| answer.frames == all[0].frames));
}

fn ledger_files(world: &World) -> Vec<PathBuf> {
    ["ledger.db", "ledger.db-wal"].map(|name| world.path("sites/row").join(name)).to_vec()
}

/// Asserts that a question is refused with the constant, and that nothing is said of why but in the log and the record.
async fn refused(world: &World, query: &Query) {
    let status = answered(world, RESEARCHER, query).await.unwrap_err();
    assert_eq!((status.code(), status.message()), (Code::Internal, TOLD));
    assert!(status.details().is_empty(), "{status:?}");
}

#[tokio::test]
async fn a_ledger_that_is_damaged_while_the_site_runs_lets_nothing_out() {
    for damage in [Damage::Overwritten, Damage::Cut, Damage::Gone] {
        let (log, _listening) = Log::listen();
        let world = world(noon()).await;
        let before = answered(&world, RESEARCHER, &all_but(10, 50)).await.unwrap();
        assert_eq!(total(&before), Some(89));
        assert!(!log.text().contains("ERROR"), "{}", log.text());
        damage.apply(&world);
        for from in [10, 30, 50, 70] {
            refused(&world, &all_but(from, 80)).await;
        }
        // What was told before is not told from memory either.
        refused(&world, &all_but(10, 50)).await;
        let said = log.text();
        let errors: Vec<&str> = said.lines().filter(|line| line.contains("ERROR")).collect();
        assert!(errors.len() >= 5, "{damage:?}: {said}");
        for line in errors {
            let clear = line.contains("the ledger") && line.contains("ledger.db") && line.contains("backup")
                || line.contains("see to its disk");
            assert!(clear, "{damage:?}: {line}");
        }
        assert!(reasons(&world).matches("\"reason\":\"ledger\"").count() >= 5, "{}", reasons(&world));
    }
}

#[derive(Debug, Clone, Copy)]
enum Damage {
    /// Every byte is another.
    Overwritten,
    /// Half of the file.
    Cut,
    /// No bytes are left.
    Gone,
}

impl Damage {
    fn apply(self, world: &World) {
        for path in ledger_files(world) {
            let length = fs::metadata(&path).map_or(0, |about| about.len());
            match self {
                Self::Overwritten => fs::write(&path, vec![0xa5; length as usize]).unwrap(),
                Self::Cut => fs::File::options().write(true).open(&path).unwrap().set_len(length / 2).unwrap(),
                Self::Gone => fs::File::options().write(true).open(&path).unwrap().set_len(0).unwrap(),
            }
        }
    }
}

#[tokio::test]
async fn a_clock_that_goes_back_stops_the_site_until_it_is_right() {
    let (log, _listening) = Log::listen();
    let clock = noon();
    let world = world(clock.clone()).await;
    clock.advance(Duration::hours(2));
    let before = answered(&world, RESEARCHER, &all_but(10, 50)).await.unwrap();
    // Two requests may come in another order than their times.
    clock.advance(Duration::seconds(-30));
    answered(&world, RESEARCHER, &all_but(10, 50)).await.unwrap();

    clock.advance(Duration::hours(-1));
    for query in [all_but(10, 50), all_but(30, 50)] {
        refused(&world, &query).await;
    }
    let said = log.text();
    let errors: Vec<&str> = said.lines().filter(|line| line.contains("ERROR")).collect();
    assert_eq!(errors.len(), 2, "{said}");
    for line in errors {
        assert!(line.contains("the clock says 2026-03-01T12:59:30Z"), "{line}");
        assert!(line.contains("was written at 2026-03-01T14:00:00Z") && line.contains("Correct the clock"), "{line}");
    }

    clock.advance(Duration::hours(1));
    let after = answered(&world, RESEARCHER, &all_but(10, 50)).await.unwrap();
    assert_eq!(after.frames, before.frames);
    assert!(total(&answered(&world, RESEARCHER, &all_but(30, 50)).await.unwrap()).is_some());
}
