//! The configuration file.

use std::path::Path;

use coda_auth::config::File;

const SAMPLE: &str = r#"
listen = "127.0.0.1:7100"
database = "grants.sqlite"
audit = "/var/log/coda/auth.jsonl"
revoked = "revoked"

[accounts]
listen = "127.0.0.1:7100"
coordinator = "hub.example:7402"
auth = "hub.example:7401"
issuing = "issuing"

[[institution]]
domains = ["north.example"]
site = "north"

[mail]
server = "127.0.0.1:25"
from = "coda@hub.example"
tls = "none"

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
    assert_eq!(settings.auth.database, coda_auth::DatabaseAt::File("/etc/coda/grants.sqlite".into()));
    assert_eq!(settings.auth.audit, Path::new("/var/log/coda/auth.jsonl"));
    assert_eq!(settings.auth.accounts.issuing, Path::new("/etc/coda/issuing"));
    assert_eq!(settings.tls.key, Path::new("/etc/coda/pki/own.key"));
}

#[test]
fn an_institution_may_have_a_provider_of_its_own() {
    let provider = "site = \"north\"\n[institution.provider]\nissuer = \"https://login.north.example\"\nclient_id = \"coda\"\n\
                    client_secret = \"client.secret\"\nroots = \"/etc/ssl/north.pem\"\nredirect = [\"http://127.0.0.1:*\"]";
    let text = SAMPLE.replace("site = \"north\"", provider);
    let settings = load(&text).unwrap().settings(Path::new("/etc/coda/auth.toml")).unwrap();
    let user = coda_model::UserId::new("ana@north.example").unwrap();
    let provider = settings.auth.accounts.institutions.of(&user).unwrap().provider.clone().unwrap();
    assert_eq!(provider.client_secret.as_deref(), Some(Path::new("/etc/coda/client.secret")));
    assert_eq!(provider.roots, Path::new("/etc/ssl/north.pem"));
    assert!(load(&text.replace("client_id", "client")).unwrap_err().contains("client"));
    assert!(load(&text.replace("redirect =", "redirects =")).unwrap_err().contains("redirect"));
}

#[test]
fn what_is_unknown_or_too_long_is_refused() {
    assert!(load(&format!("{SAMPLE}pin = 1\n")).unwrap_err().contains("pin"));
    assert!(load(&format!("secret = 1\n{SAMPLE}")).unwrap_err().contains("secret"));
    for (seconds, fine) in [(1, true), (600, true), (0, false), (601, false), (-5, false)] {
        let file = load(&format!("token_seconds = {seconds}\n{SAMPLE}")).unwrap();
        assert_eq!(file.settings(Path::new("auth.toml")).is_ok(), fine, "{seconds}");
    }
    let wrong = [
        ("domains = [\"north.example\"]", "domains = [\"North\"]"),
        ("issuing =", "certificate_days = 399\nissuing ="),
        ("issuing =", "idle_minutes = 0\nissuing ="),
        ("issuing =", "session_hours = 25\nissuing ="),
        ("issuing =", "password_days = 0\nissuing ="),
    ];
    for (right, wrong) in wrong {
        let file = load(&SAMPLE.replace(right, wrong)).unwrap();
        assert!(file.settings(Path::new("auth.toml")).is_err(), "{wrong}");
    }
    assert!(load(&SAMPLE.replace("site = \"north\"", "site = \"No\"")).unwrap_err().contains("is not a name"));
}
