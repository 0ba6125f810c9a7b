//! Signed bytes and what spoils them.

use coda_pki::{Credentials, SignatureError, Signer, verify_signed};
use time::{Duration, OffsetDateTime};

use crate::network::{Network, START, named};

const USER: &str = "coda://user/ana";

fn check(
    network: &Network,
    by: &Credentials,
    bytes: &[u8],
    signature: &[u8],
    now: OffsetDateTime,
) -> Result<Signer, SignatureError> {
    verify_signed(by.chain(), network.authority.roots(), bytes, signature, now)
}

#[test]
fn the_signer_is_told() {
    let network = Network::new();
    for identity in [USER, "coda://site/a/compute"] {
        let signer = network.credentials(identity, Duration::days(1));
        let signature = signer.key().sign(b"envelope").unwrap();
        let told = check(&network, &signer, b"envelope", &signature, START).unwrap();
        assert_eq!(told, Signer { identity: named(identity), thumbprint: signer.thumbprint() });
    }
}

#[test]
fn a_change_of_one_bit_spoils_it() {
    let network = Network::new();
    let signer = network.credentials(USER, Duration::days(1));
    let signature = signer.key().sign(b"envelope").unwrap();
    // It is remembered from now on; what it is not is told apart all the same.
    check(&network, &signer, b"envelope", &signature, START).unwrap();
    let outcome = check(&network, &signer, b"envelopf", &signature, START);
    assert!(matches!(outcome, Err(SignatureError::Signature)), "{outcome:?}");
    for place in 0..signature.len() {
        let mut spoilt = signature.clone();
        spoilt[place] ^= 1;
        let outcome = check(&network, &signer, b"envelope", &spoilt, START);
        assert!(matches!(outcome, Err(SignatureError::Signature)), "byte {place}: {outcome:?}");
    }
    for other in [&[][..], &signature[..signature.len() - 1]] {
        let outcome = check(&network, &signer, b"envelope", other, START);
        assert!(matches!(outcome, Err(SignatureError::Signature)), "{outcome:?}");
    }
}

#[test]
fn anothers_signature_is_not_the_signers() {
    let network = Network::new();
    let (ana, ben) =
        (network.credentials(USER, Duration::days(1)), network.credentials("coda://user/ben", Duration::days(1)));
    let signature = ben.key().sign(b"envelope").unwrap();
    check(&network, &ben, b"envelope", &signature, START).unwrap();
    let outcome = check(&network, &ana, b"envelope", &signature, START);
    assert!(matches!(outcome, Err(SignatureError::Signature)), "{outcome:?}");
}

#[test]
fn the_certificate_counts_at_the_time_asked_about() {
    let network = Network::new();
    let signer = network.credentials(USER, Duration::days(1));
    let signature = signer.key().sign(b"envelope").unwrap();
    assert!(check(&network, &signer, b"envelope", &signature, START + Duration::hours(23)).is_ok());
    for now in [START + Duration::hours(25), START - Duration::hours(1), OffsetDateTime::UNIX_EPOCH - Duration::days(1)]
    {
        let outcome = check(&network, &signer, b"envelope", &signature, now);
        assert!(matches!(outcome, Err(SignatureError::Chain(_))), "{now}: {outcome:?}");
    }
}

#[test]
fn strangers_and_the_nameless_are_refused() {
    let (network, other) = (Network::new(), Network::new());
    let stranger = other.credentials(USER, Duration::days(1));
    let signature = stranger.key().sign(b"envelope").unwrap();
    let outcome = check(&network, &stranger, b"envelope", &signature, START);
    assert!(matches!(outcome, Err(SignatureError::Chain(_))), "{outcome:?}");
    let outcome = verify_signed(&[], network.authority.roots(), b"envelope", &signature, START);
    assert!(matches!(outcome, Err(SignatureError::NoChain)), "{outcome:?}");
}
