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
    for identity in ["coda://hub/auth", "coda://site/north/compute", "coda://user/ana@b.example"] {
        for (days, code) in [("1", 0), ("398", 0), ("0", 2), ("399", 2), ("-1", 2)] {
            let ended = hub.sign(identity, days);
            assert_eq!((ended.code, ended.output.is_empty()), (Some(code), code == 2), "{days}: {}", ended.said);
        }
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
