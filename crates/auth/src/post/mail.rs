//! The mail server (SMTP, RFC 5321), over TLS.

use std::net::IpAddr;
use std::path::{Path, PathBuf};

use coda_model::UserId;
use lettre::message::{Mailbox, header::ContentType};
use lettre::transport::smtp::authentication::Credentials;
use lettre::transport::smtp::client::{Certificate, CertificateStore, Tls, TlsParameters};
use lettre::{Address, AsyncSmtpTransport, AsyncTransport as _, Message, Tokio1Executor};
use serde::Deserialize;
use time::OffsetDateTime;

use super::{Letter, PostError};
use crate::secret_file;

/// The mail server as it is written in the configuration.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct MailFile {
    /// `host:port`.
    pub server: String,
    /// The address that messages come from.
    pub from: String,
    /// How the connection is kept secret; `starttls` when left out.
    #[serde(default)]
    pub tls: MailTls,
    /// Trust anchors (PEM) for the mail server; those of the machine when left out.
    pub roots: Option<PathBuf>,
    /// The name to log in by.
    pub user: Option<String>,
    /// The file of its password, readable by its owner alone.
    pub password: Option<PathBuf>,
}

impl MailFile {
    /// The same with every path as `path` has it.
    pub(crate) fn resolved(self, path: impl Fn(&Path) -> PathBuf) -> Self {
        let (roots, password) = (self.roots.as_deref().map(&path), self.password.as_deref().map(&path));
        Self { roots, password, ..self }
    }
}

/// How a connection to the mail server is kept secret.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum MailTls {
    /// Begun in the clear, and refused unless the server changes to TLS (RFC 3207).
    #[default]
    StartTls,
    /// TLS from the beginning (RFC 8314).
    Always,
    /// None: only for a server on this machine, by its loopback address.
    None,
}

/// A mail server. Copies share the connections.
#[derive(Clone)]
pub struct Mail {
    transport: AsyncSmtpTransport<Tokio1Executor>,
    from: Mailbox,
}

impl Mail {
    /// Prepares connections.
    ///
    /// # Errors
    /// [`PostError::Setting`], [`PostError::File`], [`PostError::Certificates`].
    pub fn new(file: &MailFile) -> Result<Self, PostError> {
        let MailFile { server, from, tls, roots, user, password } = file;
        let (host, port) = server.rsplit_once(':').ok_or(PostError::Setting("mail.server: write it as host:port"))?;
        let port = port.parse().map_err(|_| PostError::Setting("mail.server: the port is no number"))?;
        let from = from.parse().map_err(|_| PostError::Setting("mail.from is no address of e-mail"))?;
        let secure = || parameters(host, roots.as_deref());
        let tls = match tls {
            MailTls::StartTls => Tls::Required(secure()?),
            MailTls::Always => Tls::Wrapper(secure()?),
            MailTls::None if host.parse().is_ok_and(|ip: IpAddr| ip.is_loopback()) => Tls::None,
            MailTls::None => {
                return Err(PostError::Setting("mail.tls: \"none\" is only for a server at a loopback address"));
            }
        };
        let mut builder = AsyncSmtpTransport::<Tokio1Executor>::builder_dangerous(host).port(port).tls(tls);
        match (user, password) {
            (Some(user), Some(path)) => {
                let password = secret_file::read(path)?;
                builder = builder.credentials(Credentials::new(user.clone(), password));
            }
            (None, None) => {}
            _ => return Err(PostError::Setting("mail.user and mail.password go together")),
        }
        Ok(Self { transport: builder.build(), from })
    }

    /// Whether the mail server is reached, and takes the log-in where there is one.
    ///
    /// # Errors
    /// [`PostError`].
    pub async fn reached(&self) -> Result<(), PostError> {
        let tested = tokio::time::timeout(super::PATIENCE, self.transport.test_connection()).await;
        let answers = tested.map_err(|_| PostError::Late)?.map_err(PostError::Mail)?;
        if answers { Ok(()) } else { Err(PostError::Setting("the mail server does not answer as one")) }
    }

    pub(super) async fn send(&self, user: &UserId, letter: &Letter, now: OffsetDateTime) -> Result<(), PostError> {
        let address: Address = user.as_str().parse().map_err(|_| PostError::Address)?;
        let Letter { subject, text } = letter;
        let message = Message::builder()
            .from(self.from.clone())
            .to(Mailbox::new(None, address))
            .date(now.into())
            .subject(subject)
            .header(ContentType::TEXT_PLAIN)
            .body(text.clone())
            .map_err(|_| PostError::Address)?;
        self.transport.send(message).await.map_err(PostError::Mail)?;
        Ok(())
    }
}

fn parameters(host: &str, roots: Option<&Path>) -> Result<TlsParameters, PostError> {
    let mut builder = TlsParameters::builder(host.to_owned());
    if let Some(path) = roots {
        let pem = std::fs::read(path).map_err(|source| PostError::File { path: path.to_owned(), source })?;
        let root = Certificate::from_pem(&pem).map_err(|error| PostError::Certificates(error.into()))?;
        builder = builder.certificate_store(CertificateStore::None).add_root_certificate(root);
    }
    builder.build().map_err(|error| PostError::Certificates(error.into()))
}
