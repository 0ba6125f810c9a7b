//! What is sealed, as bytes.

/// Cuts `bytes` into pieces of `N`; `None` when something is left over.
pub(crate) fn chunks<const N: usize>(bytes: &[u8]) -> Option<Vec<[u8; N]>> {
    let (pieces, rest) = bytes.as_chunks::<N>();
    rest.is_empty().then(|| pieces.to_vec())
}
