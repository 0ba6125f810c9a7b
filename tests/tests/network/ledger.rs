//! What a site counts before it answers: limits, the watch, a ledger that is damaged, and a clock that goes back.

use std::{
    fs, io,
    path::PathBuf,
    sync::{Arc, Mutex},
};

use coda_ledger::Ledger;
use coda_model::{
    estimate::{Limits, SiteStatus},
    frame::Shown,
    query::Query,
};
use coda_runtime::ManualClock;
use coda_testkit::{Options, SiteData, SiteOptions};
use coda_wire::{
    envelope::Envelope,
    frames, receipt, token,
    v1::{self, SiteAnswer},
};
use prost::Message as _;
use time::Duration;
use tonic::{Code, Status};
use tracing::subscriber::DefaultGuard;
use tracing_subscriber::{Layer as _, filter::LevelFilter, fmt::MakeWriter, layer::SubscriberExt as _};

use crate::{
    played::eventually,
    signing::{Signers, request, signed},
    world::{RESEARCHER, With as _, World, count, files, network, of, outcome, site, user},
};

/// People told apart by their place.
const DICTIONARY: &str = r#"
version = "1"
title = "A row of people"
[dataset.ward]
people = "patient"
[dataset.ward.table.patient]
rows = "one"
person = "id"
[dataset.ward.table.patient.variable]
place = { type = "continuous", unit = "1", lower = 0, upper = 299, resolution = 1, missing = "never", cuts = { step = 1 } }
ill = { type = "binary", missing = "never" }
"#;
const PEOPLE: u32 = 300;
const OTHER: &str = "ben@north.example";
/// What whoever asks is told when a ledger fails, whatever is the matter with it.
const TOLD: &str = "the site cannot answer now; its administrator finds the reason in its log";

async fn world(clock: Arc<ManualClock>) -> World {
    world_with(clock, "").await
}

async fn world_with(clock: Arc<ManualClock>, policy: &str) -> World {
    let row = SiteOptions { policy: Some(policy.to_owned()), ..row("row", PEOPLE) };
    let world = World::start_with(DICTIONARY, vec![row], |options| Options { clock, ..options }).await;
    world.network.name_researcher(&user(OTHER), &world.sites).await.unwrap();
    world
}

/// A site with so many people in a row.
fn row(name: &str, people: u32) -> SiteOptions {
    let mut csv = "id,place,ill\n".to_owned();
    csv.extend((0..people).map(|n| format!("p{n},{n},{}\n", if n % 3 == 0 { "yes" } else { "no" })));
    SiteOptions::new(site(name), SiteData::Tables(vec![("patient".to_owned(), csv)]))
}

fn noon() -> Arc<ManualClock> {
    Arc::new(ManualClock::new(time::macros::datetime!(2026-03-01 12:00 UTC)))
}

/// What the site answers somebody.
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
    match frames::decode(told(answer)).unwrap().total {
        Shown::Value(count) => Some(count.people.0),
        Shown::Suppressed => None,
    }
}

/// All that left: what the site said of its limits is the asker's own.
fn told(answer: &SiteAnswer) -> v1::SiteFrames {
    v1::SiteFrames::decode(answer.release.as_slice()).unwrap()
}

fn limits(answer: &SiteAnswer) -> Limits {
    receipt::decode(&answer.receipt.as_ref().unwrap().content).unwrap().terms.limits
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

/// Nothing but who the people are and how it was asked decides a figure: not who asks, what was asked before, or when.
#[tokio::test(flavor = "multi_thread")]
async fn a_figure_depends_on_nothing_that_was_asked_before() {
    let queries: Vec<Query> = (0..12).map(|number| all_but(12 * number, 150 + 7 * number)).collect();
    let forwards = world(noon()).await;
    let mut first = Vec::new();
    for query in &queries {
        first.push(told(&answered(&forwards, RESEARCHER, query).await.unwrap()));
    }
    // Again, backwards, by somebody else.
    for (query, before) in queries.iter().zip(&first).rev() {
        assert_eq!(told(&answered(&forwards, OTHER, query).await.unwrap()), *before);
    }
    // Said otherwise it is the same statement.
    let otherwise =
        of(&["count", "mean:place", "marginals:ill"]).whose("place >= 0 and (place < 150 or not place < 151)");
    assert_eq!(told(&answered(&forwards, OTHER, &otherwise).await.unwrap()), first[0]);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_same_question_at_once_is_counted_once() {
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
    assert!(all.iter().all(|answer| answer.release == all[0].release));
    let expected = Limits { asks_left: 997, cohorts_left: 99, asks_left_today: 297 };
    assert!(all.iter().all(|answer| limits(answer) == expected));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_limit_that_is_reached_refuses_new_asks_and_no_others() {
    let world = world_with(noon(), "asks_per_project = 6\n").await;
    for number in 0..2 {
        answered(&world, RESEARCHER, &all_but(10, 50 + number)).await.unwrap();
    }
    let refused = answered(&world, RESEARCHER, &all_but(10, 60)).await.unwrap_err();
    assert_eq!(refused.code(), Code::ResourceExhausted);
    assert!(refused.message().contains("privacy auditor can renew it"), "{}", refused.message());
    assert_eq!(limits(&answered(&world, RESEARCHER, &all_but(10, 50)).await.unwrap()).asks_left, 0);
}

/// A differencing attack in nearly equal pairs: seen after each answer, and held after twenty.
#[tokio::test(flavor = "multi_thread")]
async fn who_asks_in_nearly_equal_pairs_is_held() {
    let world = world(noon()).await;
    let mut asked = 0;
    let held = loop {
        let from = 8 * asked;
        let pair = [of(&["count"]).whose(&format!("place >= {from}")), all_but_count(from, 150 + asked)];
        let mut outcome = Ok(());
        for query in &pair {
            outcome = answered(&world, RESEARCHER, query).await.map(drop);
        }
        if let Err(refused) = outcome {
            break refused;
        }
        asked += 1;
        assert!(asked < 40, "nobody is held");
        // The watch works after an answer has left.
        let seen = || {
            files(world.folder.path(), "compute-audit.intrusions.jsonl")
                .iter()
                .map(|(_, text)| text.lines().count())
                .sum::<usize>()
        };
        eventually("the watch has looked", || seen() >= asked as usize).await;
    };
    assert_eq!(held.code(), Code::ResourceExhausted);
    assert!(held.message().contains("nearly equal pairs"), "{}", held.message());
    assert!((10..=20).contains(&asked), "held after {asked} pairs");
    // What was asked before is answered, and so is somebody else.
    assert!(answered(&world, RESEARCHER, &of(&["count"]).whose("place >= 0")).await.is_ok());
    let log: String =
        files(world.folder.path(), "compute-audit.intrusions.jsonl").into_iter().map(|(_, text)| text).collect();
    assert!(log.contains(r#""alert":true"#) && log.contains(r#""held":true"#), "{log}");
}

fn all_but_count(from: u32, one: u32) -> Query {
    Query { cohort: all_but(from, one).cohort, ..of(&["count"]) }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_site_of_few_people_is_listed_as_too_small_and_the_others_answer() {
    let sites = vec![row("large", PEOPLE), row("small", 60)];
    let world = World::start_with(DICTIONARY, sites, |options| options).await;
    let answer = world.answer(&of(&["count"])).await;
    assert_eq!(outcome(&answer, "small").status, SiteStatus::TooSmall);
    let found = network(&answer, "count");
    assert_eq!((&found.sites_in, &found.sites_out), (&vec![site("large")], &vec![site("small")]));
    let (low, high) = count(found, "count").certain.unwrap();
    assert!(low <= 300 && 300 <= high && high - low == 16);
}

#[tokio::test(flavor = "multi_thread")]
async fn another_policy_and_another_build_are_on_record_before_the_first_answer_under_them() {
    let world = world_with(noon(), "asks_per_day = 200\n").await;
    let of_count = of(&["count"]);
    answered(&world, RESEARCHER, &of_count).await.unwrap();
    let log = || fs::read_to_string(world.path("sites/row/compute-audit.jsonl")).unwrap();
    let changes = |text: &str| -> Vec<serde_json::Value> {
        let lines = text.lines().map(|line| serde_json::from_str::<serde_json::Value>(line).unwrap());
        lines.filter(|line| line["event"] == "policy-changed" || line["event"] == "build-changed").collect()
    };
    let first = changes(&log());
    assert_eq!(first.len(), 2, "{first:?}");
    assert!(first.iter().all(|line| line["old"].is_null()), "{first:?}");

    fs::write(world.path("sites/row/policy.toml"), "asks_per_day = 150\nreply_quantum_ms = 0\n").unwrap();
    let SiteData::Tables(tables) = row("row", PEOPLE - 10).data else { panic!("no tables") };
    world.network.rebuild(&site("row"), tables).unwrap();
    // Which build is current is asked every second.
    let changed = async {
        while changes(&log()).len() < 4 {
            answered(&world, RESEARCHER, &of_count).await.unwrap();
        }
    };
    tokio::time::timeout(std::time::Duration::from_secs(30), changed).await.unwrap_or_else(|_| panic!("{}", log()));
    let all = changes(&log());
    let (policy, build) = (&all[2], &all[3]);
    assert!(policy["old"] == first[0]["new"] && policy["new"].as_str().unwrap().contains("150"), "{all:?}");
    assert!(build["old"] == first[1]["new"] && build["new"] != build["old"], "{all:?}");
    // Each before the line of the next answer.
    let text = log();
    let answers: Vec<_> = text.match_indices("\"query-answered\"").map(|(place, _)| place).collect();
    for words in ["\"policy-changed\"", "\"build-changed\""] {
        let (last, changed) = (answers.last().unwrap(), text.rfind(words).unwrap());
        assert!(changed < *last && answers[0] < changed, "{text}");
    }
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

/// Waits until the watch has kept the sets of the answer before: what it still holds in memory it would write over the damage.
async fn watched(world: &World) {
    let ledger = Ledger::open(&world.path("sites/row/ledger.db"), coda_ledger::Options::default()).await.unwrap();
    let kept = async {
        while ledger.check().await.unwrap().sets == 0 {
            tokio::time::sleep(std::time::Duration::from_millis(5)).await;
        }
    };
    tokio::time::timeout(std::time::Duration::from_secs(30), kept).await.expect("the watch has kept nothing");
    ledger.close().await;
}

#[tokio::test]
async fn a_ledger_that_is_damaged_while_the_site_runs_lets_nothing_out() {
    // The parties of a network ask for revocation lists as long as they run: none may lose its folder while the next one is listened to.
    let mut worlds = Vec::new();
    for damage in [Damage::Overwritten, Damage::Cut, Damage::Gone] {
        let (log, _listening) = Log::listen();
        let world = world(noon()).await;
        let before = answered(&world, RESEARCHER, &all_but(10, 50)).await.unwrap();
        assert!(total(&before).is_some());
        assert!(!log.text().contains("ERROR"), "{}", log.text());
        watched(&world).await;
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
        worlds.push(world);
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
    assert_eq!(after.release, before.release);
    assert!(total(&answered(&world, RESEARCHER, &all_but(30, 50)).await.unwrap()).is_some());
}
