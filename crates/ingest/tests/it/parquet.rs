//! Parquet files obey the same rules. The only Parquet that can be written here is a column of codes, so the data set is
//! one column; that all types become text is tested in the engine.

use std::fs;

use coda_engine::columns;
use coda_ingest::{IngestError, Source, Tolerance};

use crate::site::Site;

const ONE_COLUMN: &str = r#"
version = "1"
title = "Test"
[dataset.codes]
people = "people"
[dataset.codes.table.people]
rows = "one"
person = "code"
[dataset.codes.table.people.variable]
number = { type = "continuous", unit = "1", lower = 0, upper = 100, resolution = 1, column = "code" }
"#;

fn site(codes: &[i32]) -> (Site, Source) {
    let site = Site::new().with("people.parquet", columns::write(codes).unwrap());
    let site = Site { dictionary: ONE_COLUMN.to_owned(), ..site };
    let source = Source::File(site.folder.path().join("people.parquet"));
    (site, source)
}

#[test]
fn parquet_is_read() {
    let (site, source) = site(&[30, 10, 20]);
    for source in [source, site.source()] {
        site.build_from(&source, Tolerance::Strict).unwrap();
        assert_eq!(site.codes("people", "number"), [30, 10, 20]);
    }
}

#[test]
fn findings_name_the_row() {
    let (site, _) = site(&[30, 10, 777, 10]);
    insta::assert_snapshot!(site.findings(Tolerance::Strict), @r"
    people.parquet: line 3, column code: outside its bounds (0 to 100)
    people.parquet: line 4, column code: a second row of the same person
    ");
}

#[test]
fn a_file_that_is_no_parquet_is_an_error() {
    let (site, source) = site(&[1]);
    fs::write(site.folder.path().join("people.parquet"), "code\n1\n").unwrap();
    assert!(matches!(site.build_from(&source, Tolerance::Strict), Err(IngestError::Parquet { .. })));
}
