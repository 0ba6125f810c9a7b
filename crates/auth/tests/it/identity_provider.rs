//! A real OpenID Connect provider, npm `oidc-provider`, which the first test that wants it starts; and a browser that goes there.

use std::collections::BTreeMap;
use std::io::{BufRead as _, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::{Arc, OnceLock};

use coda_pki::tls::web_config;
use http_body_util::{BodyExt as _, Full};
use hyper::body::Bytes;
use hyper::header::{CONTENT_TYPE, COOKIE, HOST, LOCATION, SET_COOKIE};
use hyper::{Request, StatusCode};
use hyper_util::rt::TokioIo;
use openidconnect::url::Url;
use rustls_pki_types::ServerName;
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;

use crate::hub::START;

/// Names the folder with `node_modules/oidc-provider`.
const FOLDER: &str = "CODA_OIDC_PROVIDER";
/// Set where it must be there; elsewhere these tests say that they were left out.
const REQUIRED: &str = "CODA_REQUIRE_OIDC";
/// More steps than any log-in has.
const STEPS: usize = 12;

/// Two providers, and the trust anchor of both.
pub(crate) struct Identities {
    /// Puts the address of e-mail into the ID token.
    pub(crate) issuer: String,
    /// Tells it further on.
    pub(crate) further: String,
    pub(crate) roots: PathBuf,
}

/// What a browser brings back.
#[derive(Debug, Clone)]
pub(crate) struct Back {
    pub(crate) state: String,
    pub(crate) code: String,
    pub(crate) iss: String,
}

impl Identities {
    /// `None` where there is no provider to start.
    pub(crate) fn here() -> Option<&'static Self> {
        static HERE: OnceLock<Option<Identities>> = OnceLock::new();
        HERE.get_or_init(start).as_ref()
    }
}

fn start() -> Option<Identities> {
    let Some(folder) = std::env::var_os(FOLDER) else {
        assert!(std::env::var_os(REQUIRED).is_none(), "{REQUIRED} is set, and {FOLDER} is not");
        eprintln!("left out: {FOLDER} names no folder with node_modules/oidc-provider");
        return None;
    };
    let own = tempfile::Builder::new().prefix("coda-oidc-").tempdir().unwrap().keep();
    // Good at any time: it is looked at by the machine's clock, and nothing else here is.
    let certified = rcgen::generate_simple_self_signed(vec!["127.0.0.1".to_owned()]).unwrap();
    let (chain, key) = (own.join("chain.pem"), own.join("key.pem"));
    std::fs::write(&chain, certified.cert.pem()).unwrap();
    std::fs::write(&key, certified.signing_key.serialize_pem()).unwrap();
    let script = Path::new(&std::env::var_os("CARGO_MANIFEST_DIR").unwrap()).join("tests/provider/provider.mjs");
    let mut command = Command::new("node");
    command.arg(script).arg(folder).arg(&chain).arg(&key).arg((START.unix_timestamp() * 1000).to_string());
    let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::null()).spawn().unwrap();
    let mut line = String::new();
    BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
    // It ends with this process: it watches the pipe that only we hold open.
    std::mem::forget(child);
    let (first, second) = line.trim().split_once(' ').expect("node has started no provider");
    let issuer = |port: &str| format!("https://127.0.0.1:{port}");
    Some(Identities { issuer: issuer(first), further: issuer(second), roots: chain })
}

/// Logs in at the provider as `login`, agrees, and gives what comes back.
pub(crate) async fn browse(identities: &Identities, url: &str, login: &str) -> Back {
    let mut cookies = BTreeMap::new();
    let mut place = Url::parse(url).unwrap();
    let mut form: Option<String> = None;
    for _ in 0..STEPS {
        let (status, location, page) = fetch(identities, &place, form.take(), &mut cookies).await;
        if status.is_redirection() {
            place = place.join(&location.unwrap()).unwrap();
            if place.as_str().starts_with("http:") || place.host_str() == Some("dash.example") {
                return back(&place);
            }
            continue;
        }
        assert_eq!(status, StatusCode::OK, "{page}");
        let between = |before: &str| page.split_once(before).unwrap().1.split_once('"').unwrap().0.to_owned();
        let login: String = openidconnect::url::form_urlencoded::byte_serialize(login.as_bytes()).collect();
        form = Some(match between("name=\"prompt\" value=\"").as_str() {
            "login" => format!("prompt=login&login={login}&password=x"),
            prompt => format!("prompt={prompt}"),
        });
        place = place.join(&between("action=\"")).unwrap();
    }
    panic!("the provider asks on and on");
}

fn back(place: &Url) -> Back {
    let value = |wanted: &str| {
        let found = place.query_pairs().find(|(name, _)| name == wanted);
        found.unwrap_or_else(|| panic!("no {wanted} in {place}")).1.into_owned()
    };
    Back { state: value("state"), code: value("code"), iss: value("iss") }
}

async fn fetch(
    identities: &Identities,
    place: &Url,
    form: Option<String>,
    cookies: &mut BTreeMap<String, String>,
) -> (StatusCode, Option<String>, String) {
    let tls = web_config(&std::fs::read(&identities.roots).unwrap()).unwrap();
    let socket = TcpStream::connect(("127.0.0.1", place.port().unwrap())).await.unwrap();
    let name = ServerName::try_from("127.0.0.1").unwrap();
    let stream = TlsConnector::from(Arc::clone(&tls)).connect(name, socket).await.unwrap();
    let (mut sender, connection) = hyper::client::conn::http1::handshake(TokioIo::new(stream)).await.unwrap();
    tokio::spawn(connection);
    let pairs: Vec<_> = cookies.iter().map(|(name, value)| format!("{name}={value}")).collect();
    let path = &place[openidconnect::url::Position::BeforePath..openidconnect::url::Position::AfterQuery];
    let request = Request::builder()
        .method(if form.is_some() { "POST" } else { "GET" })
        .uri(path)
        .header(HOST, place.authority())
        .header(CONTENT_TYPE, "application/x-www-form-urlencoded")
        .header(COOKIE, pairs.join("; "));
    let body = Full::new(Bytes::from(form.unwrap_or_default()));
    let response = sender.send_request(request.body(body).unwrap()).await.unwrap();
    for cookie in response.headers().get_all(SET_COOKIE) {
        let (name, value) = cookie.to_str().unwrap().split(';').next().unwrap().split_once('=').unwrap();
        cookies.insert(name.to_owned(), value.to_owned());
    }
    let location = response.headers().get(LOCATION).map(|location| location.to_str().unwrap().to_owned());
    let status = response.status();
    let page = response.into_body().collect().await.unwrap().to_bytes();
    (status, location, String::from_utf8_lossy(&page).into_owned())
}
