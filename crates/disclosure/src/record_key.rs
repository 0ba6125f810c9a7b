//! R1: a person's record key.

use crate::{SiteSecret, secret::first};

/// The record key of each person of a build, in the order of the pseudonyms: 8 bytes a person, which stay in the computation
/// node's memory. The same in every build of the lineage.
pub fn record_keys<'a>(
    secret: &SiteSecret,
    lineage: &[u8; 16],
    pseudonyms: impl IntoIterator<Item = &'a [u8; 16]>,
) -> Vec<u64> {
    let keyed = secret.keyed();
    pseudonyms.into_iter().map(|pseudonym| first(&keyed.digest("person", &[lineage, pseudonym]))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_person_has_one_key_in_a_lineage_of_a_site() {
        let (secret, people) = (SiteSecret::new([1; 32]), [[1; 16], [2; 16], [1; 16]]);
        let keys = record_keys(&secret, &[9; 16], &people);
        assert_eq!(keys[0], keys[2]);
        assert_ne!(keys[0], keys[1]);
        assert_ne!(keys, record_keys(&secret, &[8; 16], &people));
        assert_ne!(keys, record_keys(&SiteSecret::new([2; 32]), &[9; 16], &people));
    }
}
