//! Which keys a log and a witness have: the party says so under its certificate.
//!
//! A log's key and a witness's key are Ed25519, as C2SP wants them; a party's certificate has another. So the party signs the two
//! public keys with the certificate's key, and whoever trusts the network's authority knows whose they are.

use coda_model::Identity;
use coda_pki::{CertificateDer, Roots, SignatureError, verify_signed};
use time::OffsetDateTime;

use crate::checkpoint::SignedCheckpoint;
use crate::name::Name;
use crate::policy::{Policy, PolicyRefusal};
use crate::vkey::{LogVerifier, WitnessVerifier};

/// The first line of what is signed, so that it is nothing else.
const PURPOSE: &str = "coda audit keys v1";
/// Two keys and a line.
const LONGEST: usize = 2_048;

/// Keys that a party of the network has certified.
#[derive(Debug, Clone, PartialEq)]
pub struct Certified {
    /// Whose they are.
    pub identity: Identity,
    /// The key of its log.
    pub log: LogVerifier,
    /// The key by which it cosigns other logs.
    pub witness: WitnessVerifier,
}

/// Why keys are not taken.
#[derive(Debug, thiserror::Error)]
pub enum CertifiedError {
    /// Nobody of this network has signed them.
    #[error("no party of this network has signed the keys")]
    Signature(#[from] SignatureError),
    /// Not two keys of the party that signed.
    #[error("what was signed are not the keys of {0}")]
    Form(Identity),
}

/// What the log of a party is called, and what it is called as a witness: `coda/site/north/compute` and
/// `coda/site/north/compute/witness`.
///
/// # Errors
/// [`NameError`](crate::NameError) for an identity that makes no name, such as a person's with a plus sign.
pub fn names(identity: &Identity) -> Result<(Name, Name), crate::NameError> {
    let log = identity.to_string().replacen("://", "/", 1);
    Ok((Name::new(&log)?, Name::new(&format!("{log}/witness"))?))
}

/// How many of so many sites must have cosigned a log: more than half, so that two versions of it share a witness.
pub fn majority(sites: usize) -> usize {
    sites / 2 + 1
}

/// By whose keys the checkpoint of `owner` is believed: those of computation nodes, each once and not the owner's own, that have cosigned
/// it. Gives the policy, which demands all of them, and who they are and when they signed.
///
/// # Errors
/// [`PolicyRefusal`] when fewer than `wanted` have, or a signature is false.
pub fn policy(
    checkpoint: &SignedCheckpoint,
    owner: &Certified,
    witnesses: &[Certified],
    wanted: usize,
) -> Result<(Policy, Vec<(Identity, OffsetDateTime)>), PolicyRefusal> {
    checkpoint.verify(&owner.log)?;
    let (mut by, mut keys) = (Vec::new(), Vec::new());
    for Certified { identity, witness, .. } in witnesses {
        let is_known = by.iter().any(|(known, _)| known == identity);
        if !matches!(identity, Identity::Compute(_)) || *identity == owner.identity || is_known {
            continue;
        }
        if let Some(time) = checkpoint.cosigned(witness)? {
            by.push((identity.clone(), time));
            keys.push(witness.clone());
        }
    }
    let refused = PolicyRefusal::Quorum { found: keys.len(), quorum: wanted };
    if keys.len() < wanted {
        return Err(refused);
    }
    let quorum = keys.len();
    // Two parties with one key count as none.
    Ok((Policy::new(owner.log.clone(), keys, quorum).map_err(|_| refused)?, by))
}

/// The bytes that a party signs.
pub fn content(log: &LogVerifier, witness: &WitnessVerifier) -> Vec<u8> {
    format!("{PURPOSE}\n{log}\n{witness}\n").into_bytes()
}

/// The keys of signed bytes, when the chain of the signer is good at `now`.
///
/// # Errors
/// [`CertifiedError`].
pub fn verify(
    content: &[u8],
    signature: &[u8],
    chain: &[CertificateDer<'_>],
    roots: &Roots,
    now: OffsetDateTime,
) -> Result<Certified, CertifiedError> {
    let identity = verify_signed(chain, roots, content, signature, now)?.identity;
    keys(content, &identity).ok_or_else(|| CertifiedError::Form(identity.clone()))
}

/// The keys of signed bytes, as they say themselves: who takes them must [`verify`] the signature. `None` for other bytes.
pub fn of(content: &[u8]) -> Option<Certified> {
    let (log, _) = parsed(content)?;
    let identity = Identity::parse(&log.name().as_str().replacen("coda/", "coda://", 1)).ok()?;
    keys(content, &identity)
}

fn keys(content: &[u8], identity: &Identity) -> Option<Certified> {
    let (log, witness) = parsed(content)?;
    let (own, as_witness) = names(identity).ok()?;
    let fits = *log.name() == own && *witness.name() == as_witness;
    fits.then(|| Certified { identity: identity.clone(), log, witness })
}

fn parsed(content: &[u8]) -> Option<(LogVerifier, WitnessVerifier)> {
    let text = std::str::from_utf8(content).ok().filter(|text| text.len() <= LONGEST)?;
    let (purpose, keys) = text.split_once('\n')?;
    let (log, witness) = keys.strip_suffix('\n')?.split_once('\n')?;
    (purpose == PURPOSE).then_some(())?;
    Some((log.parse().ok()?, witness.parse().ok()?))
}
