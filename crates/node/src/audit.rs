//! `coda-node audit`

use std::{
    io::{self, Write as _},
    path::PathBuf,
};

use anyhow::Context as _;
use clap::Subcommand;

#[derive(Debug, Subcommand)]
pub(crate) enum Audit {
    /// Check that no line of a log was changed, taken out, put in or moved.
    Verify {
        /// The log.
        file: PathBuf,
    },
}

impl Audit {
    pub(crate) fn run(self) -> anyhow::Result<()> {
        let Self::Verify { file } = self;
        let lines = coda_audit::verify(&file)?;
        writeln!(io::stdout(), "unbroken, lines: {lines}").context("cannot write to standard output")
    }
}
