//! A CSV file row by row, with the number of the line that each begins at.

use std::{
    fs::File,
    io::{self, Read},
    path::Path,
};

use csv::{ByteRecord, Terminator};

/// The rows of a file. Lines of nothing but white space are no rows.
pub(super) struct Lines {
    reader: csv::Reader<Bytes>,
    /// The line that the last row begins at, when that row has line breaks in its last field.
    ends_in_many_lines: Option<u64>,
}

impl Lines {
    pub(super) fn open(path: &Path) -> io::Result<Self> {
        let bytes = Bytes { file: File::open(path)?, quotes: 0, length: 0, last: 0 };
        let mut builder = csv::ReaderBuilder::new();
        let builder = builder.has_headers(false).flexible(true).terminator(Terminator::Any(b'\n'));
        let reader = builder.buffer_capacity(1 << 18).from_reader(bytes);
        Ok(Self { reader, ends_in_many_lines: None })
    }

    /// Reads the next row and says the line it begins at, from 1. `None` at the end of the file.
    pub(super) fn next(&mut self, record: &mut ByteRecord) -> io::Result<Option<u64>> {
        while self.reader.read_byte_record(record).map_err(io::Error::from)? {
            if record.len() == 1 && record.as_slice().trim_ascii().is_empty() {
                continue;
            }
            // The reader knows the line it has come to, and not how many empty lines it passed before the row.
            let (end, bytes) = (self.reader.position(), self.reader.get_ref());
            let unterminated = end.byte() == bytes.length && bytes.last != b'\n';
            let height = record.as_slice().split(|byte| *byte == b'\n').count() as u64;
            let line = (end.line() + u64::from(unterminated)).saturating_sub(height);
            let many = record.iter().next_back().is_some_and(|field| field.contains(&b'\n'));
            self.ends_in_many_lines = many.then_some(line);
            return Ok(Some(line));
        }
        Ok(None)
    }

    /// The line of the last row, if it was ended by the end of the file within quotes: all lines after it are one field
    /// then. The reader takes such a file as if the quotes were closed.
    pub(super) fn open_quote(&self) -> Option<u64> {
        let bytes = self.reader.get_ref();
        let open = self.ends_in_many_lines.filter(|_| !bytes.quotes.is_multiple_of(2));
        // The line break at the end of the file was then no end of the row.
        open.map(|line| line + u64::from(bytes.last == b'\n'))
    }
}

/// The bytes of a file, seen on their way.
struct Bytes {
    file: File,
    /// How many quotation marks went by.
    quotes: u64,
    /// How many bytes went by.
    length: u64,
    /// The last of them.
    last: u8,
}

impl Read for Bytes {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let length = self.file.read(buffer)?;
        for byte in buffer.iter_mut().take(length) {
            // Fields are trimmed, so that a space does no harm where a line ends in CR LF; and lines then all end alike.
            if *byte == b'\r' {
                *byte = b' ';
            }
            self.quotes += u64::from(*byte == b'"');
            self.last = *byte;
        }
        self.length += length as u64;
        Ok(length)
    }
}
