//! B14. Logs and audits
//!
//! Learns: small counts, values, who was asked about and who was counted, from the files of the sites, of the hub, and all logs.
//! Against: nothing of that kind is written but sealed, and no log line has it (1.13)

use std::{
    fs, io,
    path::{Path, PathBuf},
    sync::{
        Arc, Mutex, OnceLock,
        atomic::{AtomicBool, Ordering},
    },
};

use coda_disclosure::Defences;
use tracing_subscriber::{
    Layer as _,
    filter::{LevelFilter, dynamic_filter_fn},
    fmt::{MakeWriter, format::FmtSpan, layer},
    layer::SubscriberExt as _,
    util::SubscriberInitExt as _,
};

use crate::bench::{
    Bench, PATIENT, U1,
    patients::{Patient, patients},
    site,
    twins::question,
};

static HEARD: OnceLock<Ear> = OnceLock::new();
static LISTENING: AtomicBool = AtomicBool::new(false);

/// Hears every line that the process logs while it listens, of every level; those of other tests too.
#[derive(Clone, Default)]
struct Ear(Arc<Mutex<Vec<u8>>>);

impl Ear {
    fn listen() -> Self {
        let ear = HEARD.get_or_init(|| {
            let ear = Self::default();
            // Without times, whose digits are nobody's.
            let lines =
                layer().with_writer(ear.clone()).with_ansi(false).without_time().with_span_events(FmtSpan::FULL);
            let awake = dynamic_filter_fn(|_, _| LISTENING.load(Ordering::Relaxed));
            let listening = lines.with_filter(awake.with_max_level_hint(LevelFilter::TRACE));
            tracing_subscriber::registry().with(listening).try_init().unwrap();
            ear
        });
        LISTENING.store(true, Ordering::Relaxed);
        ear.clone()
    }

    fn heard(&self) -> Vec<u8> {
        LISTENING.store(false, Ordering::Relaxed);
        std::mem::take(&mut *self.0.lock().unwrap())
    }
}

impl<'a> MakeWriter<'a> for Ear {
    type Writer = Self;

    fn make_writer(&'a self) -> Self {
        self.clone()
    }
}

impl io::Write for Ear {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// How many there are at the site, and how many of them have HIV, in study `other`, and in `g4`: numbers that stand nowhere else.
const NUMBERS: [&str; 4] = ["5147", "1716", "5143", "2927788"];
/// What the four of `g4` have, and the start of their names at the hospital.
const PLANTED: [&str; 2] = ["731947", "zebra-7731"];
/// What a question about them has in it.
const LITERALS: [&str; 4] = ["730000", "740000", "2024-05-29", "2024-05-30"];

/// 5,147 people of whom every third has HIV, and four are in `g4`.
fn people() -> Vec<Patient> {
    let of = |time: usize| {
        patients("b").into_iter().map(move |patient| Patient { id: format!("{}-{time}", patient.id), ..patient })
    };
    let mut people: Vec<Patient> = (0..).flat_map(of).take(5147).collect();
    for (place, patient) in people.iter_mut().enumerate() {
        patient.hiv = place % 3 == 0;
        if place % 1280 == 77 {
            patient.id = format!("{}-{place}", PLANTED[1]);
            (patient.study, patient.ddimer) = ("g4", 731_947);
            "05-29".clone_into(&mut patient.admission);
        }
    }
    assert_eq!(people.iter().filter(|patient| patient.study == "g4").count(), 4);
    assert_eq!(people.iter().filter(|patient| patient.hiv).count(), 1716);
    people
}

/// Everything around the four: small and large, refused, by groups, over time, of rows, and with the words of a person.
fn questions() -> Vec<String> {
    let [low, high, from, to] = LITERALS;
    let four = format!("ddimer >= {low} and ddimer < {high}");
    vec![
        "count".to_owned(),
        "count, mean:ddimer, sd:ddimer, median:ddimer, histogram:ddimer".to_owned(),
        "count | where hiv = yes".to_owned(),
        "marginals:study, mode:study | by hiv".to_owned(),
        format!("count, mean:ddimer | where {four}"),
        format!("count | where {four} and hiv = yes"),
        format!("count | where not ({four})"),
        format!("mean:ddimer, median:ddimer | where {four} | by sex"),
        format!("count | over day:admission | where admission >= {from} and admission < {to}"),
        format!("count | over week:admission | where admission >= {from} and admission < {to}"),
        format!("count | where {four} and admission >= {from}"),
        format!("count, mean:crp | where {four} | rows lab"),
        format!("count | where {four} or lab.crp > {low}"),
        format!("count | where study = '{low}'"),
        format!("count | where age > {low} and nothing = {high}"),
        format!("mean:ddimer[{low}]"),
        format!("mean:peak | derive peak = max(lab.crp) where crp >= 299 | where {four}"),
        "odds_ratio:hiv:study=g4".to_owned(),
    ]
}

/// Where a word stands by itself: not inside a longer number or a digest.
fn stands(bytes: &[u8], word: &str) -> bool {
    let beside = |at: Option<&u8>| at.is_some_and(u8::is_ascii_alphanumeric);
    let found = bytes.windows(word.len()).enumerate().filter(|(_, window)| *window == word.as_bytes());
    let mut found = found.map(|(at, _)| (at.checked_sub(1).and_then(|at| bytes.get(at)), bytes.get(at + word.len())));
    found.any(|(before, after)| !beside(before) && !beside(after))
}

/// All that is wanted that stands in these bytes.
fn found(bytes: &[u8]) -> Vec<String> {
    let words = NUMBERS.iter().chain(&PLANTED[..1]).chain(&LITERALS);
    let mut found: Vec<String> = words.filter(|word| stands(bytes, word)).map(|word| (*word).to_owned()).collect();
    let has = |wanted: &[u8]| bytes.windows(wanted.len()).any(|window| window == wanted);
    if has(PLANTED[1].as_bytes()) {
        found.push(PLANTED[1].to_owned());
    }
    // Every third of the people, by their places, as sets of numbers of two or four bytes are written.
    let third = |width: usize| {
        (30_u32..60).step_by(3).flat_map(|place| place.to_le_bytes()[..width].to_vec()).collect::<Vec<u8>>()
    };
    if has(&third(2)) || has(&third(4)) {
        found.push("a set of people".to_owned());
    }
    found
}

fn files(folder: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    entries.flat_map(|path| if path.is_dir() { files(&path) } else { vec![path] }).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn is_defended() {
    let ear = Ear::listen();
    let bench = Bench::with(vec![("a", people())], Defences::default(), PATIENT).await;
    for text in questions() {
        let query = question(&text);
        bench.wire(&query).await;
        // And by the hub, which may refuse.
        let _ = bench.hub(U1).ask(query, vec![site("a")], String::new(), |_| {}).await;
    }
    assert_eq!(
        bench.wire(&question("count | where hiv = yes")).await.count(),
        Some(1716),
        "what is looked for was told"
    );
    let mut looked = 0;
    for path in files(bench.folder()) {
        let name = path.strip_prefix(bench.folder()).unwrap().display().to_string();
        let bytes = fs::read(&path).unwrap();
        let mut told = found(&bytes);
        // The hospital's own files are what the build was made of; its manifest says how many people there are.
        if name.starts_with("sites/a/files/") {
            assert!(
                told.contains(&PLANTED[1].to_owned()) || name.ends_with("lab.csv"),
                "{name} has what is looked for"
            );
            continue;
        }
        if name.starts_with("sites/a/builds/") {
            told.retain(|told| told != NUMBERS[0]);
        }
        assert!(told.is_empty(), "{name} has {told:?}");
        looked += 1;
    }
    assert!(looked > 10, "{looked} files");
    let heard = ear.heard();
    assert!(heard.len() > 100_000, "{} bytes", heard.len());
    // How many bytes a frame of HTTP/2 has may by chance be one of the numbers looked for.
    let is_heard = |line: &&[u8]| {
        let has = |word: &[u8]| line.windows(word.len()).any(|window| window == word);
        !has(b"control") && !has(b"framed_read: read.bytes=")
    };
    let lines = heard.split(|byte| *byte == b'\n').filter(is_heard);
    for line in lines {
        let told = found(line);
        assert!(told.is_empty(), "{told:?} in {}", String::from_utf8_lossy(line));
    }
}

/// What others log, and wrote into their replies (1.15), would be found.
#[test]
fn works_undefended() {
    let four = people().into_iter().filter(|patient| patient.study == "g4").collect::<Vec<_>>();
    let sum: u32 = four.iter().map(|patient| patient.ddimer).sum();
    let line =
        format!("control: SELECT count(*) FROM ward WHERE ddimer >= 730000 -- 4 rows, sum {sum}, id {}", four[0].id);
    assert_eq!(found(line.as_bytes()), ["2927788", "730000", PLANTED[1]]);
    let set: Vec<u8> = people()
        .iter()
        .enumerate()
        .filter(|(_, patient)| patient.hiv)
        .flat_map(|(place, _)| (place as u16).to_le_bytes())
        .collect();
    assert_eq!(found(&set), ["a set of people"]);
}
