//! 29. Empty strings, missing values, free text
//!
//! Learns: what stands in a column that somebody wrote into, and of how many patients the origin is missing.
//! Against: levels come from the dictionary, what is no level is refused where data come in (R4), few missing are hidden (1.1)

use coda_disclosure::{Defence, Defences};
use coda_testkit::{Network, Options, SiteData, SiteOptions};

use crate::bench::{
    Bench, DICTIONARY, Reply,
    patients::{Patient, patients, tables},
    site, truth,
    twins::{Allowed, Twins, question, told},
    without_all,
};

/// What people write where a word is expected.
const NAME: &str = "Jean Tremblay 514-555-0199";

/// Three, or two, or none, or four of whom the origin is not known.
fn missing(few: usize) -> Vec<Patient> {
    let mut people = patients("a");
    for (place, patient) in people[60..64].iter_mut().enumerate() {
        // All in the largest cell of any table, so that nothing else is told of them.
        patient.hiv = false;
        // Blanks are nothing, too.
        patient.origin = if place >= few { "home" } else { ["", " ", "  ", ""][place] };
    }
    people
}

/// Asserts that nobody can tell three from fewer, or from four.
async fn hidden(questions: &[&str]) {
    for others in [0, 1, 2, 4] {
        let twins = Twins::of([missing(3), missing(others)], Defences::default()).await;
        for text in questions {
            let replies = twins.wire(&question(text)).await;
            assert!(replies[0].words.is_empty(), "{text}: {}", replies[0].words);
            assert_eq!(told(&replies, Allowed::Nothing), Vec::<String>::new(), "{text}, 3 and {others}");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn is_defended() {
    hidden(&[
        "marginals:origin, mode:origin",
        "count | where origin is missing",
        "count | where origin is present",
        "count | where not origin is present",
        "marginals:origin | by sex",
        "odds_ratio:hiv:origin=home",
        "count | where origin in (home, hospital, abroad)",
        "count | where origin != home",
        "count | where origin = home or origin != home",
        // Those of 80 are told of first: with the few who miss the origin they come close to them.
        "median:age | where age >= 80",
        "median:age | where origin is missing or age >= 80",
    ])
    .await;
}

/// What is out of the cells of an answer.
fn pattern(reply: &Reply) -> Vec<bool> {
    reply.frames.as_ref().unwrap().asks[0].iter().map(|frame| frame.slots[0].value().is_some()).collect()
}

/// By groups, home may be out, and those whose origin is not known in one of the twins are from home in the other: enough are told of
/// by an exact count. Which groups are out is the same.
#[tokio::test(flavor = "multi_thread")]
async fn totals_by_origin_do_not_have_the_missing_twice() {
    for others in [0, 1, 2, 4] {
        let twins = Twins::of([missing(3), missing(others)], Defences::default()).await;
        for text in ["count | by origin", "mean:age | by origin", "count | by origin | by sex"] {
            let replies = twins.wire(&question(text)).await;
            for reply in &replies {
                assert_eq!(reply.total(), Some(300), "{text}");
                let out: Vec<u64> = reply.frames.iter().flat_map(|frames| &frames.asks[0])
                    .filter_map(|frame| frame.slots[0].value().map(|slot| slot.count.people.0)).collect();
                assert!(out.iter().all(|people| *people >= 5) && 300 - out.iter().sum::<u64>() >= 9, "{text}: {out:?}");
            }
            if !text.ends_with("sex") {
                assert_eq!(pattern(&replies[0]), pattern(&replies[1]), "{text}, 3 and {others}");
            }
        }
    }
}

/// Which large cells of a table of two axes are withheld beside the few is chosen by key, not by how few they are.
#[tokio::test(flavor = "multi_thread")]
async fn which_cells_are_withheld_does_not_tell_how_few_are_missing() {
    let mut unlike = Vec::new();
    for _ in 0..6 {
        for few in 0..4 {
            let twins = Twins::of([missing(few), missing(few + 1)], Defences::default()).await;
            for text in ["count | by origin", "count | by origin | by sex"] {
                let replies = twins.wire(&question(text)).await;
                if pattern(&replies[0]) != pattern(&replies[1]) {
                    unlike.push(format!("{text}: {few} and one more: {:?} {:?}", pattern(&replies[0]), pattern(&replies[1])));
                }
            }
        }
    }
    assert!(unlike.is_empty(), "{unlike:#?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn works_undefended() {
    let off = without_all(&[Defence::SmallCells, Defence::Secondary, Defence::PairRule, Defence::LinearAudit]);
    for few in [0, 3] {
        let bench = Bench::twin(missing(few), off).await;
        let reply = bench.wire(&question("marginals:origin")).await;
        let told = *reply.frame(0, 0).missing.as_ref().unwrap().value().unwrap();
        assert_eq!(told.people.0, truth(&missing(few), |patient| patient.origin.trim().is_empty()));
    }
}

/// Data with such a text are refused as a whole, in words that do not have it.
#[tokio::test(flavor = "multi_thread")]
async fn what_somebody_wrote_does_not_come_in() {
    let long: &'static str = Box::leak("x".repeat(200).into_boxed_str());
    for text in [NAME, long, "HOME", "home, or not", "__missing__", "__other__", "-", "h\u{43e}me"] {
        let mut people = patients("a");
        people[7].origin = text;
        let csv =
            tables(&people).into_iter().map(|(name, csv)| (name, csv.replace(text, &format!("\"{text}\"")))).collect();
        let folder = tempfile::tempdir().unwrap();
        let options = Options::new(folder.path(), DICTIONARY);
        let options = options.site(SiteOptions::new(site("a"), SiteData::Tables(csv)));
        let error = Network::start(options).await.err().unwrap_or_else(|| panic!("{text:?} came in"));
        let said = format!("{error} {error:?}");
        assert!(!said.contains("Tremblay") && !said.contains("xxxx") && !said.contains("\u{43e}me"), "{said}");
    }
}

/// A column that the dictionary does not have is nowhere, whatever is asked.
#[tokio::test(flavor = "multi_thread")]
async fn a_column_that_is_not_declared_is_not_there() {
    let folder = tempfile::tempdir().unwrap();
    let mut csv = tables(&patients("a"));
    csv[0].1 = csv[0].1.lines().enumerate().fold(String::new(), |text, (line, row)| {
        text + row + if line == 0 { ",notes" } else { "," } + if line == 8 { NAME } else { "" } + "\n"
    });
    let options = Options::new(folder.path(), DICTIONARY);
    let options = options.site(SiteOptions::new(site("a"), SiteData::Tables(csv)));
    let _network = Network::start(options).await.unwrap();
    for path in files(folder.path()) {
        let bytes = std::fs::read(&path).unwrap();
        let has = bytes.windows(8).any(|window| window == b"Tremblay");
        // The hospital's own file, from which the build was made.
        assert!(!has || path.ends_with("files/patient.csv"), "{}", path.display());
    }
    let bench = Bench::one(Defences::default()).await;
    for text in [
        "marginals:notes",
        "count | by notes",
        "count | where notes = 'x'",
        "mode:notes",
        "marginals:id",
        "count | where id = a-0",
    ] {
        let reply = bench.wire(&question(text)).await;
        assert_eq!(reply.code, tonic::Code::InvalidArgument, "{text}");
        assert!(!reply.words.contains("Tremblay"), "{}", reply.words);
    }
}

/// All files in a folder and its folders.
fn files(folder: &std::path::Path) -> Vec<std::path::PathBuf> {
    let entries = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    entries.flat_map(|path| if path.is_dir() { files(&path) } else { vec![path] }).collect()
}
