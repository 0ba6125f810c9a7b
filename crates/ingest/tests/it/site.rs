//! A small data set, a folder for its files and a store.

use std::{collections::BTreeSet, fs, path::Path};

use coda_builds::{Build, Builds};
use coda_engine::keys::Keys;
use coda_ingest::{IngestError, Mapping, Order, PseudonymKey, Report, Source, Tolerance};
use coda_model::{dictionary::Dictionary, ids::SiteId};
use tempfile::TempDir;
use time::macros::datetime;

pub(crate) const DICTIONARY: &str = r#"
version = "7"
title = "Test"
[dataset.covid]
people = "patient"

[dataset.covid.table.lab]
rows = "many"
rows_at_most = 3
person = "pid"
time = "taken"
[dataset.covid.table.lab.variable]
taken = { type = "date", granularity = "day", from = 2020-01-01, to = 2021-12-31 }
crp = { type = "continuous", unit = "mg/L", lower = 0, upper = 600, resolution = 0.1, column = "CRP" }

[dataset.covid.table.patient]
rows = "one"
person = "id"
[dataset.covid.table.patient.variable]
age = { type = "continuous", unit = "a", lower = 0, upper = 110, resolution = 1, missing = "never" }
sex = { type = "categorical", levels = ["female", "male"] }
icu = { type = "binary" }
smoker = { type = "binary", yes = ["J"], no = ["N"] }

[dataset.covid.table.outcome]
rows = "one"
person = "id"
[dataset.covid.table.outcome.variable]
dead = { type = "binary", missing = "never" }
"#;

pub(crate) const PATIENT: &str = "id,age,sex,icu,smoker\np1,40,female,1,J\np2,50.4,male,no,N\np3,60,,TRUE,NA\n";
pub(crate) const LAB: &str =
    "pid,taken,CRP\np3,2020-03-02,1.25\np1,2020-02-01,600\np1,2020-01-05T10:30:00Z,NULL\np3,,0\n";
pub(crate) const OUTCOME: &str = "id,dead\np2,0\np1,1\n";

/// Rows may be left out however many people go with them.
pub(crate) const ANY: Tolerance = Tolerance::SkipRows { at_most: 100 };

pub(crate) struct Site {
    pub(crate) folder: TempDir,
    pub(crate) dictionary: String,
    pub(crate) builds: Builds,
    pub(crate) store: TempDir,
}

impl Site {
    /// A site whose three files break no rule.
    pub(crate) fn new() -> Self {
        let (folder, store) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        let site =
            Self { folder, dictionary: DICTIONARY.to_owned(), builds: Builds::open(store.path()).unwrap(), store };
        site.with("patient.csv", PATIENT).with("lab.csv", LAB).with("outcome.csv", OUTCOME)
    }

    pub(crate) fn with(self, name: &str, content: impl AsRef<[u8]>) -> Self {
        fs::write(self.folder.path().join(name), content).unwrap();
        self
    }

    pub(crate) fn without(self, name: &str) -> Self {
        fs::remove_file(self.folder.path().join(name)).unwrap();
        self
    }

    pub(crate) fn source(&self) -> Source {
        Source::Folder(self.folder.path().to_owned())
    }

    pub(crate) fn build(&self, tolerance: Tolerance) -> Result<Report, IngestError> {
        self.build_from(&self.source(), tolerance)
    }

    pub(crate) fn build_from(&self, source: &Source, tolerance: Tolerance) -> Result<Report, IngestError> {
        self.build_with(source, tolerance, &PseudonymKey::new([1; 64]))
    }

    pub(crate) fn build_with(
        &self,
        source: &Source,
        tolerance: Tolerance,
        key: &PseudonymKey,
    ) -> Result<Report, IngestError> {
        let dictionary = Dictionary::parse(&self.dictionary).unwrap();
        let order = Order {
            dictionary_text: &self.dictionary,
            dictionary: &dictionary,
            dataset: &dictionary.datasets[0],
            site: &SiteId::new("north").unwrap(),
            mapping: &Mapping::default(),
            new_people: true,
            tolerance,
            pseudonym_key: key,
            made: datetime!(2025-01-31 23:30 -05:00),
        };
        coda_ingest::build(&order, source, &self.builds)
    }

    /// The report of data that must be refused, leaving the store as it was.
    pub(crate) fn refused(&self, tolerance: Tolerance) -> Report {
        let before = listing(self.store.path());
        let report = match self.build(tolerance) {
            Err(IngestError::Refused(report)) => *report,
            Err(error) => panic!("another error: {error}"),
            Ok(report) => panic!("published:\n{report}"),
        };
        assert_eq!(listing(self.store.path()), before);
        assert_eq!(report.build, None);
        report
    }

    /// The findings of a refused report, one a line.
    pub(crate) fn findings(&self, tolerance: Tolerance) -> String {
        let lines: Vec<String> = self.refused(tolerance).findings.iter().map(ToString::to_string).collect();
        lines.join("\n")
    }

    pub(crate) fn codes(&self, table: &str, column: &str) -> Vec<i32> {
        coda_engine::columns::read(self.current().read(table, column).unwrap()).unwrap()
    }

    /// The keys of the current build's people.
    pub(crate) fn keys(&self) -> Keys {
        let build = self.current();
        let table = build.manifest().people_table().unwrap().id.clone();
        coda_engine::keys::parse(&build.read(table.as_str(), "_keys").unwrap()).unwrap()
    }

    fn current(&self) -> Build {
        let dictionary = Dictionary::parse(&self.dictionary).unwrap();
        self.builds.current(&dictionary.datasets[0].id).unwrap().unwrap()
    }
}

fn listing(folder: &Path) -> BTreeSet<String> {
    fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect()
}
