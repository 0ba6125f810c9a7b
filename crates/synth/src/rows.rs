//! Rows of comma-separated text. No field here needs quoting: all are numbers, dates and plain words.

use std::fmt::{Display, Write};

/// A table being written.
pub(crate) struct Rows {
    csv: String,
}

impl Rows {
    /// A table with its header, and room for `bytes` more.
    pub(crate) fn new(header: &str, bytes: usize) -> Self {
        let mut csv = String::with_capacity(header.len() + 1 + bytes);
        csv.push_str(header);
        csv.push('\n');
        Self { csv }
    }

    /// Begins a row with the key of a person. The word `synthetic` in it is for whoever finds the file.
    pub(crate) fn person(&mut self, site: &str, number: usize) -> &mut Self {
        self.put(format_args!("synthetic-{site}-{number:07}"))
    }

    /// Adds a field.
    pub(crate) fn field(&mut self, value: impl Display) -> &mut Self {
        self.csv.push(',');
        self.put(value)
    }

    /// Adds a field that may be missing.
    pub(crate) fn optional(&mut self, value: Option<impl Display>) -> &mut Self {
        self.csv.push(',');
        match value {
            Some(value) => self.put(value),
            None => self,
        }
    }

    /// Adds yes or no.
    pub(crate) fn yes_no(&mut self, value: bool) -> &mut Self {
        self.field(u8::from(value))
    }

    /// Ends the row.
    pub(crate) fn end(&mut self) {
        self.csv.push('\n');
    }

    /// The text written.
    pub(crate) fn into_csv(self) -> String {
        self.csv
    }

    fn put(&mut self, value: impl Display) -> &mut Self {
        // writing to a string cannot fail
        let _ = write!(self.csv, "{value}");
        self
    }
}

/// A number held in tenths, never negative.
#[derive(Clone, Copy)]
pub(crate) struct Tenths(pub(crate) i64);

impl Display for Tenths {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}.{}", self.0 / 10, self.0 % 10)
    }
}

/// A number held in hundredths, never negative.
#[derive(Clone, Copy)]
pub(crate) struct Hundredths(pub(crate) i64);

impl Display for Hundredths {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}.{:02}", self.0 / 100, self.0 % 100)
    }
}
