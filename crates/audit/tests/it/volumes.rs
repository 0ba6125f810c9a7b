//! A log over several months: each has a volume, and old ones are removed.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use coda_audit::{
    AuditError, AuditLog, LogKey, RecordProof, Seed, SignedCheckpoint, Snapshot, Submission, VerifyError, Years, tiles,
    verify, verify_cosigned, volumes,
};
use tempfile::TempDir;
use time::{Duration, OffsetDateTime, macros::datetime};

use crate::fixture::{NOW, Witnessing, listed, name};

/// More than half a year: after the third one the first is old enough to go.
const STEP: Duration = Duration::days(200);

struct Months {
    folder: TempDir,
    log: AuditLog,
    key: LogKey,
    /// Cosigned at the end of each month.
    witness: Witnessing,
    checkpoint: SignedCheckpoint,
}

impl Months {
    /// Three records in each of so many months.
    fn of(months: i32, keep_for: Option<Years>) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let log = AuditLog::open_keeping(&folder.path().join("audit.jsonl"), keep_for).unwrap();
        let key = LogKey::new(name("coda/north"), &Seed::new([1; 32])).unwrap();
        let checkpoint = log.checkpoint(&key).unwrap();
        let mut years = Self { folder, log, key, witness: Witnessing::new(1), checkpoint };
        for number in 0..months {
            years.month(number);
        }
        years
    }

    fn month(&mut self, number: i32) {
        let old = self.log.snapshot().unwrap().head().size;
        for user in ["ana", "ben", "eva"] {
            self.log.append(&listed(user), NOW + STEP * number).unwrap();
        }
        let signed = self.log.checkpoint(&self.key).unwrap();
        let submission = Submission::new(&self.log.snapshot().unwrap(), old, &signed).unwrap();
        let cosignature = self.witness.witness.add(&submission, NOW + STEP * number).unwrap();
        self.checkpoint = signed;
        self.checkpoint.add(&cosignature, self.witness.witness.key().verifier()).unwrap();
    }

    fn path(&self) -> PathBuf {
        self.folder.path().join("audit.jsonl")
    }

    fn closed(&self) -> Vec<PathBuf> {
        volumes::closed(&self.path()).unwrap()
    }

    fn cosigned(&self) -> Result<u64, VerifyError> {
        let (log, witness) = (self.key.verifier().clone(), self.witness.witness.key().verifier().clone());
        let policy = coda_audit::Policy::new(log, vec![witness], 1).unwrap();
        verify_cosigned(&self.path(), &self.checkpoint, &policy).map(|coverage| coverage.trusted.head.size)
    }
}

fn time_of(line: &[u8]) -> OffsetDateTime {
    coda_audit::time_of(line).unwrap()
}

#[test]
fn a_month_is_a_volume_and_the_log_goes_on_over_all_of_them() {
    let mut years = Months::of(4, None);
    let names: Vec<_> =
        years.closed().iter().map(|path| path.file_name().unwrap().to_string_lossy().into_owned()).collect();
    let expected = ["000000000001", "000000000004", "000000000007"].map(|first| format!("audit.jsonl.from-{first}"));
    assert_eq!(names, expected);
    assert_eq!((verify(&years.path()).unwrap(), years.cosigned().unwrap()), (12, 12));
    let snapshot = Snapshot::open(&years.path()).unwrap();
    assert_eq!(time_of(&snapshot.line(5).unwrap()), NOW + STEP);
    let found = snapshot.find(2, |line| String::from_utf8_lossy(line).contains("\"ana\"")).unwrap();
    assert_eq!(found.iter().map(|(number, _)| *number).collect::<Vec<_>>(), [7, 10]);
    RecordProof::new(&snapshot, 2, &years.checkpoint).unwrap();
    tiles::export(&snapshot, &years.checkpoint, &years.folder.path().join("tiles")).unwrap();
    // The program starts again, and again with a volume that has no line yet.
    years.log = AuditLog::open(&years.path()).unwrap();
    years.month(3);
    assert_eq!(years.closed().len(), 3);
    years.month(4);
    fs::write(years.path(), "").unwrap();
    assert!(matches!(AuditLog::open(&years.path()), Err(AuditError::Cut(_))), "three lines are gone");
}

#[test]
fn a_clock_that_is_back_for_some_hours_begins_no_volume() {
    let months = Months::of(1, None);
    let next = datetime!(2026-12-01 00:00 UTC);
    // Two programs whose clocks differ write in turn.
    for hour in [0, -1, 2, -20, 3] {
        months.log.append(&listed("ana"), next + Duration::hours(hour)).unwrap();
    }
    assert_eq!((months.closed().len(), verify(&months.path()).unwrap()), (1, 8));
}

#[test]
fn a_changed_byte_and_a_missing_line_of_a_closed_volume_are_found() {
    let years = Months::of(3, None);
    let volume = years.closed().remove(1);
    let text = fs::read(&volume).unwrap();
    for place in (0..text.len()).step_by(7) {
        let mut changed = text.clone();
        changed[place] ^= 1;
        fs::write(&volume, &changed).unwrap();
        assert!(verify(&years.path()).is_err(), "byte {place}");
        assert!(years.cosigned().is_err(), "byte {place}");
    }
    let without: Vec<u8> = text.split_inclusive(|byte| *byte == b'\n').skip(1).flatten().copied().collect();
    fs::write(&volume, without).unwrap();
    assert!(matches!(verify(&years.path()), Err(AuditError::Changed { line: 4, .. })));
    fs::write(&volume, &text).unwrap();
    assert_eq!(years.cosigned().unwrap(), 9);
}

#[test]
fn a_volume_that_somebody_takes_away_is_missed() {
    for place in 0..3 {
        let years = Months::of(4, None);
        fs::remove_file(&years.closed()[place]).unwrap();
        assert!(verify(&years.path()).is_err(), "{place}");
        assert!(years.cosigned().is_err(), "{place}");
    }
}

#[test]
fn old_volumes_are_removed_it_is_on_record_and_the_rest_is_proved_as_before() {
    let mut years = Months::of(6, Some(Years::try_from(1).unwrap()));
    // The first line of the sixth month says so, as those of the fourth and fifth did.
    let log = fs::read_to_string(years.path()).unwrap();
    assert!(log.lines().next().unwrap().contains(r#""event":"volumes-removed","through":"#), "{log}");
    let kept = years.closed().len();
    assert_eq!(kept, 3, "{:?}", years.closed());
    let records = years.log.snapshot().unwrap().head().size;
    assert_eq!((verify(&years.path()).unwrap(), years.cosigned().unwrap()), (records, records));
    let snapshot = Snapshot::open(&years.path()).unwrap();
    assert!(matches!(snapshot.line(1), Err(AuditError::Removed(1))));
    snapshot.line(records).unwrap();
    let exported = tiles::export(&snapshot, &years.checkpoint, &years.folder.path().join("tiles"));
    assert!(matches!(exported, Err(AuditError::Removed(1))));
    assert!(matches!(RecordProof::new(&snapshot, 1, &years.checkpoint), Err(AuditError::Removed(1))));
    RecordProof::new(&snapshot, records - 1, &years.checkpoint).unwrap();
    years.log = AuditLog::open_keeping(&years.path(), Some(Years::try_from(1).unwrap())).unwrap();
    years.month(6);
    years.cosigned().unwrap();
    // One more than is on record as removed is missed.
    fs::remove_file(&years.closed()[0]).unwrap();
    assert!(matches!(verify(&years.path()), Err(AuditError::Cut(_))));
    assert!(years.cosigned().is_err());
}

#[test]
fn hashes_that_are_lost_are_made_anew_unless_their_lines_are_gone() {
    let years = Months::of(3, None);
    let before = fs::read(hashes(&years.path())).unwrap();
    for left in [0, 64, before.len() - 32] {
        fs::write(hashes(&years.path()), &before[..left]).unwrap();
        drop(AuditLog::open(&years.path()).unwrap());
        assert_eq!(fs::read(hashes(&years.path())).unwrap(), before, "{left}");
    }
    let years = Months::of(6, Some(Years::try_from(1).unwrap()));
    fs::remove_file(hashes(&years.path())).unwrap();
    assert!(AuditLog::open(&years.path()).is_err());
    assert!(verify(&years.path()).is_err());
}

#[test]
fn two_programs_that_write_at_the_turn_of_a_month_lose_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("audit.jsonl");
    let logs: Vec<_> = (0..2).map(|_| Arc::new(AuditLog::open(&path).unwrap())).collect();
    std::thread::scope(|scope| {
        for writer in 0..8_usize {
            let log = logs[writer % 2].clone();
            scope.spawn(move || {
                // Each at its own pace, so that volumes are begun again and again.
                for step in 0..60 {
                    log.append(&listed("ana"), NOW + STEP * (step / 10)).unwrap();
                }
            });
        }
    });
    assert_eq!(verify(&path).unwrap(), 480);
}

#[test]
fn a_line_that_says_volumes_were_removed_counts_only_when_they_can_have_been() {
    // Somebody writes the line, and takes a volume away, before anything is a year old.
    let months = Months::of(2, None);
    let forged = |through: u64, time: OffsetDateTime| {
        months.log.append(&coda_audit::Event::VolumesRemoved { through }, time).unwrap();
    };
    forged(3, NOW + STEP);
    forged(u64::MAX, NOW + Duration::days(1000));
    let oldest = months.closed().remove(0);
    let kept = fs::read(&oldest).unwrap();
    fs::remove_file(&oldest).unwrap();
    assert!(verify(&months.path()).is_err() && months.cosigned().is_err());
    fs::write(&oldest, kept).unwrap();
    verify(&months.path()).unwrap();
}

#[test]
fn a_clock_that_is_ahead_by_years_removes_nothing() {
    let months = Months::of(2, Some(Years::try_from(1).unwrap()));
    months.log.append(&listed("ana"), NOW + Duration::days(9000)).unwrap();
    assert_eq!(months.closed().len(), 2);
    // And right again, the log has volumes by month again.
    months.log.append(&listed("ana"), NOW + STEP * 2).unwrap();
    assert_eq!((months.closed().len(), verify(&months.path()).unwrap()), (3, 8));
}

#[test]
fn another_file_in_the_place_of_the_log_is_not_written_to() {
    for copied in [0, 2] {
        let months = Months::of(1, None);
        let text = fs::read_to_string(months.path()).unwrap();
        let (lines, hashes): (String, _) = (text.split_inclusive('\n').take(copied).collect(), hashes(&months.path()));
        let other = months.folder.path().join("other");
        fs::write(&other, lines).unwrap();
        fs::set_permissions(&other, std::os::unix::fs::PermissionsExt::from_mode(0o600)).unwrap();
        fs::rename(&other, months.path()).unwrap();
        fs::write(&hashes, &fs::read(&hashes).unwrap()[..if copied == 0 { 0 } else { 96 }]).unwrap();
        for _ in 0..2 {
            let outcome = months.log.append(&listed("eva"), NOW);
            assert!(matches!(outcome, Err(AuditError::Cut(_))), "{copied}: {outcome:?}");
        }
    }
}

#[test]
fn closing_that_was_interrupted_is_brought_to_its_end() {
    let mut months = Months::of(2, None);
    let aside = months.folder.path().join("audit.jsonl.from-000000000004");
    fs::hard_link(months.path(), &aside).unwrap();
    fs::write(months.folder.path().join("audit.jsonl.next"), "half a line").unwrap();
    fs::set_permissions(
        months.folder.path().join("audit.jsonl.next"),
        std::os::unix::fs::PermissionsExt::from_mode(0o600),
    )
    .unwrap();
    assert_eq!(verify(&months.path()).unwrap(), 6);
    months.log = AuditLog::open(&months.path()).unwrap();
    months.month(2);
    assert_eq!((months.closed().len(), months.cosigned().unwrap()), (2, 9));
}

fn hashes(path: &Path) -> PathBuf {
    path.with_extension("jsonl.hashes")
}
