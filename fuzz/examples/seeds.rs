//! Writes a valid input of each target into its corpus, from which the fuzzer goes on.

use std::{fs, path::Path};

use base64::{Engine as _, engine::general_purpose::STANDARD};
use coda_audit::{AuditLog, Event, LogKey, Name, RecordProof, Seed, Submission};
use coda_model::{Identity, UserId};
use coda_mutations::{ASKED, DICTIONARY, Network, Question};
use coda_pki::{Algorithm, PrivateKey};
use coda_policy::SitePolicy;
use prost::Message as _;
use x509_cert::der::{Encode as _, asn1::OctetString, oid::ObjectIdentifier};
use x509_cert::{serial_number::SerialNumber, spki::AlgorithmIdentifierOwned};
use x509_ocsp::{CertId, OcspRequest, Request, TbsRequest};

const SHA1: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.3.14.3.2.26");
const QUERY: &str = r#"
dataset = "d"
where = "not (age >= 65 a or ward != 'b') and sex in (female, male) and age in [20, 60) and ward is missing"
of = ["count", "mean:age[a]", "risk_ratio:dead:age@40,65", "mode:ward"]
by = ["sex", "age@40,65"]
over = "quarter:admission"
[derive]
peak = "max(lab.crp) where spo2 < 90 within 0..2 days of admission"
"#;

fn main() {
    let network = Network::default();
    let question = Question::FIRST;
    let evidence = network.evidence(&question);
    let answer = evidence.answer.as_ref().unwrap().sites[0].answer.clone().unwrap();
    let key = PrivateKey::generate(Algorithm::P256).unwrap();
    let request = key.request(&Identity::Auth).unwrap();
    let der: String = request.lines().filter(|line| !line.starts_with('-')).collect();
    let [checkpoint, submission, proof] = checkpoints();
    let seeds = [
        ("envelope", network.envelope(&question).content),
        ("token", network.token(&question).content),
        ("receipt", answer.receipt.unwrap().content),
        ("release", answer.release),
        ("evidence", evidence.encode_to_vec()),
        ("csr", STANDARD.decode(der).unwrap()),
        ("ocsp", ocsp()),
        ("checkpoint", checkpoint),
        ("checkpoint", submission),
        ("checkpoint", proof),
        ("policy", SitePolicy::default().show().into()),
        ("dictionary", DICTIONARY.into()),
        ("query", QUERY.into()),
    ];
    for (number, (target, bytes)) in seeds.into_iter().enumerate() {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("corpus").join(target);
        fs::create_dir_all(&folder).unwrap();
        fs::write(folder.join(format!("valid-{number}")), bytes).unwrap();
    }
}

/// A checkpoint of a log, its submission to a witness, and a proof of a record.
fn checkpoints() -> [Vec<u8>; 3] {
    let folder = tempfile::tempdir().unwrap();
    let log = AuditLog::open(&folder.path().join("audit.jsonl")).unwrap();
    let listed = Event::GrantsListed { by: UserId::new("ana").unwrap(), address: None };
    log.announce(&vec![listed; 5], ASKED).unwrap();
    let key = LogKey::new(Name::new("coda/north").unwrap(), &Seed::new([1; 32])).unwrap();
    let checkpoint = log.checkpoint(&key).unwrap();
    let snapshot = log.snapshot().unwrap();
    let submission = Submission::new(&snapshot, 3, &checkpoint).unwrap();
    let proof = RecordProof::new(&snapshot, 3, &checkpoint).unwrap();
    [checkpoint.to_string(), submission.to_string(), proof.to_string()].map(String::into_bytes)
}

/// A request about a certificate that nobody has.
fn ocsp() -> Vec<u8> {
    let digest = || OctetString::new([7; 20]).unwrap();
    let req_cert = CertId {
        hash_algorithm: AlgorithmIdentifierOwned { oid: SHA1, parameters: None },
        issuer_name_hash: digest(),
        issuer_key_hash: digest(),
        serial_number: SerialNumber::new(&[1, 2, 3]).unwrap(),
    };
    let request_list = vec![Request { req_cert, single_request_extensions: None }];
    let tbs_request = TbsRequest { request_list, ..TbsRequest::default() };
    OcspRequest { tbs_request, optional_signature: None }.to_der().unwrap()
}
