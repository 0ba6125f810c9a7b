//! The rows of a file, whatever its format.

mod lines;
mod writing;

use std::{
    io,
    path::{Path, PathBuf},
};

use coda_engine::parquet_text::{ParquetText, ParquetTextError};
use csv::ByteRecord;
use unicode_normalization::UnicodeNormalization as _;

use crate::{IngestError, Rule, mapping::TableMapping, source::Format};
use lines::{Lines, Writing};
use writing::Recognised;

/// A file of which the header was read.
pub(crate) struct Sheet {
    path: PathBuf,
    rows: Rows,
    /// What was recognised of how it is written.
    pub(crate) recognised: Vec<String>,
}

enum Rows {
    Csv { lines: Box<Lines>, header: ByteRecord, writing: Writing },
    Parquet(ParquetText),
}

/// One row, or what is wrong with the file here.
pub(crate) enum Event<'a> {
    /// The fields at the wanted places, at a line.
    Row(u64, Fields<'a>),
    /// A rule about the file as a whole is broken; at a line, for the wanted place.
    Broken(Rule, Option<u64>, Option<usize>),
}

/// The fields of a row by their place in the file's header, or by the order in which they are wanted.
#[derive(Clone, Copy)]
pub(crate) enum Fields<'a> {
    Csv(&'a ByteRecord, &'a [usize]),
    Parquet(&'a [Option<&'a str>]),
}

impl<'a> Fields<'a> {
    /// The wanted field of this number; empty when there is none.
    pub(crate) fn field(self, wanted: usize) -> &'a [u8] {
        match self {
            Self::Csv(record, places) => places.get(wanted).and_then(|place| record.get(*place)).unwrap_or_default(),
            Self::Parquet(fields) => fields.get(wanted).copied().flatten().unwrap_or_default().as_bytes(),
        }
    }
}

impl Sheet {
    /// Opens a file in which these columns are looked for.
    pub(crate) fn open(
        path: &Path,
        format: Format,
        mapping: Option<&TableMapping>,
        wanted: &[&str],
    ) -> Result<Self, IngestError> {
        let (rows, recognised) = match format {
            Format::Parquet => (Rows::Parquet(ParquetText::open(path).map_err(parquet(path))?), Vec::new()),
            Format::Csv => {
                let Recognised { writing, said } = writing::recognise(path, mapping, wanted)?;
                (csv(path, writing)?, said)
            }
        };
        Ok(Self { path: path.to_owned(), rows, recognised })
    }

    /// The same file once more, from its first row.
    pub(crate) fn again(&self) -> Result<Self, IngestError> {
        let rows = match &self.rows {
            Rows::Parquet(_) => Rows::Parquet(ParquetText::open(&self.path).map_err(parquet(&self.path))?),
            Rows::Csv { writing, .. } => csv(&self.path, *writing)?,
        };
        Ok(Self { path: self.path.clone(), rows, recognised: Vec::new() })
    }

    /// Whether the values of a column are text, so that numbers and days may be written in more than one way.
    pub(crate) fn is_text(&self, place: usize) -> bool {
        match &self.rows {
            Rows::Csv { .. } => true,
            Rows::Parquet(file) => file.is_text(place),
        }
    }

    /// The names of the columns; `None` when they are no text.
    pub(crate) fn names(&self) -> Option<Vec<String>> {
        match &self.rows {
            Rows::Parquet(file) => Some(file.names().iter().map(|text| plain(text)).collect()),
            Rows::Csv { header, .. } => header.iter().map(name).collect(),
        }
    }

    /// Shows every row after the header with the fields at these places.
    pub(crate) fn visit(self, places: &[usize], mut visitor: impl FnMut(Event<'_>)) -> Result<(), IngestError> {
        match self.rows {
            Rows::Parquet(file) => {
                let row = |number: usize, fields: &[Option<&str>]| {
                    visitor(Event::Row(number as u64 + 1, Fields::Parquet(fields)));
                };
                match file.visit(places, row) {
                    Err(ParquetTextError::Type { column }) => {
                        let wanted = places.iter().position(|place| *place == column);
                        visitor(Event::Broken(Rule::ColumnType, None, wanted));
                        Ok(())
                    }
                    other => other.map_err(parquet(&self.path)),
                }
            }
            Rows::Csv { mut lines, header, .. } => {
                let mut record = ByteRecord::new();
                while let Some(line) = lines.next(&mut record).map_err(unreadable(&self.path))? {
                    visitor(if record.len() == header.len() {
                        Event::Row(line, Fields::Csv(&record, places))
                    } else {
                        Event::Broken(Rule::RaggedRow, Some(line), None)
                    });
                }
                // What has a key and as many fields as a row is one.
                let key = places.first().copied().unwrap_or_default();
                let is_row = |record: &ByteRecord| {
                    record.len() == header.len() && record.get(key).is_some_and(|key| !key.trim_ascii().is_empty())
                };
                for (line, _) in lines.footer().filter(|(_, record)| header.len() > 1 && is_row(record)) {
                    visitor(Event::Broken(Rule::FooterRow, Some(*line), None));
                }
                if let Some(line) = lines.stray_quote() {
                    visitor(Event::Broken(Rule::StrayQuote, Some(line), None));
                }
                if let Some(line) = lines.open_quote() {
                    visitor(Event::Broken(Rule::OpenQuote, Some(line), None));
                }
                Ok(())
            }
        }
    }
}

fn csv(path: &Path, writing: Writing) -> Result<Rows, IngestError> {
    let mut lines = Lines::open(path, writing).map_err(unreadable(path))?;
    let mut header = ByteRecord::new();
    lines.names(&mut header).map_err(unreadable(path))?;
    Ok(Rows::Csv { lines: Box::new(lines), header, writing })
}

/// The name of a column; `None` when it is no text.
fn name(field: &[u8]) -> Option<String> {
    std::str::from_utf8(field).ok().filter(|name| !name.contains(char::REPLACEMENT_CHARACTER)).map(plain)
}

/// A name trimmed, in one normal form (Unicode Standard Annex 15), and with one space for a line break or many spaces.
fn plain(text: &str) -> String {
    text.nfc().collect::<String>().split_whitespace().collect::<Vec<_>>().join(" ")
}

/// Whether two names are the same but for normal form, spaces and case.
pub(crate) fn same(one: &str, other: &str) -> bool {
    plain(one).to_lowercase() == plain(other).to_lowercase()
}

fn unreadable(path: &Path) -> impl FnOnce(io::Error) -> IngestError + '_ {
    move |cause| IngestError::File { path: path.to_owned(), cause }
}

fn parquet(path: &Path) -> impl FnOnce(ParquetTextError) -> IngestError + '_ {
    move |cause| IngestError::Parquet { path: path.to_owned(), cause }
}
