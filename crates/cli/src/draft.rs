//! `coda dictionary draft FILE...`: a first dictionary from the look of CSV files, for a person to correct.
//!
//! A dictionary is public in the network, so the draft tells of the data only what many people share: levels of at least
//! five people, bounds far outside the extremes, and no free text. Comments that begin with `# check:` say what to look at.

mod column;
mod kind;
mod names;
mod number;
mod table;
#[cfg(test)]
mod tests;

use std::{fmt::Write, path::PathBuf};

use anyhow::{Context, Result, ensure};
use coda_model::dictionary::Dictionary;

use table::Draft;

/// What stands above every draft.
const HEAD: &str = "\
# A draft, made by `coda dictionary draft` from the look of the files. The files never leave this machine; a dictionary
# is public in the network. Lines with `check:` are guesses: correct them, then remove the comments.
# check: missing = \"never\" is a promise that no value is ever missing. It is never guessed; add it where it holds.
version = \"draft\"
# check: title, the name of the data set and all labels are for people to read.
title = \"Draft\"

[dataset.data]
";

/// Proposes a dictionary for CSV files, one table a file; `person` is the column of the person's key where its name does not say it.
///
/// # Errors
/// When a file cannot be read, has no header, its header looks like a row of values, or no column is known to hold the person's key.
pub(crate) fn draft(files: &[PathBuf], person: Option<&str>) -> Result<String> {
    ensure!(!files.is_empty(), "name at least one CSV file");
    let mut drafts: Vec<Draft> = Vec::new();
    for file in files {
        let draft = Draft::read(file, person, |name| drafts.iter().any(|other| other.name == name))
            .with_context(|| format!("cannot draft a table from {}", file.display()))?;
        drafts.push(draft);
    }
    let mut text = HEAD.to_owned();
    // Whoever has one row a person in the largest table is likely everybody.
    let people = drafts.iter().filter(|draft| draft.is_one_row()).max_by_key(|draft| draft.people);
    match (people, drafts.first()) {
        (Some(people), _) => {
            writeln!(text, "# check: the table that lists every person, one row each.\npeople = \"{}\"", people.name)?;
        }
        (None, first) => {
            let person = first.map_or(String::new(), |first| table::quoted(&first.person));
            text += &people_table(&person, |name| drafts.iter().any(|draft| draft.name == name))?;
        }
    }
    for draft in &drafts {
        text += &draft.text;
    }
    Dictionary::parse(&text).context("the draft is not valid; this is a fault of the program")?;
    Ok(text)
}

/// A table that no file has yet: the data set needs one that lists every person once.
fn people_table(person: &str, is_used: impl Fn(&str) -> bool) -> Result<String> {
    let name =
        ["people", "all_people", "everybody"].into_iter().find(|name| !is_used(name)).unwrap_or("drafted_people");
    let mut text = String::new();
    writeln!(text, "people = \"{name}\"\n\n# check: no file has one row a person, so that one more file is needed:")?;
    writeln!(text, "# {name}.csv with every person's key once, and what is known of each person.")?;
    writeln!(
        text,
        "[dataset.data.table.{name}]\nrows = \"one\"\nperson = {person}\n[dataset.data.table.{name}.variable]"
    )?;
    Ok(text)
}
