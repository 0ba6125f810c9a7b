//! Rows left out, counted, when the site says so.

use coda_ingest::{Rule, Tolerance};
use coda_model::ids::{People, Rows};

use crate::site::{ANY, LAB, PATIENT, Site};

#[test]
fn bad_rows_are_left_out_and_counted() {
    let site = Site::new().with("lab.csv", format!("{LAB}p2,2020-01-01,999\np2,soon,1\np9,2020-01-01,1\n"));
    site.refused(Tolerance::Strict);
    let report = site.build(ANY).unwrap();
    let lab = &report.tables[0];
    assert_eq!((lab.read, lab.taken, lab.left_out(), report.count()), (Rows(7), Rows(4), Rows(3), 3));
    assert_eq!(site.codes("lab", "crp").len(), 4);
    let build = site.builds.get(&report.build.unwrap()).unwrap().unwrap();
    let entry = build.manifest().table("lab").unwrap();
    assert_eq!((entry.rows, entry.left_out), (Rows(4), Rows(3)));
}

#[test]
fn who_is_left_out_of_the_people_table_is_left_out_everywhere() {
    let site = Site::new().with("patient.csv", PATIENT.replace("40", "400"));
    let report = site.build(ANY).unwrap();
    assert_eq!(report.people, People(2));
    assert_eq!(site.codes("patient", "_person"), [0, 1]);
    assert_eq!((site.codes("outcome", "_person"), site.codes("outcome", "dead")), (vec![0], vec![0]));
    assert_eq!(site.codes("lab", "_person"), [1, 1]);
    let unknown: u64 = report.totals.iter().filter(|t| t.rule == Rule::UnknownPerson).map(|t| t.count).sum();
    assert_eq!(unknown, 3);
}

#[test]
fn of_a_person_who_stands_twice_the_first_row_counts() {
    let site = Site::new().with("patient.csv", format!("{PATIENT}p1,99,male,0,N\n"));
    site.build(ANY).unwrap();
    assert_eq!(site.codes("patient", "age"), [40, 50, 60]);
    let rows = [1, 2, 3, 4, 5].map(|crp| format!("p1,2020-01-01,{crp}\n")).concat();
    let site = Site::new().with("lab.csv", format!("pid,taken,CRP\n{rows}"));
    site.build(ANY).unwrap();
    assert_eq!(site.codes("lab", "crp"), [10, 20, 30]);
}

#[test]
fn a_table_of_which_nothing_is_left_is_empty() {
    let site = Site::new().with("lab.csv", "pid,taken,CRP\np1,2020-01-01,bad\n");
    let text = site.findings(ANY);
    assert!(text.ends_with("lab.csv: no row to take"), "{text}");
    assert!(!site.findings(Tolerance::Strict).contains("no row"), "the finding says enough");
}

#[test]
fn a_table_of_which_nobody_has_a_row_is_published() {
    let site = Site::new().with("lab.csv", "pid,taken,CRP\n");
    assert!(site.build(Tolerance::Strict).unwrap().build.is_some());
}

#[test]
fn a_refused_build_leaves_the_former_one() {
    let site = Site::new();
    let first = site.build(Tolerance::Strict).unwrap().build;
    let site = site.with("lab.csv", "pid,taken\n");
    site.refused(ANY);
    let dataset = coda_model::DatasetId::new("covid").unwrap();
    assert_eq!(site.builds.current(&dataset).unwrap().map(|build| build.id().clone()), first);
}

#[test]
fn no_more_people_are_left_out_than_may_be() {
    let few = Tolerance::SkipRows { at_most: 1 };
    let rows = |bad: usize| {
        let row =
            |n: usize| format!("p{n},{},female,1,J\n", if n >= 200 - bad { "old".to_owned() } else { "40".to_owned() });
        (0..200).map(row).collect::<String>()
    };
    let site = |bad| Site::new().with("patient.csv", format!("id,age,sex,icu,smoker\n{}", rows(bad)));
    let report = site(2).build(few).unwrap();
    assert_eq!((report.people.0, report.left_out), (198, 2));
    assert!(report.to_string().contains("2 of 200 people are left out with their rows"), "{report}");
    let refused = site(3).build(few).unwrap_err();
    assert!(refused.to_string().starts_with("3 of 200 people would be left out"), "{refused}");
}
