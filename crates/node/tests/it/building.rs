//! Files into builds.

use std::{collections::BTreeMap, fs, os::unix::fs::PermissionsExt as _, path::Path};

use insta::assert_snapshot;

use crate::site::{Ended, Site};

const DICTIONARY: &str = r#"
version = "1"
title = "A small network"

[dataset.heart]
label = "People"
people = "heart"

[dataset.heart.table.heart]
label = "Findings"
rows = "one"
person = "id"
[dataset.heart.table.heart.variable]
age = { type = "continuous", label = "Age", unit = "a", lower = 0, upper = 110, resolution = 1, missing = "never" }
"#;

fn build(site: &Site, rows: &str, more: &[&str]) -> Ended {
    site.write("dictionary.toml", DICTIONARY);
    site.write("heart.csv", &format!("id,age\n{rows}"));
    let arguments = ["build", "--dictionary", "dictionary.toml", "--site", "north", "--builds", "builds"];
    site.run(&[arguments.as_slice(), ["--input", "heart.csv"].as_slice(), more].concat())
}

/// Every file under a folder, with its content.
fn files(folder: &Path) -> BTreeMap<String, Vec<u8>> {
    let mut found = BTreeMap::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            found.append(&mut files(&path));
        } else {
            found.insert(path.display().to_string(), fs::read(&path).unwrap());
        }
    }
    found
}

#[test]
fn a_small_file_is_published_and_listed() {
    let site = Site::new();
    let ended = build(&site, "a,63\nb,67\n", &[]);
    let name = ended.output.trim_end();
    assert_eq!((ended.code, name.len()), (Some(0), "2026-11-22-10de2c00dff2".len()), "{ended:?}");
    assert_snapshot!(ended.said.replace(name, "BUILD"), @r"
    published build BUILD: 2 people

    tables
    heart from heart.csv: 2 rows read, 2 taken, 0 left out
    ");

    let second = build(&site, "a,63\nb,67\nc,9\n", &[]).output;
    let listed = site.run(&["builds", "--builds", "builds"]);
    let of = |name: &str| listed.output.lines().find(|line| line.starts_with(name)).unwrap().to_owned();
    assert_eq!((listed.code, listed.output.lines().count()), (Some(0), 3), "{listed:?}");
    assert!(of(name).ends_with("  2       no"), "{}", listed.output);
    assert!(of(second.trim_end()).ends_with("  3       yes"), "{}", listed.output);
}

#[test]
fn a_pseudonym_key_is_made_beside_the_builds_and_stays() {
    let site = Site::new();
    build(&site, "a,63\nb,67\n", &[]);
    let pseudonym_key = fs::read(site.path("builds.pseudonym-key")).unwrap();
    assert_eq!(pseudonym_key.len(), 129);
    assert_eq!(build(&site, "a,64\nb,67\n", &[]).code, Some(0));
    assert_eq!(fs::read(site.path("builds.pseudonym-key")).unwrap(), pseudonym_key);
}

#[test]
fn a_folder_of_builds_without_a_name_needs_a_path_for_the_pseudonym_key() {
    let site = Site::new();
    site.write("dictionary.toml", DICTIONARY);
    site.write("heart.csv", "id,age\na,63\n");
    let arguments = |builds| ["build", "--dictionary=dictionary.toml", "--site=north", "--input=heart.csv", builds];
    let ended = site.run(&arguments("--builds=."));
    assert_eq!(ended.code, Some(2));
    assert_snapshot!(ended.said, @"error: set --pseudonym-key: . has no name to put .pseudonym-key after");
    assert_eq!(
        site.run(&[arguments("--builds=.").as_slice(), &["--pseudonym-key=own.pseudonym-key"]].concat()).code,
        Some(0)
    );
    assert_eq!(site.run(&arguments("--builds=other/store/")).code, Some(0));
    assert!(site.path("other/store.pseudonym-key").exists());
}

#[test]
fn a_build_goes_on_with_the_pseudonym_key_it_began_with() {
    let site = Site::new();
    let name = build(&site, "a,63\nb,67\n", &["--pseudonym-key", "own.pseudonym-key"]).output;
    assert!(site.path("own.pseudonym-key").exists() && !site.path("builds.pseudonym-key").exists());
    let ended = build(&site, "a,63\nb,67\n", &[]);
    assert_eq!((ended.code, ended.output.as_str()), (Some(1), ""));
    assert_snapshot!(ended.said.replace(name.trim_end(), "BUILD"), @"error: the current build BUILD was made with another pseudonym key: use that one, or begin anew in another folder of builds");
    assert_eq!(build(&site, "a,63\nb,67\n", &["--pseudonym-key", "own.pseudonym-key"]).code, Some(0));
}

#[test]
fn a_pseudonym_key_that_others_may_read_is_refused() {
    let site = Site::new();
    build(&site, "a,63\n", &[]);
    fs::set_permissions(site.path("builds.pseudonym-key"), fs::Permissions::from_mode(0o640)).unwrap();
    let ended = build(&site, "a,63\n", &[]);
    assert_eq!(ended.code, Some(1));
    assert_snapshot!(ended.said, @"error: the pseudonym key builds.pseudonym-key is open to others than its owner (mode 0640); run: chmod 600 builds.pseudonym-key");
}

#[test]
fn a_broken_file_is_refused_and_the_folder_is_as_it_was() {
    let site = Site::new();
    build(&site, "a,63\nb,67\n", &[]);
    let before = files(&site.path("builds"));
    let ended = build(&site, "a,63\nb,670\n", &[]);
    assert_eq!((ended.code, ended.output.as_str()), (Some(1), ""));
    assert!(!ended.said.contains("670"), "{}", ended.said);
    assert_snapshot!(ended.said, @r"
    refused; nothing was published
    heart.csv: line 3, column age: outside its bounds (0 to 110 a)

    totals
    heart.csv: column age: outside its bounds (0 to 110 a): 1

    tables
    heart from heart.csv: 2 rows read, 1 taken, 1 left out
    error: the data breaks the dictionary's rules; nothing was published
    ");
    assert_eq!(files(&site.path("builds")), before);
}

#[test]
fn rows_can_be_left_out() {
    let ended = build(&Site::new(), "a,63\nb,670\n", &["--skip-rows"]);
    assert_eq!(ended.code, Some(1));
    assert!(ended.said.contains("1 of 2 people would be left out"), "{}", ended.said);
    let ended = build(&Site::new(), "a,63\nb,670\n", &["--skip-rows", "--skip-at-most", "50"]);
    assert_eq!(ended.code, Some(0));
    assert!(ended.said.contains("2 rows read, 1 taken, 1 left out"), "{}", ended.said);
}

#[test]
fn the_data_set_must_be_the_dictionarys() {
    let ended = build(&Site::new(), "a,63\n", &["--dataset", "lung"]);
    assert_eq!(ended.code, Some(2));
    assert_snapshot!(ended.said, @"error: set --dataset to one of the dictionary's: heart");
}
