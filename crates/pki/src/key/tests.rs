use std::fs;

use super::*;

fn site() -> Identity {
    Identity::parse("coda://site/a/compute").unwrap()
}

#[test]
fn a_saved_key_is_its_owners_alone_and_reads_back() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("key.pem");
    for algorithm in [Algorithm::P256, Algorithm::P384, Algorithm::Rsa3072] {
        let key = PrivateKey::generate(algorithm).unwrap();
        key.save(&path).unwrap();
        assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o7777, 0o600);
        let read = PrivateKey::load(&path).unwrap();
        assert_eq!(read.algorithm(), algorithm);
        assert_eq!(read.pair.public_key_raw(), key.pair.public_key_raw());
        fs::remove_file(&path).unwrap();
    }
}

#[test]
fn a_key_is_never_overwritten() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("key.pem");
    PrivateKey::generate(Algorithm::P256).unwrap().save(&path).unwrap();
    let before = fs::read(&path).unwrap();
    let outcome = PrivateKey::generate(Algorithm::P256).unwrap().save(&path);
    assert!(matches!(outcome, Err(KeyError::Exists(_))), "{outcome:?}");
    assert_eq!(fs::read(&path).unwrap(), before);
}

#[test]
fn a_key_file_open_to_others_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("key.pem");
    PrivateKey::generate(Algorithm::P256).unwrap().save(&path).unwrap();
    for mode in [0o644, 0o640, 0o620, 0o604, 0o602] {
        fs::set_permissions(&path, fs::Permissions::from_mode(mode)).unwrap();
        let message = PrivateKey::load(&path).unwrap_err().to_string();
        assert!(message.contains(&format!("chmod 600 {}", path.display())), "{message}");
        assert!(message.contains(&format!("{mode:04o}")), "{message}");
    }
    for mode in [0o600, 0o400] {
        fs::set_permissions(&path, fs::Permissions::from_mode(mode)).unwrap();
        assert!(PrivateKey::load(&path).is_ok(), "{mode:o} was refused");
    }
}

#[test]
fn other_kinds_of_content_are_refused() {
    let folder = tempfile::tempdir().unwrap();
    let p521 = KeyPair::generate_for(&rcgen::PKCS_ECDSA_P521_SHA512).unwrap().serialize_pem();
    let ed25519 = KeyPair::generate_for(&rcgen::PKCS_ED25519).unwrap().serialize_pem();
    let rsa2048 = KeyPair::generate_rsa_for(&PKCS_RSA_SHA256, RsaKeySize::_2048).unwrap().serialize_pem();
    let contents =
        [("nothing", ""), ("words", "not a key"), ("p521", &p521), ("ed25519", &ed25519), ("rsa2048", &rsa2048)];
    for (name, text) in contents {
        let path = folder.path().join(name);
        OpenOptions::new().write(true).create_new(true).mode(0o600).open(&path).unwrap();
        fs::write(&path, text).unwrap();
        let outcome = PrivateKey::load(&path);
        assert!(matches!(outcome, Err(KeyError::Content(_))), "{name}: {outcome:?}");
        let told = outcome.unwrap_err().to_string();
        assert!(told.ends_with("of ECDSA P-256, ECDSA P-384 or RSA with 3072 to 8192 bits"), "{told}");
    }
}

#[test]
fn a_missing_key_file_is_named() {
    let message = PrivateKey::load(Path::new("/nonexistent/key.pem")).unwrap_err().to_string();
    assert_eq!(message, "cannot read the key file /nonexistent/key.pem");
}

#[test]
fn debug_says_nothing() {
    assert_eq!(format!("{:?}", PrivateKey::generate(Algorithm::P256).unwrap()), "PrivateKey");
}

#[test]
fn algorithms_read_back_and_nothing_else_does() {
    for algorithm in [Algorithm::Rsa4096, Algorithm::Rsa3072, Algorithm::P384, Algorithm::P256] {
        assert_eq!(algorithm.to_string().parse::<Algorithm>().unwrap(), algorithm);
    }
    assert_eq!(
        "rsa2048".parse::<Algorithm>().unwrap_err().to_string(),
        "\"rsa2048\" is no key algorithm; use rsa4096, rsa3072, p384 or p256"
    );
    assert_eq!(Algorithm::default(), Algorithm::Rsa4096);
}

#[test]
fn a_request_names_the_hint_and_is_signed_by_the_key() {
    let key = PrivateKey::generate(Algorithm::P256).unwrap();
    let request = rcgen::CertificateSigningRequestParams::from_pem(&key.request(&site()).unwrap()).unwrap();
    assert_eq!(request.public_key.der_bytes(), key.pair.public_key_raw());
    assert_eq!(request.params.subject_alt_names, [SanType::URI(site().to_string().try_into().unwrap())]);
}
