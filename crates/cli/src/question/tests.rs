use std::io::Write;

use clap::Parser;

use super::*;
use crate::arguments::{Arguments, Command};

fn question(options: &[&str]) -> Question {
    match Arguments::try_parse_from([&["coda", "query"], options].concat()).unwrap().command {
        Command::Query(query) => query.question,
        _ => unreachable!(),
    }
}

fn outcome(status: SiteStatus) -> SiteOutcome {
    let site = SiteId::new("north").unwrap();
    SiteOutcome { site, status, detail: String::new(), build: String::new(), terms: None }
}

#[test]
fn options_and_a_file_make_the_same_query() {
    let options = ["--of", "mean:age", "--by", "sex", "--where", "age >= 65", "--sites", "a,b", "--dataset", "d"];
    let mut file = tempfile::NamedTempFile::new().unwrap();
    writeln!(
        file,
        "dataset = \"d\"\nsites = [\"a\", \"b\"]\nof = [\"mean:age\"]\nby = [\"sex\"]\nwhere = \"age >= 65\""
    )
    .unwrap();
    let (query, sites) = read(&question(&options)).unwrap();
    let (same, same_sites) = read(&question(&[file.path().to_str().unwrap()])).unwrap();
    assert!(query == same);
    assert_eq!(sites, ["a", "b"]);
    assert_eq!(sites, same_sites);
    let (_, other_sites) = read(&question(&[file.path().to_str().unwrap(), "--sites", "c"])).unwrap();
    assert_eq!(other_sites, ["c"]);
}

#[test]
fn a_fault_of_the_query_is_the_askers() {
    let error = |options: &[&str]| read(&question(options)).unwrap_err();
    assert!(error(&["--of", "mean:age", "--where", "age >="]).is::<QueryError>());
    assert!(error(&["--of", "count", "--over", "admission"]).to_string().contains("month:admission"));
    assert!(error(&[]).to_string().contains("--of mean:age"));
    assert!(error(&["no such file.toml"]).is::<Unread>());
}

#[test]
fn a_run_is_done_when_a_site_answered() {
    let neither = [outcome(SiteStatus::Unreachable), outcome(SiteStatus::Refused)];
    assert_eq!(ending(neither.iter()).unwrap_err().to_string(), "no site answered");
    let mixed = [outcome(SiteStatus::Unreachable), outcome(SiteStatus::Answered)];
    assert_eq!(ending(mixed.iter()).unwrap(), Ending::Done);
}
