//! A text file row by row, with the number of the line that each begins at.

use std::{
    collections::VecDeque,
    fs::File,
    io::{self, Read},
    path::Path,
};

use csv::{ByteRecord, Terminator};
use encoding_rs::Encoding;
use encoding_rs_io::{DecodeReaderBytes, DecodeReaderBytesBuilder};

/// How the bytes of a file become fields.
#[derive(Debug, Clone, Copy)]
pub(super) struct Writing {
    pub(super) encoding: &'static Encoding,
    pub(super) separator: u8,
    /// The line with the names, from 1.
    pub(super) header: u64,
    /// Lines at the end that are no rows.
    pub(super) footer: usize,
}

/// The rows of a file. Lines of nothing but separators and white space are no rows.
pub(super) struct Lines {
    reader: csv::Reader<Bytes>,
    writing: Writing,
    /// Rows that may turn out to be the footer.
    held: VecDeque<(u64, ByteRecord)>,
    /// The line that the last row begins at, when that row has line breaks in its last field.
    tall: Option<u64>,
}

impl Lines {
    /// Opens a file; the first row is that of the names.
    pub(super) fn open(path: &Path, writing: Writing) -> io::Result<Self> {
        let file = DecodeReaderBytesBuilder::new().encoding(Some(writing.encoding)).build(File::open(path)?);
        let bytes = Bytes {
            file,
            separator: writing.separator,
            after_return: false,
            quoting: Quoting::Before,
            lines: 1,
            stray: None,
            quotes: 0,
            length: 0,
            last: 0,
        };
        let mut builder = csv::ReaderBuilder::new();
        let builder = builder.has_headers(false).flexible(true).terminator(Terminator::Any(b'\n'));
        let reader = builder.delimiter(writing.separator).buffer_capacity(1 << 18).from_reader(bytes);
        Ok(Self { reader, writing, held: VecDeque::new(), tall: None })
    }

    /// Reads the row of the names.
    pub(super) fn names(&mut self, record: &mut ByteRecord) -> io::Result<()> {
        while let Some(line) = self.row(record)? {
            if line >= self.writing.header {
                return Ok(());
            }
        }
        record.clear();
        Ok(())
    }

    /// Reads the next row and says the line it begins at, from 1. `None` at the end of the file.
    pub(super) fn next(&mut self, record: &mut ByteRecord) -> io::Result<Option<u64>> {
        if self.writing.footer == 0 {
            return self.row(record);
        }
        while self.held.len() <= self.writing.footer {
            let Some(line) = self.row(record)? else { return Ok(None) };
            self.held.push_back((line, record.clone()));
        }
        let Some((line, first)) = self.held.pop_front() else { return Ok(None) };
        *record = first;
        Ok(Some(line))
    }

    fn row(&mut self, record: &mut ByteRecord) -> io::Result<Option<u64>> {
        while self.reader.read_byte_record(record).map_err(io::Error::from)? {
            if record.as_slice().trim_ascii().is_empty() {
                continue;
            }
            // The reader knows the line it has come to, and not how many empty lines it passed before the row.
            let (end, bytes) = (self.reader.position(), self.reader.get_ref());
            let unterminated = end.byte() == bytes.length && bytes.last != b'\n';
            let height = record.as_slice().split(|byte| *byte == b'\n').count() as u64;
            let line = (end.line() + u64::from(unterminated)).saturating_sub(height);
            let many = record.iter().next_back().is_some_and(|field| field.contains(&b'\n'));
            self.tall = many.then_some(line);
            return Ok(Some(line));
        }
        Ok(None)
    }

    /// The first line on which a field goes on after its closing quotation mark.
    pub(super) fn stray_quote(&self) -> Option<u64> {
        self.reader.get_ref().stray
    }

    /// The rows that were held back as the footer.
    pub(super) fn footer(&self) -> impl Iterator<Item = &(u64, ByteRecord)> {
        self.held.iter()
    }

    /// The line of the last row, if it was ended by the end of the file within quotes: all lines after it are one field
    /// then. The reader takes such a file as if the quotes were closed.
    pub(super) fn open_quote(&self) -> Option<u64> {
        let bytes = self.reader.get_ref();
        let open = self.tall.filter(|_| !bytes.quotes.is_multiple_of(2));
        // The line break at the end of the file was then no end of the row.
        open.map(|line| line + u64::from(bytes.last == b'\n'))
    }
}

/// Where a byte stands to the quotation marks of its field (RFC 4180, 2).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Quoting {
    /// At the beginning of a field.
    Before,
    /// In a field without them.
    Plain,
    /// Between them.
    Inside,
    /// After one that may be the closing one, or the first of two.
    After,
}

/// The bytes of a file as UTF-8 with lines that end in LF, seen on their way.
struct Bytes {
    file: DecodeReaderBytes<File, Vec<u8>>,
    separator: u8,
    /// Whether the byte before was a carriage return.
    after_return: bool,
    quoting: Quoting,
    /// The line at hand.
    lines: u64,
    /// The first line on which a field goes on after its closing quotation mark. The reader takes such a file, and rows with it.
    stray: Option<u64>,
    /// How many quotation marks went by.
    quotes: u64,
    /// How many bytes went by.
    length: u64,
    /// The last of them.
    last: u8,
}

impl Bytes {
    fn look(&mut self, byte: u8) {
        self.quotes += u64::from(byte == b'"');
        let ends = byte == self.separator || byte == b'\n';
        self.quoting = match (self.quoting, byte) {
            (Quoting::Inside, b'"') | (Quoting::After, b' ') => Quoting::After,
            (Quoting::Before | Quoting::After, b'"') | (Quoting::Inside, _) => Quoting::Inside,
            (Quoting::After, _) if !ends => {
                self.stray.get_or_insert(self.lines);
                Quoting::Plain
            }
            _ if ends => Quoting::Before,
            _ => Quoting::Plain,
        };
        self.lines += u64::from(byte == b'\n');
    }
}

impl Read for Bytes {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        loop {
            let length = self.file.read(buffer)?;
            let mut kept = 0;
            for place in 0..length {
                let Some(byte) = buffer.get(place).copied() else { break };
                // CR, CRLF and LF are one end of a line each.
                let is_second = self.after_return && byte == b'\n';
                self.after_return = byte == b'\r';
                if is_second {
                    continue;
                }
                let byte = if byte == b'\r' { b'\n' } else { byte };
                if let Some(to) = buffer.get_mut(kept) {
                    *to = byte;
                }
                kept += 1;
                self.look(byte);
                self.last = byte;
            }
            self.length += kept as u64;
            // Nothing kept of something read is not the end.
            if kept > 0 || length == 0 {
                return Ok(kept);
            }
        }
    }
}
