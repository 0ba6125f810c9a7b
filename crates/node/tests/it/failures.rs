//! What keeps a service from starting is told in one line, with a hint where there is one.

use std::{fs, net::TcpListener, os::unix::fs::PermissionsExt as _};

use coda_model::Identity;
use coda_pki::{Algorithm, PrivateKey};
use coda_runtime::{Clock as _, SystemClock};
use insta::assert_snapshot;
use time::Duration;

use crate::site::{COMPUTE, STORAGE, Site};

/// What is said, and that the code is the one expected and standard output empty.
#[track_caller]
fn refused(site: &Site, config: &str, code: i32) -> String {
    let ended = site.run(&["storage", "--config", site.path(config).to_str().unwrap()]);
    assert_eq!((ended.code, ended.output.as_str()), (Some(code), ""), "{}", ended.said);
    ended.said
}

#[test]
fn a_missing_configuration() {
    assert_snapshot!(refused(&Site::new(), "other.toml", 2), @"error: cannot configure the storage node: cannot read the configuration FOLDER/other.toml; check the path and who may read it: No such file or directory (os error 2)");
}

#[test]
fn an_unknown_key_is_shown_with_line_and_column() {
    let site = Site::new();
    site.configure("audit =", "  audti =");
    assert_snapshot!(refused(&site, "storage.toml", 2), @"error: cannot configure the storage node: FOLDER/storage.toml:4:3: unknown field `audti`, expected one of `listen`, `site`, `builds`, `audit`, `audit_years`, `auth`, `tls`; correct the key or remove the line");
}

#[test]
fn a_name_that_is_none() {
    let site = Site::new();
    site.configure("\"north\"", "\"North Hospital\"");
    assert_snapshot!(refused(&site, "storage.toml", 2), @r#"error: cannot configure the storage node: FOLDER/storage.toml: site "North Hospital" is not a name: use 1 to 64 of a-z, 0-9, - and _, not starting with - or _"#);
}

#[test]
fn a_port_in_use() {
    let site = Site::new();
    let other = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = other.local_addr().unwrap().to_string();
    site.configure("127.0.0.1:0", &address);
    assert_snapshot!(refused(&site, "storage.toml", 1).replace(&address, "ADDRESS"), @"error: cannot listen on ADDRESS: address in use; stop the other program or set another port in `listen`");
}

#[test]
fn a_key_that_others_can_read() {
    let site = Site::new();
    fs::set_permissions(site.path("own.key"), fs::Permissions::from_mode(0o644)).unwrap();
    assert_snapshot!(refused(&site, "storage.toml", 1), @"error: the private key cannot be used: the key file FOLDER/own.key is open to others than its owner (mode 0644); run: chmod 600 FOLDER/own.key");
}

#[test]
fn a_chain_that_is_not_there() {
    let site = Site::new();
    fs::remove_file(site.path("chain.pem")).unwrap();
    assert_snapshot!(refused(&site, "storage.toml", 1), @r"
    error: cannot read the certificate file FOLDER/chain.pem: No such file or directory (os error 2)
    hint: check the paths under [tls], and who may read the files
    ");
}

#[test]
fn an_expired_certificate() {
    let site = Site::without_credentials();
    let key = PrivateKey::generate(Algorithm::P256).unwrap();
    let identity = Identity::parse(STORAGE).unwrap();
    let then = SystemClock.now() - Duration::days(10);
    let chain = site.authority.issue(&key.request(&identity).unwrap(), &identity, Duration::days(1), then).unwrap();
    key.save(&site.path("own.key")).unwrap();
    site.write("chain.pem", &chain);
    let said = refused(&site, "storage.toml", 1);
    let (before, after) = said.split_once(" on ").unwrap();
    let hint = after.split_once('\n').unwrap().1;
    assert_snapshot!(format!("{before} on …\n{hint}"), @"
    error: cannot use FOLDER/chain.pem: the certificate expired on …
    hint: make a new key and request, and have it signed; coda-node init and coda-hub init do both
    ");
}

#[test]
fn anothers_certificate() {
    let site = Site::without_credentials();
    site.certify(COMPUTE, Duration::days(1), SystemClock.now());
    assert_snapshot!(refused(&site, "storage.toml", 1), @r"
    error: the storage node cannot serve: the certificate is that of coda://site/north/compute, and this is coda://site/north/storage
    hint: set `chain` and `key` under [tls] to this service's own
    ");
}

#[test]
fn anothers_roots() {
    let (site, other) = (Site::new(), Site::new());
    site.write("roots.pem", &other.authority.roots().to_pem());
    assert_snapshot!(refused(&site, "storage.toml", 1), @"
    error: FOLDER/roots.pem does not hold the trust anchors of the network that issued FOLDER/chain.pem; take root.pem from the authority that issued it: the chain does not hold: invalid peer certificate: UnknownIssuer
    hint: set `roots` under [tls] to the roots of the network that signed the certificate
    ");
}

#[test]
fn a_folder_of_builds_that_is_not_there() {
    let site = Site::new();
    fs::remove_dir(site.path("builds")).unwrap();
    assert_snapshot!(refused(&site, "storage.toml", 1), @r"
    error: the builds cannot be used: there is no folder FOLDER/builds
    hint: publish a first build there with coda-node build
    ");
}

#[test]
fn a_wrong_command_line() {
    let site = Site::new();
    assert_eq!(site.run(&["storage"]).code, Some(2));
    assert_eq!(site.run(&["sell"]).code, Some(2));
    assert_eq!(site.run(&["request", "--role", "storage", "--site", "North", "--key", "new.key"]).code, Some(2));
    assert!(!site.path("new.key").exists());
}
