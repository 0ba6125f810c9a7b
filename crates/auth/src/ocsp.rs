//! The OCSP responder (RFC 6960) for whoever asks by that protocol: other programs than ours, which have the lists.
//!
//! For people's certificates this server makes a key of its own each time it starts, and the authority for people signs it; for nodes
//! the key is made here too (`coda-hub request --role ocsp`) and signed where the authority for nodes is.

use std::{path::PathBuf, sync::Arc, time::Duration};

use arc_swap::ArcSwap;
use coda_pki::{
    Algorithm, AuthorityError, Credentials, Issuer, KeyError, Now, PrivateKey,
    authority::People,
    ocsp::{self, Delegate, DelegateError, Responder, serve},
};
use coda_runtime::Stop;
use coda_service::causes;
use tokio::net::TcpListener;

/// How long the responder's certificate for people is good; it is never asked about itself.
const VALIDITY: time::Duration = time::Duration::days(14);
/// How often it is made anew.
const AGAIN: Duration = Duration::from_hours(24);

/// What the responder needs to know.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OcspConfig {
    /// Chain and key of the responder for nodes; without them it answers about people alone.
    pub nodes: Option<(PathBuf, PathBuf)>,
}

/// Why there is no responder.
#[derive(Debug, thiserror::Error)]
pub enum OcspError {
    /// The key.
    #[error("the responder has no key")]
    Key(#[from] KeyError),
    /// The certificate for people.
    #[error("the responder has no certificate for people")]
    Authority(#[from] AuthorityError),
    /// The certificate for nodes, or what was issued.
    #[error("a certificate of the responder cannot be used")]
    Delegate(#[from] DelegateError),
}

/// Serves on `listener` until `stop`.
pub(crate) fn follow(
    listener: TcpListener,
    config: OcspConfig,
    people: Arc<People>,
    credentials: Credentials,
    now: Now,
    stop: &Stop,
) -> Result<(), OcspError> {
    let responder = Arc::new(ArcSwap::from_pointee(responder(&config, &people, &credentials, &now)?));
    tokio::spawn(serve(listener, responder.clone(), now.clone(), stop.clone().into_requested()));
    let stop = stop.clone();
    tokio::spawn(async move {
        loop {
            tokio::select! {
                () = tokio::time::sleep(AGAIN) => {}
                () = stop.requested() => return,
            }
            match self::responder(&config, &people, &credentials, &now) {
                Ok(new) => responder.store(Arc::new(new)),
                Err(error) => {
                    tracing::error!(cause = causes(&error), "the OCSP responder's certificates are not renewed");
                }
            }
        }
    });
    Ok(())
}

fn responder(
    config: &OcspConfig,
    people: &People,
    credentials: &Credentials,
    now: &Now,
) -> Result<Responder, OcspError> {
    let (roots, at) = (credentials.roots(), now());
    let key = PrivateKey::generate(Algorithm::P256)?;
    let chain = people.issue_responder(&ocsp::request(&key, Issuer::People)?, VALIDITY, at)?;
    let mut delegates = vec![Delegate::from_pem(&chain, key, roots, at)?];
    if let Some((chain, key)) = &config.nodes {
        delegates.push(Delegate::load(chain, key, roots, at)?);
    }
    Ok(Responder::new(roots.clone(), delegates))
}
