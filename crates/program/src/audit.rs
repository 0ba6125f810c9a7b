//! `audit`

use std::path::PathBuf;

use clap::Subcommand;

use crate::output::print;

/// Look at an audit log.
#[derive(Debug, Subcommand)]
pub enum Audit {
    /// Check that no line of a log was changed, taken out, put in or moved.
    Verify {
        /// The log.
        file: PathBuf,
    },
}

impl Audit {
    /// Runs the command.
    ///
    /// # Errors
    /// When the log cannot be read, or was changed.
    pub fn run(self) -> anyhow::Result<()> {
        let Self::Verify { file } = self;
        print(&format!("unbroken, lines: {}\n", coda_audit::verify(&file)?))
    }
}
