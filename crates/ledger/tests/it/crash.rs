//! Programs killed and files cut in the middle of writing.

use std::env;
use std::fs;
use std::io::{BufRead as _, BufReader, Write as _};
use std::path::Path;
use std::process::{Command, Stdio};

use coda_ledger::{Ledger, LineageId, Options};

use crate::fixture::{AMPLE, Folder, asks, lineage};

const CHILD: &str = "CODA_LEDGER_TEST_CHILD";
/// Asks of a query.
const ASKS: u64 = 30;

async fn query(ledger: &Ledger, lineage: LineageId, number: u64) -> Result<(), coda_ledger::LedgerError> {
    let new: Vec<_> = (0..ASKS).map(|ask| (ASKS * number + ask, number)).collect();
    ledger.count(&asks(lineage, "p", &new), &AMPLE).await.map(|counted| assert!(counted.is_ok()))
}

/// Whatever is there is there as a whole. Says how many queries there are.
async fn whole(ledger: &Ledger) -> u64 {
    let asks = ledger.check().await.unwrap().asks;
    assert_eq!(asks % ASKS, 0);
    asks / ASKS
}

/// Not a test by itself: the program that is killed.
#[tokio::test]
async fn child() {
    let Ok(path) = env::var(CHILD) else { return };
    let ledger = Ledger::open(Path::new(&path), Options::default()).await.unwrap();
    let lineage = lineage(&ledger).await;
    for number in whole(&ledger).await + 1.. {
        query(&ledger, lineage, number).await.unwrap();
        println!("\ncommitted {number}");
        std::io::stdout().flush().unwrap();
    }
}

#[tokio::test]
async fn what_was_committed_before_a_kill_is_there_and_nothing_is_half_there() {
    let folder = Folder::new();
    let mut before = 0;
    for wanted in [1, 2, 3, 7, 12] {
        let mut child = Command::new(env::current_exe().unwrap())
            .args(["--exact", "crash::child", "--nocapture"])
            .env(CHILD, folder.database())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
        let number = |line: String| line.strip_prefix("committed ").map(|number| number.parse::<u64>().unwrap());
        let mut committed = 0;
        while committed < before + wanted {
            committed = number(lines.next().unwrap().unwrap()).unwrap_or(committed);
        }
        // SIGKILL, while the next one is being written.
        child.kill().unwrap();
        child.wait().unwrap();
        committed = lines.map_while(Result::ok).filter_map(number).last().unwrap_or(committed);
        let ledger = folder.open().await.unwrap();
        let found = whole(&ledger).await;
        assert!(found == committed || found == committed + 1, "{found} after {committed} were told of");
        before = found;
        ledger.close().await;
    }
}

#[tokio::test]
async fn a_log_cut_anywhere_holds_whole_queries_only() {
    let (folder, copy) = (Folder::new(), Folder::new());
    let ledger = folder.open().await.unwrap();
    let lineage = lineage(&ledger).await;
    ledger.close().await;
    let ledger = folder.open().await.unwrap();
    for number in 1..=4 {
        query(&ledger, lineage, number).await.unwrap();
    }
    let name = |folder: &Folder, end: &str| folder.path().join(format!("ledger.sqlite{end}"));
    let log = fs::read(name(&folder, "-wal")).unwrap();
    let mut found = Vec::new();
    for cut in (0..=40).map(|part| log.len() * part / 40) {
        for end in ["", ".key", ".perturbation-key"] {
            fs::copy(name(&folder, end), name(&copy, end)).unwrap();
        }
        fs::write(name(&copy, "-wal"), &log[..cut]).unwrap();
        fs::remove_file(name(&copy, "-shm")).ok();
        let ledger = copy.open().await.unwrap();
        found.push(whole(&ledger).await);
        ledger.close().await;
    }
    assert!(found.is_sorted() && found.first() == Some(&0) && found.last() == Some(&4), "{found:?}");
}

/// Where the system itself refuses to let a file grow, in a child of its own.
#[tokio::test]
async fn a_limit_on_the_size_of_files_refuses_whole_queries() {
    let folder = Folder::new();
    let output = Command::new("sh")
        .args(["-c", "trap '' XFSZ; ulimit -f 600; exec \"$0\" --exact crash::child --nocapture"])
        .arg(env::current_exe().unwrap())
        .env(CHILD, folder.database())
        .output()
        .unwrap();
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    let said = text + &String::from_utf8_lossy(&output.stderr);
    assert!(!output.status.success());
    assert!(said.contains("Full {") || said.contains("Disk {"), "{said}");
    let committed = said.lines().filter_map(|line| line.strip_prefix("committed ")?.parse().ok()).next_back();
    let ledger = folder.open().await.unwrap();
    assert_eq!(whole(&ledger).await, committed.unwrap_or(0));
}
