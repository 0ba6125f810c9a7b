//! Who the people of a build are, so that a later build's can be recognised: the bytes of its file `_keys`.
//!
//! 16 bytes of lineage, then 24 bytes a person in the order of their codes: 16 of key, 8 of digest. Neither leads back to
//! the identifier in the source without the pseudonym key, which is not in the build.

use std::fmt;

/// How many bytes one person takes.
const PERSON: usize = 24;

/// The people of a build. `Debug` is silent: keys are data of patients.
#[derive(Clone, PartialEq, Eq)]
pub struct Keys {
    /// The same in all builds of one data set that were made with one pseudonym key; only within it do keys mean anything.
    pub lineage: [u8; 16],
    /// One for each person, in the order of their codes.
    pub people: Vec<PersonKey>,
}

/// One person of a build. `Debug` is silent.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct PersonKey {
    /// The same in every build of the lineage, whatever the person's code is there.
    pub key: [u8; 16],
    /// Another one when any code of any of the person's rows is another.
    pub digest: [u8; 8],
}

/// Bytes that are no keys.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum KeysError {
    /// Bytes are missing, or there are too many.
    #[error("keys of people are 16 bytes and 24 for each person")]
    Length,
}

impl fmt::Debug for Keys {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Keys(…)")
    }
}

impl fmt::Debug for PersonKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("PersonKey(…)")
    }
}

/// Keys as the bytes of their file.
pub fn encode(keys: &Keys) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(keys.lineage.len() + keys.people.len() * PERSON);
    bytes.extend_from_slice(&keys.lineage);
    for PersonKey { key, digest } in &keys.people {
        bytes.extend_from_slice(key);
        bytes.extend_from_slice(digest);
    }
    bytes
}

/// The keys of a file that [`encode`] made. That there are as many as the build has people is for the caller to see.
///
/// # Errors
/// [`KeysError::Length`].
pub fn parse(bytes: &[u8]) -> Result<Keys, KeysError> {
    let (lineage, rest) = bytes.split_first_chunk().ok_or(KeysError::Length)?;
    let (people, []) = rest.as_chunks::<PERSON>() else { return Err(KeysError::Length) };
    let person = |bytes: &[u8; PERSON]| {
        let (key, digest) = bytes.split_first_chunk()?;
        Some(PersonKey { key: *key, digest: *digest.first_chunk()? })
    };
    let people = people.iter().map(person).collect::<Option<_>>().ok_or(KeysError::Length)?;
    Ok(Keys { lineage: *lineage, people })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn keys(people: u8) -> Keys {
        let person = |number| PersonKey { key: [number; 16], digest: [100 + number; 8] };
        Keys { lineage: [7; 16], people: (0..people).map(person).collect() }
    }

    #[test]
    fn keys_come_back_and_other_lengths_do_not() {
        for people in [0, 1, 3] {
            let bytes = encode(&keys(people));
            assert_eq!(bytes.len(), 16 + 24 * usize::from(people));
            assert!(parse(&bytes).unwrap() == keys(people));
        }
        let bytes = encode(&keys(2));
        for length in (0..bytes.len()).filter(|length| ![16, 40].contains(length)) {
            assert_eq!(parse(&bytes[..length]), Err(KeysError::Length), "{length}");
        }
        assert!(parse(&[bytes.as_slice(), &[0]].concat()).is_err());
    }

    #[test]
    fn the_file_is_the_lineage_and_then_key_and_digest_of_each() {
        let bytes = encode(&keys(2));
        assert_eq!(bytes, [vec![7; 16], vec![0; 16], vec![100; 8], vec![1; 16], vec![101; 8]].concat());
    }

    #[test]
    fn debug_says_nothing() {
        assert_eq!(format!("{:?} {:?}", keys(1), keys(1).people[0]), "Keys(…) PersonKey(…)");
    }
}
