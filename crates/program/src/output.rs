use std::{
    fs,
    io::{self, Write as _},
    path::Path,
};

use anyhow::Context as _;

/// Prints data on standard output; everything else that a program says goes to standard error.
///
/// # Errors
/// When standard output is closed.
pub fn print(text: &str) -> anyhow::Result<()> {
    io::stdout().write_all(text.as_bytes()).context("cannot write to standard output")
}

/// Writes data to a file, or prints them where none is named. A file is not made by the shell, whose mistakes would leave an empty one.
///
/// # Errors
/// When the file cannot be written, or standard output is closed.
pub fn write_or_print(out: Option<&Path>, text: &str) -> anyhow::Result<()> {
    match out {
        Some(path) => fs::write(path, text).with_context(|| format!("cannot write {}", path.display())),
        None => print(text),
    }
}
