//! What a thief of one issuing authority's key, or a careless holder of the root's, still cannot do.
//!
//! The chains here are made beside the authority's code, with its keys, so that only the verifiers stand in the way.

use std::fs;
use std::sync::Arc;

use coda_pki::{Credentials, CredentialsError, PrivateKey, SignatureError, verify_signed};
use rcgen::{BasicConstraints, CertificateParams, DistinguishedName, DnType, ExtendedKeyUsagePurpose, IsCa, KeyPair};
use rcgen::{KeyUsagePurpose, SanType};
use rustls::sign::{CertifiedKey, SingleCertAndKey};
use rustls::{ClientConfig, ServerConfig};
use rustls_pki_types::pem::PemObject as _;
use rustls_pki_types::{CertificateDer, PrivateKeyDer, PrivatePkcs8KeyDer};
use time::Duration;

use crate::network::{Greeter, Network, START};

const NODE: &str = "coda://site/a/compute";
const HUB: &str = "coda://hub/coordinator";
const USER: &str = "coda://user/ana";
const NODES: &str = "coda://authority/nodes";
const PEOPLE: &str = "coda://authority/people";

/// A certificate with its key.
struct Made {
    certificate: CertificateDer<'static>,
    key: KeyPair,
}

/// A chain with the leaf's key.
struct Forged {
    chain: Vec<CertificateDer<'static>>,
    key: KeyPair,
}

impl Made {
    fn read(network: &Network, name: &str) -> Self {
        let read = |ending: &str| fs::read_to_string(network.folder.path().join(format!("{name}.{ending}"))).unwrap();
        let certificate = CertificateDer::from_pem_slice(read("pem").as_bytes()).unwrap();
        Self { certificate, key: KeyPair::from_pem(&read("key")).unwrap() }
    }

    /// Signs whatever it is told to.
    fn sign(&self, uris: &[&str], is_ca: IsCa) -> Self {
        let mut parameters = CertificateParams::default();
        parameters.distinguished_name = DistinguishedName::new();
        parameters.distinguished_name.push(DnType::CommonName, uris.join(" "));
        parameters.not_before = START - Duration::days(1);
        parameters.not_after = START + Duration::days(1);
        parameters.key_usages = match is_ca {
            IsCa::Ca(_) => vec![KeyUsagePurpose::KeyCertSign],
            _ => vec![KeyUsagePurpose::DigitalSignature],
        };
        parameters.is_ca = is_ca;
        parameters.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth, ExtendedKeyUsagePurpose::ClientAuth];
        parameters.subject_alt_names = uris.iter().map(|uri| SanType::URI((*uri).try_into().unwrap())).collect();
        let key = KeyPair::generate().unwrap();
        let issuer = rcgen::Issuer::from_ca_cert_der(&self.certificate, &self.key).unwrap();
        Self { certificate: parameters.signed_by(&key, &issuer).unwrap().into(), key }
    }

    fn party(&self, uri: &str) -> Self {
        self.sign(&[uri], IsCa::ExplicitNoCa)
    }

    fn with(self, issuers: &[&Made]) -> Forged {
        let rest = issuers.iter().map(|issuer| issuer.certificate.clone());
        Forged { chain: std::iter::once(self.certificate).chain(rest).collect(), key: self.key }
    }
}

impl Forged {
    fn certified(&self) -> Arc<SingleCertAndKey> {
        let der = PrivateKeyDer::Pkcs8(PrivatePkcs8KeyDer::from(self.key.serialize_der()));
        let provider = rustls::crypto::aws_lc_rs::default_provider();
        let key = provider.key_provider.load_private_key(der).unwrap();
        Arc::new(SingleCertAndKey::from(CertifiedKey::new(self.chain.clone(), key)))
    }

    fn client(&self, network: &Network) -> Arc<ClientConfig> {
        let mut config = (*network.client(HUB, HUB)).clone();
        config.client_auth_cert_resolver = self.certified();
        Arc::new(config)
    }

    fn server(&self, network: &Network) -> Arc<ServerConfig> {
        let mut config = (*network.server(HUB)).clone();
        config.cert_resolver = self.certified();
        Arc::new(config)
    }
}

/// The chain is refused as a client's, as a server's, as a signer's and as one's own, each time for a reason with `why`.
async fn refused(network: &Network, forged: &Forged, identity: &str, why: &str) {
    let verdict = told(&network.authority.roots().verify(&forged.chain, START).unwrap_err());
    assert!(verdict.contains(why), "{verdict:?} lacks {why:?}");

    let honest = Greeter::start(network.server(HUB)).await;
    honest.refuses(&forged.client(network), &["received fatal alert: "]).await;
    let impostor = Greeter::start(forged.server(network)).await;
    impostor.refuses(&network.client(HUB, identity), &["invalid peer certificate"]).await;

    let signature = rcgen::SigningKey::sign(&forged.key, b"bytes").unwrap();
    let outcome = verify_signed(&forged.chain, network.authority.roots(), b"bytes", &signature, START);
    assert!(matches!(outcome, Err(SignatureError::Chain(_))), "{outcome:?}");
}

#[tokio::test]
async fn the_helpers_themselves_are_let_through() {
    let network = Network::new();
    let (nodes, people) = (Made::read(&network, "nodes"), Made::read(&network, "people"));
    let greeter = Greeter::start(nodes.party(HUB).with(&[&nodes]).server(&network)).await;
    greeter.greets(&nodes.party(NODE).with(&[&nodes]).client(&network), NODE).await;
    greeter.greets(&people.party(USER).with(&[&people]).client(&network), USER).await;
}

#[tokio::test]
async fn the_authority_for_people_cannot_name_a_node() {
    let network = Network::new();
    let (nodes, people) = (Made::read(&network, "nodes"), Made::read(&network, "people"));
    let why = format!("{NODE} was named by {PEOPLE}");
    refused(&network, &people.party(NODE).with(&[&people]), NODE, &why).await;
    // Nor by sending the other certificate along, before or after its own, or in its place.
    refused(&network, &people.party(NODE).with(&[&nodes, &people]), NODE, "3 certificates").await;
    refused(&network, &people.party(NODE).with(&[&people, &nodes]), NODE, "3 certificates").await;
    refused(&network, &people.party(NODE).with(&[&nodes]), NODE, "UnknownIssuer").await;
}

#[tokio::test]
async fn the_authority_for_nodes_cannot_name_a_person() {
    let network = Network::new();
    let nodes = Made::read(&network, "nodes");
    let forged = nodes.party(USER).with(&[&nodes]);
    refused(&network, &forged, USER, &format!("{USER} was named by {NODES}")).await;
}

#[tokio::test]
async fn the_uri_decides_even_when_the_usages_would_allow_it() {
    let network = Network::new();
    let root = Made::read(&network, "root");
    // An authority for people that the root let be a server's as well.
    let loose = root.sign(&[PEOPLE], IsCa::Ca(BasicConstraints::Constrained(0)));
    refused(&network, &loose.party(NODE).with(&[&loose]), NODE, &format!("{NODE} was named by {PEOPLE}")).await;
    let unknown = root.sign(&["coda://authority/other"], IsCa::Ca(BasicConstraints::Constrained(0)));
    refused(&network, &unknown.party(NODE).with(&[&unknown]), NODE, "coda://authority/other").await;
    let both = root.sign(&[NODES, PEOPLE], IsCa::Ca(BasicConstraints::Constrained(0)));
    refused(&network, &both.party(NODE).with(&[&both]), NODE, "issuing certificate cannot be used").await;
}

#[tokio::test]
async fn an_issuer_is_what_the_root_signed() {
    let (network, other) = (Network::new(), Network::new());
    let (root, nodes) = (Made::read(&network, "root"), Made::read(&network, "nodes"));
    // The root names a party itself: its chain then lacks an issuing certificate, or has one that did not sign.
    refused(&network, &root.party(NODE).with(&[]), NODE, "1 certificates").await;
    refused(&network, &root.party(NODE).with(&[&nodes]), NODE, "has not signed").await;
    // Another network's authority for nodes.
    let foreign = Made::read(&other, "nodes");
    refused(&network, &foreign.party(NODE).with(&[&foreign]), NODE, "UnknownIssuer").await;
    // A node that makes itself an authority under the one for nodes.
    let below = nodes.sign(&[NODES], IsCa::Ca(BasicConstraints::Unconstrained));
    let forged = below.party(NODE).with(&[&below, &nodes]);
    refused(&network, &forged, NODE, "the chain does not hold: invalid peer certificate").await;
    let node = nodes.party(NODE);
    let issued_by_node = node.party(NODE).with(&[&node, &nodes]);
    refused(&network, &issued_by_node, NODE, "the chain does not hold: invalid peer certificate").await;
}

#[tokio::test]
async fn a_party_has_one_name() {
    let network = Network::new();
    let nodes = Made::read(&network, "nodes");
    let two = nodes.sign(&[NODE, HUB], IsCa::ExplicitNoCa).with(&[&nodes]);
    refused(&network, &two, NODE, "party's certificate cannot be used").await;
    let stranger = nodes.party("https://example.org/").with(&[&nodes]);
    refused(&network, &stranger, NODE, "party's certificate cannot be used").await;
    // An issuing certificate is nobody's own.
    let issuing = Made::read(&network, "nodes").with(&[&Made::read(&network, "root")]);
    refused(&network, &issuing, NODE, "the chain does not hold: invalid peer certificate").await;
}

#[test]
fn forged_credentials_do_not_load() {
    let network = Network::new();
    let people = Made::read(&network, "people");
    let forged = people.party(NODE).with(&[&people]);
    let at = |name: &str| network.folder.path().join(name);
    let honest = network.credentials(USER, Duration::days(1));
    honest.save(&at("chain.pem"), &at("own.key"), &at("roots.pem")).unwrap();
    fs::remove_file(at("own.key")).unwrap();
    fs::write(at("own.key"), forged.key.serialize_pem()).unwrap();
    fs::set_permissions(at("own.key"), std::os::unix::fs::PermissionsExt::from_mode(0o600)).unwrap();
    let key = PrivateKey::load(&at("own.key")).unwrap();
    let pem = rcgen_pem(&forged.chain);
    let outcome = Credentials::from_pem(&pem, key, network.authority.roots().clone(), START);
    assert!(matches!(outcome, Err(CredentialsError::Chain(_))), "{outcome:?}");
}

/// The error and its causes.
fn told(error: &dyn std::error::Error) -> String {
    let causes: Vec<_> = std::iter::successors(Some(error), |error| error.source()).map(ToString::to_string).collect();
    causes.join(": ")
}

fn rcgen_pem(chain: &[CertificateDer<'_>]) -> String {
    use base64::Engine as _;
    let body = |der: &CertificateDer<'_>| base64::engine::general_purpose::STANDARD.encode(der);
    let block = |der| format!("-----BEGIN CERTIFICATE-----\n{}\n-----END CERTIFICATE-----\n", body(der));
    chain.iter().map(block).collect()
}
