//! Changes of bytes, whatever they are, and of the fields that they have as a message of protobuf.

use proptest::prelude::*;

use crate::field::{FieldChange, apply, field_changes};

/// One change. Places are taken modulo the length.
#[derive(Debug, Clone)]
pub enum Change {
    /// This bit is the other one.
    Flip(usize, u8),
    /// Bytes more.
    Insert(usize, Vec<u8>),
    /// So many bytes less.
    Delete(usize, usize),
    /// So many bytes stand twice.
    Repeat(usize, usize),
    /// Nothing from here on.
    Truncate(usize),
    /// Up to here as it is, and from there on the other message.
    Splice(usize, usize),
    /// A field of the message, or of one in it: a step of the path for each message.
    Field(Vec<usize>, FieldChange),
}

/// One to three changes.
pub fn changes() -> impl Strategy<Value = Vec<Change>> {
    let place = any::<usize>;
    let more = || prop::collection::vec(any::<u8>(), 1..24);
    let change = prop_oneof![
        3 => (place(), 0..8_u8).prop_map(|(at, bit)| Change::Flip(at, bit)),
        1 => (place(), more()).prop_map(|(at, bytes)| Change::Insert(at, bytes)),
        1 => (place(), 1..40_usize).prop_map(|(at, count)| Change::Delete(at, count)),
        1 => (place(), 1..400_usize).prop_map(|(at, count)| Change::Repeat(at, count)),
        1 => place().prop_map(Change::Truncate),
        1 => (place(), place()).prop_map(|(at, from)| Change::Splice(at, from)),
        8 => (prop::collection::vec(place(), 1..7), field_changes()).prop_map(|(path, to)| Change::Field(path, to)),
    ];
    prop::collection::vec(change, 1..4)
}

/// `valid` after these changes, one after another.
pub fn changed(valid: &[u8], other: &[u8], changes: &[Change]) -> Vec<u8> {
    changes.iter().fold(valid.to_vec(), |bytes, change| change.of(bytes, other))
}

impl Change {
    fn of(&self, mut bytes: Vec<u8>, other: &[u8]) -> Vec<u8> {
        let at = |place: usize, length: usize| place % (length + 1);
        let part = |place: usize, count: usize, length: usize| {
            let from = at(place, length);
            from..from.saturating_add(count).min(length)
        };
        let length = bytes.len();
        match self {
            Self::Flip(place, bit) => {
                if let Some(byte) = place.checked_rem(length).and_then(|place| bytes.get_mut(place)) {
                    *byte ^= 1 << bit;
                }
            }
            Self::Insert(place, more) => {
                let at = at(*place, length);
                bytes.splice(at..at, more.iter().copied());
            }
            Self::Delete(place, count) => drop(bytes.drain(part(*place, *count, length))),
            Self::Repeat(place, count) => bytes.extend_from_within(part(*place, *count, length)),
            Self::Truncate(place) => bytes.truncate(at(*place, length)),
            Self::Splice(place, from) => {
                bytes.truncate(at(*place, length));
                bytes.extend(other.iter().skip(at(*from, other.len())));
            }
            Self::Field(path, change) => return apply(&bytes, other, path, change).unwrap_or(bytes),
        }
        bytes
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bytes_are_changed_as_it_says() {
        let of = |change: Change| changed(b"abcd", b"ABCD", &[change]);
        assert_eq!(of(Change::Flip(5, 5)), b"aBcd");
        assert_eq!(of(Change::Insert(4, b"e".to_vec())), b"abcde");
        assert_eq!(of(Change::Delete(1, 2)), b"ad");
        assert_eq!(of(Change::Repeat(2, 9)), b"abcdcd");
        assert_eq!(of(Change::Truncate(6)), b"a");
        assert_eq!(of(Change::Splice(1, 3)), b"aD");
        assert_eq!(changed(b"", b"", &[Change::Flip(5, 5), Change::Delete(1, 2), Change::Repeat(0, 1)]), b"");
    }
}
