//! One file as one table of the draft.

use std::{
    collections::HashMap,
    fmt::Write,
    hash::{DefaultHasher, Hash, Hasher},
    path::Path,
};

use anyhow::{Context, Result, bail, ensure};
use coda_model::dictionary::Dictionary;
use csv::ByteRecord;

use super::{
    column::{Look, day, is_missing},
    kind::{Guess, guess},
    names::key_rank,
    number::beyond,
};

/// A table of the draft.
pub(super) struct Draft {
    pub(super) name: String,
    /// The column of the person key.
    pub(super) person: String,
    /// How many different keys it has.
    pub(super) people: usize,
    rows: Rows,
    /// Its text in the dictionary.
    pub(super) text: String,
}

#[derive(Clone, Copy, PartialEq)]
enum Rows {
    One,
    /// At most so many a person.
    Many(u32),
}

impl Rows {
    fn most(self) -> u32 {
        match self {
            Self::One => 1,
            Self::Many(most) => most,
        }
    }
}

/// The column that says whose row it is.
struct Key {
    place: usize,
    people: usize,
    rows: Rows,
    /// For every column, whether it tells all rows apart and is no measurement.
    unique: Vec<bool>,
}

impl Draft {
    /// Reads a file; `person` is the column of the person's key where its name does not say it.
    pub(super) fn read(file: &Path, person: Option<&str>, is_used: impl Fn(&str) -> bool) -> Result<Self> {
        let header = header(file)?;
        let key = key(file, &header, person)?;
        let (looks, ragged) = looks(file, &header, &key)?;
        let stem = file.file_stem().unwrap_or_default().to_string_lossy();
        let name = fresh(&valid(&stem, "table"), is_used);
        let person = header.get(key.place).cloned().unwrap_or_default();
        let text = write(&name, &stem, &header, &key, &looks, ragged)?;
        Ok(Self { name, person, people: key.people, rows: key.rows, text })
    }

    pub(super) fn is_one_row(&self) -> bool {
        self.rows == Rows::One
    }
}

/// Text as a TOML string.
pub(super) fn quoted(text: &str) -> String {
    toml::Value::String(text.replace(char::is_control, " ")).to_string()
}

fn header(file: &Path) -> Result<Vec<String>> {
    let mut record = ByteRecord::new();
    reader(file)?.read_byte_record(&mut record)?;
    let name = |field| std::str::from_utf8(field).map(|name: &str| name.trim().to_owned());
    let header: Vec<String> = record.iter().map(name).collect::<Result<_, _>>().context("the header is not UTF-8")?;
    ensure!(header.iter().any(|name| !name.is_empty()), "the file has no header");
    let is_alone = header.len() == 1 && header.iter().any(|name| name.contains([';', '\t', '|']));
    ensure!(!is_alone, "the header has one field; separate fields by commas");
    // Without a header, a person's values would become the names of a public dictionary.
    let is_value = |name: &String| name.parse::<f64>().is_ok() || day(name).is_some();
    ensure!(!header.iter().any(is_value), "the first line looks like values; the first line must name the columns");
    Ok(header)
}

/// The column of the person's key: the one that is named, else the one whose name says so. It is never guessed from the values: who takes
/// rows for people would show levels of one person.
fn key(file: &Path, header: &[String], person: Option<&str>) -> Result<Key> {
    let ranked = header.iter().enumerate().filter_map(|(place, name)| Some((key_rank(name)?, place)));
    let named = match person {
        Some(person) => header.iter().position(|name| name == person.trim()),
        None => ranked.min().map(|(_, place)| place),
    };
    // No name of the file is shown: the first line may be a person's row.
    let Some(place) = named else {
        bail!(match person {
            Some(_) => "the header has no column of this name (--person)",
            None => {
                "no column is known to hold the key of a person, and levels are counted by people; say which does with --person COLUMN"
            }
        })
    };
    let key_place = place;
    let mut counts: Vec<Option<HashMap<u64, u32>>> = header.iter().map(|_| Some(HashMap::new())).collect();
    visit(file, |record| {
        for (place, (count, field)) in counts.iter_mut().zip(record).enumerate() {
            let Some(seen) = count else { continue };
            let rows = seen.entry(hash(field)).or_default();
            *rows += 1;
            let text = std::str::from_utf8(field).map_or("", str::trim);
            let is_measured = day(text).is_some() || (text.contains('.') && text.parse::<f64>().is_ok());
            if place != key_place && (*rows > 1 || is_missing(text) || is_measured) {
                *count = None;
            }
        }
    })?;
    let all_differ = |seen: &HashMap<u64, u32>| !seen.is_empty() && seen.values().all(|rows| *rows == 1);
    let unique: Vec<bool> = counts.iter().map(|count| count.as_ref().is_some_and(all_differ)).collect();
    let seen = counts.into_iter().nth(place).flatten().unwrap_or_default();
    let most = seen.values().copied().max().unwrap_or(1);
    let rows = if most <= 1 { Rows::One } else { Rows::Many(beyond(2.0 * f64::from(most)).min(1e6) as u32) };
    Ok(Key { place, people: seen.len(), rows, unique })
}

/// The look of every column, and whether some lines are longer or shorter than the header.
fn looks(file: &Path, header: &[String], key: &Key) -> Result<(Vec<Look>, bool)> {
    let mut looks: Vec<Look> = header.iter().map(|_| Look::default()).collect();
    let mut ragged = false;
    visit(file, |record| {
        ragged |= record.len() != header.len();
        // A row of nobody supports no level.
        let Some(person) =
            record.get(key.place).filter(|field| !is_missing(std::str::from_utf8(field).map_or("", str::trim)))
        else {
            return;
        };
        let person = hash(person);
        for (look, field) in looks.iter_mut().zip(record) {
            look.see(field, person);
        }
    })?;
    Ok((looks, ragged))
}

fn write(name: &str, stem: &str, header: &[String], key: &Key, looks: &[Look], ragged: bool) -> Result<String> {
    let (mut variables, mut left_out, mut time) = (String::new(), String::new(), None);
    let mut used: Vec<String> = Vec::new();
    for (place, (column, look)) in header.iter().zip(looks).enumerate() {
        if place == key.place {
            continue;
        }
        let twice = column.is_empty() || header.iter().filter(|other| *other == column).count() > 1;
        let guess = if twice {
            Guess::Leave("its name is empty or stands twice in the header")
        } else {
            guess(column, look, key.unique.get(place).copied().unwrap_or_default(), key.rows.most())
        };
        match guess {
            Guess::Leave(why) => writeln!(left_out, "# check: left out: column {}: {why}.", quoted(column))?,
            Guess::Take { keys, checks, is_date } => {
                let variable =
                    fresh(&valid(column, "column"), |name| !is_variable(name) || used.iter().any(|u| u == name));
                for check in checks {
                    writeln!(variables, "# check: {check}.")?;
                }
                let from = if variable == *column { String::new() } else { format!(", column = {}", quoted(column)) };
                writeln!(variables, "{variable} = {{ {keys}{from} }}")?;
                if is_date {
                    time.get_or_insert(variable.clone());
                }
                used.push(variable);
            }
        }
    }
    let mut text = format!("\n[dataset.data.table.{name}]\n");
    if stem != name {
        writeln!(text, "# check: in a folder of several tables its file is named {name}.csv.")?;
    }
    if ragged {
        writeln!(
            text,
            "# check: some lines have more or fewer fields than the header; a build would refuse the file."
        )?;
    }
    match key.rows {
        Rows::One => writeln!(text, "rows = \"one\"")?,
        Rows::Many(most) => writeln!(text, "rows = \"many\"\n# check: rounded up.\nrows_at_most = {most}")?,
    }
    text += "# check: the column with the key of the person. Keys are never stored.\n";
    writeln!(text, "person = {}", header.get(key.place).map_or(String::new(), |column| quoted(column)))?;
    if let (Rows::Many(_), Some(time)) = (key.rows, time) {
        writeln!(text, "# check: the day that orders a person's rows.\ntime = \"{time}\"")?;
    }
    Ok(format!("{text}{left_out}[dataset.data.table.{name}.variable]\n{variables}"))
}

/// A name of small letters, digits and `_` that is close to the text.
fn valid(text: &str, otherwise: &str) -> String {
    let letter = |c: char| if c.is_ascii_alphanumeric() { c.to_ascii_lowercase() } else { '_' };
    let parts: Vec<String> = text.chars().map(letter).collect::<String>().split('_').map(str::to_owned).collect();
    let name = parts.into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join("_");
    if name.is_empty() { otherwise.to_owned() } else { name.chars().take(56).collect() }
}

/// The name, with a number behind it while it is taken.
fn fresh(name: &str, is_taken: impl Fn(&str) -> bool) -> String {
    let mut found = name.to_owned();
    let mut number = 2;
    while is_taken(&found) && number < 10_000 {
        found = format!("{name}_{number}");
        number += 1;
    }
    found
}

/// Whether the dictionary takes it as a variable's name: some words mean something in queries.
fn is_variable(name: &str) -> bool {
    let head = "version = \"1\"\ntitle = \"\"\n[dataset.d]\npeople = \"t\"\n[dataset.d.table.t]\nrows = \"one\"\n";
    Dictionary::parse(&format!("{head}person = \"p\"\nvariable.{name} = {{ type = \"binary\" }}\n")).is_ok()
}

fn hash(field: &[u8]) -> u64 {
    let mut hasher = DefaultHasher::new();
    field.trim_ascii().hash(&mut hasher);
    hasher.finish()
}

fn reader(file: &Path) -> Result<csv::Reader<std::fs::File>> {
    Ok(csv::ReaderBuilder::new().has_headers(false).flexible(true).from_path(file)?)
}

/// Shows every row after the header.
fn visit(file: &Path, mut visitor: impl FnMut(&ByteRecord)) -> Result<()> {
    let mut reader = reader(file)?;
    let mut record = ByteRecord::new();
    reader.read_byte_record(&mut record)?;
    while reader.read_byte_record(&mut record)? {
        visitor(&record);
    }
    Ok(())
}
