//! Requests signed by hand, for what no honest program sends.

use coda_model::{Identity, SiteId, query::Query};
use coda_pki::{Credentials, random};
use coda_policy::{Claim, Claims, Permission, Project, Role};
use coda_testkit::{Network, PROJECT};
use coda_wire::{
    envelope::{self, Envelope},
    token,
    v1::{self, compute_client::ComputeClient},
};
use tonic::Status;

use crate::world::{World, channel, site, user};

/// Who may sign what in a network.
pub(crate) struct Signers<'a> {
    pub(crate) network: &'a Network,
    /// The person who asks.
    pub(crate) ana: Credentials,
    pub(crate) auth: Credentials,
    pub(crate) coordinator: Credentials,
}

impl<'a> Signers<'a> {
    pub(crate) fn of(world: &'a World) -> Self {
        let network = &world.network;
        let of = |identity| network.credentials(&identity).unwrap();
        Self {
            network,
            ana: of(Identity::User(user(crate::world::RESEARCHER))),
            auth: of(Identity::Auth),
            coordinator: of(Identity::Coordinator),
        }
    }

    /// Seconds since 1970.
    pub(crate) fn now(&self) -> i64 {
        self.network.now()().unix_timestamp()
    }

    /// A valid envelope for one site, never the same twice.
    pub(crate) fn envelope(&self, query: &Query, at: &str) -> Envelope {
        Envelope {
            query: query.clone(),
            sites: vec![site(at)],
            user: user(crate::world::RESEARCHER),
            project: PROJECT.to_owned(),
            not_before: self.now(),
            not_after: self.now() + 300,
            nonce: random(),
            dictionary: String::new(),
        }
    }

    /// What the auth server says of the person who asks.
    pub(crate) fn claims(&self, at: &str) -> Claims {
        Claims {
            user: user(crate::world::RESEARCHER),
            thumbprint: self.ana.thumbprint(),
            claims: vec![
                Claim::new(Role::SiteResearcher, Some(site(at)), vec![Permission::BasicQueries])
                    .unwrap()
                    .within(Some(Project::new(PROJECT).unwrap())),
            ],
            not_before: self.now(),
            not_after: self.now() + 600,
        }
    }

    /// A request that a site answers.
    pub(crate) fn valid(&self, query: &Query, at: &str) -> v1::Request {
        request(self.signed_by_ana(&self.envelope(query, at)), self.token(&self.claims(at)))
    }

    /// An envelope with the signature of the person who asks.
    pub(crate) fn signed_by_ana(&self, content: &Envelope) -> v1::Signed {
        signed(envelope::encode(content), &self.ana)
    }

    /// A token with the signature of the auth server.
    pub(crate) fn token(&self, claims: &Claims) -> v1::Signed {
        signed(token::encode(claims), &self.auth)
    }

    /// What a site's computation node answers the coordinator.
    pub(crate) async fn send(&self, at: &SiteId, request: v1::Request) -> Result<v1::SiteAnswer, Status> {
        let (address, _) = self.network.nodes[at];
        let peer = Identity::Compute(at.clone());
        let channel = channel(self.network, &self.coordinator, peer, &address.to_string());
        ComputeClient::new(channel).answer(request).await.map(tonic::Response::into_inner)
    }
}

/// Bytes with somebody's signature.
pub(crate) fn signed(content: Vec<u8>, by: &Credentials) -> v1::Signed {
    let signature = by.key().sign(&content).unwrap();
    token::signed(content, signature, by.chain())
}

/// An envelope with a token.
pub(crate) fn request(envelope: v1::Signed, token: v1::Signed) -> v1::Request {
    v1::Request { envelope: Some(envelope), token: Some(token), dictionary: Vec::new() }
}
