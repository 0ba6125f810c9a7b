//! The hub, as people's programs call it: tokens, queries, grants.

mod accesses;
mod accounts;
mod grants;

use std::time::Duration;

use coda_model::{Identity, SiteId, UserId, dictionary::Dictionary, estimate::SiteOutcome, plain::plain, query::Query};
use coda_pki::{Credentials, Now, Reloading, random};
use coda_wire::{
    envelope, outcome,
    v1::{self, ask_event::Event, auth_client::AuthClient, coordinator_client::CoordinatorClient},
};
use prost::Message;
use time::OffsetDateTime;
use tokio::sync::Mutex;

use crate::{ClientError, Evidence, Link, Verified, error::LONGEST_WORDS, link};

pub use accesses::{AccessError, AccessRecord, Accesses};
pub use accounts::{Account, Certificate};
pub use grants::{Grant, Grants, NewGrant, Project};

/// Largest answer taken, in bytes.
const LARGEST: usize = 64 << 20;
/// How long an envelope is valid, in seconds.
const ENVELOPE_LIFE: i64 = 300;
/// How long before its end a token is no longer used, in seconds.
const TOKEN_MARGIN: i64 = 30;

/// Where the hub is.
#[derive(Debug, Clone)]
pub struct HubSettings {
    /// `host:port` of the coordinator.
    pub coordinator: String,
    /// `host:port` of the auth server.
    pub auth: String,
}

/// The hub's services, as a person with a certificate sees them.
pub struct Hub {
    coordinator: Link,
    auth: Link,
    credentials: Credentials,
    user: UserId,
    now: Now,
    token: Mutex<Option<(v1::Signed, i64)>>,
}

/// What may be asked.
#[derive(Debug, Clone)]
pub struct Description {
    /// The dictionary.
    pub dictionary: Dictionary,
    /// Its text, whose digest each site signs with its answer.
    pub text: String,
    /// The sites of the network.
    pub sites: Vec<SiteRights>,
    /// The projects that the caller may ask queries for.
    pub projects: Vec<String>,
}

/// What is asked of whom.
#[derive(Debug, Clone)]
pub struct NewQuery {
    /// The query.
    pub query: Query,
    /// The sites.
    pub sites: Vec<SiteId>,
    /// The approved project.
    pub project: String,
    /// The text of the dictionary by which the query is planned, as [`Hub::describe`] gives it.
    pub dictionary: String,
}

/// What the caller may do at a site.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SiteRights {
    /// The site.
    pub site: SiteId,
    /// Words for what is permitted there.
    pub permissions: Vec<String>,
}

/// A reply that is no reply.
#[derive(Debug, thiserror::Error)]
#[error("the reply has no valid {0}")]
struct Field(&'static str);

impl Hub {
    /// Prepares connections to the hub for the person whose certificate this is.
    ///
    /// # Errors
    /// [`ClientError::Prepare`], also when the certificate is no person's.
    pub fn new(settings: &HubSettings, credentials: Credentials, now: Now) -> Result<Self, ClientError> {
        let Identity::User(user) = credentials.identity().clone() else {
            let wrong = Box::new(Field("certificate of a person"));
            return Err(ClientError::Prepare(credentials.identity().clone(), wrong));
        };
        let party = Reloading::new(credentials.clone())
            .map_err(|error| ClientError::Prepare(credentials.identity().clone(), Box::new(error)))?;
        Ok(Self {
            coordinator: link(&settings.coordinator, Identity::Coordinator, &party, now.clone())?,
            auth: link(&settings.auth, Identity::Auth, &party, now.clone())?,
            credentials,
            user,
            now,
            token: Mutex::new(None),
        })
    }

    /// Whose certificate this is, and until when it is good.
    ///
    /// # Errors
    /// [`ClientError::Prepare`] when it cannot be read.
    pub fn certificate(&self) -> Result<(UserId, OffsetDateTime), ClientError> {
        let unread = |error| ClientError::Prepare(self.credentials.identity().clone(), error);
        let leaf = self.credentials.chain().first().ok_or_else(|| unread(Box::new(Field("certificate"))))?;
        let until = coda_pki::certificate::expires(leaf).map_err(|error| unread(Box::new(error)))?;
        Ok((self.user.clone(), until))
    }

    /// What may be asked, and where.
    ///
    /// # Errors
    /// [`ClientError`].
    pub async fn describe(&self) -> Result<Description, ClientError> {
        let request = v1::DescribeRequest { token: Some(self.token().await?) };
        let reply = self.coordinator().describe(request).await;
        let v1::Description { dictionary, sites, projects } =
            reply.map_err(|status| self.coordinator.error(status))?.into_inner();
        let site = |v1::SiteDescription { site, permissions }| {
            let permissions = permissions.iter().map(|word| plain(word, LONGEST_WORDS)).collect();
            Ok(SiteRights { site: SiteId::new(&site).map_err(|_| self.odd("site"))?, permissions })
        };
        Ok(Description {
            dictionary: Dictionary::parse(&dictionary)
                .map_err(|error| ClientError::Odd(self.coordinator.peer.clone(), Box::new(error)))?,
            text: dictionary,
            sites: sites.into_iter().map(site).collect::<Result<_, ClientError>>()?,
            projects: projects.iter().map(|project| plain(project, LONGEST_WORDS)).collect(),
        })
    }

    /// Signs a query, sends it to its sites, and works the answer out from what they signed. `progress` hears of each site as it is settled.
    ///
    /// # Errors
    /// [`ClientError`].
    pub async fn ask(
        &self,
        new: NewQuery,
        mut progress: impl FnMut(&SiteOutcome),
    ) -> Result<(Verified, Evidence), ClientError> {
        let dictionary = new.dictionary.clone();
        let request = self.signed(new).await?;
        let envelope = request.envelope.clone().unwrap_or_default();
        let mut request = tonic::Request::new(request);
        request.set_timeout(Duration::from_mins(10));
        let failed = |status| self.coordinator.error(status);
        let mut events = self.coordinator().ask(request).await.map_err(failed)?.into_inner();
        let mut sites = Vec::new();
        while let Some(v1::AskEvent { event }) = events.message().await.map_err(failed)? {
            match event.ok_or_else(|| self.odd("event"))? {
                Event::Settled(site) => progress(&outcome::decode(site).map_err(|error| self.unread(error))?),
                Event::Result(site) => sites.push(site),
                Event::End(v1::End {}) => {
                    let evidence = Evidence::new(envelope, dictionary, v1::Answer { sites });
                    let verified = evidence.answer(self.credentials.roots());
                    return Ok((verified.map_err(|error| ClientError::Evidence(Box::new(error)))?, evidence));
                }
            }
        }
        Err(self.odd("end"))
    }

    /// A query in an envelope, signed, with a token.
    async fn signed(&self, new: NewQuery) -> Result<v1::Request, ClientError> {
        let NewQuery { query, sites, project, dictionary: _ } = new;
        let now = (self.now)().unix_timestamp();
        let content = envelope::encode(&envelope::Envelope {
            query,
            sites,
            user: self.user.clone(),
            project,
            not_before: now,
            not_after: now + ENVELOPE_LIFE,
            nonce: random(),
            dictionary: String::new(),
        });
        let signature = self.credentials.key().sign(&content).map_err(ClientError::Sign)?;
        Ok(v1::Request {
            envelope: Some(coda_wire::token::signed(content, signature, self.credentials.chain())),
            token: Some(self.token().await?),
            dictionary: Vec::new(),
        })
    }

    /// A token that is still good for a while.
    async fn token(&self) -> Result<v1::Signed, ClientError> {
        let mut kept = self.token.lock().await;
        let now = (self.now)().unix_timestamp();
        if let Some((token, until)) = kept.as_ref()
            && now + TOKEN_MARGIN < *until
        {
            return Ok(token.clone());
        }
        let reply = self.auth().issue_token(v1::IssueTokenRequest {}).await;
        let token = reply.map_err(|status| self.auth.error(status))?.into_inner();
        // Read only to know when to ask for the next one; whoever takes the token verifies it.
        let until = v1::Token::decode(token.content.as_slice()).map_or(0, |token| token.not_after);
        *kept = Some((token.clone(), until));
        Ok(token)
    }

    fn coordinator(&self) -> CoordinatorClient<tonic::transport::Channel> {
        CoordinatorClient::new(self.coordinator.channel()).max_decoding_message_size(LARGEST)
    }

    fn auth(&self) -> AuthClient<tonic::transport::Channel> {
        AuthClient::new(self.auth.channel())
    }

    fn odd(&self, field: &'static str) -> ClientError {
        self.unread(Field(field))
    }

    fn unread(&self, error: impl std::error::Error + Send + Sync + 'static) -> ClientError {
        ClientError::Odd(self.coordinator.peer.clone(), Box::new(error))
    }
}
