//! How a failure is told: one line on standard error, a hint where there is one, and the exit code.

use std::{fmt, process::ExitCode};

use coda_builds::BuildsError;
use coda_pki::{CertificateError, ChainError, CredentialsError, serve::ServeError};

/// Marks a wrong command line or configuration, which the caller can put right before anything is tried: exit code 2.
#[derive(Debug)]
pub(crate) struct Setup(pub(crate) String);

impl fmt::Display for Setup {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Says what failed and why.
pub(crate) fn tell(error: &anyhow::Error) -> ExitCode {
    eprintln!("error: {}", format!("{error:#}").replace('\n', " "));
    if let Some(hint) = error.chain().find_map(hint) {
        eprintln!("hint: {hint}");
    }
    ExitCode::from(if error.is::<Setup>() { 2 } else { 1 })
}

/// What to do, where the text of the error does not say it already.
fn hint(cause: &(dyn std::error::Error + 'static)) -> Option<&'static str> {
    match cause.downcast_ref() {
        Some(CertificateError::Expired(_)) => {
            return Some("make a new key and request, have it signed, and restart the service");
        }
        Some(CertificateError::OtherKey) => {
            return Some("set `key` under [tls] to the key that `chain` was requested with");
        }
        _ => {}
    }
    if let Some(CredentialsError::Read { .. }) = cause.downcast_ref() {
        return Some("check the paths under [tls], and who may read the files");
    }
    if cause.is::<ChainError>() {
        return Some("set `roots` under [tls] to the roots of the network that signed the certificate");
    }
    if let Some(BuildsError::NoFolder { .. }) = cause.downcast_ref() {
        return Some("publish a first build there with coda-node build");
    }
    if let Some(ServeError::Identity { .. }) = cause.downcast_ref() {
        return Some("set `chain` and `key` under [tls] to this service's own");
    }
    None
}
