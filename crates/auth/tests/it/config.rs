//! The configuration file.

use std::path::Path;

use coda_auth::config::File;

const SAMPLE: &str = r#"
listen = "127.0.0.1:7100"
database = "grants.sqlite"
audit = "/var/log/coda/auth.jsonl"
revoked = "revoked"

[tls]
chain = "pki/chain.pem"
key = "pki/own.key"
roots = "pki/roots.pem"
"#;

fn load(text: &str) -> Result<File, String> {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("auth.toml");
    std::fs::write(&path, text).unwrap();
    coda_runtime::config::load(&path).map_err(|error| error.to_string())
}

#[test]
fn paths_are_meant_from_the_file_and_a_token_lives_ten_minutes() {
    let settings = load(SAMPLE).unwrap().settings(Path::new("/etc/coda/auth.toml")).unwrap();
    assert_eq!(settings.auth.token_life.seconds(), 600);
    assert_eq!(settings.auth.database, Path::new("/etc/coda/grants.sqlite"));
    assert_eq!(settings.auth.audit, Path::new("/var/log/coda/auth.jsonl"));
    assert_eq!(settings.tls.key, Path::new("/etc/coda/pki/own.key"));
}

#[test]
fn what_is_unknown_or_too_long_is_refused() {
    assert!(load(&format!("{SAMPLE}pin = 1\n")).unwrap_err().contains("pin"));
    assert!(load(&format!("secret = 1\n{SAMPLE}")).unwrap_err().contains("secret"));
    for (seconds, fine) in [(1, true), (600, true), (0, false), (601, false), (-5, false)] {
        let file = load(&format!("token_seconds = {seconds}\n{SAMPLE}")).unwrap();
        assert_eq!(file.settings(Path::new("auth.toml")).is_ok(), fine, "{seconds}");
    }
}
