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
    if let Some(error) = cause.downcast_ref::<CertificateError>() {
        return match error {
            CertificateError::Expired(_) => Some("make a new key and request, have it signed, and restart the service"),
            CertificateError::OtherKey => Some("set `key` under [tls] to the key that `chain` was requested with"),
            _ => None,
        };
    }
    if cause.is::<ChainError>() {
        return Some("set `roots` under [tls] to the roots of the network that signed the certificate");
    }
    match cause.downcast_ref::<CredentialsError>() {
        Some(CredentialsError::Read { .. }) => return Some("check the paths under [tls], and who may read the files"),
        Some(_) | None => {}
    }
    match cause.downcast_ref::<ServeError>() {
        Some(ServeError::Identity { .. }) => return Some("set `chain` and `key` under [tls] to this service's own"),
        Some(_) | None => {}
    }
    match cause.downcast_ref::<BuildsError>() {
        Some(BuildsError::NoFolder { .. }) => Some("publish a first build there with coda-node build"),
        Some(_) | None => None,
    }
}
