//! What is sealed, as bytes.

use coda_model::plan::Words;
use roaring::RoaringBitmap;

use crate::error::LedgerError;

/// Cuts `bytes` into pieces of `N`; `None` when something is left over.
pub(crate) fn chunks<const N: usize>(bytes: &[u8]) -> Option<Vec<[u8; N]>> {
    let (pieces, rest) = bytes.as_chunks::<N>();
    rest.is_empty().then(|| pieces.to_vec())
}

/// A set in the portable Roaring format, runs as runs, so that the set of all people takes a few bytes; after it what is said of
/// its members, if anything is.
pub(crate) fn encode_entry(set: &RoaringBitmap, words: Option<&Words>) -> Result<Vec<u8>, LedgerError> {
    let mut set = set.clone();
    set.optimize();
    let mut bytes = Vec::with_capacity(set.serialized_size());
    set.serialize_into(&mut bytes).map_err(|_| LedgerError::Number)?;
    if let Some(words) = words {
        serde_json::to_writer(&mut bytes, words).map_err(|_| LedgerError::Number)?;
    }
    Ok(bytes)
}

pub(crate) fn decode_entry(mut bytes: &[u8]) -> Option<(RoaringBitmap, Option<Words>)> {
    let set = RoaringBitmap::deserialize_from(&mut bytes).ok()?;
    let words = if bytes.is_empty() { None } else { Some(serde_json::from_slice(bytes).ok()?) };
    Some((set, words))
}

pub(crate) fn encode_powers(powers: &[i128]) -> Vec<u8> {
    powers.iter().flat_map(|power| power.to_le_bytes()).collect()
}

pub(crate) fn decode_powers(bytes: &[u8]) -> Option<Vec<i128>> {
    Some(chunks(bytes)?.into_iter().map(i128::from_le_bytes).collect())
}

/// An ordinal and a digest for each person of a build.
pub(crate) fn encode_build(people: &[(u32, [u8; 8])]) -> Vec<u8> {
    people.iter().flat_map(|(ordinal, digest)| ordinal.to_le_bytes().into_iter().chain(*digest)).collect()
}

pub(crate) fn decode_build(bytes: &[u8]) -> Option<Vec<(u32, [u8; 8])>> {
    let person = |[a, b, c, d, digest @ ..]: [u8; 12]| (u32::from_le_bytes([a, b, c, d]), digest);
    Some(chunks(bytes)?.into_iter().map(person).collect())
}
