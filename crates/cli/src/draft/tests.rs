use std::{fs, path::PathBuf};

use super::*;

/// The draft of planted files, and that it is a dictionary.
fn drafted(files: &[(&str, String)]) -> String {
    let folder = tempfile::tempdir().unwrap();
    let write = |(name, content): &(&str, String)| {
        let path = folder.path().join(name);
        fs::write(&path, content).unwrap();
        path
    };
    let paths: Vec<PathBuf> = files.iter().map(write).collect();
    let text = draft(&paths, None).unwrap();
    Dictionary::parse(&text).unwrap();
    text
}

fn lines(head: &str, rows: usize, row: impl Fn(usize) -> String) -> String {
    let mut text = format!("{head}\n");
    for number in 0..rows {
        text += &row(number);
        text.push('\n');
    }
    text
}

/// The text below the head that all drafts have.
fn body(text: &str) -> &str {
    text.strip_prefix(HEAD).unwrap()
}

#[test]
fn every_type_is_guessed() {
    let head = "Patient_ID,Age,sex,icu,Died,note,CRP (mg/L),in,admitted,stage";
    let people = lines(head, 40, |i| {
        let (sex, icu, died) = (["f", "m"][i % 2], i % 2, ["0.0", "1.0", "NA"][i % 3]);
        format!(
            "p{i},{},{sex},{icu},{died},text {i} of nobody else,0.{i:02},yes,20{:02}-03-01,{}",
            20 + i,
            12 + i % 9,
            i % 3
        )
    });
    let text = drafted(&[("people.csv", people.replace("p7,27,m", "p7,97,unknown"))]);
    insta::assert_snapshot!(body(&text), @r##"
    # check: the table that lists every person, one row each.
    people = "people"

    [dataset.data.table.people]
    rows = "one"
    # check: the column with the key of the person. Keys are never stored.
    person = "Patient_ID"
    # check: left out: column "note": no value is shared by five people.
    [dataset.data.table.people.variable]
    # check: unit is a UCUM unit such as mg/L; "1" is a pure number.
    # check: lower and upper are rounded outward; set them to what is plausible for anybody.
    age = { type = "continuous", unit = "1", lower = 0, upper = 100, resolution = 1, column = "Age" }
    # check: values of fewer than 5 people were seen and are not listed; add their levels.
    sex = { type = "categorical", levels = ["f", "m"] }
    icu = { type = "binary" }
    died = { type = "binary", yes = ["1.0"], no = ["0.0"], column = "Died" }
    # check: unit is a UCUM unit such as mg/L; "1" is a pure number.
    # check: lower and upper are rounded outward; set them to what is plausible for anybody.
    crp_mg_l = { type = "continuous", unit = "1", lower = 0, upper = 0.50, resolution = 0.01, column = "CRP (mg/L)" }
    in_2 = { type = "categorical", levels = ["yes"], column = "in" }
    # check: granularity may be day, month or year: keep no more than is needed; narrow from and to.
    admitted = { type = "date", granularity = "day", from = 2010-01-01, to = 2024-12-31 }
    stage = { type = "categorical", levels = ["0", "1", "2"] }
    "##);
}

#[test]
fn several_files_are_several_tables() {
    let people = lines("id,sex", 20, |i| format!("k{i},{}", ["f", "m"][i % 2]));
    let lab = lines("id,taken,value", 60, |i| format!("k{},2021-02-{:02}T08:00:00,{i}.5", i % 20, i % 28 + 1));
    let text = drafted(&[("Lab Results.csv", lab), ("people.csv", people)]);
    insta::assert_snapshot!(body(&text), @r##"
    # check: the table that lists every person, one row each.
    people = "people"

    [dataset.data.table.lab_results]
    # check: in a folder of several tables its file is named lab_results.csv.
    rows = "many"
    # check: rounded up.
    rows_at_most = 10
    # check: the column with the key of the person. Keys are never stored.
    person = "id"
    # check: the day that orders a person's rows.
    time = "taken"
    [dataset.data.table.lab_results.variable]
    # check: granularity may be day, month or year: keep no more than is needed; narrow from and to.
    taken = { type = "date", granularity = "day", from = 2020-01-01, to = 2024-12-31 }
    # check: unit is a UCUM unit such as mg/L; "1" is a pure number.
    # check: lower and upper are rounded outward; set them to what is plausible for anybody.
    value = { type = "continuous", unit = "1", lower = 0, upper = 100.0, resolution = 0.1 }

    [dataset.data.table.people]
    rows = "one"
    # check: the column with the key of the person. Keys are never stored.
    person = "id"
    [dataset.data.table.people.variable]
    sex = { type = "categorical", levels = ["f", "m"] }
    "##);
}

#[test]
fn without_a_table_of_people_one_is_asked_for() {
    let text = drafted(&[("visits.csv", lines("subject_id,ward", 30, |i| format!("{},{}", i % 10, i % 2)))]);
    insta::assert_snapshot!(body(&text), @r##"
    people = "people"

    # check: no file has one row a person, so that one more file is needed:
    # people.csv with every person's key once, and what is known of each person.
    [dataset.data.table.people]
    rows = "one"
    person = "subject_id"
    [dataset.data.table.people.variable]

    [dataset.data.table.visits]
    rows = "many"
    # check: rounded up.
    rows_at_most = 10
    # check: the column with the key of the person. Keys are never stored.
    person = "subject_id"
    [dataset.data.table.visits.variable]
    ward = { type = "binary" }
    "##);
}

#[test]
fn whose_rows_they_are_is_asked_and_never_guessed() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("t.csv");
    let draft = |text: &str, person| {
        fs::write(&path, text).unwrap();
        draft(std::slice::from_ref(&path), person).map_err(|error| format!("{error:#}"))
    };
    // Every row differs in its first column, and whose they are nobody knows: one person may have them all.
    let rows = lines("sample,ward,icu", 30, |i| format!("s{i},{},{}", ["A", "B"][i % 2], i % 2));
    let error = draft(&rows, None).unwrap_err();
    assert!(error.contains("--person COLUMN") && !error.contains("ward"), "{error}");
    assert!(draft(&rows, Some("nobody")).unwrap_err().contains("no column of this name"));
    assert!(draft(&rows, Some("sample")).unwrap().contains(r#"levels = ["A", "B"]"#));
    // The row's own number beside the patient's.
    let rows = lines("lab_id,mrn,ward", 30, |i| format!("L{i},M{},{}", i % 3, ["A", "B"][i % 2]));
    let text = draft(&rows, None).unwrap();
    assert!(text.contains(r#"person = "mrn""#) && !text.contains("levels"), "three people share nothing: {text}");
    // The key in another language, many rows a person.
    let rows = lines("Pat-Nr,crp", 30, |i| format!("A70{},{}.5", i % 3, i));
    let text = draft(&rows, None).unwrap();
    assert!(text.contains(r#"person = "Pat-Nr""#) && !text.contains("A700"), "{text}");
    // Staff of whom each has many patients.
    let rows = lines("id,Médecin traitant,age", 30, |i| format!("P{i},Dr {},{}", ["Alpha", "Beta"][i % 2], 20 + i));
    let text = draft(&rows, None).unwrap();
    assert!(!text.contains("Alpha") && text.contains("tells who somebody is"), "{text}");
}

#[test]
fn what_few_people_share_is_not_told() {
    // One person has the rare level in many rows; another has the greatest value of all.
    let row = |i: usize| if i < 20 { "p0,Zebulon,5000".to_owned() } else { format!("p{i},common,{}", 100 + i) };
    let text = drafted(&[("t.csv", lines("id,level,value", 60, row))]);
    assert!(text.contains("levels = [\"common\"]") && text.contains("fewer than 5 people"), "{text}");
    assert!(!text.contains("Zebulon") && !text.contains("5000,") && text.contains("upper = 10000"), "{text}");
}

#[test]
fn a_residual_level_is_counted_with_another() {
    let words = ["north", "south", "Autre", "unknown"];
    let text = drafted(&[("t.csv", lines("id,region", 40, |i| format!("p{i},{}", words[i % 4])))]);
    let line = text.lines().find(|line| line.starts_with("region")).unwrap();
    assert!(line.contains(r#"{ name = "Autre", residual_of = "north" }"#), "{line}");
    assert!(line.contains(r#"{ name = "unknown", residual_of = "north" }"#), "{line}");
    assert!(text.contains(r#"# check: name the level that "Autre" is to be counted with."#), "{text}");
    // Where there is nothing else, there is nothing to count them with.
    let text = drafted(&[("t.csv", lines("id,region", 40, |i| format!("p{i},{}", words[2 + i % 2])))]);
    assert!(text.contains(r#"levels = ["Autre", "unknown"]"#), "{text}");
}

#[test]
fn a_file_without_a_header_is_refused_in_silence() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("t.csv");
    for content in ["Zebulon,41\nOther,42\n", "Zebulon,2020-01-01\n", "", "Zebulon\u{0}\n,\n"] {
        fs::write(&path, content).unwrap();
        if let Err(error) = draft(std::slice::from_ref(&path), None) {
            assert!(!format!("{error:?}").contains("Zebulon"));
        } else {
            assert!(content.contains('\0'));
        }
    }
    assert!(draft(&[], None).is_err() && draft(&[folder.path().join("none.csv")], None).is_err());
}

#[test]
fn bounds_are_round_and_beyond() {
    let bounds = |least, most, decimals| {
        let found = number::bounds(least, most, decimals, 1).unwrap();
        format!("{} {} {}", found.lower, found.upper, found.resolution)
    };
    assert_eq!(bounds(20.0, 97.0, 0), "0 100 1");
    assert_eq!(bounds(20.0, 100.0, 0), "0 200 1");
    assert_eq!(bounds(-0.3, 0.04, 2), "-0.50 0.05 0.01");
    assert_eq!(bounds(-0.138, 0.199, 18), "-0.200000 0.200000 0.000001");
    assert_eq!(bounds(-0.2, 3e10, 1), "-10000 50000000000 10000");
    assert_eq!(bounds(0.0, 0.0, 0), "0 1 1");
    let many = number::bounds(0.0, 9e6, 0, 1000).unwrap();
    assert_eq!((many.upper.as_str(), many.resolution.as_str()), ("10000000", "10"), "in a thousand rows of a person");
    assert!(number::bounds(0.0, 1e300, 0, 1).is_none());
}

#[test]
fn real_tables_give_valid_drafts() {
    let shared = std::env::var_os("CODA_SHARED").map(PathBuf::from);
    let shared = shared
        .unwrap_or_else(|| PathBuf::from(std::env::var_os("CARGO_MANIFEST_DIR").unwrap()).join("../../../shared"));
    let Ok(entries) = fs::read_dir(shared.join("data/tables")) else {
        eprintln!("skipped: the shared data is not there");
        return;
    };
    let files = entries.map(|entry| entry.unwrap().path()).filter(|path| path.extension().is_some_and(|e| e == "csv"));
    let files: Vec<PathBuf> = files.collect();
    assert!(!files.is_empty());
    for file in &files {
        let header = fs::read_to_string(file).unwrap().lines().next().unwrap().to_owned();
        let first = header.split(',').next().unwrap().trim_matches('"').to_owned();
        let one = std::slice::from_ref(file);
        // Where no column is named as a key, a row is a person in these tables.
        let text = draft(one, None).or_else(|_| draft(one, Some(&first))).unwrap();
        Dictionary::parse(&text).unwrap();
        assert!(text.contains("type = "), "{}: {text}", file.display());
        // The planted family names and the row numbers of these tables.
        assert!(!text.contains("targaryen") && !text.contains("\nrownames"), "{text}");
    }
}
