//! Passwords that were in data breaches: a file as Have I Been Pwned hands it out, a line `SHA1:COUNT` for each, in order.

use std::fs::File;
use std::io::{self, BufRead as _, BufReader};
use std::os::unix::fs::FileExt as _;
use std::path::{Path, PathBuf};

use aws_lc_rs::digest::{SHA1_FOR_LEGACY_USE_ONLY, digest};

use super::Password;

/// The characters of a SHA-1 in hexadecimal.
const HASH: usize = 40;
/// More than any line has.
const LINE: u64 = 64;

/// The open file. A password is looked up in it by halving; it is never read whole.
#[derive(Debug)]
pub struct Breached {
    path: PathBuf,
    file: File,
    size: u64,
}

/// Why the file cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum BreachedError {
    /// The file.
    #[error("cannot read the breached passwords {}", path.display())]
    File {
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// Not as it is handed out.
    #[error("{}{}: expected a SHA-1 of 40 hexadecimal digits, a colon and a count; get the file \"ordered by hash\" of Have I Been Pwned", path.display(), line.map(|line| format!(":{line}")).unwrap_or_default())]
    Line {
        /// The file.
        path: PathBuf,
        /// The line, counted from 1, where it is known.
        line: Option<u64>,
    },
    /// Not in order.
    #[error("{}:{line}: this hash is not greater than the one before; sort the file (LC_ALL=C sort)", path.display())]
    Order {
        /// The file.
        path: PathBuf,
        /// The line, counted from 1.
        line: u64,
    },
}

impl Breached {
    /// Opens the file, and looks at its first line.
    ///
    /// # Errors
    /// [`BreachedError::File`], [`BreachedError::Line`].
    pub fn open(path: &Path) -> Result<Self, BreachedError> {
        let failed = |source| BreachedError::File { path: path.to_owned(), source };
        let file = File::open(path).map_err(failed)?;
        let size = file.metadata().map_err(failed)?.len();
        let breached = Self { path: path.to_owned(), file, size };
        breached.hash_at(0)?;
        Ok(breached)
    }

    /// Whether the password is in the file.
    ///
    /// # Errors
    /// [`BreachedError::File`], [`BreachedError::Line`].
    pub fn has(&self, password: &Password) -> Result<bool, BreachedError> {
        let wanted = hex::encode_upper(digest(&SHA1_FOR_LEGACY_USE_ONLY, password.as_bytes()));
        // The line that is looked for begins in low..high.
        let (mut low, mut high) = (0, self.size);
        while low < high {
            let middle = low + (high - low) / 2;
            let Some(start) = self.line_from(middle)?.filter(|start| *start < high) else {
                // No line begins between the middle and `high`.
                high = middle;
                continue;
            };
            let found = self.hash_at(start)?;
            if found == wanted {
                return Ok(true);
            }
            if found < wanted {
                low = start + 1;
            } else {
                high = middle;
            }
        }
        Ok(false)
    }

    /// Reads the whole file: that each line is one, and greater than the one before. Returns how many there are.
    ///
    /// # Errors
    /// [`BreachedError`] of the first line that is wrong.
    pub fn check(path: &Path) -> Result<u64, BreachedError> {
        let failed = |source| BreachedError::File { path: path.to_owned(), source };
        let mut reader = BufReader::new(File::open(path).map_err(failed)?);
        let (mut before, mut text, mut line) = (String::new(), Vec::new(), 0);
        loop {
            text.clear();
            if reader.read_until(b'\n', &mut text).map_err(failed)? == 0 {
                return Ok(line);
            }
            line += 1;
            let wrong = || BreachedError::Line { path: path.to_owned(), line: Some(line) };
            let hash = hash(&text).ok_or_else(wrong)?;
            if hash <= before {
                return Err(BreachedError::Order { path: path.to_owned(), line });
            }
            before = hash;
        }
    }

    /// Where the first line begins at or after this place.
    fn line_from(&self, place: u64) -> Result<Option<u64>, BreachedError> {
        let Some(before) = place.checked_sub(1) else { return Ok(Some(0)) };
        let end = self.read(before)?.iter().position(|byte| *byte == b'\n');
        let start = end.map(|end| place + end as u64);
        Ok(start.filter(|start| *start < self.size))
    }

    fn hash_at(&self, start: u64) -> Result<String, BreachedError> {
        hash(&self.read(start)?).ok_or_else(|| BreachedError::Line { path: self.path.clone(), line: None })
    }

    /// As much as a line may have, from this place.
    fn read(&self, from: u64) -> Result<Vec<u8>, BreachedError> {
        let mut bytes = vec![0; LINE.min(self.size.saturating_sub(from)) as usize];
        let failed = |source| BreachedError::File { path: self.path.clone(), source };
        self.file.read_exact_at(&mut bytes, from).map_err(failed)?;
        Ok(bytes)
    }
}

/// The hash that a line begins with, in capitals.
fn hash(line: &[u8]) -> Option<String> {
    let (hash, rest) = line.split_at_checked(HASH)?;
    let text = std::str::from_utf8(hash).ok()?.to_ascii_uppercase();
    (text.bytes().all(|byte| byte.is_ascii_hexdigit()) && rest.first() == Some(&b':')).then_some(text)
}

#[cfg(test)]
mod tests {
    use std::io::Write as _;

    use super::*;

    fn file(passwords: &[String], counts: impl Fn(usize) -> String) -> tempfile::NamedTempFile {
        let mut hashes: Vec<_> = passwords
            .iter()
            .map(|text| hex::encode_upper(digest(&SHA1_FOR_LEGACY_USE_ONLY, text.as_bytes())))
            .collect();
        hashes.sort();
        let mut file = tempfile::NamedTempFile::new().unwrap();
        for (place, hash) in hashes.iter().enumerate() {
            file.write_all(format!("{hash}:{}\r\n", counts(place)).as_bytes()).unwrap();
        }
        file
    }

    /// Lines of several lengths, since the counts have.
    #[test]
    fn each_password_of_the_file_is_found_and_no_other() {
        for many in [1, 2, 3, 1000] {
            let passwords: Vec<_> = (0..many).map(|place| format!("password {place}")).collect();
            let file = file(&passwords, |place| (place * place * 977).to_string());
            let breached = Breached::open(file.path()).unwrap();
            assert!(passwords.iter().all(|text| breached.has(&Password::new(text)).unwrap()), "{many}");
            assert!((many..2 * many).all(|place| !breached.has(&Password::new(&format!("password {place}"))).unwrap()));
            assert_eq!(Breached::check(file.path()).unwrap(), many);
        }
    }

    #[test]
    fn a_file_that_is_not_as_handed_out_is_refused_by_line() {
        let mut file = file(&["a".to_owned(), "b".to_owned()], |_| "1".to_owned());
        file.write_all(format!("{}:1\n", "0".repeat(40)).as_bytes()).unwrap();
        assert!(Breached::check(file.path()).unwrap_err().to_string().contains(":3: "));
        let mut other = tempfile::NamedTempFile::new().unwrap();
        other.write_all(b"password\nsecret\n").unwrap();
        assert!(matches!(Breached::check(other.path()), Err(BreachedError::Line { line: Some(1), .. })));
        assert!(matches!(Breached::open(other.path()), Err(BreachedError::Line { line: None, .. })));
    }
}
