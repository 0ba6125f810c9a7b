//! The rows of a file, whatever its format.

mod lines;

use std::{
    io,
    path::{Path, PathBuf},
};

use coda_engine::parquet_text::{ParquetText, ParquetTextError};
use csv::ByteRecord;

use crate::{IngestError, Rule, source::Format};
use lines::Lines;

/// A file of which the header was read.
pub(crate) struct Sheet {
    path: PathBuf,
    rows: Rows,
}

enum Rows {
    Csv { lines: Lines, header: ByteRecord },
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
    pub(crate) fn open(path: &Path, format: Format) -> Result<Self, IngestError> {
        let rows = match format {
            Format::Parquet => Rows::Parquet(ParquetText::open(path).map_err(parquet(path))?),
            Format::Csv => {
                let mut lines = Lines::open(path).map_err(unreadable(path))?;
                let mut header = ByteRecord::new();
                lines.next(&mut header).map_err(unreadable(path))?;
                Rows::Csv { lines, header }
            }
        };
        Ok(Self { path: path.to_owned(), rows })
    }

    /// The trimmed names of the columns; `None` when they are no text.
    pub(crate) fn names(&self) -> Option<Vec<String>> {
        match &self.rows {
            Rows::Parquet(file) => Some(file.names().iter().map(|name| name.trim().to_owned()).collect()),
            Rows::Csv { header, .. } => {
                let name = |field| std::str::from_utf8(field).ok().map(|name| name.trim().to_owned());
                header.iter().map(name).collect()
            }
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
            Rows::Csv { mut lines, header } => {
                let mut record = ByteRecord::new();
                while let Some(line) = lines.next(&mut record).map_err(unreadable(&self.path))? {
                    visitor(if record.len() == header.len() {
                        Event::Row(line, Fields::Csv(&record, places))
                    } else {
                        Event::Broken(Rule::RaggedRow, Some(line), None)
                    });
                }
                if let Some(line) = lines.open_quote() {
                    visitor(Event::Broken(Rule::OpenQuote, Some(line), None));
                }
                Ok(())
            }
        }
    }
}

fn unreadable(path: &Path) -> impl FnOnce(io::Error) -> IngestError + '_ {
    move |cause| IngestError::File { path: path.to_owned(), cause }
}

fn parquet(path: &Path) -> impl FnOnce(ParquetTextError) -> IngestError + '_ {
    move |cause| IngestError::Parquet { path: path.to_owned(), cause }
}
