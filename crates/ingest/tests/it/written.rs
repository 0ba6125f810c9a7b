//! What stands in a build.

use coda_builds::sha256;
use coda_ingest::{IngestError, Source, Tolerance};
use coda_model::ids::{People, Rows};

use crate::site::{DICTIONARY, PATIENT, Site};

#[test]
fn a_build_has_the_codes_of_its_files() {
    let site = Site::new();
    let report = site.build(Tolerance::Strict).unwrap();
    assert_eq!((report.people, report.count()), (People(3), 0));
    let patient = |column| site.codes("patient", column);
    assert_eq!(patient("_person"), [0, 1, 2]);
    assert_eq!(patient("age"), [40, 50, 60]);
    assert_eq!(patient("sex"), [0, 1, -1]);
    assert_eq!(patient("icu"), [1, 0, 1]);
    assert_eq!(patient("smoker"), [1, 0, -1]);
    assert_eq!((site.codes("outcome", "_person"), site.codes("outcome", "dead")), (vec![0, 1], vec![1, 0]));
}

#[test]
fn rows_are_sorted_by_person_and_time_a_missing_time_first() {
    let site = Site::new();
    site.build(Tolerance::Strict).unwrap();
    assert_eq!(site.codes("lab", "_person"), [0, 0, 2, 2]);
    assert_eq!(site.codes("lab", "taken"), [4, 31, -1, 61]);
    assert_eq!(site.codes("lab", "crp"), [-1, 6000, 0, 13]);
}

#[test]
fn rows_of_the_same_person_and_day_keep_the_order_of_the_file() {
    let site = Site::new().with("lab.csv", "pid,taken,CRP\np2,2020-01-01,3\np1,2020-01-01,2\np2,2020-01-01,1\n");
    site.build(Tolerance::Strict).unwrap();
    assert_eq!((site.codes("lab", "_person"), site.codes("lab", "crp")), (vec![0, 1, 1], vec![20, 30, 10]));
}

#[test]
fn people_are_numbered_in_the_order_of_the_people_table() {
    let site = Site::new().with("patient.csv", "smoker,icu,sex,age,id\nN,0,male,1,p3\nN,0,male,2,p1\nN,0,male,3,p2\n");
    site.build(Tolerance::Strict).unwrap();
    assert_eq!(site.codes("patient", "age"), [1, 2, 3]);
    assert_eq!((site.codes("outcome", "_person"), site.codes("outcome", "dead")), (vec![1, 2], vec![1, 0]));
    assert_eq!(site.codes("lab", "_person"), [0, 0, 1, 1]);
}

#[test]
fn the_manifest_says_where_a_build_is_from() {
    let site = Site::new();
    let id = site.build(Tolerance::Strict).unwrap().build.unwrap();
    assert!(id.as_str().starts_with("2025-02-01-"), "the day is that of UTC: {id}");
    let build = site.builds.get(&id).unwrap().unwrap();
    let facts = &build.manifest().facts;
    assert_eq!((facts.site.as_str(), facts.dataset.as_str()), ("north", "covid"));
    assert_eq!((facts.dictionary_version.as_str(), facts.people), ("7", People(3)));
    assert_eq!(facts.dictionary_digest, sha256(DICTIONARY.as_bytes()));
    assert_eq!(facts.made, "2025-02-01T04:30:00Z");
    let tables: Vec<_> = build.manifest().tables.iter().map(|table| (table.id.as_str(), table.rows)).collect();
    assert_eq!(tables, [("lab", Rows(4)), ("patient", Rows(3)), ("outcome", Rows(2))]);
}

#[test]
fn what_a_spreadsheet_writes_is_read() {
    let quoted = "\u{feff}\"id\" , age ,sex,icu,smoker,\"a \"\"note\"\"\"\r\n\" p1 \",\" 40 \",female,1,J,\"two\r\nlines\"\r\n\
                  p2,5e1, N/A ,0,N,\r\np3,60,male,NaN,null,x\r\n";
    let site = Site::new().with("patient.csv", quoted);
    let report = site.build(Tolerance::Strict).unwrap();
    assert_eq!(site.codes("patient", "age"), [40, 50, 60]);
    assert_eq!((site.codes("patient", "sex"), site.codes("patient", "icu")), (vec![0, -1, 1], vec![1, 0, -1]));
    assert_eq!(report.tables[1].not_taken, ["a \"note\""]);
}

#[test]
fn one_file_is_enough_for_one_table() {
    let mut site = Site::new().with("Export.CSV", PATIENT);
    let file = Source::File(site.folder.path().join("Export.CSV"));
    assert!(matches!(site.build_from(&file, Tolerance::Strict), Err(IngestError::SeveralTables { tables: 3, .. })));
    let (head, rest) = DICTIONARY.split_once("[dataset.covid.table.lab]").unwrap();
    let (_, rest) = rest.split_once("[dataset.covid.table.patient]").unwrap();
    let (people, _) = rest.split_once("[dataset.covid.table.outcome]").unwrap();
    site.dictionary = format!("{head}[dataset.covid.table.patient]{people}");
    let report = site.build_from(&file, Tolerance::Strict).unwrap();
    assert_eq!(report.tables[0].file, "Export.CSV");
    assert_eq!(site.codes("patient", "age"), [40, 50, 60]);

    let at = |name: &str| site.folder.path().join(name);
    std::fs::write(at("data.xlsx"), "").unwrap();
    let error = |source| site.build_from(&source, Tolerance::Strict).unwrap_err();
    assert!(matches!(error(Source::File(at("data.xlsx"))), IngestError::Format { .. }));
    assert!(matches!(error(Source::File(at("none.csv"))), IngestError::NoSource { .. }));
    assert!(matches!(error(Source::Folder(at("none"))), IngestError::NoSource { .. }));
}

#[test]
fn the_report_of_a_published_build() {
    let site = Site::new().with("outcome.csv", "id,dead,ward\np2,0,x\n");
    let report = site.build(Tolerance::Strict).unwrap();
    let text = report.to_string().replace(report.build.unwrap().as_str(), "<build>");
    insta::assert_snapshot!(text, @r"
    published build <build>: 3 people

    tables
    lab from lab.csv: 4 rows read, 4 taken, 0 left out
    patient from patient.csv: 3 rows read, 3 taken, 0 left out
    outcome from outcome.csv: 1 rows read, 1 taken, 0 left out; columns not in the dictionary, not taken: ward
    ");
}
