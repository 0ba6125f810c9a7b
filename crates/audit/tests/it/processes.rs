//! Several programs that write to the same log, and one that is killed.

use std::env;
use std::io::{BufRead as _, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};

use coda_audit::{AuditLog, Snapshot, verify};

use crate::fixture::{NOW, North, listed};

const LOG: &str = "CODA_TEST_AUDIT_LOG";
const COUNT: &str = "CODA_TEST_AUDIT_COUNT";

/// Not a test by itself: what the other programs do.
#[test]
fn another_program() {
    let Some(path) = env::var_os(LOG) else { return };
    let log = AuditLog::open(Path::new(&path)).unwrap();
    for _ in 0..env::var(COUNT).unwrap().parse::<u32>().unwrap() {
        log.append(&listed("child"), NOW).unwrap();
        println!("acknowledged");
    }
}

fn program(path: &Path, count: u32) -> Child {
    Command::new(env::current_exe().unwrap())
        .args(["--exact", "processes::another_program", "--nocapture"])
        .env(LOG, path)
        .env(COUNT, count.to_string())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap()
}

#[test]
fn programs_that_write_at_once_make_one_tree() {
    let log = North::with(1);
    let programs: Vec<_> = (0..3).map(|_| program(&log.path, 40)).collect();
    (0..40).for_each(|_| log.append(&["parent"]));
    for mut program in programs {
        assert!(program.wait().unwrap().success());
    }
    assert_eq!(verify(&log.path).unwrap(), 161);
    assert_eq!(log.snapshot().head(), Snapshot::open(&log.path).unwrap().head());
    std::fs::remove_file(log.hashes()).unwrap();
    assert_eq!(log.snapshot().head(), Snapshot::open(&log.path).unwrap().head());
}

#[test]
fn a_killed_program_loses_nothing_acknowledged() {
    let log = North::with(0);
    for _ in 0..5 {
        let before = log.snapshot().head().size;
        let mut child = program(&log.path, u32::MAX);
        let lines = BufReader::new(child.stdout.take().unwrap()).lines();
        let acknowledged = lines.map(Result::unwrap).filter(|line| line.ends_with("acknowledged")).take(30).count();
        assert_eq!(acknowledged, 30);
        child.kill().unwrap();
        child.wait().unwrap();
        AuditLog::open(&log.path).unwrap().append(&listed("after"), NOW).unwrap();
        assert!(verify(&log.path).unwrap() > before + acknowledged as u64);
    }
}
