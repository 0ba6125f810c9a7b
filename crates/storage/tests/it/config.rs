//! The configuration file.

use std::path::Path;

use coda_storage::config::File;

const SAMPLE: &str = r#"
listen = "127.0.0.1:7200"
site = "north"
builds = "builds"
audit = "/var/log/coda/storage.jsonl"
auth = "hub:7401"

[tls]
chain = "pki/chain.pem"
key = "pki/own.key"
roots = "pki/roots.pem"
"#;

fn load(text: &str) -> Result<File, String> {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("storage.toml");
    std::fs::write(&path, text).unwrap();
    coda_runtime::config::load(&path).map_err(|error| error.to_string())
}

#[test]
fn paths_are_meant_from_the_file() {
    let settings = load(SAMPLE).unwrap().settings(Path::new("/etc/coda/storage.toml")).unwrap();
    assert_eq!(settings.storage.site.as_str(), "north");
    assert_eq!(settings.storage.builds, Path::new("/etc/coda/builds"));
    assert_eq!(settings.storage.audit, Path::new("/var/log/coda/storage.jsonl"));
    assert_eq!(settings.tls.roots, Path::new("/etc/coda/pki/roots.pem"));
}

#[test]
fn what_is_unknown_or_invalid_is_refused() {
    assert!(load(&format!("{SAMPLE}pin = 1\n")).unwrap_err().contains("pin"));
    let file = load(&SAMPLE.replace("north", "../north")).unwrap();
    assert!(file.settings(Path::new("storage.toml")).is_err());
}
