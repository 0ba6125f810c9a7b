//! How a text file is written, recognised from its bytes where the mapping does not say it.

use std::{
    fs::File,
    io::{self, Read},
    path::Path,
};

use chardetng::{EncodingDetector, Iso2022JpDetection, Utf8Detection};
use csv::ByteRecord;
use encoding_rs::{Encoding, UTF_8, UTF_16BE, UTF_16LE};

use super::lines::{Lines, Writing};
use crate::{IngestError, mapping::TableMapping};

/// Separators that are tried, the most usual first.
const SEPARATORS: [u8; 4] = [b',', b';', b'\t', b'|'];
const CHUNK: usize = 1 << 16;

/// What was recognised.
pub(super) struct Recognised {
    pub(super) writing: Writing,
    /// For a person, each with what it is.
    pub(super) said: Vec<String>,
}

/// Recognises how the file is written: by its bytes, and by under which separator most of the wanted columns are found.
pub(super) fn recognise(
    path: &Path,
    mapping: Option<&TableMapping>,
    wanted: &[&str],
) -> Result<Recognised, IngestError> {
    let unreadable = |cause| IngestError::File { path: path.to_owned(), cause };
    let mut said = Vec::new();
    let encoding = if let Some(label) = mapping.and_then(|mapping| mapping.encoding.as_deref()) {
        let unknown = || IngestError::Encoding { path: path.to_owned(), label: label.to_owned() };
        Encoding::for_label(label.as_bytes()).ok_or_else(unknown)?
    } else {
        let found = encoding(path).map_err(unreadable)?;
        if found != UTF_8 {
            said.push(format!("encoding {}", found.name().to_ascii_lowercase()));
        }
        found
    };
    let header = mapping.and_then(|mapping| mapping.header).unwrap_or(1);
    let footer = mapping.and_then(|mapping| mapping.footer).unwrap_or(0);
    let of = |separator| Writing { encoding, separator, header, footer };
    if let Some(separator) = mapping.and_then(|mapping| mapping.separator) {
        let separator = u8::try_from(separator).map_err(|_| IngestError::Separator { path: path.to_owned() })?;
        return Ok(Recognised { writing: of(separator), said });
    }
    let mut best = (0, 0, b',');
    for separator in SEPARATORS {
        let mut record = ByteRecord::new();
        Lines::open(path, of(separator)).and_then(|mut lines| lines.names(&mut record)).map_err(unreadable)?;
        let has =
            |name: &&&str| record.iter().any(|field| super::name(field).is_some_and(|field| super::same(&field, name)));
        let found = (wanted.iter().filter(has).count(), record.len());
        if found > (best.0, best.1) {
            best = (found.0, found.1, separator);
        }
    }
    let separator = best.2;
    if separator != b',' {
        let shown = if separator == b'\t' { "a tab".to_owned() } else { format!("{:?}", char::from(separator)) };
        said.push(format!("separator {shown}"));
    }
    Ok(Recognised { writing: of(separator), said })
}

/// By its mark; UTF-16 where every other byte is zero; UTF-8 where most of what is not ASCII is, so that a broken character is found and
/// not every other one read anew; else the likeliest.
fn encoding(path: &Path) -> io::Result<&'static Encoding> {
    let mut file = File::open(path)?;
    let mut detector = EncodingDetector::new(Iso2022JpDetection::Deny);
    let (mut buffer, mut rest) = (vec![0; CHUNK], Vec::new());
    let (mut valid, mut broken, mut is_first) = (0_u64, 0_u64, true);
    loop {
        let length = file.read(&mut buffer)?;
        let bytes = buffer.get(..length).unwrap_or_default();
        if is_first && let Some(found) = marked(bytes) {
            return Ok(found);
        }
        is_first = false;
        detector.feed(bytes, length == 0);
        rest.extend_from_slice(bytes);
        let mut left = 0;
        for chunk in rest.utf8_chunks() {
            valid += chunk.valid().chars().filter(|c| !c.is_ascii()).count() as u64;
            left = chunk.invalid().len();
            broken += u64::from(left > 0);
        }
        // The chunk may end within a character.
        let ends_within =
            length > 0 && left > 0 && std::str::from_utf8(&rest).is_err_and(|error| error.error_len().is_none());
        broken -= u64::from(ends_within);
        rest.drain(..rest.len() - if ends_within { left } else { 0 });
        if length == 0 {
            break;
        }
    }
    Ok(if broken <= valid { UTF_8 } else { detector.guess(None, Utf8Detection::Deny) })
}

/// The encoding of a file that begins with these bytes, where they say it.
fn marked(bytes: &[u8]) -> Option<&'static Encoding> {
    if let Some((encoding, _)) = Encoding::for_bom(bytes) {
        return Some(encoding);
    }
    let zeros = |at: usize| bytes.iter().skip(at).step_by(2).filter(|byte| **byte == 0).count();
    let most = |count: usize| 3 * count > bytes.len() && bytes.len() > 3;
    if most(zeros(1)) {
        return Some(UTF_16LE);
    }
    most(zeros(0)).then_some(UTF_16BE)
}
