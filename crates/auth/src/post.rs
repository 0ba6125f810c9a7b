//! What is sent to people: one-time codes, and words of warning. By e-mail, or a code by text message where the account has a number.

mod gateway;
mod mail;

pub use gateway::{Gateway, GatewayFile};
pub use mail::{Mail, MailFile, MailTls};

use std::{path::PathBuf, time::Duration};

use coda_model::UserId;
use coda_service::causes;
use time::OffsetDateTime;

use crate::accounts::Phone;
use crate::secret_file::SecretFileError;

/// How long one message may take. lettre's own limit is for the connection alone.
const PATIENCE: Duration = Duration::from_secs(20);

/// Sends messages. Copies share the connections.
#[derive(Clone)]
pub struct Post {
    /// The mail server.
    pub mail: Mail,
    /// The gateway for text messages, where there is one.
    pub gateway: Option<Gateway>,
}

/// When a warning is sent, and again where the mail server does not take it: after these pauses.
const AGAIN: [Duration; 3] = [Duration::ZERO, Duration::from_mins(1), Duration::from_mins(10)];

/// A message in plain text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Letter {
    pub(crate) subject: String,
    pub(crate) text: String,
}

/// Why a message was not sent, or no message can be. Says nothing of its text.
#[derive(Debug, thiserror::Error)]
pub enum PostError {
    /// A file of the configuration.
    #[error("cannot use {}", path.display())]
    File {
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
    /// The file of a password or a token.
    #[error("a secret of [mail] or [sms] cannot be used")]
    Secret(#[from] SecretFileError),
    /// A value of the configuration.
    #[error("{0}")]
    Setting(&'static str),
    /// The person's name is no address of e-mail.
    #[error("the account's name is no address of e-mail")]
    Address,
    /// The mail server.
    #[error("the mail server did not take the message")]
    Mail(#[source] lettre::transport::smtp::Error),
    /// Its certificates.
    #[error("the certificates of the mail server cannot be set up")]
    Certificates(#[source] Box<dyn std::error::Error + Send + Sync>),
    /// The gateway for text messages.
    #[error("the gateway did not take the message")]
    Gateway(#[source] Box<dyn std::error::Error + Send + Sync>),
    /// There is a number, and no gateway.
    #[error("the account has a telephone number, and no gateway is configured")]
    NoGateway,
    /// It took too long.
    #[error("the message was not taken in {} seconds", PATIENCE.as_secs())]
    Late,
}

impl Post {
    /// Sends a code to a person, by telephone where they have a number.
    pub(crate) async fn code(
        &self,
        user: &UserId,
        phone: Option<&Phone>,
        code: &str,
        now: OffsetDateTime,
    ) -> Result<(), PostError> {
        let text =
            format!("{code} is your code for Coda. It is good for ten minutes and once. Nobody will ask you for it.");
        match phone {
            None => self.mail(user, &Letter { subject: "Coda: your code".to_owned(), text }, now).await,
            Some(phone) => {
                let gateway = self.gateway.as_ref().ok_or(PostError::NoGateway)?;
                timely(gateway.send(phone, &text)).await
            }
        }
    }

    pub(crate) async fn mail(&self, user: &UserId, letter: &Letter, now: OffsetDateTime) -> Result<(), PostError> {
        timely(self.mail.send(user, letter, now)).await
    }

    /// Sends a warning to each of these people, beside whatever else happens: one who cannot be reached keeps nobody waiting.
    pub(crate) fn warn(&self, users: Vec<UserId>, letter: &Letter, now: OffsetDateTime) {
        for user in users {
            let (post, letter) = (self.clone(), letter.clone());
            tokio::spawn(async move {
                for pause in AGAIN {
                    tokio::time::sleep(pause).await;
                    match post.mail(&user, &letter, now).await {
                        Ok(()) => return,
                        Err(error) => tracing::error!(%user, cause = causes(&error), "a warning was not sent"),
                    }
                }
            });
        }
    }
}

async fn timely(sending: impl Future<Output = Result<(), PostError>>) -> Result<(), PostError> {
    tokio::time::timeout(PATIENCE, sending).await.map_err(|_| PostError::Late)?
}
