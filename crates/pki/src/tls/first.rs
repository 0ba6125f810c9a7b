//! The connection of somebody who has no certificate yet: the server shows its root too.

use std::sync::{Arc, Mutex, PoisonError};

use coda_model::Identity;
use rustls_pki_types::{CertificateDer, UnixTime};

use super::verifier::Servers;
use crate::chain::ChainError;
use crate::digest::sha256;
use crate::roots::Roots;

/// Where the root of a network is to be found that is known by its fingerprint alone.
#[derive(Debug)]
pub struct Pinned {
    fingerprint: [u8; 32],
    found: Mutex<Option<Roots>>,
}

/// Trust anchors of which the server shows one.
#[derive(Debug)]
pub(super) struct Shown(pub(super) Roots);

impl Pinned {
    /// SHA-256 of the root in DER.
    pub(super) fn new(fingerprint: [u8; 32]) -> Self {
        Self { fingerprint, found: Mutex::default() }
    }

    /// The root, after the first good handshake.
    pub fn roots(&self) -> Option<Roots> {
        self.found.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

impl Servers for Arc<Pinned> {
    fn whose(
        &self,
        leaf: &CertificateDer<'_>,
        rest: &[CertificateDer<'_>],
        now: UnixTime,
    ) -> Result<Identity, ChainError> {
        let with =
            rest.split_last().and_then(|(last, rest)| (sha256(last) == self.fingerprint).then_some((last, rest)));
        let (root, rest) = with.ok_or(ChainError::Fingerprint)?;
        let roots = Roots::new(vec![root.clone().into_owned()]).map_err(ChainError::Issuer)?;
        let identity = roots.verify_server(leaf, rest, now)?;
        *self.found.lock().unwrap_or_else(PoisonError::into_inner) = Some(roots);
        Ok(identity)
    }
}

impl Servers for Shown {
    fn whose(
        &self,
        leaf: &CertificateDer<'_>,
        rest: &[CertificateDer<'_>],
        now: UnixTime,
    ) -> Result<Identity, ChainError> {
        let Self(roots) = self;
        // What the server says of its root counts for nothing; the path is looked for without it.
        let rest = rest.split_last().map_or(rest, |(_, rest)| rest);
        roots.verify_server(leaf, rest, now)
    }
}

#[cfg(test)]
mod tests {
    use time::macros::datetime;

    use super::*;
    use crate::authority::Authority;
    use crate::key::Algorithm;
    use crate::now;

    #[test]
    fn the_fingerprint_says_which_root() {
        let at = datetime!(2026-11-22 12:00 UTC);
        let make = || {
            let folder = tempfile::tempdir().unwrap();
            let authority = Authority::create(folder.path(), Algorithm::P256, at).unwrap();
            let own = authority.credentials(&Identity::Auth, Algorithm::P256, time::Duration::days(1), at).unwrap();
            (own.chain().to_vec(), own.roots().certificates().to_vec())
        };
        let ((chain, roots), (other, _)) = (make(), make());
        let pinned = Arc::new(Pinned::new(sha256(&roots[0])));
        let whose = |chain: &[CertificateDer<'_>]| pinned.whose(&chain[0], &chain[1..], now::unix(at).unwrap());

        assert!(matches!(whose(&chain), Err(ChainError::Fingerprint)), "no root is shown");
        // A server of another network that shows this root.
        let foreign: Vec<_> = other.iter().chain(&roots).cloned().collect();
        assert!(matches!(whose(&foreign), Err(ChainError::Path(_))));
        assert!(pinned.roots().is_none());
        let whole: Vec<_> = chain.iter().chain(&roots).cloned().collect();
        assert_eq!(whose(&whole).unwrap(), Identity::Auth);
        assert_eq!(pinned.roots().unwrap().certificates(), roots);
    }
}
