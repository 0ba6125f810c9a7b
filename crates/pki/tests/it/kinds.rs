//! Which kinds of key are taken, at each place of a chain and by each verifier.
//!
//! Each chain here is good but for the kind of one key, which rustls's own verifier confirms.

use std::sync::Arc;

use coda_pki::{CertificateError, ChainError, Credentials, CredentialsError, RevocationError, Roots, SignedList};
use coda_pki::{PrivateKey, SignatureError, verify_signed};
use rcgen::{BasicConstraints, CertificateParams, DistinguishedName, DnType, ExtendedKeyUsagePurpose, IsCa, KeyPair};
use rcgen::{CertificateRevocationListParams, KeyIdMethod, KeyUsagePurpose, RsaKeySize, SanType, SerialNumber};
use rustls::RootCertStore;
use rustls::server::WebPkiClientVerifier;
use rustls::sign::{CertifiedKey, SingleCertAndKey};
use rustls_pki_types::{CertificateDer, PrivateKeyDer, PrivatePkcs8KeyDer, UnixTime};
use time::Duration;

use crate::network::{Greeter, Network, START};

const NODE: &str = "coda://site/a/compute";
const NODES: &str = "coda://authority/nodes";

const RULE: &str = "key must be ECDSA P-256, ECDSA P-384 or RSA with 3072 to 8192 bits";

fn taken() -> [(&'static str, KeyPair); 3] {
    [
        ("P-256", KeyPair::generate_for(&rcgen::PKCS_ECDSA_P256_SHA256).unwrap()),
        ("P-384", KeyPair::generate_for(&rcgen::PKCS_ECDSA_P384_SHA384).unwrap()),
        ("RSA-3072", KeyPair::generate_rsa_for(&rcgen::PKCS_RSA_SHA256, RsaKeySize::_3072).unwrap()),
    ]
}

fn refused() -> [(&'static str, KeyPair); 3] {
    [
        ("RSA-2048", KeyPair::generate_rsa_for(&rcgen::PKCS_RSA_SHA256, RsaKeySize::_2048).unwrap()),
        ("P-521", KeyPair::generate_for(&rcgen::PKCS_ECDSA_P521_SHA512).unwrap()),
        ("Ed25519", KeyPair::generate_for(&rcgen::PKCS_ED25519).unwrap()),
    ]
}

/// A root, an issuing certificate for nodes and the certificate of a node, each with the key it is given.
struct Chain<'a> {
    root: CertificateDer<'static>,
    issuing: CertificateDer<'static>,
    leaf: CertificateDer<'static>,
    issuing_key: &'a KeyPair,
    key: &'a KeyPair,
}

fn parameters(uri: &str, is_ca: IsCa) -> CertificateParams {
    let mut parameters = CertificateParams::default();
    parameters.distinguished_name = DistinguishedName::new();
    parameters.distinguished_name.push(DnType::CommonName, uri);
    parameters.not_before = START - Duration::days(1);
    parameters.not_after = START + Duration::days(1);
    parameters.key_usages = match is_ca {
        IsCa::Ca(_) => vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign],
        _ => vec![KeyUsagePurpose::DigitalSignature],
    };
    parameters.is_ca = is_ca;
    parameters.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth, ExtendedKeyUsagePurpose::ClientAuth];
    parameters.subject_alt_names = vec![SanType::URI(uri.try_into().unwrap())];
    parameters
}

impl<'a> Chain<'a> {
    fn new(root_key: &KeyPair, issuing_key: &'a KeyPair, key: &'a KeyPair) -> Self {
        let root = parameters("coda://root", IsCa::Ca(BasicConstraints::Constrained(1))).self_signed(root_key).unwrap();
        let issuer = rcgen::Issuer::from_ca_cert_der(root.der(), root_key).unwrap();
        let issuing = parameters(NODES, IsCa::Ca(BasicConstraints::Constrained(0)));
        let issuing = issuing.signed_by(issuing_key, &issuer).unwrap();
        let issuer = rcgen::Issuer::from_ca_cert_der(issuing.der(), issuing_key).unwrap();
        let leaf = parameters(NODE, IsCa::ExplicitNoCa).signed_by(key, &issuer).unwrap();
        Self { root: root.into(), issuing: issuing.into(), leaf: leaf.into(), issuing_key, key }
    }

    fn certificates(&self) -> Vec<CertificateDer<'static>> {
        vec![self.leaf.clone(), self.issuing.clone()]
    }

    fn roots(&self) -> Result<Roots, CertificateError> {
        Roots::from_pem(&pem(std::slice::from_ref(&self.root)))
    }

    /// That rustls alone takes this chain.
    fn is_otherwise_good(&self, name: &str) {
        let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
        let mut store = RootCertStore::empty();
        store.add(self.root.clone()).unwrap();
        let bare = WebPkiClientVerifier::builder_with_provider(Arc::new(store), provider).build().unwrap();
        let now = UnixTime::since_unix_epoch(std::time::Duration::from_secs(START.unix_timestamp() as u64));
        let verdict = bare.verify_client_cert(&self.leaf, std::slice::from_ref(&self.issuing), now);
        assert!(verdict.is_ok(), "{name}: {verdict:?}");
    }

    fn certified(&self) -> Arc<SingleCertAndKey> {
        let der = PrivateKeyDer::Pkcs8(PrivatePkcs8KeyDer::from(self.key.serialize_der()));
        let provider = rustls::crypto::aws_lc_rs::default_provider();
        let key = provider.key_provider.load_private_key(der).unwrap();
        Arc::new(SingleCertAndKey::from(CertifiedKey::new(self.certificates(), key)))
    }

    /// A server and a client of a network with this root; each in turn meets one that shows this chain.
    async fn handshakes(&self, honest: &Chain<'_>) -> [std::io::Result<String>; 2] {
        let network = Network::new();
        let honest_key = PrivateKeyFile::of(honest.key);
        let roots = self.roots().unwrap();
        let credentials =
            Credentials::from_pem(&pem(&honest.certificates()), honest_key.load(), honest.roots().unwrap(), START);
        let credentials = credentials.unwrap().with_roots(roots);
        let (server, client) = (network.server_with(&credentials), network.client_with(&credentials, NODE));

        let mut shown = (*client).clone();
        shown.client_auth_cert_resolver = self.certified();
        let as_client = Greeter::start(server.clone()).await.greeting(Arc::new(shown)).await;
        let mut shown = (*server).clone();
        shown.cert_resolver = self.certified();
        let as_server = Greeter::start(Arc::new(shown)).await.greeting(client).await;
        [as_client, as_server]
    }
}

/// A key as a file, the only form in which ours are read.
struct PrivateKeyFile(tempfile::NamedTempFile);

impl PrivateKeyFile {
    fn of(key: &KeyPair) -> Self {
        let file = tempfile::NamedTempFile::new().unwrap();
        std::fs::write(file.path(), key.serialize_pem()).unwrap();
        Self(file)
    }

    fn load(&self) -> PrivateKey {
        PrivateKey::load(self.0.path()).unwrap()
    }
}

fn pem(chain: &[CertificateDer<'_>]) -> String {
    use base64::Engine as _;
    let body = |der: &CertificateDer<'_>| base64::engine::general_purpose::STANDARD.encode(der);
    let block = |der| format!("-----BEGIN CERTIFICATE-----\n{}\n-----END CERTIFICATE-----\n", body(der));
    chain.iter().map(block).collect()
}

fn p256() -> KeyPair {
    KeyPair::generate().unwrap()
}

/// The error and its causes.
fn told(error: &dyn std::error::Error) -> String {
    let causes: Vec<_> = std::iter::successors(Some(error), |error| error.source()).map(ToString::to_string).collect();
    causes.join(": ")
}

#[tokio::test]
async fn each_kind_that_is_taken_is_taken_everywhere() {
    let (root, issuing, leaf) = (p256(), p256(), p256());
    for (name, key) in taken() {
        for chain in
            [Chain::new(&key, &issuing, &leaf), Chain::new(&root, &key, &leaf), Chain::new(&root, &issuing, &key)]
        {
            let roots = chain.roots().unwrap();
            assert_eq!(roots.verify(&chain.certificates(), START).unwrap().to_string(), NODE, "{name}");
            let own = PrivateKeyFile::of(chain.key).load();
            let signature = own.sign(b"bytes").unwrap();
            verify_signed(&chain.certificates(), &roots, b"bytes", &signature, START).unwrap();
            let other = verify_signed(&chain.certificates(), &roots, b"other", &signature, START);
            assert!(matches!(other, Err(SignatureError::Signature)), "{name}: {other:?}");
            Credentials::from_pem(&pem(&chain.certificates()), own, roots, START).unwrap();
            for greeting in chain.handshakes(&chain).await {
                assert_eq!(greeting.unwrap(), NODE, "{name}");
            }
        }
    }
}

#[tokio::test]
async fn every_other_kind_is_refused_in_a_leaf_and_in_an_issuing_certificate() {
    let (root, issuing, leaf) = (p256(), p256(), p256());
    for (name, key) in refused() {
        for (place, chain) in [("leaf", Chain::new(&root, &issuing, &key)), ("issuing", Chain::new(&root, &key, &leaf))]
        {
            chain.is_otherwise_good(name);
            // The same root: what it signed is another chain under it.
            let honest = Chain { root: chain.root.clone(), ..Chain::new(&root, &issuing, &leaf) };
            let roots = chain.roots().unwrap();
            let verdict = roots.verify(&chain.certificates(), START).unwrap_err();
            let is_expected = match place {
                "leaf" => matches!(verdict, ChainError::Leaf(CertificateError::WeakKey)),
                _ => matches!(verdict, ChainError::Issuer(CertificateError::WeakKey)),
            };
            assert!(is_expected && told(&verdict).ends_with(RULE), "{name} as {place}: {verdict:?}");
            // A second time, for the memory of good chains.
            assert!(roots.verify(&chain.certificates(), START).is_err(), "{name} as {place}");

            let signature = rcgen::SigningKey::sign(chain.key, b"bytes").unwrap();
            let outcome = verify_signed(&chain.certificates(), &roots, b"bytes", &signature, START).unwrap_err();
            assert!(told(&outcome).ends_with(RULE), "{name} as {place}: {outcome:?}");

            let [as_client, as_server] = chain.handshakes(&honest).await;
            let error = as_client.unwrap_err().to_string();
            assert!(error.contains("received fatal alert"), "{name} as {place}: {error}");
            let error = as_server.unwrap_err().to_string();
            assert!(error.contains(RULE), "{name} as {place}: {error}");
        }
    }
}

#[test]
fn every_other_kind_is_refused_in_a_root() {
    let (issuing, leaf) = (p256(), p256());
    for (name, key) in refused() {
        let chain = Chain::new(&key, &issuing, &leaf);
        chain.is_otherwise_good(name);
        let outcome = chain.roots();
        assert!(matches!(outcome, Err(CertificateError::WeakKey)), "{name}: {outcome:?}");
        let folder = tempfile::tempdir().unwrap();
        let at = |name: &str| folder.path().join(name);
        std::fs::write(at("roots.pem"), pem(std::slice::from_ref(&chain.root))).unwrap();
        std::fs::write(at("chain.pem"), pem(&chain.certificates())).unwrap();
        let own = PrivateKeyFile::of(&leaf);
        let outcome = Credentials::load(&at("chain.pem"), own.0.path(), &at("roots.pem"), START);
        let Err(CredentialsError::File { path, source: CertificateError::WeakKey }) = outcome else {
            panic!("{name}: {outcome:?}")
        };
        assert_eq!(path, at("roots.pem"));
    }
}

#[test]
fn a_revocation_list_of_every_other_kind_is_refused() {
    let (root, leaf) = (p256(), p256());
    let list = |chain: &Chain<'_>| {
        let parameters = CertificateRevocationListParams {
            this_update: START,
            next_update: START + Duration::days(1),
            crl_number: SerialNumber::from(1),
            issuing_distribution_point: None,
            revoked_certs: Vec::new(),
            key_identifier_method: KeyIdMethod::Sha256,
        };
        let issuer = rcgen::Issuer::from_ca_cert_der(&chain.issuing, chain.issuing_key).unwrap();
        let list = parameters.signed_by(&issuer).unwrap().der().to_vec();
        SignedList { list, issuer: chain.issuing.to_vec() }
    };
    for (name, key) in refused() {
        let chain = Chain::new(&root, &key, &leaf);
        let outcome = chain.roots().unwrap().take_lists(&[list(&chain)], START);
        assert!(matches!(outcome, Err(RevocationError::Key(CertificateError::WeakKey))), "{name}: {outcome:?}");
    }
    for (name, key) in taken() {
        let chain = Chain::new(&root, &key, &leaf);
        assert!(chain.roots().unwrap().take_lists(&[list(&chain)], START).is_ok(), "{name}");
    }
}
