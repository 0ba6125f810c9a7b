//! How a failure is told: one line on standard error, a hint where there is one, and the exit code.

use std::{error::Error, fmt, process::ExitCode};

use coda_pki::{CertificateError, ChainError, CredentialsError, serve::ServeError};

/// An invalid command line or configuration, which the caller can correct before anything is tried: exit code 2.
#[derive(Debug)]
pub struct Setup(pub String);

/// One of the errors of a chain.
pub type Cause = dyn Error + 'static;

impl fmt::Display for Setup {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// The exit code of a program: 0, 2 for [`Setup`], 1 for any other failure. Says what failed and why, and what to do where
/// `hint` or this crate knows it.
pub fn exit(outcome: anyhow::Result<()>, hint: fn(&Cause) -> Option<&'static str>) -> ExitCode {
    let Err(error) = outcome else { return ExitCode::SUCCESS };
    eprintln!("error: {}", format!("{error:#}").replace('\n', " "));
    if let Some(hint) = error.chain().find_map(|cause| hint(cause).or_else(|| tls_hint(cause))) {
        eprintln!("hint: {hint}");
    }
    ExitCode::from(if error.is::<Setup>() { 2 } else { 1 })
}

/// What to do, where the text of the error does not say it already.
fn tls_hint(cause: &Cause) -> Option<&'static str> {
    match cause.downcast_ref() {
        Some(CertificateError::Expired(_)) => {
            return Some("make a new key and request, and have it signed; coda-node init and coda-hub init do both");
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
    if let Some(ServeError::Identity { .. }) = cause.downcast_ref() {
        return Some("set `chain` and `key` under [tls] to this service's own");
    }
    None
}
