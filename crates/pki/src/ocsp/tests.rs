use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, STANDARD_NO_PAD};
use coda_model::Identity;
use proptest::prelude::*;
use proptest::test_runner::{Config, RngAlgorithm, TestRng, TestRunner};
use rustls_pki_types::CertificateDer;
use tempfile::TempDir;
use time::Duration;
use time::macros::datetime;
use x509_cert::der::Decode as _;
use x509_cert::der::asn1::{BitString, OctetString};
use x509_cert::der::oid::ObjectIdentifier;
use x509_cert::serial_number::SerialNumber;
use x509_cert::spki::AlgorithmIdentifierOwned;
use x509_ocsp::{OcspRequest, OcspResponseStatus, Request, TbsRequest};

use super::*;
use crate::revocation::SignedList;
use crate::{Algorithm, Authority, CertificateError, certificate};

const NOW: OffsetDateTime = datetime!(2026-11-22 12:00 UTC);
const DAY: Duration = Duration::days(1);
const MONTH: Duration = Duration::days(30);

const SHA1: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.3.14.3.2.26");
const SHA256: ObjectIdentifier = ObjectIdentifier::new_unwrap("2.16.840.1.101.3.4.2.1");
const SHA384: ObjectIdentifier = ObjectIdentifier::new_unwrap("2.16.840.1.101.3.4.2.2");
const NONCE: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.3.6.1.5.5.7.48.1.2");
const OTHER: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.3.6.1.5.5.7.48.1.99");

/// A network with a revoked person and a revoked node, and others who are not.
struct Network {
    folder: TempDir,
    authority: Authority,
    responder: Responder,
    ana: Vec<CertificateDer<'static>>,
    ben: Vec<CertificateDer<'static>>,
    node: Vec<CertificateDer<'static>>,
    revoked_node: Vec<CertificateDer<'static>>,
}

impl Network {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let authority = Authority::create(folder.path(), Algorithm::P256, NOW).unwrap();
        let party = |identity: &str| {
            let identity = Identity::parse(identity).unwrap();
            let made = authority.credentials(&identity, Algorithm::P256, MONTH * 3, NOW).unwrap();
            made.chain().to_vec()
        };
        let (ana, ben) = (party("coda://user/ana"), party("coda://user/ben"));
        let (node, revoked_node) = (party("coda://site/a/compute"), party("coda://site/b/compute"));
        for leaf in [&ana[0], &revoked_node[0]] {
            authority.revoke(folder.path(), leaf, MONTH, NOW + DAY).unwrap();
        }
        let roots = Roots::from_pem(&authority.roots().to_pem()).unwrap();
        roots.take_lists(&SignedList::read(folder.path()).unwrap(), NOW + DAY).unwrap();
        let delegates = Issuer::ALL.map(|issuer| authority.delegate(issuer, Algorithm::P256, MONTH * 2, NOW).unwrap());
        let responder = Responder::new(roots, delegates.into());
        Self { folder, authority, responder, ana, ben, node, revoked_node }
    }

    fn ask(&self, request: &OcspRequest) -> Result<BasicOcspResponse, OcspResponseStatus> {
        answer(&respond(&request.to_der().unwrap(), &self.responder, NOW + DAY))
    }
}

fn answer(der: &[u8]) -> Result<BasicOcspResponse, OcspResponseStatus> {
    let response = OcspResponse::from_der(der).unwrap();
    match response.response_bytes {
        Some(bytes) => Ok(BasicOcspResponse::from_der(bytes.response.as_bytes()).unwrap()),
        None => Err(response.response_status),
    }
}

/// How a request names the leaf of a chain.
fn id(chain: &[CertificateDer<'_>], hash: ObjectIdentifier) -> CertId {
    let (leaf, issuing) = (certificate::parse(&chain[0]).unwrap(), certificate::parse(&chain[1]).unwrap());
    let hashed = |bytes: &[u8]| {
        let algorithm = match hash {
            SHA1 => &aws_lc_rs::digest::SHA1_FOR_LEGACY_USE_ONLY,
            SHA256 => &aws_lc_rs::digest::SHA256,
            _ => &aws_lc_rs::digest::SHA384,
        };
        OctetString::new(aws_lc_rs::digest::digest(algorithm, bytes).as_ref()).unwrap()
    };
    CertId {
        hash_algorithm: AlgorithmIdentifierOwned { oid: hash, parameters: None },
        issuer_name_hash: hashed(issuing.subject().as_raw()),
        issuer_key_hash: hashed(&issuing.public_key().subject_public_key.data),
        serial_number: SerialNumber::new(&leaf.serial.to_bytes_be()).unwrap(),
    }
}

fn about(ids: impl IntoIterator<Item = CertId>) -> OcspRequest {
    let request_list = ids.into_iter().map(|req_cert| Request { req_cert, single_request_extensions: None }).collect();
    OcspRequest { tbs_request: TbsRequest { request_list, ..TbsRequest::default() }, optional_signature: None }
}

fn with(extensions: &[Extension], mut request: OcspRequest) -> OcspRequest {
    request.tbs_request.request_extensions = Some(extensions.to_vec());
    request
}

fn nonce(length: usize) -> Extension {
    let value = OctetString::new(vec![7; length]).unwrap().to_der().unwrap();
    Extension { extn_id: NONCE, critical: false, extn_value: OctetString::new(value).unwrap() }
}

fn statuses(answer: &BasicOcspResponse) -> Vec<CertStatus> {
    answer.tbs_response_data.responses.iter().map(|one| one.cert_status).collect()
}

fn at(time: OcspGeneralizedTime) -> OffsetDateTime {
    OffsetDateTime::UNIX_EPOCH + time.0.to_unix_duration()
}

#[test]
fn the_answer_is_what_the_list_says_under_either_hash() {
    let network = Network::new();
    for hash in [SHA1, SHA256] {
        for (chain, revoked) in
            [(&network.ana, true), (&network.ben, false), (&network.node, false), (&network.revoked_node, true)]
        {
            let answer = network.ask(&about([id(chain, hash)])).unwrap();
            let [one] = answer.tbs_response_data.responses.as_slice() else { panic!("{answer:?}") };
            assert_eq!(one.cert_id, id(chain, hash));
            match one.cert_status {
                CertStatus::Revoked(info) if revoked => assert_eq!(at(info.revocation_time), NOW + DAY),
                CertStatus::Good(_) if !revoked => {}
                other => panic!("{other:?}"),
            }
            assert_eq!((at(one.this_update), at(one.next_update.unwrap())), (NOW + DAY, NOW + DAY + MONTH));
            assert_eq!(at(answer.tbs_response_data.produced_at), NOW + DAY);
            // Signed by the delegate of the certificate's own issuing authority.
            let certificates: Vec<_> = answer.certs.unwrap().iter().map(|one| one.to_der().unwrap()).collect();
            assert_eq!(certificates[1], chain[1].as_ref());
            let own = CertificateDer::from(certificates[0].as_slice());
            let key = certificate::parse(&own).unwrap().public_key().subject_public_key.data.to_vec();
            let key = aws_lc_rs::signature::UnparsedPublicKey::new(&aws_lc_rs::signature::ECDSA_P256_SHA256_ASN1, key);
            key.verify(&answer.tbs_response_data.to_der().unwrap(), answer.signature.raw_bytes()).unwrap();
        }
    }
}

#[test]
fn of_anyone_elses_certificates_nothing_is_known() {
    let (network, other) = (Network::new(), Network::new());
    let mut name = id(&network.ben, SHA1);
    name.issuer_name_hash = id(&network.node, SHA1).issuer_name_hash;
    let mut key = id(&network.ben, SHA1);
    key.issuer_key_hash = id(&network.node, SHA1).issuer_key_hash;
    let mut hash = id(&network.ben, SHA1);
    hash.hash_algorithm.oid = SHA256;
    for id in [id(&other.ben, SHA1), id(&other.ana, SHA256), id(&network.ben, SHA384), name, key, hash] {
        let answer = network.ask(&about([id])).unwrap();
        assert!(matches!(statuses(&answer)[..], [CertStatus::Unknown(_)]), "{answer:?}");
    }
}

#[test]
fn one_answer_is_one_authoritys() {
    let network = Network::new();
    let [ana, ben, node] = [&network.ana, &network.ben, &network.node].map(|chain| id(chain, SHA1));
    let answer = network.ask(&about([ben.clone(), ana.clone(), ben.clone()])).unwrap();
    let found = statuses(&answer);
    assert!(matches!(found[..], [CertStatus::Good(_), CertStatus::Revoked(_), CertStatus::Good(_)]), "{found:?}");
    let found = statuses(&network.ask(&about([node, ana])).unwrap());
    assert!(matches!(found[..], [CertStatus::Good(_), CertStatus::Unknown(_)]), "{found:?}");
    assert_eq!(network.ask(&about([])).unwrap_err(), OcspResponseStatus::MalformedRequest);
    let most = vec![ben.clone(); MOST_CERTIFICATES];
    assert_eq!(statuses(&network.ask(&about(most)).unwrap()).len(), MOST_CERTIFICATES);
    let over = vec![ben; MOST_CERTIFICATES + 1];
    assert_eq!(network.ask(&about(over)).unwrap_err(), OcspResponseStatus::MalformedRequest);
}

#[test]
fn a_nonce_of_1_to_32_bytes_comes_back() {
    let network = Network::new();
    let ask = |extensions: &[Extension]| network.ask(&with(extensions, about([id(&network.ben, SHA1)])));
    assert_eq!(ask(&[]).unwrap().tbs_response_data.response_extensions, None);
    for length in [1, 16, 32] {
        let answer = ask(&[nonce(length)]).unwrap();
        assert_eq!(answer.tbs_response_data.response_extensions, Some(vec![nonce(length)]), "{length}");
    }
    let bare = Extension { extn_value: OctetString::new([7; 8]).unwrap(), ..nonce(8) };
    let longer = [nonce(8).extn_value.as_bytes(), &[0]].concat();
    let trailing = Extension { extn_value: OctetString::new(longer).unwrap(), ..nonce(8) };
    for extensions in [vec![nonce(0)], vec![nonce(33)], vec![bare], vec![trailing], vec![nonce(8), nonce(8)]] {
        assert_eq!(ask(&extensions).unwrap_err(), OcspResponseStatus::MalformedRequest, "{extensions:?}");
    }
}

#[test]
fn an_extension_that_must_be_understood_is_refused() {
    let network = Network::new();
    let other = |critical| Extension { extn_id: OTHER, critical, extn_value: OctetString::new([5, 0]).unwrap() };
    let request = about([id(&network.ben, SHA1)]);
    assert!(network.ask(&with(&[other(false)], request.clone())).is_ok());
    let outcome = network.ask(&with(&[other(true)], request.clone()));
    assert_eq!(outcome.unwrap_err(), OcspResponseStatus::MalformedRequest);
    let mut single = request;
    single.tbs_request.request_list[0].single_request_extensions = Some(vec![other(true)]);
    assert_eq!(network.ask(&single).unwrap_err(), OcspResponseStatus::MalformedRequest);
    // The signature of a request is not looked at.
    single.tbs_request.request_list[0].single_request_extensions = Some(vec![other(false)]);
    let algorithm = AlgorithmIdentifierOwned { oid: SHA1, parameters: None };
    let signature = BitString::from_bytes(&[1, 2, 3]).unwrap();
    single.optional_signature = Some(x509_ocsp::Signature { signature_algorithm: algorithm, signature, certs: None });
    assert!(network.ask(&single).is_ok());
}

#[test]
fn without_a_list_in_its_time_there_is_no_answer() {
    let network = Network::new();
    let request = about([id(&network.ana, SHA1)]).to_der().unwrap();
    let ask = |responder: &Responder, now| answer(&respond(&request, responder, now));
    assert!(ask(&network.responder, NOW + DAY + MONTH).is_ok());
    let over = ask(&network.responder, NOW + DAY + MONTH + Duration::SECOND);
    assert_eq!(over.unwrap_err(), OcspResponseStatus::TryLater);

    let roots = Roots::from_pem(&network.authority.roots().to_pem()).unwrap();
    let delegate = network.authority.delegate(Issuer::People, Algorithm::P256, MONTH, NOW).unwrap();
    let new = Responder::new(roots.clone(), vec![delegate]);
    assert_eq!(ask(&new, NOW + DAY).unwrap_err(), OcspResponseStatus::TryLater);
    // It knows what its trust anchors come to know.
    roots.take_lists(&SignedList::read(network.folder.path()).unwrap(), NOW + DAY).unwrap();
    assert!(matches!(statuses(&ask(&new, NOW + DAY).unwrap())[..], [CertStatus::Revoked(_)]));
    // Its own certificate has run out.
    let later = NOW + MONTH + Duration::SECOND;
    assert_eq!(ask(&new, later).unwrap_err(), OcspResponseStatus::InternalError);
    let nobody = Responder::new(roots, Vec::new());
    assert_eq!(ask(&nobody, NOW + DAY).unwrap_err(), OcspResponseStatus::InternalError);
}

#[test]
fn only_the_authoritys_delegate_is_one() {
    let (network, other) = (Network::new(), Network::new());
    let roots = network.authority.roots();
    let key = || PrivateKey::generate(Algorithm::P256).unwrap();
    let own = key();
    let csr = request(&own, Issuer::People).unwrap();
    assert_eq!(crate::authority::named(&csr).unwrap(), None, "a responder is nobody of the network");
    let chain = network.authority.issue_responder(&csr, Issuer::People, MONTH, NOW).unwrap();
    let party = network.authority.issue(&csr, &Identity::parse("coda://user/ana").unwrap(), MONTH, NOW).unwrap();
    let people = crate::authority::People::open(network.folder.path()).unwrap();
    let online = people.issue_responder(&csr, MONTH, NOW).unwrap();
    let load = |chain: &str, key: &PrivateKey, roots: &Roots, now| {
        let path = network.folder.path().join("own.key");
        let _ = std::fs::remove_file(&path);
        key.save(&path).unwrap();
        Delegate::from_pem(chain, PrivateKey::load(&path).unwrap(), roots, now)
    };
    for chain in [&chain, &online] {
        assert_eq!(load(chain, &own, roots, NOW).unwrap().issuer(), Issuer::People);
    }
    let refused = |outcome: Result<Delegate, DelegateError>| outcome.unwrap_err();
    assert!(matches!(refused(load(&party, &own, roots, NOW)), DelegateError::Purpose));
    assert!(matches!(refused(load(&chain, &own, other.authority.roots(), NOW)), DelegateError::Issuer));
    let other_key = refused(load(&chain, &key(), roots, NOW));
    assert!(matches!(other_key, DelegateError::Certificate(CertificateError::OtherKey)), "{other_key:?}");
    let expired = refused(load(&chain, &own, roots, NOW + MONTH * 2));
    assert!(matches!(expired, DelegateError::Certificate(CertificateError::Expired(_))), "{expired:?}");
    let both = certificate::from_pem(chain.as_bytes()).unwrap();
    let alone = refused(load(&certificate::to_pem(&both[..1]), &own, roots, NOW));
    assert!(matches!(alone, DelegateError::Length(1)), "{alone:?}");
    let swapped = certificate::to_pem(&[both[0].clone(), network.node[1].clone()]);
    assert!(matches!(refused(load(&swapped, &own, roots, NOW)), DelegateError::Signature));
    // And it is no party.
    assert!(roots.verify(&both, NOW).is_err());
    let weak = rcgen::KeyPair::generate_for(&rcgen::PKCS_ED25519).unwrap();
    let weak = rcgen::CertificateParams::default().serialize_request(&weak).unwrap().pem().unwrap();
    let outcome = network.authority.issue_responder(&weak, Issuer::Nodes, MONTH, NOW);
    assert!(matches!(outcome, Err(crate::AuthorityError::WeakKey)), "{outcome:?}");
}

#[test]
fn http_takes_a_body_or_a_path() {
    let network = Network::new();
    let ask = |method: &str, path: &str, body: &[u8]| http(method, path, body, &network.responder, NOW + DAY);
    let is_revoked = |answered: &Answer| {
        answered.status == 200 && matches!(statuses(&answer(&answered.body).unwrap())[..], [CertStatus::Revoked(_)])
    };
    // Until one has all three characters that are encoded in a path.
    let texts = (0..=255u8).map(|byte| {
        let value = OctetString::new(vec![byte; 16]).unwrap().to_der().unwrap();
        let nonce = Extension { extn_value: OctetString::new(value).unwrap(), ..nonce(16) };
        STANDARD.encode(with(&[nonce], about([id(&network.ana, SHA1)])).to_der().unwrap())
    });
    let text = texts.into_iter().find(|text| ['/', '+', '='].iter().all(|one| text.contains(*one))).unwrap();
    let der = STANDARD.decode(&text).unwrap();
    assert!(is_revoked(&ask("POST", "/", &der)));
    let encoded = text.replace('+', "%2B").replace('/', "%2f").replace('=', "%3D");
    let paths = [format!("/{text}"), format!("/{encoded}"), format!("/{}", STANDARD_NO_PAD.encode(&der))];
    for path in paths {
        assert!(is_revoked(&ask("GET", &path, &[])), "{path}");
    }
    let malformed = |method: &str, path: &str, body: &[u8], status| {
        let answered = ask(method, path, body);
        assert_eq!(answered.status, status, "{method} {path}");
        assert_eq!(answer(&answered.body).unwrap_err(), OcspResponseStatus::MalformedRequest);
    };
    for path in ["/", "", "/%", "/%4", "/%zz", "/*", "/TUlJ%00", &text] {
        malformed("GET", path, &[], 400);
    }
    malformed("GET", "/TUlJ", &[], 200);
    malformed("GET", &format!("/{}", "A".repeat(LARGEST_PATH)), &[], 414);
    malformed("POST", "/", &[], 200);
    malformed("POST", "/", &vec![0; LARGEST_REQUEST + 1], 413);
    for method in ["HEAD", "PUT", "get"] {
        malformed(method, "/", &der, 405);
    }
}

/// 10,000 changed requests: no panic, and never "good" for what was revoked, as told by the answer's own words.
#[test]
fn a_changed_request_makes_nothing_good() {
    let network = Network::new();
    let revoked = [id(&network.ana, SHA1), id(&network.ana, SHA256), id(&network.revoked_node, SHA1)];
    let whole = with(&[nonce(16)], about(revoked.clone())).to_der().unwrap();
    let is_revoked = |found: &CertId| {
        let number = |id: &CertId| id.serial_number.as_bytes().iter().skip_while(|byte| **byte == 0).copied().collect();
        revoked.iter().any(|id| {
            let (mine, theirs): (Vec<u8>, Vec<u8>) = (number(id), number(found));
            id.issuer_key_hash == found.issuer_key_hash && mine == theirs
        })
    };
    let change = prop_oneof![
        (any::<usize>(), 1..=255u8).prop_map(|(at, by)| (at, by, 0)),
        (any::<usize>(), any::<u8>()).prop_map(|(at, byte)| (at, byte, 1)),
        any::<usize>().prop_map(|at| (at, 0, 2)),
    ];
    let changes = prop::collection::vec(change, 1..4);
    let config = Config { cases: 10_000, failure_persistence: None, ..Config::default() };
    let mut runner = TestRunner::new_with_rng(config, TestRng::deterministic_rng(RngAlgorithm::ChaCha));
    let mut answered = 0;
    let counted = std::cell::RefCell::new(&mut answered);
    let outcome = runner.run(&changes, |changes| {
        let mut bytes = whole.clone();
        for (at, byte, kind) in changes {
            let at = at % bytes.len();
            match kind {
                0 => bytes[at] ^= byte,
                1 => bytes.insert(at, byte),
                _ => drop(bytes.remove(at)),
            }
        }
        if let Ok(answer) = answer(&respond(&bytes, &network.responder, NOW + DAY)) {
            **counted.borrow_mut() += 1;
            for one in &answer.tbs_response_data.responses {
                prop_assert!(!(matches!(one.cert_status, CertStatus::Good(_)) && is_revoked(&one.cert_id)));
            }
        }
        Ok(())
    });
    outcome.unwrap();
    assert!(answered > 1_000, "{answered} were answered at all");
}

#[test]
fn a_serial_number_is_looked_up_without_the_zeros_before_it() {
    let cases: [(&[u8], &[u8]); 5] =
        [(&[0, 0x80, 0], &[0x80, 0]), (&[0, 0, 1], &[1]), (&[7], &[7]), (&[0], &[0]), (&[], &[])];
    for (bytes, expected) in cases {
        assert_eq!(magnitude(bytes), expected, "{bytes:?}");
    }
}
