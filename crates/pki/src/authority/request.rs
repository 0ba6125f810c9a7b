//! What is taken from a certificate request (RFC 2986): its key.

use rcgen::CertificateSigningRequestParams;
use rustls_pki_types::CertificateSigningRequestDer;
use rustls_pki_types::pem::PemObject as _;
use x509_parser::certification_request::X509CertificationRequest;
use x509_parser::prelude::FromDer as _;

use super::AuthorityError;
use crate::public;

/// Reads a request in PEM whose key the network takes and has signed it. The kind is looked at before the signature, of which
/// only some kinds can be checked at all.
pub(super) fn read(text: &str) -> Result<CertificateSigningRequestParams, AuthorityError> {
    let malformed = || AuthorityError::Request(rcgen::Error::CouldNotParseCertificationRequest);
    let der = CertificateSigningRequestDer::from_pem_slice(text.as_bytes()).map_err(|_| malformed())?;
    let Ok(([], parsed)) = X509CertificationRequest::from_der(&der) else { return Err(malformed()) };
    public::kind(&parsed.certification_request_info.subject_pki).ok_or(AuthorityError::WeakKey)?;
    CertificateSigningRequestParams::from_der(&der).map_err(AuthorityError::Request)
}

#[cfg(test)]
mod tests {
    use base64::Engine as _;
    use base64::engine::general_purpose::STANDARD;
    use coda_model::Identity;
    use proptest::prelude::*;
    use proptest::test_runner::{Config, RngAlgorithm, TestRng, TestRunner};
    use rcgen::PublicKeyData as _;

    use super::*;
    use crate::key::{Algorithm, PrivateKey};

    fn pem(der: &[u8]) -> String {
        let body = STANDARD.encode(der);
        format!("-----BEGIN CERTIFICATE REQUEST-----\n{body}\n-----END CERTIFICATE REQUEST-----\n")
    }

    /// 10,000 changed requests: no panic, and no key but the one that signed.
    #[test]
    fn a_changed_request_gives_no_other_key() {
        let key = PrivateKey::generate(Algorithm::P256).unwrap();
        let whole = key.request(&Identity::Auth).unwrap();
        let whole = CertificateSigningRequestDer::from_pem_slice(whole.as_bytes()).unwrap();
        assert!(read(&pem(&whole)).is_ok());
        let change = prop_oneof![
            (any::<usize>(), 1..=255u8).prop_map(|(at, by)| (at, by, 0)),
            (any::<usize>(), any::<u8>()).prop_map(|(at, byte)| (at, byte, 1)),
            any::<usize>().prop_map(|at| (at, 0, 2)),
        ];
        let config = Config { cases: 10_000, failure_persistence: None, ..Config::default() };
        let mut runner = TestRunner::new_with_rng(config, TestRng::deterministic_rng(RngAlgorithm::ChaCha));
        let outcome = runner.run(&prop::collection::vec(change, 1..4), |changes| {
            let mut bytes = whole.to_vec();
            for (at, byte, kind) in changes {
                let at = at % bytes.len();
                match kind {
                    0 => bytes[at] ^= byte,
                    1 => bytes.insert(at, byte),
                    _ => drop(bytes.remove(at)),
                }
            }
            if let Ok(request) = read(&pem(&bytes)) {
                prop_assert_eq!(request.public_key.subject_public_key_info(), key.pair().subject_public_key_info());
            }
            Ok(())
        });
        outcome.unwrap();
    }
}
