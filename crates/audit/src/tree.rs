//! The Merkle tree over the lines of a log (RFC 6962, section 2.1).

use std::fmt;

use base64::prelude::{BASE64_STANDARD, Engine as _};
use tlog_tiles::{EMPTY_HASH, Hash, HashReader, node_hash, stored_hash_index};

/// The hash at the top of a tree: it is another one as soon as one byte of one line is.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct Root([u8; 32]);

/// What a tree is known by: how many records it has, and its root.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TreeHead {
    /// Number of records.
    pub size: u64,
    /// Over these records.
    pub root: Root,
}

/// The right edge of a growing tree: all that is needed to add a record, and to know the root.
#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) struct Edge {
    size: u64,
    /// The top hashes of the complete subtrees, the largest first: one for each bit that is set in `size`.
    peaks: Vec<Hash>,
}

impl Root {
    pub(crate) fn hash(self) -> Hash {
        Hash(self.0)
    }
}

impl From<Hash> for Root {
    fn from(hash: Hash) -> Self {
        Self(hash.0)
    }
}

impl fmt::Display for Root {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(&BASE64_STANDARD.encode(self.0))
    }
}

impl fmt::Debug for Root {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, out)
    }
}

impl Edge {
    /// That of the first `size` records, from the hashes kept of them.
    pub(crate) fn at(size: u64, hashes: &impl HashReader) -> Result<Self, tlog_tiles::Error> {
        let mut indexes = Vec::new();
        let mut start = 0;
        for level in (0..64_u8).rev().filter(|level| size >> level & 1 == 1) {
            indexes.push(stored_hash_index(level, start >> level));
            start += 1 << level;
        }
        Ok(Self { size, peaks: hashes.read_hashes(&indexes)? })
    }

    /// Number of records.
    pub(crate) fn size(&self) -> u64 {
        self.size
    }

    pub(crate) fn head(&self) -> TreeHead {
        let root = self.peaks.iter().rev().copied().reduce(|right, left| node_hash(left, right));
        TreeHead { size: self.size, root: root.unwrap_or(EMPTY_HASH).into() }
    }

    /// Adds a record by its hash, and gives the hashes that are to be kept for it, in the order of
    /// [`tlog_tiles::stored_hash_index`]: its own, and those of the subtrees that it completes.
    pub(crate) fn push(&mut self, leaf: Hash) -> Vec<Hash> {
        let (mut node, mut kept) = (leaf, vec![leaf]);
        for _ in 0..self.size.trailing_ones() {
            let Some(left) = self.peaks.pop() else { break };
            node = node_hash(left, node);
            kept.push(node);
        }
        self.peaks.push(node);
        self.size += 1;
        kept
    }
}

#[cfg(test)]
mod tests {
    use tlog_tiles::{Error, record_hash, stored_hash_count, stored_hashes, tree_hash};

    use super::*;

    struct Memory(Vec<Hash>);

    impl HashReader for Memory {
        fn read_hashes(&self, indexes: &[u64]) -> Result<Vec<Hash>, Error> {
            Ok(indexes.iter().map(|index| self.0[*index as usize]).collect())
        }
    }

    #[test]
    fn the_edge_grows_as_the_tree_of_the_library_does() {
        let (mut edge, mut memory) = (Edge::default(), Memory(vec![]));
        for number in 0..300_u64 {
            let line = number.to_string();
            let expected = stored_hashes(number, line.as_bytes(), &memory).unwrap();
            assert_eq!(edge.push(record_hash(line.as_bytes())), expected);
            memory.0.extend(expected);
            assert_eq!(edge.head().root, tree_hash(number + 1, &memory).unwrap().into());
            assert_eq!(memory.0.len() as u64, stored_hash_count(edge.size()));
            assert_eq!(Edge::at(edge.size(), &memory).unwrap(), edge);
        }
    }

    #[test]
    fn an_empty_tree_has_the_root_of_rfc_6962() {
        assert_eq!(Edge::default().head().root.to_string(), "47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=");
    }
}
