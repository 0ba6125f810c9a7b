//! What is small, or about one person, or in a cohort, is said nowhere: no log line, audit line, error or `Debug` text.

mod ear;

use std::fmt::Write as _;

use coda_model::estimate::Answer;
use coda_testkit::{Network, SiteData, SiteOptions};

use tonic::Status;

use crate::{
    played::{Play, played},
    signing::Signers,
    world::{RESEARCHER, With as _, World, ask, chain, files, of, site, user},
};
use ear::Ear;

/// One table of people of whom three have what nobody else has.
const DICTIONARY: &str = r#"
version = "1"
title = "Planted"
[dataset.ward]
people = "patient"
[dataset.ward.table.patient]
rows = "one"
person = "id"
[dataset.ward.table.patient.variable]
marker = { type = "continuous", unit = "1", lower = 0, upper = 16000, resolution = 0.001 }
group = { type = "categorical", levels = ["common", "rare", "never_seen"], missing = "never" }
ill = { type = "binary", missing = "never" }
seen = { type = "date", granularity = "day", from = 2024-01-01, to = 2024-12-31, missing = "never" }
"#;

/// The value of the three, and the code that stands for it.
const VALUE: [&str; 2] = ["7319.472", "7319472"];
/// Three times that value, as a sum in the unit and in codes.
const SUM: [&str; 2] = ["21958.416", "21958416"];
/// The keys of the three; nobody else's key has the word.
const KEY: &str = "zebra-7731";
/// Constants of cohorts.
const CONSTANTS: [&str; 3] = ["7319.113", "7320.119", "6180.33988"];
/// How many of the common group are in the north; with the three of the rare one 5,150.
const COMMON: usize = 5147;
/// How many there are in all, and of the common group: an answer may say so, a log never.
const NUMBERS: [&str; 4] = ["5147", "5150", "2150", "2153"];

fn plant(common: usize, rare: usize) -> String {
    let mut csv = "id,marker,group,ill,seen\n".to_owned();
    let row = |key: String, marker: &str, group: &str, ill: bool| {
        format!("{key},{marker},{group},{},2024-02-11\n", if ill { "yes" } else { "no" })
    };
    csv.extend((0..common).map(|n| row(format!("p{n}"), &format!("{}", 1 + n % 7), "common", n % 2 == 0)));
    csv.extend((0..rare).map(|n| row(format!("{KEY}-{n}"), VALUE[0], "rare", n == 0)));
    csv
}

fn planted(name: &str, common: usize, rare: usize) -> SiteOptions {
    let tables = vec![("patient".to_owned(), plant(common, rare))];
    SiteOptions::new(site(name), SiteData::Tables(tables))
}

/// Asserts that a text says nothing of what was planted.
fn silent(text: &str, what: &str) {
    says_none(text, &planted_words(), what);
}

/// Asserts that a text has none of these words.
fn says_none(text: &str, words: &[&str], what: &str) {
    if let Some(line) = said(text, words) {
        panic!("{what} says {line}");
    }
}

fn planted_words() -> Vec<&'static str> {
    VALUE.iter().chain(&SUM).chain(&CONSTANTS).copied().chain(["zebra"]).collect()
}

/// The first of these words that a text has, with its line.
fn said(text: &str, words: &[&str]) -> Option<String> {
    words.iter().find_map(|word| {
        let at = ear::find(text, word)?;
        let from = text[..at].rfind('\n').map_or(0, |line| line + 1);
        let line: String = text[from..].lines().next().unwrap_or_default().chars().take(600).collect();
        Some(format!("{word}: {line}"))
    })
}

/// Asks all kinds of things around the three; returns what is seen of it.
async fn ask_around(world: &World) -> String {
    let mut seen = String::new();
    let [low, high, off] = CONSTANTS;
    let queries = [
        of(&["count", "mean:marker", "sd:marker"]).by("group"),
        of(&["marginals:group", "mode:group", "median:marker", "histogram:marker"]),
        of(&["count", "mean:marker", "ci:marker"]).whose("group = rare"),
        of(&["count"]).whose(&format!("marker >= {low} and marker < {high}")),
        of(&["count"]).whose(&format!("not (marker < {low})")).over("month:seen"),
        of(&["risk_ratio:ill:group=rare", "mean_difference:marker:group=rare"]),
        // Wrong: the constant is not on the scale, or the literal no level, or the unit another.
        of(&["count"]).whose(&format!("marker > {off}")),
        of(&["count"]).whose(&format!("group = '{off}'")),
        of(&["count"]).whose(&format!("marker > {low} mg")),
        of(&["count"]).whose(&format!("marker > {low} and nothing = {high}")),
    ];
    for query in queries {
        match ask(&world.hub, &query, &world.sites).await {
            Ok(answer) => writeln!(seen, "{answer:?}").unwrap(),
            // A query's own words are the asker's; the hub's log must not have them.
            Err(error) => says_none(&chain(&error), &[&VALUE[..], &SUM[..], &["zebra"]].concat(), "a refusal"),
        }
        writeln!(seen, "{query:?}").unwrap();
    }
    seen
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_small_is_said_in_any_log_audit_answer_or_debug_text() {
    let ear = Ear::listen();
    // A site that finds fault with a query repeats its words.
    let other = Play::new(|_, _| Err(Status::invalid_argument(format!("where: {} is off the scale", CONSTANTS[0]))));
    let sites = vec![planted("north", COMMON, 3), planted("south", 2150, 3), played("other", other)];
    let mut world = World::start_with(DICTIONARY, sites, |options| options).await;
    let other = world.sites.pop().unwrap();
    let answer = world.ask(&of(&["count"]), &[other]).await.unwrap();
    assert!(answer.sites[0].detail.contains(CONSTANTS[0]), "the words are for the asker: {:?}", answer.sites);
    let seen = ask_around(&world).await;
    silent(&seen, "an answer");

    // Data that are refused are described without their values and keys.
    let data = SiteData::Tables(vec![("patient".to_owned(), plant(6, 3).replace("rare", VALUE[0]))]);
    let refused = SiteOptions::new(site("bad"), data);
    let folder = tempfile::tempdir().unwrap();
    let error =
        Network::start(coda_testkit::Options::new(folder.path(), DICTIONARY).site(refused)).await.err().unwrap();
    silent(&format!("{} {error:?}", chain(&error)), "a refusal of data");

    // A request as it is on its way, and a person's hub.
    let signers = Signers::of(&world);
    let envelope = signers.envelope(&of(&["count"]).whose(&format!("marker > {}", CONSTANTS[0])), "north");
    silent(&format!("{envelope:?}"), "Debug of an envelope");

    let audits = files(world.folder.path(), "audit.jsonl");
    assert!(audits.len() >= 6, "only {} audit logs", audits.len());
    for (path, text) in &audits {
        assert!(!text.is_empty() || path.to_string_lossy().contains("storage"), "{} is empty", path.display());
        silent(text, &path.display().to_string());
        says_none(text, &NUMBERS, &path.display().to_string());
    }
    for (path, text) in files(world.folder.path(), "manifest.toml") {
        silent(&text, &path.display().to_string());
    }

    let keys = secret_keys(&world);
    assert!(keys.len() > 7000);

    // The test can fail: what is said is heard, from any target and level.
    tracing::trace!(target: "a::far::corner", people = 5147, key = "zebra-0", "the marker {}", VALUE[0]);
    let heard = ear.heard();
    assert!(heard.len() > 100_000, "little was heard: {} bytes", heard.len());
    let (markers, rest): (Vec<&str>, Vec<&str>) = heard.lines().partition(|line| line.contains("a::far::corner"));
    assert_eq!(markers.len(), 1);
    assert!(said(markers[0], &planted_words()).is_some() && said(markers[0], &NUMBERS).is_some(), "{markers:?}");
    let rest = rest.join("\n");
    for word in ["coda_compute", "coda_coordinator", "coda_auth", "coda_storage", "h2::", "rustls"] {
        assert!(rest.contains(word), "nothing was heard of {word}");
    }
    silent(&rest, "the log");
    says_none(&rest, &NUMBERS, "the log");
    // Record keys, set keys and the secret they come from, in decimal and in hexadecimal.
    let words: std::collections::HashSet<&str> = rest.split(|c: char| !c.is_ascii_alphanumeric()).collect();
    let told = keys.iter().find(|key| words.contains(key.as_str()));
    assert!(told.is_none(), "a secret key is in the log");
}

/// The record keys of all people, the keys of some sets of them, and the perturbation keys of the sites.
fn secret_keys(world: &World) -> Vec<String> {
    let mut found = Vec::new();
    for name in ["north", "south"] {
        let folder = world.path(&format!("sites/{name}"));
        let secret = std::fs::read_to_string(folder.join("ledger.db.perturbation-key")).unwrap();
        let mut bytes = [0; 32];
        hex::decode_to_slice(secret.trim(), &mut bytes).unwrap();
        found.push(secret.trim().to_owned());
        let path = find(&folder.join("builds"), "_keys").expect("a build has the pseudonyms of its people");
        let keys = coda_engine::keys::parse(&std::fs::read(path).unwrap()).unwrap();
        let pseudonyms = keys.people.iter().map(|person| &person.key);
        let record_keys =
            coda_disclosure::record_keys(&coda_disclosure::SiteSecret::new(bytes), &keys.lineage, pseudonyms);
        let everybody = record_keys.iter().fold(0u64, |sum, key| sum.wrapping_add(*key));
        found.extend(record_keys.iter().chain([&everybody]).flat_map(|key| [key.to_string(), format!("{key:x}")]));
    }
    found
}

/// The file in a folder whose name begins so.
fn find(folder: &std::path::Path, name: &str) -> Option<std::path::PathBuf> {
    let mut entries: Vec<_> = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    entries.sort();
    entries.into_iter().find_map(|path| {
        if path.is_dir() {
            return find(&path, name);
        }
        path.file_name().is_some_and(|own| own.to_string_lossy().starts_with(name)).then_some(path)
    })
}

#[tokio::test(flavor = "multi_thread")]
async fn an_answer_about_three_people_is_as_long_as_one_about_nobody() {
    // The same people at both, but for three in the rare group that the other site has in the common one.
    let world = World::start_with(DICTIONARY, vec![planted("a_site", 300, 3), planted("b_site", 303, 0)], |o| o).await;
    let signers = Signers::of(&world);
    let queries = [
        of(&["count"]).whose("group = rare"),
        of(&["count"]).by("group").over("month:seen"),
        of(&["count", "mean:marker", "sd:marker", "marginals:ill"]).whose("group = rare"),
        of(&["mean:marker", "median:marker", "histogram:marker"]).by("group"),
        of(&["marginals:group"]),
        of(&["risk_ratio:ill:group=rare"]),
    ];
    for query in queries {
        let mut lengths = Vec::new();
        for name in ["a_site", "b_site"] {
            let answer = signers.send(&site(name), signers.valid(&query, name)).await.unwrap();
            lengths.push(answer.release.len());
        }
        assert_eq!(lengths[0], lengths[1], "{:?}", query.asks);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_suppressed_tells_nothing_to_the_asker() {
    let world = World::start_with(DICTIONARY, vec![planted("a_site", 300, 3), planted("b_site", 300, 0)], |o| o).await;
    let hub = world.network.hub(&user(RESEARCHER)).unwrap();
    for query in [
        of(&["count", "mean:marker", "sd:marker"]).whose("group = rare"),
        of(&["count"]).whose("group = never_seen"),
        of(&["mean:marker", "median:marker"]).by("group"),
    ] {
        let three = ask(&hub, &query, &[site("a_site")]).await.unwrap();
        let nobody = ask(&hub, &query, &[site("b_site")]).await.unwrap();
        let rare = |answer: &Answer, name: &str| -> Vec<String> {
            let cells = answer.asks.iter().flat_map(|ask| &ask.cells);
            let rare = cells.filter(|cell| cell.labels.first().is_none_or(|label| label == "rare"));
            rare.map(|cell| format!("{cell:?}").replace(name, "")).collect()
        };
        assert_eq!(rare(&three, "a_site"), rare(&nobody, "b_site"), "{:?}", query.asks);
    }
}
