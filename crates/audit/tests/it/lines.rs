//! What each event looks like, and what no line has.

use coda_audit::{AuditError, AuditLog, Event, LONGEST, Outcome, verify};
use coda_model::{DatasetId, Identity, SiteId, UserId};
use time::macros::datetime;

fn events() -> Vec<Event> {
    let user = |name| UserId::new(name).unwrap();
    let site = SiteId::new("north").unwrap();
    let address = Some("192.0.2.7:40000".parse().unwrap());
    vec![
        Event::QueryReceived {
            user: user("ana"),
            site: site.clone(),
            dataset: DatasetId::new("covid").unwrap(),
            statistics: vec!["count".into(), "mean".into()],
            envelope: [0xab; 32],
            peer: Identity::Coordinator,
            address,
        },
        Event::QueryAnswered {
            envelope: [0xab; 32],
            outcome: Outcome::Released { cells: 12, release: Some([0xcd; 32]) },
        },
        Event::QueryAnswered { envelope: [0xcd; 32], outcome: Outcome::Refused { reason: "no role" } },
        Event::QueryAnswered { envelope: [0xcd; 32], outcome: Outcome::Failed { reason: "no build" } },
        Event::TokenIssued { user: user("ana"), roles: 2, thumbprint: [1; 32], address },
        Event::GrantMade {
            grant: "00ff".into(),
            user: user("ana"),
            role: "site-researcher",
            site: Some(site.clone()),
            extra: vec!["basic-queries"],
            project: Some("protocol \"7\"\nsecond line".into()),
            reason: Some("asked for".to_owned()),
            until: Some(1_800_000_000),
            by: Some(user("sara")),
        },
        Event::GrantMade {
            grant: "00fe".into(),
            user: user("max"),
            role: "master-administrator",
            site: None,
            extra: vec![],
            project: None,
            reason: None,
            until: None,
            by: None,
        },
        Event::GrantRevoked {
            grant: "00ff".into(),
            user: user("ana"),
            role: "site-researcher",
            site: Some(site),
            by: Some(user("sara")),
        },
        Event::GrantsListed { by: user("sara"), address: None },
        Event::Refused {
            peer: Some(Identity::User(user("eve"))),
            address: None,
            what: "Storage/Column",
            reason: "not yours",
        },
        Event::RefusedMany { counted: 140 },
    ]
}

#[test]
fn each_event_is_one_readable_line() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("audit.jsonl");
    let log = AuditLog::open(&path).unwrap();
    for event in events() {
        log.append(&event, datetime!(2026-11-22 12:00 UTC)).unwrap();
    }
    insta::assert_snapshot!(std::fs::read_to_string(&path).unwrap(), @r#"
    {"sequence":1,"time":"2026-11-22T12:00:00Z","event":"query-received","user":"ana","site":"north","dataset":"covid","statistics":["count","mean"],"envelope":"abababababababababababababababababababababababababababababababab","peer":"coda://hub/coordinator","address":"192.0.2.7:40000"}
    {"sequence":2,"time":"2026-11-22T12:00:00Z","event":"query-answered","envelope":"abababababababababababababababababababababababababababababababab","outcome":"released","cells":12,"release":"cdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcd"}
    {"sequence":3,"time":"2026-11-22T12:00:00Z","event":"query-answered","envelope":"cdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcd","outcome":"refused","reason":"no role"}
    {"sequence":4,"time":"2026-11-22T12:00:00Z","event":"query-answered","envelope":"cdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcd","outcome":"failed","reason":"no build"}
    {"sequence":5,"time":"2026-11-22T12:00:00Z","event":"token-issued","user":"ana","roles":2,"thumbprint":"0101010101010101010101010101010101010101010101010101010101010101","address":"192.0.2.7:40000"}
    {"sequence":6,"time":"2026-11-22T12:00:00Z","event":"grant-made","grant":"00ff","user":"ana","role":"site-researcher","site":"north","extra":["basic-queries"],"project":"protocol \"7\"\nsecond line","reason":"asked for","until":1800000000,"by":"sara"}
    {"sequence":7,"time":"2026-11-22T12:00:00Z","event":"grant-made","grant":"00fe","user":"max","role":"master-administrator","site":null,"extra":[],"project":null,"reason":null,"until":null,"by":null}
    {"sequence":8,"time":"2026-11-22T12:00:00Z","event":"grant-revoked","grant":"00ff","user":"ana","role":"site-researcher","site":"north","by":"sara"}
    {"sequence":9,"time":"2026-11-22T12:00:00Z","event":"grants-listed","by":"sara","address":null}
    {"sequence":10,"time":"2026-11-22T12:00:00Z","event":"refused","peer":"coda://user/eve","address":null,"what":"Storage/Column","reason":"not yours"}
    {"sequence":11,"time":"2026-11-22T12:00:00Z","event":"refused-many","counted":140}
    "#);
}

#[test]
fn an_event_longer_than_a_record_is_not_written() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("audit.jsonl");
    let log = AuditLog::open(&path).unwrap();
    let granted = |length: usize| Event::GrantRevoked {
        grant: "g".repeat(length),
        user: UserId::new("ana").unwrap(),
        role: "site-researcher",
        site: None,
        by: None,
    };
    let now = datetime!(2026-11-22 12:00 UTC);
    log.append(&granted(1), now).unwrap();
    let longest = LONGEST - std::fs::read(&path).unwrap().len() + 2;
    log.append(&granted(longest), now).unwrap();
    assert!(matches!(log.append(&granted(longest + 1), now), Err(AuditError::Long(65_536))));
    drop(log);
    AuditLog::open(&path).unwrap().append(&granted(1), now).unwrap();
    assert_eq!(verify(&path).unwrap(), 3);
    // Nor taken from a file: no entry bundle could hold it.
    for (length, taken) in [(LONGEST, true), (LONGEST + 1, false), (LONGEST + 2, false), (1 << 20, false)] {
        let path = folder.path().join("other.jsonl");
        let mut line = b"{\"sequence\":1}".to_vec();
        line.resize(length, b' ');
        line.push(b'\n');
        std::fs::write(&path, line).unwrap();
        match verify(&path) {
            Ok(records) => assert!(taken && records == 1, "{length}"),
            Err(AuditError::Changed { line, .. }) => assert!(!taken && line == 1, "{length}"),
            Err(error) => panic!("{error}"),
        }
    }
}
