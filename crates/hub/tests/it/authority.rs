//! The private authority in its folder.

use std::fs;

use insta::assert_snapshot;

use crate::hub::Hub;

#[test]
fn an_authority_is_never_overwritten() {
    let hub = Hub::with_authority();
    // As the guide wants it: the key of the root is in a safe.
    fs::remove_file(hub.path("authority/root.key")).unwrap();
    let before = hub.done(&["authority", "roots", "authority"]);
    let ended = hub.run(&["authority", "create", "authority", "--algorithm", "p256"]);
    assert_eq!(ended.code, Some(1));
    assert_snapshot!(ended.said, @"error: the folder authority is not empty; an authority is made in a folder of its own");
    assert_eq!(hub.done(&["authority", "roots", "authority"]), before);
}

#[test]
fn a_folder_without_an_authority_prints_no_roots() {
    let ended = Hub::empty().run(&["authority", "roots", "authority"]);
    assert_eq!((ended.code, ended.output.as_str()), (Some(1), ""));
    assert_snapshot!(ended.said, @"error: cannot use authority/root.pem of the authority: No such file or directory (os error 2)");
}

#[test]
fn a_certificate_is_for_398_days_at_most() {
    let hub = Hub::with_authority();
    let request = hub.done(&["request", "--role", "auth", "--key", "auth.key", "--algorithm", "p256"]);
    hub.write("request.csr", &request);
    for (days, code) in [("1", 0), ("398", 0), ("0", 2), ("399", 2), ("-1", 2)] {
        let ended = hub.sign("coda://hub/auth", days);
        assert_eq!((ended.code, ended.output.is_empty()), (Some(code), code == 2), "{days}: {}", ended.said);
    }
    assert_eq!(hub.sign("coda://hub/dashboard", "1").code, Some(2));
}

#[test]
fn what_is_no_request_is_not_signed() {
    let hub = Hub::with_authority();
    hub.write("request.csr", "-----BEGIN CERTIFICATE REQUEST-----\nAAAA\n-----END CERTIFICATE REQUEST-----\n");
    let ended = hub.sign("coda://hub/auth", "1");
    assert_eq!((ended.code, ended.output.as_str()), (Some(1), ""));
    assert!(
        ended.said.starts_with("error: the certificate request cannot be read, or is not signed"),
        "{}",
        ended.said
    );
}

/// Whoever signs sees whom the request names and its digest, as `sha256sum` says it where the request was made.
#[test]
fn a_request_that_names_somebody_else_is_not_signed_unawares() {
    let hub = Hub::with_authority();
    let request = ["request", "--role", "auth", "--key", "auth.key", "--algorithm", "p256", "--out", "request.csr"];
    assert_eq!(hub.done(&request), "");
    let digest = hex::encode(coda_pki::sha256(&fs::read(hub.path("request.csr")).unwrap()));
    let signed = hub.sign("coda://hub/auth", "30");
    assert_eq!(signed.code, Some(0));
    let expected = format!("the request names coda://hub/auth; SHA-256 of request.csr: {digest}\n");
    assert!(signed.said.starts_with(&expected), "{}", signed.said);

    let refused = hub.sign("coda://hub/coordinator", "30");
    assert_eq!((refused.code, refused.output.as_str()), (Some(1), ""));
    let words = "error: the request names coda://hub/auth, and the certificate would name coda://hub/coordinator";
    assert!(refused.said.contains(words), "{}", refused.said);
    let meant = ["authority", "sign", "--authority", "authority", "--request", "request.csr", "--days", "30"];
    let meant =
        [&meant[..], &["--identity", "coda://hub/coordinator", "--despite-request", "--out", "chain.pem"]].concat();
    assert_eq!(hub.done(&meant), "");
    assert!(fs::read_to_string(hub.path("chain.pem")).unwrap().starts_with("-----BEGIN CERTIFICATE-----"));
}

#[test]
fn a_request_can_be_made_again_for_the_key_that_is_there() {
    let hub = Hub::empty();
    hub.done(&["request", "--role", "auth", "--key", "auth.key", "--algorithm", "p256", "--out", "first.csr"]);
    let key = fs::read(hub.path("auth.key")).unwrap();
    let again = hub.done(&["request", "--role", "auth", "--key", "auth.key", "--again"]);
    assert!(again.starts_with("-----BEGIN CERTIFICATE REQUEST-----"));
    assert_eq!(fs::read(hub.path("auth.key")).unwrap(), key);
    let none = hub.run(&["request", "--role", "auth", "--key", "none.key", "--again"]);
    assert_eq!((none.code, hub.path("none.key").exists()), (Some(1), false), "{}", none.said);
}

#[test]
fn what_is_revoked_stands_on_the_lists_that_go_to_the_hub() {
    let hub = Hub::with_authority();
    hub.done(&["request", "--role", "auth", "--key", "auth.key", "--algorithm", "p256", "--out", "request.csr"]);
    let chain = hub.sign("coda://hub/auth", "30").output;
    hub.write("chain.pem", &chain);
    let before = fs::read(hub.path("authority/nodes.crl")).unwrap();
    let ended = hub.run(&["authority", "revoke", "--authority", "authority", "--certificate", "chain.pem"]);
    assert_eq!(ended.code, Some(0), "{}", ended.said);
    assert_snapshot!(ended.said, @"
    revoked this certificate of coda://hub/auth
    copy authority/nodes.crl to the hub's folder of lists (`revoked` in auth.toml), within 30 days; the list of people there is the auth server's own: never copy an older one over it
    ");
    assert_ne!(fs::read(hub.path("authority/nodes.crl")).unwrap(), before);
    let text = fs::read_to_string(hub.path("authority/nodes.crl")).unwrap();
    assert!(text.starts_with("-----BEGIN X509 CRL-----"), "openssl crl reads it");
    // Somebody else's certificate, and no certificate at all.
    let other = Hub::with_authority();
    other.write("chain.pem", &chain);
    for file in ["chain.pem", "authority/nodes.crl"] {
        let ended = other.run(&["authority", "revoke", "--authority", "authority", "--certificate", file]);
        assert_eq!(ended.code, Some(1), "{file}: {}", ended.said);
    }
}
