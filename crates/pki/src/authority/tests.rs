use std::os::unix::fs::PermissionsExt as _;

use rcgen::{
    BasicConstraints, CertificateParams, DnType, ExtendedKeyUsagePurpose, IsCa, KeyPair, KeyUsagePurpose, SanType,
};
use tempfile::TempDir;
use time::macros::datetime;
use x509_parser::certificate::X509Certificate;

use super::*;

const NOW: OffsetDateTime = datetime!(2026-11-22 12:00 UTC);

fn created() -> (TempDir, Authority) {
    let folder = tempfile::tempdir().unwrap();
    let authority = Authority::create(folder.path(), Algorithm::P256, NOW).unwrap();
    (folder, authority)
}

fn named(uri: &str) -> Identity {
    Identity::parse(uri).unwrap()
}

fn request() -> String {
    PrivateKey::generate(Algorithm::P256).unwrap().request(&Identity::Auth).unwrap()
}

/// A request, signed by its own key, that asks for everything an authority must not give.
fn greedy_request() -> String {
    let mut parameters = CertificateParams::new(["evil.example".to_owned(), "127.0.0.1".to_owned()]).unwrap();
    parameters.distinguished_name.push(DnType::CommonName, "coda://hub/auth");
    parameters.subject_alt_names.push(SanType::URI("coda://hub/auth".try_into().unwrap()));
    parameters.subject_alt_names.push(SanType::URI("coda://authority/nodes".try_into().unwrap()));
    parameters.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    parameters.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
    parameters.extended_key_usages = vec![ExtendedKeyUsagePurpose::Any, ExtendedKeyUsagePurpose::OcspSigning];
    let key = KeyPair::generate().unwrap();
    parameters.serialize_request(&key).unwrap().pem().unwrap()
}

fn leaf(chain: &str) -> CertificateDer<'static> {
    certificate::from_pem(chain.as_bytes()).unwrap().remove(0)
}

fn common_name(certificate: &X509Certificate<'_>) -> String {
    let names: Vec<_> =
        certificate.subject().iter_common_name().map(|name| name.as_str().unwrap().to_owned()).collect();
    assert_eq!(names.len(), 1, "{names:?}");
    names.concat()
}

fn check_leaf(identity: &str, request: &str, server: bool, issuer: &str) {
    let (_folder, authority) = created();
    let chain = authority.issue(request, &named(identity), Duration::days(30), NOW).unwrap();
    let der = leaf(&chain);
    let certificate = certificate::parse(&der).unwrap();
    let constraints = certificate.basic_constraints().unwrap();
    assert!(constraints.as_ref().is_none_or(|found| !found.value.ca), "{constraints:?}");
    assert_eq!(certificate::sole_uri(&certificate).unwrap(), identity);
    assert_eq!(common_name(&certificate), identity);
    let usage = certificate.key_usage().unwrap().unwrap().value;
    assert!(usage.digital_signature() && !usage.key_cert_sign() && !usage.crl_sign() && !usage.non_repudiation());
    let purposes = certificate.extended_key_usage().unwrap().unwrap().value;
    assert_eq!((purposes.client_auth, purposes.server_auth), (true, server));
    assert!(!purposes.any && !purposes.ocsp_signing && !purposes.code_signing && purposes.other.is_empty());
    assert_eq!(certificate.validity().not_before.to_datetime(), NOW - Duration::minutes(5));
    assert_eq!(certificate.validity().not_after.to_datetime(), NOW + Duration::days(30));
    assert!(certificate.issuer().to_string().contains(issuer), "{}", certificate.issuer());
    let chain = certificate::from_pem(chain.as_bytes()).unwrap();
    assert_eq!(chain.len(), 2);
    assert_eq!(authority.roots().verify(&chain, NOW).unwrap(), named(identity));
}

#[test]
fn a_node_may_be_server_and_client() {
    for identity in ["coda://site/a/compute", "coda://site/a/storage", "coda://hub/coordinator", "coda://hub/auth"] {
        check_leaf(identity, &request(), true, "for nodes");
    }
}

#[test]
fn a_person_may_be_a_client_only() {
    check_leaf("coda://user/ana", &request(), false, "for people");
}

#[test]
fn what_a_request_asks_for_is_not_given() {
    check_leaf("coda://site/a/compute", &greedy_request(), true, "for nodes");
    check_leaf("coda://user/ana", &greedy_request(), false, "for people");
}

#[test]
fn serial_numbers_are_long_and_differ() {
    let (_folder, authority) = created();
    let serial = || {
        let chain = authority.issue(&request(), &Identity::Auth, Duration::days(1), NOW).unwrap();
        certificate::parse(&leaf(&chain)).unwrap().serial.to_bytes_be()
    };
    let (one, two) = (serial(), serial());
    assert_ne!(one, two);
    // 16 random bytes start with two zero bytes once in 65,536 times; then one byte less would do for this test.
    assert!(one.len() >= 13 && two.len() >= 13, "{one:?} {two:?}");
}

#[test]
fn a_long_identity_is_whole_in_the_uri_and_cut_in_the_common_name() {
    let (_folder, authority) = created();
    let long = format!("coda://user/{}", "a".repeat(64));
    let chain = authority.issue(&request(), &named(&long), Duration::days(1), NOW).unwrap();
    let der = leaf(&chain);
    let certificate = certificate::parse(&der).unwrap();
    assert_eq!(certificate::sole_uri(&certificate).unwrap(), long);
    assert_eq!(common_name(&certificate).len(), 64);
}

#[test]
fn a_request_not_signed_by_its_key_is_refused() {
    let (_folder, authority) = created();
    // Two requests put together: the names and key of one under the signature of the other.
    let (one, other) = (request(), request());
    let der = |pem: &str| {
        use base64::Engine as _;
        let body: String = pem.lines().filter(|line| !line.starts_with('-')).collect();
        base64::engine::general_purpose::STANDARD.decode(body).unwrap()
    };
    let (mut forged, other) = (der(&one), der(&other));
    let (cut, from) = (forged.len() - 32, other.len() - 32);
    forged[cut..].copy_from_slice(&other[from..]);
    let text = |der: Vec<u8>| certificate::to_pem(&[der.into()]).replace("CERTIFICATE", "CERTIFICATE REQUEST");
    assert!(authority.issue(&text(other), &Identity::Auth, Duration::days(1), NOW).is_ok());
    let outcome = authority.issue(&text(forged), &Identity::Auth, Duration::days(1), NOW);
    assert!(matches!(outcome, Err(AuthorityError::Request(_))), "{outcome:?}");
    let outcome = authority.issue("no request", &Identity::Auth, Duration::days(1), NOW);
    assert!(matches!(outcome, Err(AuthorityError::Request(_))), "{outcome:?}");
}

#[test]
fn weak_and_foreign_keys_are_refused() {
    let (_folder, authority) = created();
    for key in [
        KeyPair::generate_for(&rcgen::PKCS_ECDSA_P521_SHA512).unwrap(),
        KeyPair::generate_for(&rcgen::PKCS_ED25519).unwrap(),
        KeyPair::generate_rsa_for(&rcgen::PKCS_RSA_SHA256, rcgen::RsaKeySize::_2048).unwrap(),
    ] {
        let request = CertificateParams::default().serialize_request(&key).unwrap().pem().unwrap();
        let outcome = authority.issue(&request, &Identity::Auth, Duration::days(1), NOW);
        assert!(matches!(outcome, Err(AuthorityError::WeakKey)), "{:?}: {outcome:?}", key.algorithm());
        assert!(matches!(super::named(&request), Err(AuthorityError::WeakKey)), "{:?}", key.algorithm());
    }
}

#[test]
fn each_kind_of_key_that_is_made_is_issued_for() {
    let (_folder, authority) = created();
    for algorithm in [Algorithm::P256, Algorithm::P384, Algorithm::Rsa3072] {
        let request = PrivateKey::generate(algorithm).unwrap().request(&Identity::Auth).unwrap();
        let chain = authority.issue(&request, &Identity::Auth, Duration::days(1), NOW).unwrap();
        let chain = certificate::from_pem(chain.as_bytes()).unwrap();
        assert_eq!(authority.roots().verify(&chain, NOW).unwrap(), Identity::Auth, "{algorithm}");
    }
}

#[test]
fn an_impossible_validity_is_refused() {
    let (_folder, authority) = created();
    for validity in [Duration::ZERO, Duration::days(-1), Duration::days(3651), Duration::MAX] {
        let outcome = authority.issue(&request(), &Identity::Auth, validity, NOW);
        assert!(matches!(outcome, Err(AuthorityError::Validity { .. })), "{validity}: {outcome:?}");
    }
    assert!(authority.issue(&request(), &Identity::Auth, Duration::days(3650), NOW).is_ok());
}

#[test]
fn an_authority_opens_again_without_the_roots_key() {
    let (folder, authority) = created();
    fs::remove_file(folder.path().join("root.key")).unwrap();
    let again = Authority::open(folder.path()).unwrap();
    let chain = again.issue(&request(), &Identity::Auth, Duration::days(1), NOW).unwrap();
    let chain = certificate::from_pem(chain.as_bytes()).unwrap();
    assert_eq!(authority.roots().verify(&chain, NOW).unwrap(), Identity::Auth);
}

#[test]
fn an_authority_is_not_set_up_over_another() {
    let (folder, _authority) = created();
    let before = fs::read(folder.path().join("root.key")).unwrap();
    let outcome = Authority::create(folder.path(), Algorithm::P256, NOW);
    assert!(matches!(outcome, Err(AuthorityError::File { .. })), "{outcome:?}");
    assert_eq!(fs::read(folder.path().join("root.key")).unwrap(), before);
}

#[test]
fn swapped_files_and_open_keys_are_refused() {
    let (folder, _authority) = created();
    let at = |name: &str| folder.path().join(name);
    let nodes = fs::read(at("nodes.pem")).unwrap();
    fs::copy(at("people.pem"), at("nodes.pem")).unwrap();
    let outcome = Authority::open(folder.path());
    assert!(matches!(outcome, Err(AuthorityError::WrongUri { .. })), "{outcome:?}");
    fs::write(at("nodes.pem"), nodes).unwrap();
    fs::copy(at("people.key"), at("nodes.key")).unwrap();
    let outcome = Authority::open(folder.path());
    let other_key = |error: &AuthorityError| {
        matches!(error, AuthorityError::Certificate { source: CertificateError::OtherKey, .. })
    };
    assert!(outcome.as_ref().is_err_and(other_key), "{outcome:?}");
    fs::set_permissions(at("nodes.key"), fs::Permissions::from_mode(0o644)).unwrap();
    let outcome = Authority::open(folder.path());
    assert!(matches!(outcome, Err(AuthorityError::Key(KeyError::Open { .. }))), "{outcome:?}");
}

#[test]
fn every_key_of_the_authority_is_its_owners_alone() {
    let (folder, _authority) = created();
    for name in ["root.key", "nodes.key", "people.key"] {
        let mode = fs::metadata(folder.path().join(name)).unwrap().permissions().mode() & 0o7777;
        assert_eq!(mode, 0o600, "{name}");
    }
}

#[test]
fn a_root_is_not_overwritten_when_its_key_is_in_the_safe() {
    let (folder, _) = created();
    let root = std::fs::read(folder.path().join("root.pem")).unwrap();
    std::fs::remove_file(folder.path().join("root.key")).unwrap();
    assert!(Authority::create(folder.path(), Algorithm::P256, NOW).is_err());
    assert_eq!(std::fs::read(folder.path().join("root.pem")).unwrap(), root);
}
