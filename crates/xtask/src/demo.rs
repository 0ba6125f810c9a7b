//! `cargo demo`: builds the programs that an installation has beside the demo itself, then becomes the demo.

use std::{convert::Infallible, env, os::unix::process::CommandExt as _, process::Command};

use anyhow::{Context, Result, ensure};

/// The programs of a network, which stay in the target folder for whoever goes on after the demo.
const PROGRAMS: [&str; 3] = ["coda", "coda-node", "coda-hub"];
const DEMO: &str = "coda-demo";

/// Builds, then runs the demo with these arguments; comes back only where that is not possible.
pub(crate) fn run(arguments: &[String]) -> Result<Infallible> {
    let cargo = env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let bins = PROGRAMS.iter().chain([&DEMO]).flat_map(|program| ["--bin", program]);
    let built = Command::new(&cargo).args(["build", "--locked"]).args(bins).status();
    ensure!(built.context("cannot run cargo")?.success(), "the build failed");
    // In place of this process, so that an interrupt reaches the demo and nothing else.
    let failed = Command::new(&cargo).args(["run", "--quiet", "--locked", "--bin", DEMO, "--"]).args(arguments).exec();
    Err(failed).context("cannot run the demo")
}
