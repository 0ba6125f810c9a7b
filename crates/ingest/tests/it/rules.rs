//! Every rule, broken once, with its file, line and column.

use coda_ingest::{Rule, Tolerance};

use crate::site::{ANY, PATIENT, Site};

/// A value that must never be seen in a report.
const SECRET: &str = "Zebulon";

/// What the report lists when a file of the small data set is replaced; both tolerances refuse it when it is structural.
fn findings(name: &str, content: impl AsRef<[u8]>) -> String {
    let site = Site::new().with(name, content);
    let report = site.refused(Tolerance::Strict);
    let text = format!("{report}\n{report:?}");
    assert!(!text.contains(SECRET), "{text}");
    if report.findings.iter().any(|finding| finding.rule.is_structural()) {
        site.refused(ANY);
    }
    site.findings(Tolerance::Strict)
}

fn patient(row: &str) -> String {
    findings("patient.csv", format!("{PATIENT}{row}\n"))
}

fn lab(rows: &str) -> String {
    findings("lab.csv", format!("pid,taken,CRP\np1,2020-01-01,1\n{rows}"))
}

#[test]
fn files_that_are_not_there_or_twice() {
    let site = Site::new().without("lab.csv");
    assert_eq!(site.findings(Tolerance::Strict), "lab.csv, lab.tsv or lab.parquet: the file is missing");
    site.refused(ANY);
    // Without the people table, nobody is called unknown.
    let site = Site::new().without("patient.csv");
    assert_eq!(site.findings(Tolerance::Strict), "patient.csv, patient.tsv or patient.parquet: the file is missing");
    let site = Site::new().with("lab.parquet", "");
    assert_eq!(
        site.findings(ANY),
        "lab.csv: there are two files of this name; keep one, or name it in the mapping (file)"
    );
}

#[test]
fn headers() {
    let lab = |content: &str| findings("lab.csv", content);
    insta::assert_snapshot!(lab("pid,taken,crpp\np1,2020-01-01,1\n"), @r#"lab.csv: column CRP: the column is missing (did you mean crpp? then write column = "crpp" into the mapping)"#);
    insta::assert_snapshot!(lab("pid,CRP,taken,CRP\np1,1,2020-01-01,1\n"), @"lab.csv: column CRP: the column stands twice in the header");
    insta::assert_snapshot!(lab("pid,taken,crp,Crp\np1,2020-01-01,1,2\n"), @"lab.csv: column CRP: the column stands twice in the header");
    insta::assert_snapshot!(lab(""), @"
    lab.csv: column pid: the column is missing (write person = COLUMN into the mapping; header = NUMBER where the names are in a later line)
    lab.csv: column taken: the column is missing (where the site does not have it, write collected = false into the mapping; header = NUMBER where the names are in a later line)
    lab.csv: column CRP: the column is missing (where the site does not have it, write collected = false into the mapping; header = NUMBER where the names are in a later line)
    ");
    insta::assert_snapshot!(findings("lab.csv", b"\xef\xbb\xbfpid,taken,CRP,n\xfcchtern\np1,2020-01-01,1,0\n"), @"lab.csv: line 1: the column names are not text in the encoding of the file; write encoding into the mapping");
}

#[test]
fn a_file_without_a_header_does_not_tell_its_first_person() {
    let text = findings("lab.csv", format!("{SECRET},2020-01-01,1\n{SECRET},2020-01-02,1\n"));
    assert_eq!(text.lines().count(), 3, "{text}");
}

#[test]
fn rows_that_are_no_rows() {
    insta::assert_snapshot!(lab("p2,2020-01-01\np2,2020-01-01,1,Zebulon\n"), @r"
    lab.csv: line 3: more or fewer fields than the header
    lab.csv: line 4: more or fewer fields than the header
    ");
    let swallowed = "pid,taken,CRP,note\np1,2020-01-01,1,\np2,2020-01-01,1,\"Zebulon\np3,2020-01-01,1,\n";
    insta::assert_snapshot!(findings("lab.csv", swallowed), @"lab.csv: line 3: a quotation mark is never closed");
    insta::assert_snapshot!(findings("lab.csv", b"\xef\xbb\xbfpid,taken,CRP\np1,2020-01-01,1\np2,2020-01-01,Zebulon\xff\n\xffZebulon,2020-01-01,1\n"), @"
    lab.csv: line 3, column CRP: not text in the encoding of the file
    lab.csv: line 4, column pid: not text in the encoding of the file
    ");
}

#[test]
fn values() {
    insta::assert_snapshot!(lab("p2,2020-01-01,Zebulon\np2,2020-01-01,600.1\np2,2020-01-01,-1\np3,2020-01-01,inf\np3,2020-01-01,nan\n"), @"
    lab.csv: line 3, column CRP: not a number (0.0 to 600.0 mg/L)
    lab.csv: line 4, column CRP: outside its bounds (0.0 to 600.0 mg/L)
    lab.csv: line 5, column CRP: outside its bounds (0.0 to 600.0 mg/L)
    lab.csv: line 6, column CRP: outside its bounds (0.0 to 600.0 mg/L)
    ");
    insta::assert_snapshot!(lab("p2,Zebulon,1\np2,02.01.2020,1\np2,2022-01-01,1\n"), @"
    lab.csv: line 3, column taken: not a day (such as YYYY-MM-DD or DD.MM.YYYY)
    lab.csv: line 5, column taken: a day outside its range (2020-01-01 to 2021-12-31)
    ");
    insta::assert_snapshot!(patient("p4,1,Zebulon,Zebulon,Zebulon"), @r"
    patient.csv: line 5, column sex: an undeclared level (declared: female, male)
    patient.csv: line 5, column icu: an undeclared level (declared: 1, true, yes, 0, false, no)
    patient.csv: line 5, column smoker: an undeclared level (declared: J, N)
    ");
    insta::assert_snapshot!(patient("p4, NaN ,,,"), @"patient.csv: line 5, column age: missing, and the dictionary says that it never is");
}

#[test]
fn people() {
    insta::assert_snapshot!(patient(" NA ,1,,,"), @"patient.csv: line 5, column id: no person key");
    insta::assert_snapshot!(patient("p1,1,,,"), @"patient.csv: line 5, column id: a second row of the same person");
    insta::assert_snapshot!(lab("Zebulon,2020-01-01,1\n,2020-01-01,1\n"), @r"
    lab.csv: line 3, column pid: a person who is not in the people table
    lab.csv: line 4, column pid: no person key
    ");
    insta::assert_snapshot!(lab(&"p1,2020-01-01,1\n".repeat(3)), @"lab.csv: line 5, column pid: more rows of one person than declared (at most 3)");
    insta::assert_snapshot!(findings("outcome.csv", "id,dead\np1,0\np1,1\n"), @"outcome.csv: line 3, column id: a second row of the same person");
    insta::assert_snapshot!(findings("outcome.csv", "id,dead\np1,\n"), @"outcome.csv: line 2, column dead: missing, and the dictionary says that it never is");
}

#[test]
fn a_person_with_a_bad_row_is_not_unknown_elsewhere() {
    let site = Site::new().with("patient.csv", PATIENT.replace("40", SECRET));
    insta::assert_snapshot!(site.findings(Tolerance::Strict), @"patient.csv: line 2, column age: not a number (0 to 110 a)");
}

#[test]
fn lines_are_those_of_an_editor() {
    for text in [
        "pid,taken,CRP,note\r\np1,2020-01-01,1,\"two\r\nlines\"\r\np1,2020-01-01,bad,x\r\n",
        "pid,taken,CRP,note\n\np1,2020-01-01,1,x\np1,2020-01-01,bad,x\n",
        "pid,taken,CRP,note\r\n\r\np1,2020-01-01,1,x\r\np1,2020-01-01,bad,x",
        "\u{feff}pid,taken,CRP,note\n\n  \np1,2020-01-01,bad,\"two\nlines\"",
        "\n\r\npid,taken,CRP,note\np1,2020-01-01,bad,\r\n\n\n",
    ] {
        let line = findings("lab.csv", text);
        assert_eq!(line, "lab.csv: line 4, column CRP: not a number (0.0 to 600.0 mg/L)", "{text:?}");
    }
}

#[test]
fn many_findings_are_counted_and_few_are_listed() {
    let rows = format!("unlisted,{SECRET},{SECRET}\n").repeat(1234);
    let site = Site::new().with("lab.csv", format!("pid,taken,CRP\n{rows}"));
    let report = site.refused(Tolerance::Strict);
    for rule in [Rule::UnknownPerson, Rule::NotADay, Rule::NotANumber] {
        assert_eq!(report.findings.iter().filter(|finding| finding.rule == rule).count(), 20);
    }
    assert_eq!(report.count(), 3 * 1234);
    let text = report.to_string();
    let (_, totals) = text.split_once("line 21, column CRP: not a number (0.0 to 600.0 mg/L)\n").unwrap();
    insta::assert_snapshot!(totals, @"
    and 3,642 more findings, counted below

    totals
    lab.csv: column pid: a person who is not in the people table: 1,234
    lab.csv: column taken: not a day (such as YYYY-MM-DD or DD.MM.YYYY): 1,234
    lab.csv: column CRP: not a number (0.0 to 600.0 mg/L): 1,234

    tables
    lab from lab.csv: 1,234 rows read, 0 taken, 1,234 left out
    patient from patient.csv: 3 rows read, 3 taken, 0 left out
    outcome from outcome.csv: 2 rows read, 2 taken, 0 left out
    ");
}
