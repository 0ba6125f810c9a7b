//! Why a connection does not come about, in words for whoever must mend it.

use std::{error::Error, fmt, io, iter::successors};

use coda_model::plain::plain;
use rustls::{CertificateError, OtherError};

use crate::error::LONGEST_WORDS;

/// What is wrong with a connection, and what to do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Why {
    /// The port is closed.
    Refused,
    /// The name has no address.
    Name,
    /// No packet comes back.
    NoReply,
    /// Not in the time that the call has.
    Late,
    /// The other side does not take this certificate.
    OwnCertificate,
    /// This side does not take the other's.
    Certificate(String),
    /// What listens there speaks something else.
    Protocol,
    /// The service said so itself, in these words.
    Said(String),
    /// The connection ended.
    Lost,
}

impl fmt::Display for Why {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Refused => f.write_str("nobody listens there; does the service run, and is the port right?"),
            Self::Name => f.write_str("this host is not known; check the name in the configuration"),
            Self::NoReply => f.write_str("no answer; does a firewall let this machine through?"),
            Self::Late => f.write_str("it did not answer in time; try again later"),
            Self::OwnCertificate => f.write_str(
                "it refuses this certificate: revoked, expired, or of another network; coda whoami says until when it is \
                 good, coda init gets another",
            ),
            Self::Certificate(reason) => write!(f, "its certificate is refused: {reason}"),
            Self::Protocol => f.write_str("what listens there does not speak TLS as this network does; is the port right?"),
            Self::Said(words) => f.write_str(words),
            Self::Lost => f.write_str(
                "the connection was closed; the service may be stopping, or it refuses this certificate (revoked, expired)",
            ),
        }
    }
}

impl Why {
    pub(crate) fn of(status: &tonic::Status) -> Self {
        let first: &(dyn Error + 'static) = status;
        let causes = || successors(Some(first), |error| (**error).source());
        let found = causes().find_map(|cause| {
            let io = cause.downcast_ref::<io::Error>();
            let inner = io.and_then(io::Error::get_ref).and_then(|inner| inner.downcast_ref::<rustls::Error>());
            cause.downcast_ref().or(inner).map_or_else(|| io.and_then(Self::of_io), |error| Some(Self::of_tls(error)))
        });
        let late = matches!(status.code(), tonic::Code::DeadlineExceeded)
            || causes().any(<dyn Error>::is::<tonic::TimeoutExpired>);
        match found {
            Some(why) => why,
            None if late => Self::Late,
            // No cause of this side's: the service itself has answered.
            None if status.source().is_none() && !status.message().is_empty() => {
                Self::Said(plain(status.message(), LONGEST_WORDS))
            }
            None => Self::Lost,
        }
    }

    fn of_tls(error: &rustls::Error) -> Self {
        match error {
            rustls::Error::AlertReceived(_) => Self::OwnCertificate,
            rustls::Error::InvalidCertificate(reason) => {
                let words = match reason {
                    CertificateError::Other(OtherError(reason)) => reason.to_string(),
                    CertificateError::UnknownIssuer => {
                        "it is of another network than the roots of this side".to_owned()
                    }
                    other => other.to_string(),
                };
                Self::Certificate(plain(&words, LONGEST_WORDS))
            }
            _ => Self::Protocol,
        }
    }

    fn of_io(error: &io::Error) -> Option<Self> {
        match error.kind() {
            io::ErrorKind::ConnectionRefused => Some(Self::Refused),
            io::ErrorKind::TimedOut | io::ErrorKind::HostUnreachable | io::ErrorKind::NetworkUnreachable => {
                Some(Self::NoReply)
            }
            // What getaddrinfo says has no kind of its own.
            _ if error.to_string().starts_with("failed to lookup address") => Some(Self::Name),
            _ => None,
        }
    }
}
