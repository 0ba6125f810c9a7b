//! Receipts: what a site says of its answer, as the bytes that its computation node signs.

use coda_model::{BuildId, SiteId, estimate::Terms};
use prost::Message as _;

use crate::{terms, v1};

/// What a site answered whom, from what, and when.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Receipt {
    /// The site.
    pub site: SiteId,
    /// The build that answered.
    pub build: BuildId,
    /// SHA-256 of the envelope's bytes.
    pub envelope: [u8; 32],
    /// SHA-256 of the release's bytes.
    pub release: [u8; 32],
    /// SHA-256 of the dictionary's text.
    pub dictionary: [u8; 32],
    /// On what terms the site answered.
    pub terms: Terms,
    /// When the request came, in seconds since 1970.
    pub time: i64,
}

/// Bytes that are no receipt.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum ReceiptError {
    /// Not this message.
    #[error("the receipt cannot be read")]
    Message,
    /// A field is absent or invalid.
    #[error("the receipt has no valid {0}")]
    Field(&'static str),
    /// A field that this version does not know, or another encoding than ours.
    #[error("the receipt has something in it that this version does not know")]
    Unknown,
}

/// The bytes to sign.
pub fn encode(receipt: &Receipt) -> Vec<u8> {
    let Receipt { site, build, envelope, release, dictionary, terms, time } = receipt;
    v1::Receipt {
        site: site.to_string(),
        build: build.to_string(),
        envelope: envelope.to_vec(),
        release: release.to_vec(),
        dictionary: dictionary.to_vec(),
        terms: Some(terms::encode(terms)),
        time: *time,
    }
    .encode_to_vec()
}

/// The receipt of signed bytes.
///
/// # Errors
/// [`ReceiptError`], for anything that [`encode`] does not make, unknown fields too.
pub fn decode(bytes: &[u8]) -> Result<Receipt, ReceiptError> {
    let message = v1::Receipt::decode(bytes).map_err(|_| ReceiptError::Message)?;
    let v1::Receipt { site, build, envelope, release, dictionary, terms, time } = message;
    let digest = |bytes: Vec<u8>, name| bytes.try_into().map_err(|_| ReceiptError::Field(name));
    let receipt = Receipt {
        site: SiteId::new(&site).map_err(|_| ReceiptError::Field("site"))?,
        build: BuildId::new(&build).map_err(|_| ReceiptError::Field("build"))?,
        envelope: digest(envelope, "digest of the query")?,
        release: digest(release, "digest of the release")?,
        dictionary: digest(dictionary, "digest of the dictionary")?,
        terms: terms.and_then(|terms| terms::decode(terms).ok()).ok_or(ReceiptError::Field("terms"))?,
        time,
    };
    if encode(&receipt) == bytes { Ok(receipt) } else { Err(ReceiptError::Unknown) }
}

#[cfg(test)]
mod tests {
    use coda_model::{estimate::Limits, rounding::Rounding, threshold::Threshold};

    use super::*;

    fn receipt() -> Receipt {
        Receipt {
            site: SiteId::new("north").unwrap(),
            build: BuildId::new("20260101-1a2b3c4d").unwrap(),
            envelope: [1; 32],
            release: [2; 32],
            dictionary: [3; 32],
            terms: Terms {
                policy: "ab".repeat(32),
                rounding: Rounding::random(Threshold::default()),
                limits: Limits::default(),
            },
            time: 1_790_000_000,
        }
    }

    fn refused(spoil: impl FnOnce(&mut v1::Receipt), expected: ReceiptError) {
        let mut message = v1::Receipt::decode(encode(&receipt()).as_slice()).unwrap();
        spoil(&mut message);
        assert_eq!(decode(&message.encode_to_vec()), Err(expected));
    }

    #[test]
    fn a_receipt_reads_back_and_others_are_refused() {
        assert_eq!(decode(&encode(&receipt())), Ok(receipt()));
        refused(|message| message.site = "../north".into(), ReceiptError::Field("site"));
        refused(|message| message.build = "\u{1b}[2J".into(), ReceiptError::Field("build"));
        refused(|message| message.release.truncate(31), ReceiptError::Field("digest of the release"));
        refused(|message| message.terms = None, ReceiptError::Field("terms"));
        let twice = encode(&receipt()).repeat(2);
        assert_eq!(decode(&twice), Err(ReceiptError::Unknown));
    }
}
