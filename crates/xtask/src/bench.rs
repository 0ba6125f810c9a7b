//! `cargo xtask bench`: builds everything in release and runs the benchmark.

use std::{env, path::PathBuf, process::Command};

use anyhow::{Context, Result, ensure};

/// Builds, then runs with these arguments.
pub(crate) fn run(arguments: &[String]) -> Result<()> {
    let cargo = env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let build = ["build", "--release", "--locked", "--workspace", "--bins"];
    ensure!(Command::new(&cargo).args(build).status().context("cannot run cargo")?.success(), "the build failed");
    let target = env::var_os("CARGO_TARGET_DIR").map_or_else(|| PathBuf::from("target"), PathBuf::from);
    std::fs::create_dir_all("target").context("cannot make the folder for the report")?;
    let bench = target.join("release/coda-bench");
    ensure!(
        Command::new(bench).args(arguments).status().context("cannot run the benchmark")?.success(),
        "the benchmark failed"
    );
    Ok(())
}
