use std::io::{self, Write as _};

use anyhow::Context as _;

/// Prints data on standard output; everything else that a program says goes to standard error.
///
/// # Errors
/// When standard output is closed.
pub fn print(text: &str) -> anyhow::Result<()> {
    io::stdout().write_all(text.as_bytes()).context("cannot write to standard output")
}
