//! The same table in every dialect gives the same codes; and no bytes make the reader panic or publish half a build.

use coda_builds::Builds;
use coda_engine::columns;
use coda_ingest::{IngestError, Mapping, Order, PseudonymKey, Source, Tolerance};
use coda_model::{dictionary::Dictionary, ids::SiteId};
use encoding_rs::Encoding;
use proptest::prelude::*;
use tempfile::TempDir;
use time::macros::datetime;

const DICTIONARY: &str = r#"
version = "1"
title = "Dialects"
[dataset.d]
people = "t"
[dataset.d.table.t]
rows = "one"
person = "Schlüssel"
[dataset.d.table.t.variable]
sex = { type = "categorical", column = "Geschlecht", levels = ["männlich", "weiblich", "k. A., sonstige"] }
crp = { type = "continuous", column = "CRP", unit = "mg/L", lower = 0, upper = 100000, resolution = 0.1 }
seen = { type = "date", column = "Datum", granularity = "day", from = 2020-01-01, to = 2021-12-31 }
"#;
const LEVELS: [&str; 3] = ["männlich", "weiblich", "k. A., sonstige"];

/// A row but for its key: level, tenths, days since 2020-01-01; each may be missing.
type Row = (Option<usize>, Option<u32>, Option<u16>);

/// How a table is written.
#[derive(Debug, Clone)]
struct Dialect {
    separator: char,
    encoding: &'static str,
    end: &'static str,
    comma: bool,
    /// 0: ISO, 1: points, 2: day first, 3: month first.
    days: u8,
    quoted: bool,
    empty_lines: bool,
}

fn dialects() -> impl Strategy<Value = Dialect> {
    let separators = prop::sample::select(vec![',', ';', '\t', '|']);
    let encodings = prop::sample::select(vec!["utf-8", "windows-1252", "utf-16le"]);
    let ends = prop::sample::select(vec!["\n", "\r\n", "\r"]);
    let rest = (any::<bool>(), 0..4_u8, any::<bool>(), any::<bool>());
    (separators, encodings, ends, rest).prop_map(|(separator, encoding, end, (comma, days, quoted, empty_lines))| {
        Dialect { separator, encoding, end, comma, days, quoted, empty_lines }
    })
}

impl Dialect {
    const PLAIN: Self =
        Self { separator: ',', encoding: "utf-8", end: "\n", comma: false, days: 0, quoted: false, empty_lines: false };

    fn write(&self, rows: &[Row]) -> Vec<u8> {
        let mut lines = vec![self.line(&["Schlüssel", "Geschlecht", "CRP", "Datum"].map(str::to_owned))];
        for (number, (level, tenths, day)) in rows.iter().enumerate() {
            let level = level.map(|level| LEVELS[level].to_owned()).unwrap_or_default();
            let crp = tenths.map(|tenths| format!("{}.{}", tenths / 10, tenths % 10)).unwrap_or_default();
            let crp = if self.comma { crp.replace('.', ",") } else { crp };
            let day = day.map(|day| self.day(day)).unwrap_or_default();
            lines.push(self.line(&[format!("P{number:05}"), level, crp, day]));
            if self.empty_lines && number % 3 == 0 {
                lines.push(self.separator.to_string().repeat(3));
            }
        }
        let text = lines.join(self.end);
        match self.encoding {
            "utf-16le" => format!("\u{feff}{text}").encode_utf16().flat_map(u16::to_le_bytes).collect(),
            label => Encoding::for_label(label.as_bytes()).unwrap().encode(&text).0.into_owned(),
        }
    }

    fn line(&self, fields: &[String]) -> String {
        let field = |field: &String| {
            if self.quoted || field.contains(self.separator) { format!("\"{field}\"") } else { field.clone() }
        };
        fields.iter().map(field).collect::<Vec<_>>().join(&self.separator.to_string())
    }

    fn day(&self, since: u16) -> String {
        let day = time::macros::date!(2020 - 01 - 01) + time::Duration::days(i64::from(since));
        let (year, month, day) = (day.year(), u8::from(day.month()), day.day());
        match self.days {
            0 => format!("{year}-{month:02}-{day:02}"),
            1 => format!("{day}.{month}.{year}"),
            2 => format!("{day:02}/{month:02}/{year}"),
            _ => format!("{month}/{day}/{year}"),
        }
    }

    /// What cannot be recognised for certain is said.
    fn mapping(&self) -> String {
        let decimal = if self.comma { "," } else { "." };
        let dates = if self.days == 3 { "month/day/year" } else { "day/month/year" };
        format!("format = \"coda-mapping/1\"\n[dataset.d.table.t]\ndecimal = {decimal:?}\ndates = {dates:?}\n")
    }
}

fn build(folder: &TempDir, bytes: &[u8], mapping: &str) -> Result<[Vec<i32>; 3], IngestError> {
    let dictionary = Dictionary::parse(DICTIONARY).unwrap();
    std::fs::write(folder.path().join("t.csv"), bytes).unwrap();
    let builds = Builds::create(folder.path().join("builds")).unwrap();
    let order = Order {
        dictionary_text: DICTIONARY,
        dictionary: &dictionary,
        dataset: &dictionary.datasets[0],
        site: &SiteId::new("north").unwrap(),
        mapping: &Mapping::parse(mapping, &dictionary).unwrap(),
        tolerance: Tolerance::Strict,
        new_people: true,
        pseudonym_key: &PseudonymKey::new([1; 64]),
        made: datetime!(2026-11-30 12:00 UTC),
    };
    let report = coda_ingest::build(&order, &Source::File(folder.path().join("t.csv")), &builds)?;
    let build = builds.get(&report.build.unwrap()).unwrap().unwrap();
    Ok(["sex", "crp", "seen"].map(|variable| columns::read(build.read("t", variable).unwrap()).unwrap()))
}

fn rows() -> impl Strategy<Value = Vec<Row>> {
    let row = (
        prop::option::weighted(0.9, 0..3_usize),
        prop::option::weighted(0.9, 0..1_000_000_u32),
        prop::option::weighted(0.9, 0..731_u16),
    );
    prop::collection::vec(row, 1..40)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 128, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn every_dialect_gives_the_codes_of_the_plain_file(rows in rows(), dialect in dialects()) {
        let folder = tempfile::tempdir().unwrap();
        let plain = build(&folder, &Dialect::PLAIN.write(&rows), &Dialect::PLAIN.mapping()).unwrap();
        let other = match build(&folder, &dialect.write(&rows), &dialect.mapping()) {
            Ok(other) => other,
            Err(IngestError::Refused(report)) => panic!("{dialect:?}\n{report}"),
            Err(error) => panic!("{dialect:?}\n{error}"),
        };
        prop_assert_eq!(plain, other, "{:?}", dialect);
    }

    #[test]
    fn what_is_recognised_without_a_word_is_right_or_is_asked_about(rows in rows(), dialect in dialects()) {
        let folder = tempfile::tempdir().unwrap();
        let plain = build(&folder, &Dialect::PLAIN.write(&rows), &Dialect::PLAIN.mapping()).unwrap();
        match build(&folder, &dialect.write(&rows), "format = \"coda-mapping/1\"") {
            Ok(other) => prop_assert_eq!(plain, other, "{:?}", dialect),
            Err(IngestError::Refused(report)) => {
                prop_assert!(report.to_string().contains("can be read in two ways"), "{:?}\n{}", dialect, report);
            }
            Err(error) => panic!("{dialect:?}\n{error}"),
        }
    }

    #[test]
    fn no_bytes_make_it_panic(rows in rows(), dialect in dialects(), changes in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..20)) {
        let folder = tempfile::tempdir().unwrap();
        let mut bytes = dialect.write(&rows);
        for (place, byte) in changes {
            let place = place.index(bytes.len());
            bytes[place] = byte;
        }
        // Refused or built, and nothing in between.
        let built = build(&folder, &bytes, "format = \"coda-mapping/1\"").is_ok();
        let listed = Builds::open(folder.path().join("builds")).unwrap().list().unwrap().len();
        prop_assert_eq!(listed, usize::from(built));
    }
}
