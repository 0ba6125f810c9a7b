//! An institution's own OpenID Connect provider (OpenID Connect Core 1.0, 3.1): the authorization code flow with PKCE (RFC 7636).
//!
//! A person's program is given a URL for the browser. The provider has the person log in there, and sends the browser back with a code;
//! this server redeems the code for an ID token, and reads whose it is. What the provider says is checked here, and what follows for an
//! account is the business of [`accounts`](crate::accounts).

mod error;
mod flow;
mod metadata;
mod redirect;
mod web;

use std::path::{Path, PathBuf};

use serde::Deserialize;

pub use error::ProviderError;
pub(crate) use flow::{Authentication, Callback, Email, Provider};
pub use web::WebError;

/// A provider as it is written in the configuration.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ProviderFile {
    /// Its issuer, exactly as it calls itself: `https://host[:port][/path]`.
    pub issuer: String,
    /// The name under which it knows this network.
    pub client_id: String,
    /// The file of the secret that goes with it, readable by its owner alone; none for a public client.
    pub client_secret: Option<PathBuf>,
    /// Trust anchors (PEM) for the provider.
    pub roots: PathBuf,
    /// Where it may send a browser back to: `https://host/path`, or `http://127.0.0.1:*`, a program of the person on any port of
    /// their own machine (RFC 8252, 7.3), which is what `coda init` wants.
    pub redirect: Vec<String>,
}

impl ProviderFile {
    /// The same with every path as `path` has it.
    pub(crate) fn resolved(self, path: impl Fn(&Path) -> PathBuf) -> Self {
        let (client_secret, roots) = (self.client_secret.as_deref().map(&path), path(&self.roots));
        Self { client_secret, roots, ..self }
    }
}
