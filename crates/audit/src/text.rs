//! Numbers and hashes as C2SP writes them.

use tlog_tiles::Hash;

/// A decimal number without sign and leading zeros.
pub(crate) fn number(text: &str) -> Option<u64> {
    text.parse().ok().filter(|number: &u64| number.to_string() == text)
}

/// Hashes in base64, one a line, `most` at most.
pub(crate) fn lines_of_hashes<'a>(lines: impl Iterator<Item = &'a str>, most: usize) -> Option<Vec<Hash>> {
    let hashes: Vec<_> = lines.take(most + 1).map(|line| Hash::parse_hash(line).ok()).collect::<Option<_>>()?;
    (hashes.len() <= most).then_some(hashes)
}
