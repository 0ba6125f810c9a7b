//! `coda-node check`: what is in place, and what is not.

use coda_runtime::{Clock as _, SystemClock};
use time::Duration;

use crate::{
    node::Node,
    site::{COMPUTE, STORAGE, Site},
};

/// The lines that say what is not in place.
fn wanting(output: &str) -> Vec<&str> {
    output.lines().filter(|line| line.starts_with("--  ")).collect()
}

#[test]
fn a_site_with_everything_in_place_is_ok() {
    let site = Site::new();
    // Longer than the month in which a certificate is named as one to renew.
    site.certify(STORAGE, Duration::days(60), SystemClock.now());
    let ended = site.run(&["check", "--storage", "storage.toml"]);
    assert_eq!((ended.code, wanting(&ended.output)), (Some(0), vec![]), "{}", ended.output);
    for line in
        ["ok  certificate: coda://site/north/storage, good until 20", "ok  auth server: 127.0.0.1:", "ok  builds: "]
    {
        assert!(ended.output.contains(line), "{line}: {}", ended.output);
    }
}

#[test]
fn a_computation_node_is_checked_with_its_builds() {
    let node = Node::new();
    let own = node.site.credentials(COMPUTE, Duration::days(60), SystemClock.now());
    std::fs::remove_file(node.site.path("compute.key")).unwrap();
    own.save(&node.site.path("compute.pem"), &node.site.path("compute.key"), &node.site.path("roots.pem")).unwrap();
    let ended = node.site.run(&["check", "--compute", "compute.toml"]);
    assert_eq!((ended.code, wanting(&ended.output)), (Some(0), vec![]), "{}", ended.output);
    for line in ["ok  dictionary: version ", "ok  policy: ", "ok  build of ", " people, made on 20"] {
        assert!(ended.output.contains(line), "{line}: {}", ended.output);
    }
}

#[test]
fn what_is_not_in_place_is_said_with_what_to_do() {
    let site = Site::new();
    site.configure("audit = \"storage.jsonl\"", "audit = \"nowhere/storage.jsonl\"");
    let ended = site.run(&["check", "--storage", "storage.toml"]);
    assert_eq!(ended.code, Some(1));
    let [renewal, audit] = wanting(&ended.output)[..] else { panic!("{}", ended.output) };
    assert!(renewal.contains("request the next one"), "{renewal}");
    assert!(audit.contains("nowhere is no folder; make it"), "{audit}");
    assert_eq!(ended.said, "error: 2 of 5 are not in place\n");

    // Another service's certificate, and a hub that is not there.
    let site = Site::without_credentials();
    site.certify(COMPUTE, Duration::days(60), SystemClock.now());
    let ended = site.run(&["check", "--storage", "storage.toml"]);
    let [certificate] = wanting(&ended.output)[..] else { panic!("{}", ended.output) };
    assert!(certificate.contains(
        "it is the certificate of coda://site/north/compute; this service needs that of coda://site/north/storage"
    ));
    site.certify(STORAGE, Duration::days(60), SystemClock.now());
    let ended = site.run(&["check", "--storage", "storage.toml"]);
    let [auth] = wanting(&ended.output)[..] else { panic!("{}", ended.output) };
    assert!(auth.contains("at 127.0.0.1:1: the auth server did not say which certificates were revoked"), "{auth}");
}
