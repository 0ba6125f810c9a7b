//! `cargo xtask bench`: builds everything in release and runs the benchmark.

use std::process::Command;

use anyhow::{Context, Result, ensure};

use crate::metadata::{Metadata, cargo};

/// Builds, then runs with these arguments.
pub(crate) fn run(arguments: &[String]) -> Result<()> {
    let build = ["build", "--release", "--locked", "--workspace", "--bins"];
    ensure!(Command::new(cargo()).args(build).status().context("cannot run cargo")?.success(), "the build failed");
    let target = Metadata::load()?.target_directory;
    std::fs::create_dir_all("target").context("cannot make the folder for the report")?;
    let bench = target.join("release/coda-bench");
    ensure!(
        Command::new(bench).args(arguments).status().context("cannot run the benchmark")?.success(),
        "the benchmark failed"
    );
    Ok(())
}
