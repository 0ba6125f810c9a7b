//! One row after the other: whose it is, what it says, whether it can be taken.

use coda_model::{dictionary::RowsPer, scale::MISSING, variable::Variable};

use super::{Codes, Columns, Reading, Role, readers};
use crate::{
    Rule,
    form::Form,
    people::People,
    report::{Notes, Spot},
    sheet::Fields,
    value::{Reader, declared, is_missing},
};

/// What is known of a table while it is read.
pub(super) struct Checker<'a> {
    reading: &'a Reading<'a>,
    file: &'a str,
    people: &'a mut People,
    notes: &'a mut Notes,
    columns: &'a Columns<'a>,
    /// Of each variable.
    readers: Vec<Reader<'a>>,
    /// Rows seen of each person, by code.
    seen: Vec<u32>,
    /// The codes of the row at hand.
    row: Vec<i32>,
    codes: Codes,
}

/// Whose a row is.
enum Owner<'f> {
    /// A person with a code.
    Known(i32),
    /// A person whom the people table lists here for the first time.
    New(&'f str),
    /// Nobody who can be told; a rule is broken.
    Nobody,
}

impl<'a> Checker<'a> {
    pub(super) fn new(
        reading: &'a Reading<'a>,
        columns: &'a Columns<'a>,
        forms: &[Form],
        (file, people, notes): (&'a str, &'a mut People, &'a mut Notes),
    ) -> Self {
        let codes = Codes { columns: vec![Vec::new(); reading.table.variables.len()], ..Codes::default() };
        let seen = vec![0; people.count() as usize];
        let readers = readers(reading.table, reading.mapping(), forms);
        Self { reading, file, people, notes, columns, readers, seen, row: Vec::new(), codes }
    }

    /// Takes a row or notes why not. `None` when there are no codes left.
    pub(super) fn row(&mut self, line: u64, fields: Fields<'_>) -> Option<()> {
        let owner = self.owner(line, fields);
        let valid = self.values(line, fields) && !matches!(owner, Owner::Nobody);
        let person = match owner {
            Owner::Known(person) => person,
            // When one finding refuses everything, the person still has a code: else every other row of theirs would be
            // a finding too.
            Owner::New(key) if valid || self.reading.is_strict() => self.people.take(key)?,
            Owner::New(key) => {
                self.people.leave_out(key);
                MISSING
            }
            Owner::Nobody => MISSING,
        };
        if valid {
            self.codes.person.push(person);
            for (column, code) in self.codes.columns.iter_mut().zip(&self.row) {
                column.push(*code);
            }
        } else {
            self.codes.left_out += 1;
        }
        (self.codes.person.len() < i32::MAX as usize).then_some(())
    }

    /// Notes a rule about the whole file; `wanted` counts the person key as 0.
    pub(super) fn broken(&mut self, rule: Rule, line: Option<u64>, wanted: Option<usize>) {
        let column = wanted.and_then(|wanted| self.columns.wanted.get(wanted)).copied();
        self.notes.add(Spot { file: self.file, line, column }, rule, || None);
        if rule == Rule::RaggedRow {
            self.codes.left_out += 1;
        }
    }

    pub(super) fn finish(self) -> Codes {
        self.codes
    }

    fn owner<'f>(&mut self, line: u64, fields: Fields<'f>) -> Owner<'f> {
        let table = self.reading.table;
        let owner = match text(fields.field(0)) {
            Err(rule) => Err(rule),
            Ok(key) if is_missing(key) => Err(Rule::NoPersonKey),
            Ok(key) => match self.reading.role {
                Role::People if self.people.has_seen(key) => Err(Rule::PersonTwice),
                Role::People => Ok(Owner::New(key)),
                Role::Unchecked => Ok(Owner::Known(0)),
                Role::Other => self.people.code(key).ok_or(Rule::UnknownPerson).and_then(|code| self.counted(code)),
            },
        };
        owner.unwrap_or_else(|rule| {
            let spot = Spot { file: self.file, line: Some(line), column: self.columns.wanted.first().copied() };
            let most = || (rule == Rule::TooManyRows).then(|| format!("at most {}", table.rows.most()));
            self.notes.add(spot, rule, most);
            Owner::Nobody
        })
    }

    /// Counts a row of a person, unless they have had all their rows.
    fn counted<'f>(&mut self, code: i32) -> Result<Owner<'f>, Rule> {
        let rows = self.reading.table.rows;
        let seen = self.seen.get_mut(code as usize).ok_or(Rule::UnknownPerson)?;
        if *seen >= rows.most() {
            return Err(if rows == RowsPer::One { Rule::PersonTwice } else { Rule::TooManyRows });
        }
        *seen += 1;
        Ok(Owner::Known(code))
    }

    /// Codes the values of a row; whether all are valid.
    fn values(&mut self, line: u64, fields: Fields<'_>) -> bool {
        self.row.clear();
        let mut valid = true;
        for (number, variable) in self.reading.table.variables.iter().enumerate() {
            let (Some(reader), Some(wanted)) = (self.readers.get(number), self.columns.of_variable.get(number)) else {
                continue;
            };
            let field = wanted.map(|wanted| fields.field(wanted)).unwrap_or_default();
            let code = text(field).and_then(|text| reader.code(text));
            self.row.push(code.unwrap_or(MISSING));
            if let Err(rule) = code {
                valid = false;
                self.note(line, (variable, *wanted), rule);
            }
        }
        valid
    }

    fn note(&mut self, line: u64, (variable, wanted): (&Variable, Option<usize>), rule: Rule) {
        let column = wanted.and_then(|wanted| self.columns.wanted.get(wanted)).copied();
        let spot = Spot { file: self.file, line: Some(line), column: column.or(Some(&variable.column)) };
        self.notes.add(spot, rule, || declared(variable, rule));
    }
}

/// A field as trimmed text. Where bytes are not of the file's encoding, its decoder has put U+FFFD in their place.
fn text(field: &[u8]) -> Result<&str, Rule> {
    let text = std::str::from_utf8(field).map_err(|_| Rule::BrokenText)?;
    if text.contains(char::REPLACEMENT_CHARACTER) { Err(Rule::BrokenText) } else { Ok(text.trim()) }
}
