//! What is asked (RFC 6960, 4.1).

use x509_cert::der::asn1::OctetStringRef;
use x509_cert::der::oid::ObjectIdentifier;
use x509_cert::der::{Decode as _, Reader as _, SliceReader};
use x509_cert::ext::Extension;
use x509_ocsp::{CertId, OcspRequest};

use super::Refusal;

/// The largest request that is read, in bytes: [`MOST_CERTIFICATES`] with room for names and a signature.
pub const LARGEST_REQUEST: usize = 8 * 1024;

/// How many certificates one request may ask about.
pub const MOST_CERTIFICATES: usize = 32;

/// id-pkix-ocsp-nonce (RFC 6960, 4.4.1).
const NONCE: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.3.6.1.5.5.7.48.1.2");

/// The lengths of a nonce (RFC 8954, 2.1).
const NONCE_BYTES: std::ops::RangeInclusive<u32> = 1..=32;

/// A request that can be answered.
pub(super) struct Asked {
    /// At least one.
    pub(super) certificates: Vec<CertId>,
    pub(super) nonce: Option<Extension>,
}

pub(super) fn read(der: &[u8]) -> Result<Asked, Refusal> {
    if der.len() > LARGEST_REQUEST {
        return Err(Refusal::Malformed);
    }
    let request = OcspRequest::from_der(der).map_err(|_| Refusal::Malformed)?.tbs_request;
    let count = request.request_list.len();
    if count == 0 || count > MOST_CERTIFICATES {
        return Err(Refusal::Malformed);
    }
    let mut nonce = None;
    for extension in request.request_extensions.into_iter().flatten() {
        if extension.extn_id == NONCE {
            if nonce.is_some() || !is_nonce(extension.extn_value.as_bytes()) {
                return Err(Refusal::Malformed);
            }
            // The answer's extension is not critical, whatever the request's was.
            nonce = Some(Extension { critical: false, ..extension });
        } else if extension.critical {
            return Err(Refusal::Malformed);
        }
    }
    let mut certificates = Vec::new();
    for one in request.request_list {
        // None of them is known here, and a critical one must be (RFC 6960, 4.4).
        if one.single_request_extensions.is_some_and(|extensions| extensions.iter().any(|one| one.critical)) {
            return Err(Refusal::Malformed);
        }
        certificates.push(one.req_cert);
    }
    Ok(Asked { certificates, nonce })
}

fn is_nonce(value: &[u8]) -> bool {
    let Ok(mut reader) = SliceReader::new(value) else { return false };
    let nonce = OctetStringRef::decode(&mut reader);
    nonce.is_ok_and(|nonce| NONCE_BYTES.contains(&u32::from(nonce.len()))) && reader.is_finished()
}
