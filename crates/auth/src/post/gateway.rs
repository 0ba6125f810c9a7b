//! A gateway for text messages: one POST over HTTP for each, with the number and the text in a form.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use coda_pki::tls::web_config;
use http_body_util::Full;
use hyper::body::Bytes;
use hyper::header::{AUTHORIZATION, CONTENT_TYPE, HOST};
use hyper::{Request, Uri};
use hyper_util::rt::TokioIo;
use rustls::ClientConfig;
use rustls_pki_types::ServerName;
use serde::Deserialize;
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;

use super::PostError;
use crate::accounts::Phone;
use crate::secret_file;

/// The gateway as it is written in the configuration.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct GatewayFile {
    /// Where messages are posted: `https://host[:port]/path`.
    pub url: String,
    /// The field of the form that has the number; `to` when left out.
    #[serde(default = "to")]
    pub number: String,
    /// The field of the form that has the text; `text` when left out.
    #[serde(default = "text")]
    pub text: String,
    /// Trust anchors (PEM) for the gateway.
    pub roots: PathBuf,
    /// The file of the token that is sent as `Authorization: Bearer`, readable by its owner alone.
    pub token: Option<PathBuf>,
}

impl GatewayFile {
    /// The same with every path as `path` has it.
    pub(crate) fn resolved(self, path: impl Fn(&Path) -> PathBuf) -> Self {
        let (roots, token) = (path(&self.roots), self.token.as_deref().map(&path));
        Self { roots, token, ..self }
    }
}

/// A gateway.
#[derive(Clone)]
pub struct Gateway {
    uri: Uri,
    host: String,
    port: u16,
    fields: (String, String),
    token: Option<String>,
    tls: Arc<ClientConfig>,
}

/// What a gateway answered.
#[derive(Debug, thiserror::Error)]
#[error("the gateway answered with status {0}")]
struct Status(u16);

fn to() -> String {
    "to".to_owned()
}

fn text() -> String {
    "text".to_owned()
}

impl Gateway {
    /// Prepares it.
    ///
    /// # Errors
    /// [`PostError::Setting`], [`PostError::File`], [`PostError::Certificates`].
    pub fn new(file: &GatewayFile) -> Result<Self, PostError> {
        const URL: PostError = PostError::Setting("sms.url: write it as https://host/path");
        let GatewayFile { url, number, text, roots, token } = file;
        let uri: Uri = url.parse().map_err(|_| URL)?;
        if uri.scheme_str() != Some("https") {
            return Err(URL);
        }
        let host = uri.host().ok_or(URL)?.trim_matches(['[', ']']).to_owned();
        let port = uri.port_u16().unwrap_or(443);
        let pem = std::fs::read(roots).map_err(|source| PostError::File { path: roots.clone(), source })?;
        let tls = web_config(&pem).map_err(|error| PostError::Certificates(error.into()))?;
        let token = token.as_deref().map(secret_file::read).transpose()?;
        Ok(Self { uri, host, port, fields: (number.clone(), text.clone()), token, tls })
    }

    pub(super) async fn send(&self, phone: &Phone, text: &str) -> Result<(), PostError> {
        self.post(phone, text).await.map_err(PostError::Gateway)
    }

    async fn post(&self, phone: &Phone, text: &str) -> Result<(), Box<dyn std::error::Error + Send + Sync>> {
        let socket = TcpStream::connect((self.host.as_str(), self.port)).await?;
        let name = ServerName::try_from(self.host.clone())?;
        let stream = TlsConnector::from(self.tls.clone()).connect(name, socket).await?;
        let (mut sender, connection) = hyper::client::conn::http1::handshake(TokioIo::new(stream)).await?;
        let connection = tokio::spawn(connection);
        let (number, field) = &self.fields;
        let form = format!("{}={}&{}={}", escaped(number), escaped(phone.as_str()), escaped(field), escaped(text));
        let path = self.uri.path_and_query().map_or("/", |path| path.as_str());
        let mut request = Request::post(path)
            .header(HOST, self.uri.authority().map_or(self.host.as_str(), |authority| authority.as_str()))
            .header(CONTENT_TYPE, "application/x-www-form-urlencoded");
        if let Some(token) = &self.token {
            request = request.header(AUTHORIZATION, format!("Bearer {token}"));
        }
        let response = sender.send_request(request.body(Full::new(Bytes::from(form)))?).await?;
        connection.abort();
        let status = response.status();
        if status.is_success() { Ok(()) } else { Err(Status(status.as_u16()).into()) }
    }
}

/// A value of a form (WHATWG URL, application/x-www-form-urlencoded).
fn escaped(text: &str) -> String {
    let mut out = String::new();
    for byte in text.bytes() {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'*' => out.push(char::from(byte)),
            b' ' => out.push('+'),
            _ => out.push_str(&format!("%{byte:02X}")),
        }
    }
    out
}
