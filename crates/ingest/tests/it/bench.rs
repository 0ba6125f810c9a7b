//! Size: a whole site's table goes through, also in the development profile.

use std::fmt::Write;

use coda_ingest::Tolerance;

use crate::site::Site;

/// People, from the environment; 1,000,000 to measure.
fn people() -> usize {
    std::env::var("CODA_INGEST_PEOPLE").ok().and_then(|text| text.parse().ok()).unwrap_or(3000)
}

#[test]
fn a_large_table_is_taken_whole() {
    let people = people();
    let mut patient = "id,age,sex,icu,smoker,note\n".to_owned();
    let mut lab = "pid,taken,CRP\n".to_owned();
    for person in 0..people {
        let sex = if person % 2 == 0 { "female" } else { "male" };
        writeln!(patient, "key-{person},{},{sex},{},NA,text", person % 111, person % 2).unwrap();
        writeln!(lab, "key-{},2020-{:02}-01,{}.{}", people - 1 - person, person % 12 + 1, person % 600, person % 10)
            .unwrap();
    }
    let site = Site::new().with("patient.csv", patient).with("lab.csv", lab);
    let site = site.with("outcome.csv", "id,dead\nkey-0,0\n");
    let report = site.build(Tolerance::Strict).unwrap();
    assert_eq!(report.people.0, people as u64);
    assert!(site.codes("lab", "_person").into_iter().eq(0..people as i32));
}
