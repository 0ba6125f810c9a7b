//! HTTP as the flow needs it: https alone, one request a connection, no redirection followed, bounded in time and size.

use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use http_body_util::{BodyExt as _, Full, Limited};
use hyper::Request;
use hyper::body::Bytes;
use hyper::header::{HOST, HeaderValue};
use hyper_util::rt::TokioIo;
use openidconnect::{AsyncHttpClient, HttpRequest, HttpResponse};
use rustls::ClientConfig;
use rustls_pki_types::ServerName;
use tokio::net::TcpStream;
use tokio::task::JoinSet;
use tokio_rustls::TlsConnector;

/// How long one answer may take.
const PATIENCE: Duration = Duration::from_secs(10);
/// Keys and claims are a few kilobytes.
const LARGEST: usize = 1024 * 1024;

/// A way to a provider's servers, under the provider's trust anchors.
#[derive(Clone)]
pub(super) struct Web(Arc<ClientConfig>);

/// Why there is no answer.
#[derive(Debug, thiserror::Error)]
pub enum WebError {
    /// Not `https://host[:port]/path`.
    #[error("the address is none of https")]
    Address,
    /// Not reached, or its certificate does not hold.
    #[error("there is no connection")]
    Connection(#[from] std::io::Error),
    /// HTTP.
    #[error("the exchange failed")]
    Http(#[from] hyper::Error),
    /// Larger than any that could be meant, or broken off.
    #[error("the answer is cut off, or larger than {LARGEST} bytes")]
    Body(#[source] Box<dyn std::error::Error + Send + Sync>),
    /// It took too long.
    #[error("no answer in {} seconds", PATIENCE.as_secs())]
    Late,
}

impl Web {
    pub(super) fn new(tls: Arc<ClientConfig>) -> Self {
        Self(tls)
    }

    async fn exchange(&self, request: HttpRequest) -> Result<HttpResponse, WebError> {
        let (mut parts, body) = request.into_parts();
        let uri = std::mem::take(&mut parts.uri);
        let (Some("https"), Some(host)) = (uri.scheme_str(), uri.host()) else { return Err(WebError::Address) };
        let port = uri.port_u16().unwrap_or(443);
        let host = host.trim_matches(['[', ']']);
        let name = ServerName::try_from(host.to_owned()).map_err(|_| WebError::Address)?;
        let written = uri.authority().map_or(host, |authority| authority.as_str());
        parts.headers.insert(HOST, HeaderValue::from_str(written).map_err(|_| WebError::Address)?);
        let path = uri.path_and_query().map_or("/", |path| path.as_str());
        parts.uri = path.parse().map_err(|_| WebError::Address)?;

        let socket = TcpStream::connect((host, port)).await?;
        let stream = TlsConnector::from(self.0.clone()).connect(name, socket).await?;
        let (mut sender, connection) = hyper::client::conn::http1::handshake(TokioIo::new(stream)).await?;
        // Ends with this call.
        let mut connections = JoinSet::new();
        connections.spawn(connection);
        let response = sender.send_request(Request::from_parts(parts, Full::new(Bytes::from(body)))).await?;
        let (parts, body) = response.into_parts();
        let body = Limited::new(body, LARGEST).collect().await.map_err(WebError::Body)?;
        Ok(HttpResponse::from_parts(parts, body.to_bytes().to_vec()))
    }
}

impl<'c> AsyncHttpClient<'c> for Web {
    type Error = WebError;
    type Future = Pin<Box<dyn Future<Output = Result<HttpResponse, WebError>> + Send + 'c>>;

    fn call(&'c self, request: HttpRequest) -> Self::Future {
        let timely = tokio::time::timeout(PATIENCE, self.exchange(request));
        Box::pin(async move { timely.await.map_err(|_| WebError::Late)? })
    }
}

#[cfg(test)]
mod tests;
