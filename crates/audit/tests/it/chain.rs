//! What happens to a log that was interrupted, changed, shared or lost.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use coda_audit::{AuditError, AuditLog, Event, verify};
use coda_model::UserId;
use tempfile::TempDir;
use time::OffsetDateTime;
use time::macros::datetime;

const NOW: OffsetDateTime = datetime!(2026-11-22 12:00 UTC);

struct Folder {
    _folder: TempDir,
    path: PathBuf,
}

impl Folder {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("audit.jsonl");
        Self { _folder: folder, path }
    }

    /// A log of four lines, closed.
    fn with_lines() -> Self {
        let this = Self::new();
        let log = AuditLog::open(&this.path).unwrap();
        for name in ["a", "b", "c", "d"] {
            log.append(&listed(name), NOW).unwrap();
        }
        this
    }

    fn lines(&self) -> Vec<String> {
        fs::read_to_string(&self.path).unwrap().lines().map(str::to_owned).collect()
    }

    fn write(&self, lines: &[String]) {
        fs::write(&self.path, [lines.join("\n").as_str(), "\n"].concat()).unwrap();
    }

    /// Both readers name the same first line.
    fn is_changed_at(&self, expected: u64) {
        for outcome in [verify(&self.path), AuditLog::open(&self.path).map(|_| 0)] {
            match outcome {
                Err(AuditError::Changed { line, .. }) => assert_eq!(line, expected),
                other => panic!("{other:?}"),
            }
        }
    }
}

fn listed(name: &str) -> Event {
    Event::GrantsListed { by: UserId::new(name).unwrap(), address: None }
}

#[test]
fn a_log_goes_on_where_it_ended() {
    let folder = Folder::with_lines();
    assert_eq!(verify(&folder.path).unwrap(), 4);
    AuditLog::open(&folder.path).unwrap().append(&listed("e"), NOW).unwrap();
    assert_eq!(verify(&folder.path).unwrap(), 5);
    assert!(folder.lines()[4].starts_with("{\"sequence\":5,"));
}

#[test]
fn an_empty_log_is_in_order_and_private() {
    let folder = Folder::new();
    AuditLog::open(&folder.path).unwrap();
    assert_eq!(verify(&folder.path).unwrap(), 0);
    assert_eq!(fs::metadata(&folder.path).unwrap().permissions().mode() & 0o777, 0o600);
}

#[test]
fn every_change_is_noticed() {
    let change = |spoil: fn(&mut Vec<String>), line| {
        let folder = Folder::with_lines();
        let mut lines = folder.lines();
        spoil(&mut lines);
        folder.write(&lines);
        folder.is_changed_at(line);
    };
    // A changed line still follows the one before it; it is the next that no longer fits.
    change(|lines| lines[1] = lines[1].replace("\"b\"", "\"x\""), 3);
    change(|lines| drop(lines.remove(0)), 1);
    change(|lines| drop(lines.remove(2)), 3);
    change(|lines| lines.swap(1, 2), 2);
    change(|lines| lines.insert(1, lines[0].clone()), 2);
    change(|lines| lines.insert(2, String::new()), 3);
    change(|lines| lines[2] = "not json".into(), 3);
    change(|lines| lines[3] = lines[3].replace("\"sequence\":4", "\"sequence\":5"), 4);
}

#[test]
fn an_interrupted_line_is_cut_off() {
    let folder = Folder::with_lines();
    let text = fs::read_to_string(&folder.path).unwrap();
    fs::write(&folder.path, &text[..text.len() - 20]).unwrap();
    assert!(matches!(verify(&folder.path), Err(AuditError::Changed { line: 4, .. })));
    let log = AuditLog::open(&folder.path).unwrap();
    log.append(&listed("e"), NOW).unwrap();
    assert_eq!(verify(&folder.path).unwrap(), 4);
}

#[test]
fn a_log_that_gets_shorter_or_longer_by_another_hand_takes_nothing_more() {
    let folder = Folder::with_lines();
    let log = AuditLog::open(&folder.path).unwrap();
    let lines = folder.lines();
    folder.write(&lines[..3]);
    assert!(matches!(log.append(&listed("e"), NOW), Err(AuditError::Cut(_))));
    folder.write(&[lines.as_slice(), &["{}".to_owned()]].concat());
    assert!(matches!(log.append(&listed("e"), NOW), Err(AuditError::Changed { line: 5, .. })));
}

#[test]
fn several_openers_and_threads_share_one_chain() {
    let folder = Folder::new();
    let logs: Vec<_> = (0..4).map(|_| AuditLog::open(&folder.path).unwrap()).collect();
    std::thread::scope(|scope| {
        for log in logs.iter().chain(&logs) {
            scope.spawn(|| (0..25).for_each(|_| log.append(&listed("a"), NOW).unwrap()));
        }
    });
    assert_eq!(verify(&folder.path).unwrap(), 200);
}

#[tokio::test]
async fn a_service_records_without_blocking() {
    let folder = Folder::new();
    let log = Arc::new(AuditLog::open(&folder.path).unwrap());
    log.record(&listed("a"), NOW).unwrap();
    assert_eq!(verify(&folder.path).unwrap(), 1);
}

#[test]
fn a_log_that_others_may_read_is_refused() {
    let folder = Folder::with_lines();
    fs::set_permissions(&folder.path, fs::Permissions::from_mode(0o640)).unwrap();
    let message = AuditLog::open(&folder.path).unwrap_err().to_string();
    assert!(message.contains("chmod 600"), "{message}");
    assert!(matches!(AuditLog::open(Path::new("/nonexistent/audit")), Err(AuditError::File { .. })));
}
