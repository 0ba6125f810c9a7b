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

    fn hashes(&self) -> PathBuf {
        self.path.with_extension("jsonl.hashes")
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
    change(|lines| lines[1] = lines[1].replace("\"b\"", "\"x\""), 2);
    change(|lines| drop(lines.remove(0)), 1);
    change(|lines| drop(lines.remove(2)), 3);
    change(|lines| lines.swap(1, 2), 2);
    change(|lines| lines.insert(1, lines[0].clone()), 2);
    change(|lines| lines.insert(2, String::new()), 3);
    change(|lines| lines[2] = "not json".into(), 3);
    change(|lines| lines[3] = lines[3].replace("\"sequence\":4", "\"sequence\":5"), 4);
}

#[test]
fn a_log_of_the_former_version_goes_on() {
    let folder = Folder::new();
    let line = |sequence| format!("{{\"sequence\":{sequence},\"previous\":\"{}\",\"event\":\"x\"}}", "0".repeat(64));
    drop(AuditLog::open(&folder.path).unwrap());
    folder.write(&[line(1), line(2)]);
    AuditLog::open(&folder.path).unwrap().append(&listed("a"), NOW).unwrap();
    assert_eq!(verify(&folder.path).unwrap(), 3);
}

#[test]
fn an_interrupted_line_is_cut_off() {
    let folder = Folder::with_lines();
    let whole = fs::read(&folder.path).unwrap();
    fs::write(&folder.path, [whole.as_slice(), b"{\"sequence\":5,\"time\":\"20"].concat()).unwrap();
    assert!(matches!(verify(&folder.path), Err(AuditError::Changed { line: 5, .. })));
    let log = AuditLog::open(&folder.path).unwrap();
    assert_eq!(fs::read(&folder.path).unwrap(), whole);
    log.append(&listed("e"), NOW).unwrap();
    assert_eq!(verify(&folder.path).unwrap(), 5);
}

#[test]
fn a_line_that_was_once_complete_is_not_taken_for_an_interrupted_one() {
    let text = fs::read_to_string(Folder::with_lines().path).unwrap();
    let last = text.trim_end().rfind('\n').unwrap() + 1;
    for length in [0, last, text.len() - 20, text.len() - 1] {
        let folder = Folder::with_lines();
        fs::write(&folder.path, &text[..length]).unwrap();
        assert!(matches!(verify(&folder.path), Err(AuditError::Cut(_))), "{length}");
        assert!(matches!(AuditLog::open(&folder.path), Err(AuditError::Cut(_))), "{length}");
        // The hashes are what shows it.
        fs::remove_file(folder.hashes()).unwrap();
        AuditLog::open(&folder.path).unwrap();
    }
}

#[test]
fn every_changed_byte_is_noticed_in_its_line() {
    let folder = Folder::with_lines();
    let text = fs::read(&folder.path).unwrap();
    let mut line = 1;
    for place in 0..text.len() {
        let mut changed = text.clone();
        changed[place] ^= 1;
        fs::write(&folder.path, &changed).unwrap();
        match verify(&folder.path) {
            Err(AuditError::Changed { line: found, .. }) => assert_eq!(found, line, "byte {place}"),
            // The last line feed: what is left is a line of which hashes were kept.
            Err(AuditError::Cut(_)) => assert_eq!(place, text.len() - 1),
            other => panic!("byte {place}: {other:?}"),
        }
        line += u64::from(text[place] == b'\n');
    }
    // Without the hashes, a changed value is not seen: the attack that they are for.
    fs::write(&folder.path, String::from_utf8(text).unwrap().replace("\"b\"", "\"x\"")).unwrap();
    folder.is_changed_at(2);
    fs::remove_file(folder.hashes()).unwrap();
    assert_eq!(verify(&folder.path).unwrap(), 4);
}

#[test]
fn hashes_that_were_not_written_are_computed_anew() {
    let folder = Folder::with_lines();
    let whole = fs::read(folder.hashes()).unwrap();
    // RFC 6962: four leaves, two nodes, one root.
    assert_eq!(whole.len(), 7 * 32);
    for left in [0, 31, 32, 100, 192] {
        fs::write(folder.hashes(), &whole[..left]).unwrap();
        assert_eq!(verify(&folder.path).unwrap(), 4);
        AuditLog::open(&folder.path).unwrap();
        assert_eq!(fs::read(folder.hashes()).unwrap(), whole);
    }
    // The file system made the file longer before the machine went down, but did not write what is in it.
    fs::write(folder.hashes(), [&whole[..64], &[0; 4096]].concat()).unwrap();
    AuditLog::open(&folder.path).unwrap().append(&listed("e"), NOW).unwrap();
    assert_eq!(verify(&folder.path).unwrap(), 5);
    assert_eq!(fs::read(folder.hashes()).unwrap()[..whole.len()], whole);
}

#[test]
fn a_changed_hash_is_noticed() {
    let folder = Folder::with_lines();
    let whole = fs::read(folder.hashes()).unwrap();
    for (hash, line) in [(0, 1), (1, 2), (2, 2), (3, 3), (4, 4), (5, 4), (6, 4)] {
        let mut changed = whole.clone();
        changed[32 * hash + 7] ^= 1;
        fs::write(folder.hashes(), changed).unwrap();
        folder.is_changed_at(line);
    }
}

#[test]
fn what_was_announced_is_kept_by_the_next_to_sync_or_to_open() {
    let folder = Folder::new();
    let [one, other] = [(); 2].map(|()| AuditLog::open(&folder.path).unwrap());
    one.announce(&[listed("a"), listed("b")], NOW).unwrap();
    // Nothing says that these lines are on the disk, so they may still be lost without being missed.
    assert_eq!(fs::metadata(folder.hashes()).unwrap().len(), 0);
    other.append(&listed("c"), NOW).unwrap();
    assert_eq!(fs::metadata(folder.hashes()).unwrap().len(), 4 * 32);
    one.announce(&[listed("d")], NOW).unwrap();
    drop((one, other));
    AuditLog::open(&folder.path).unwrap();
    assert_eq!(fs::metadata(folder.hashes()).unwrap().len(), 7 * 32);
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
    drop(logs);
    // As many hashes as a tree of 200 records has, each as it would be computed anew.
    let kept = fs::read(folder.hashes()).unwrap();
    fs::remove_file(folder.hashes()).unwrap();
    AuditLog::open(&folder.path).unwrap();
    assert_eq!(fs::read(folder.hashes()).unwrap(), kept);
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
