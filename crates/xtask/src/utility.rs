//! `cargo xtask utility`: runs the session of questions and the tables of the heart file, and prints how useful figures are.

use std::{env, process::Command};

use anyhow::{Context, Result, ensure};

/// Runs the test `utility` of the crate `tests` and prints its tables; fails when figures are less useful than they must be.
pub(crate) fn run() -> Result<()> {
    let cargo = env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let tests =
        ["test", "--locked", "-p", "coda-tests", "--test", "utility", "--", "--nocapture", "--test-threads", "1"];
    let ran = Command::new(&cargo).args(tests).output().context("cannot run cargo")?;
    for line in String::from_utf8_lossy(&ran.stdout).lines().filter(|line| !is_of_the_harness(line)) {
        println!("{line}");
    }
    ensure!(
        ran.status.success(),
        "figures are less useful than they must be:\n{}",
        String::from_utf8_lossy(&ran.stderr)
    );
    Ok(())
}

/// Lines that cargo's test harness prints about itself.
fn is_of_the_harness(line: &str) -> bool {
    line == "ok" || ["running ", "test ", "failures:"].iter().any(|start| line.starts_with(start))
}
