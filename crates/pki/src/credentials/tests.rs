use std::error::Error as _;

use tempfile::TempDir;
use time::Duration;
use time::macros::datetime;

use super::*;
use crate::authority::Authority;
use crate::key::Algorithm;

const NOW: OffsetDateTime = datetime!(2026-11-22 12:00 UTC);

struct Files {
    folder: TempDir,
    authority: Authority,
}

impl Files {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let authority = Authority::create(&folder.path().join("authority"), Algorithm::P256, NOW).unwrap();
        Self { folder, authority }
    }

    fn at(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn save(&self, name: &str) -> Credentials {
        let made =
            self.authority.credentials(&Identity::Coordinator, Algorithm::P256, Duration::days(30), NOW).unwrap();
        made.save(&self.at(&format!("{name}.pem")), &self.at(&format!("{name}.key")), &self.at("roots.pem")).unwrap();
        made
    }

    fn load(&self, chain: &str, key: &str, now: OffsetDateTime) -> Result<Credentials, CredentialsError> {
        Credentials::load(&self.at(chain), &self.at(key), &self.at("roots.pem"), now)
    }
}

/// The error and its causes, as a program writes them.
fn told(outcome: Result<Credentials, CredentialsError>) -> String {
    let error = outcome.unwrap_err();
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        text.push_str(": ");
        text.push_str(&error.to_string());
        cause = error.source();
    }
    text
}

#[test]
fn saved_credentials_read_back() {
    let files = Files::new();
    let made = files.save("node");
    let read = files.load("node.pem", "node.key", NOW).unwrap();
    assert_eq!(read.identity(), &Identity::Coordinator);
    assert_eq!(read.chain(), made.chain());
    assert_eq!(read.thumbprint(), sha256(&made.chain()[0]));
    assert_eq!(read.expires(), NOW + Duration::days(30));
}

#[test]
fn an_expired_certificate_is_told_with_its_file_and_date() {
    let files = Files::new();
    files.save("node");
    let told = told(files.load("node.pem", "node.key", NOW + Duration::days(31)));
    assert!(told.contains(&files.at("node.pem").display().to_string()), "{told}");
    assert!(told.contains("expired on 2026-12-22"), "{told}");
}

#[test]
fn a_certificate_of_the_future_is_told_with_its_date() {
    let files = Files::new();
    files.save("node");
    let told = told(files.load("node.pem", "node.key", NOW - Duration::days(1)));
    assert!(told.contains("valid only from 2026-11-22"), "{told}");
}

#[test]
fn another_partys_key_is_refused() {
    let files = Files::new();
    files.save("node");
    files.save("other");
    let told = told(files.load("node.pem", "other.key", NOW));
    assert!(told.contains("node.pem") && told.contains("for another key"), "{told}");
}

#[test]
fn the_roots_of_another_network_are_refused() {
    let files = Files::new();
    files.save("node");
    let other = Authority::create(&files.at("other"), Algorithm::P256, NOW).unwrap();
    fs::write(files.at("roots.pem"), other.roots().to_pem()).unwrap();
    let told = told(files.load("node.pem", "node.key", NOW));
    let [roots, chain] = ["roots.pem", "node.pem"].map(|name| files.at(name).display().to_string());
    let advice = "take root.pem from the authority that issued it";
    let expected = format!("{roots} does not hold the trust anchors of the network that issued {chain}; {advice}: ");
    assert!(told.starts_with(&expected), "{told}");
}

/// The chain is refused with the name of its file, and with what to do.
fn chain_is_refused(
    pick: impl FnOnce(&[CertificateDer<'static>], &Authority) -> Vec<CertificateDer<'static>>,
    why: &str,
) {
    let files = Files::new();
    let made = files.save("node");
    fs::write(files.at("node.pem"), certificate::to_pem(&pick(made.chain(), &files.authority))).unwrap();
    let told = told(files.load("node.pem", "node.key", NOW));
    assert_eq!(told, format!("cannot use {}: {why}", files.at("node.pem").display()));
}

#[test]
fn a_chain_without_its_issuer_is_told() {
    let why = "it has the party's certificate alone; add the certificate of its issuer below it, as the authority handed both out";
    chain_is_refused(|chain, _| chain[..1].to_vec(), why);
}

#[test]
fn a_reversed_chain_is_told() {
    let why = "it begins with the certificate of an issuing authority; put the party's own certificate first";
    chain_is_refused(|chain, _| chain.iter().rev().cloned().collect(), why);
    chain_is_refused(|chain, _| chain[1..].to_vec(), why);
}

#[test]
fn a_chain_with_another_issuer_is_told() {
    let why = "its second certificate has not signed the first; put the certificate of the issuer there, as the authority handed both out";
    chain_is_refused(|chain, authority| vec![chain[0].clone(), authority.roots().certificates()[0].clone()], why);
    let people = Identity::parse("coda://user/ana").unwrap();
    let other = |chain: &[CertificateDer<'static>], authority: &Authority| {
        let ana = authority.credentials(&people, Algorithm::P256, Duration::days(1), NOW).unwrap();
        vec![chain[0].clone(), ana.chain()[1].clone()]
    };
    chain_is_refused(other, why);
}

#[test]
fn a_chain_of_three_is_told() {
    let files = Files::new();
    let made = files.save("node");
    let root = files.authority.roots().certificates()[0].clone();
    fs::write(files.at("node.pem"), certificate::to_pem(&[made.chain(), &[root]].concat())).unwrap();
    let told = told(files.load("node.pem", "node.key", NOW));
    assert!(told.ends_with("the chain has 3 certificates; expected two, the party's and its issuer's"), "{told}");
}

#[test]
fn missing_and_meaningless_files_are_named() {
    let files = Files::new();
    files.save("node");
    let missing = told(files.load("absent.pem", "node.key", NOW));
    assert!(missing.contains("absent.pem"), "{missing}");
    fs::write(files.at("words.pem"), "no certificate").unwrap();
    let words = told(files.load("words.pem", "node.key", NOW));
    assert!(words.contains("words.pem") && words.contains("no certificate in it"), "{words}");
    let key = told(files.load("node.pem", "absent.key", NOW));
    assert!(key.contains("absent.key"), "{key}");
}

#[test]
fn debug_shows_no_key() {
    let made = Files::new().save("node");
    assert!(format!("{made:?}").contains("key: PrivateKey,"), "{made:?}");
}
