//! What keeps a service from starting is told in one line, with a hint where there is one.

use std::{fs, net::TcpListener, os::unix::fs::PermissionsExt as _};

use coda_model::Identity;
use coda_pki::{Algorithm, Authority, PrivateKey};
use coda_runtime::{Clock as _, SystemClock};
use insta::assert_snapshot;
use time::Duration;

use crate::hub::Hub;

/// What is said, and that the code is the one expected and standard output empty.
#[track_caller]
fn refused(hub: &Hub, service: &str, code: i32) -> String {
    let config = hub.path(&format!("{service}.toml"));
    let ended = hub.run(&[service, "--config", config.to_str().unwrap()]);
    assert_eq!((ended.code, ended.output.as_str()), (Some(code), ""), "{}", ended.said);
    ended.said
}

#[test]
fn a_missing_configuration() {
    let hub = Hub::empty();
    fs::remove_file(hub.path("auth.toml")).unwrap();
    assert_snapshot!(refused(&hub, "auth", 2), @"error: cannot configure the auth server: cannot read the configuration FOLDER/auth.toml; check the path and who may read it: No such file or directory (os error 2)");
}

#[test]
fn an_unknown_key_is_shown_with_line_and_column() {
    let hub = Hub::empty();
    hub.change("coordinator.toml", "address =", "adress =");
    assert_snapshot!(refused(&hub, "coordinator", 2), @"error: cannot configure the coordinator: FOLDER/coordinator.toml:13:1: unknown field `adress`, expected `id` or `address`; correct the key or remove the line");
}

#[test]
fn a_value_that_cannot_be_meant() {
    let hub = Hub::empty();
    hub.change("auth.toml", "[accounts]", "token_seconds = 601\n\n[accounts]");
    assert_snapshot!(refused(&hub, "auth", 2), @"error: cannot configure the auth server: FOLDER/auth.toml: a token cannot be valid for 601 seconds; set token_seconds to 1 to 600");
    hub.change("coordinator.toml", "[tls]", "deadline_seconds = 0\n[tls]");
    assert_snapshot!(refused(&hub, "coordinator", 2), @"error: cannot configure the coordinator: FOLDER/coordinator.toml: deadline_seconds must be 1 to 500");
}

#[test]
fn a_port_in_use() {
    let hub = Hub::new();
    let other = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = other.local_addr().unwrap().to_string();
    hub.change("coordinator.toml", "127.0.0.1:0", &address);
    assert_snapshot!(refused(&hub, "coordinator", 1).replace(&address, "ADDRESS"), @"error: cannot listen on ADDRESS: address in use; stop the other program or set another port in `listen`");
}

#[test]
fn a_key_that_others_can_read() {
    let hub = Hub::new();
    fs::set_permissions(hub.path("auth.key"), fs::Permissions::from_mode(0o644)).unwrap();
    assert_snapshot!(refused(&hub, "auth", 1), @"error: the private key cannot be used: the key file FOLDER/auth.key is open to others than its owner (mode 0644); run: chmod 600 FOLDER/auth.key");
}

#[test]
fn an_expired_certificate() {
    let hub = Hub::with_authority();
    let authority = Authority::open(&hub.path("authority")).unwrap();
    let key = PrivateKey::generate(Algorithm::P256).unwrap();
    let (request, then) = (key.request(&Identity::Auth).unwrap(), SystemClock.now() - Duration::days(10));
    hub.write("auth.pem", &authority.issue(&request, &Identity::Auth, Duration::days(1), then).unwrap());
    key.save(&hub.path("auth.key")).unwrap();
    let said = refused(&hub, "auth", 1);
    let (before, after) = said.split_once(" on ").unwrap();
    assert_snapshot!(format!("{before} on …\n{}", after.split_once('\n').unwrap().1), @"
    error: cannot use FOLDER/auth.pem: the certificate expired on …
    hint: make a new key and request, and have it signed; coda-node init and coda-hub init do both
    ");
}

#[test]
fn anothers_certificate() {
    let hub = Hub::new();
    hub.change("auth.toml", "auth.pem", "coordinator.pem");
    assert_snapshot!(refused(&hub, "auth", 1), @r"
    error: cannot use FOLDER/coordinator.pem: the certificate is for another key
    hint: set `key` under [tls] to the key that `chain` was requested with
    ");
    hub.change("auth.toml", "auth.key", "coordinator.key");
    assert_snapshot!(refused(&hub, "auth", 1), @r"
    error: the auth server cannot serve: the certificate is that of coda://hub/coordinator, and this is coda://hub/auth
    hint: set `chain` and `key` under [tls] to this service's own
    ");
}

#[test]
fn a_database_that_cannot_be_opened_is_told_instead_of_the_port() {
    let hub = Hub::new();
    hub.write("auth.db", &"no database".repeat(1000));
    fs::set_permissions(hub.path("auth.db"), fs::Permissions::from_mode(0o600)).unwrap();
    let said = refused(&hub, "auth", 1);
    assert!(said.starts_with("error: the database cannot be used: "), "{said}");
}

#[test]
fn a_dictionary_that_is_wrong() {
    let hub = Hub::new();
    hub.change("dictionary.toml", "\"never\"", "\"always\"");
    assert_snapshot!(refused(&hub, "coordinator", 1), @"error: the dictionary FOLDER/dictionary.toml is wrong: line 13, column 7: unknown variant `always`, expected `never` or `may`");
}
