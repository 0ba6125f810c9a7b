//! Log lines on standard error, so that standard output stays data.

use std::io::{self, IsTerminal as _};

use serde::Deserialize;
use tracing_subscriber::EnvFilter;
use tracing_subscriber::fmt::layer;
use tracing_subscriber::layer::SubscriberExt as _;
use tracing_subscriber::util::SubscriberInitExt as _;

/// The environment variable whose filter replaces the program's own, in the syntax of `tracing-subscriber`
/// (`info,coda_pki=debug`).
pub const FILTER_VARIABLE: &str = "CODA_LOG";

/// How a log line looks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Format {
    /// For people; in colour when standard error is a terminal.
    #[default]
    Text,
    /// One JSON object a line, for a log collector.
    Json,
}

/// Why log lines cannot be set up.
#[derive(Debug, thiserror::Error)]
pub enum TelemetryError {
    /// The filter is not in the filter syntax.
    #[error("the log filter {filter:?} cannot be read; write it like info,coda_pki=debug (variable CODA_LOG)")]
    Filter {
        /// The filter.
        filter: String,
        /// What the reader said.
        source: tracing_subscriber::filter::ParseError,
    },
    /// Log lines are set up already, once a process.
    #[error("log lines are set up already in this process")]
    Twice(#[source] tracing_subscriber::util::TryInitError),
}

/// Sends log lines to standard error; the filter is that of `CODA_LOG`, or `default_filter` when it is unset or empty.
///
/// # Errors
/// [`TelemetryError`] for an unreadable filter, and for a second call, which changes nothing.
pub fn init(format: Format, default_filter: &str) -> Result<(), TelemetryError> {
    let chosen = std::env::var(FILTER_VARIABLE).ok().filter(|text| !text.trim().is_empty());
    let filter = filter(chosen.as_deref().unwrap_or(default_filter))?;
    let registry = tracing_subscriber::registry().with(filter);
    match format {
        Format::Text => registry.with(layer().with_writer(io::stderr).with_ansi(io::stderr().is_terminal())).try_init(),
        Format::Json => registry.with(layer().json().with_writer(io::stderr)).try_init(),
    }
    .map_err(TelemetryError::Twice)
}

fn filter(text: &str) -> Result<EnvFilter, TelemetryError> {
    EnvFilter::builder().parse(text).map_err(|source| TelemetryError::Filter { filter: text.to_owned(), source })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_second_call_is_an_error_and_no_panic() {
        assert!(init(Format::Json, "off").is_ok());
        assert!(matches!(init(Format::Text, "off"), Err(TelemetryError::Twice(_))));
    }

    #[test]
    fn an_unreadable_filter_is_named() {
        let message = filter("coda=loud").unwrap_err().to_string();
        assert!(message.contains("coda=loud") && message.contains("CODA_LOG"), "{message}");
    }
}
