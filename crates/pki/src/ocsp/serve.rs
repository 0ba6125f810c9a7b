//! The responder on a port: plain HTTP/1.1, as answers are signed and not secret.

use std::convert::Infallible;
use std::future::Future;
use std::net::SocketAddr;
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use arc_swap::ArcSwap;
use http_body_util::{BodyExt as _, Full, LengthLimitError, Limited};
use hyper::body::{Body as _, Bytes, Incoming};
use hyper::header::{ALLOW, CACHE_CONTROL, CONTENT_TYPE, HeaderValue};
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper::{Request, Response, StatusCode};
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Semaphore;
use tokio::task::JoinSet;
use tokio::time::{sleep, timeout};

use super::http::Answer;
use super::request::LARGEST_REQUEST;
use super::{Refusal, Responder, http};
use crate::now::Now;

/// How many connections are served at a time; further ones wait in the system's queue.
const CONNECTIONS: usize = 256;
/// How many answers are signed at a time: an RSA signature takes milliseconds, and the program has other work.
const SIGNATURES: usize = 2;
/// How long a connection may last. It carries one request.
const LONGEST: Duration = Duration::from_secs(10);
/// How long a peer may take for its request line and headers.
const HEADERS: Duration = Duration::from_secs(5);
/// The most that is read of request line and headers, in bytes.
const LARGEST_HEAD: usize = 16 * 1024;
/// How long to wait when the system cannot accept.
const PAUSE: Duration = Duration::from_millis(100);

/// Serves on `listener` until `stop` resolves; requests under way are then answered, within their time. Each request takes the
/// responder of its moment, so another one may be stored at any time.
pub async fn serve(
    listener: TcpListener,
    responder: Arc<ArcSwap<Responder>>,
    now: Now,
    stop: impl Future<Output = ()>,
) {
    let service = Service { responder, now, signing: Arc::new(Semaphore::new(SIGNATURES)) };
    let mut connections = JoinSet::new();
    let mut stop = pin!(stop);
    loop {
        tokio::select! {
            () = &mut stop => break,
            Some(_) = connections.join_next() => {}
            accepted = listener.accept(), if connections.len() < CONNECTIONS => match accepted {
                Ok((socket, peer)) => { connections.spawn(connection(socket, peer, service.clone())); }
                Err(error) => {
                    tracing::warn!(%error, "cannot accept a connection");
                    sleep(PAUSE).await;
                }
            },
        }
    }
    drop(listener);
    while connections.join_next().await.is_some() {}
}

#[derive(Clone)]
struct Service {
    responder: Arc<ArcSwap<Responder>>,
    now: Now,
    signing: Arc<Semaphore>,
}

async fn connection(socket: TcpStream, peer: SocketAddr, service: Service) {
    let handle = service_fn(move |request| {
        let service = service.clone();
        async move { Ok::<_, Infallible>(response(service.handle(request).await)) }
    });
    let serving = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(HEADERS)
        .max_buf_size(LARGEST_HEAD)
        .keep_alive(false)
        .serve_connection(TokioIo::new(socket), handle);
    match timeout(LONGEST, serving).await {
        Ok(Ok(())) => {}
        Ok(Err(error)) => tracing::debug!(%peer, %error, "OCSP connection lost"),
        Err(_) => tracing::debug!(%peer, "OCSP request took too long"),
    }
}

impl Service {
    async fn handle(self, request: Request<Incoming>) -> Answer {
        let refused = |status| Answer { status, body: Refusal::Malformed.der() };
        let (head, body) = request.into_parts();
        if body.size_hint().lower() > LARGEST_REQUEST as u64 {
            return refused(413);
        }
        let body = match Limited::new(body, LARGEST_REQUEST).collect().await {
            Ok(body) => body.to_bytes(),
            Err(error) if error.is::<LengthLimitError>() => return refused(413),
            Err(_) => return refused(400),
        };
        // Never closed.
        let Ok(_permit) = self.signing.acquire().await else { return failed() };
        let (responder, now) = (self.responder.load_full(), (self.now)());
        let answering = move || http(head.method.as_str(), head.uri.path(), &body, &responder, now);
        tokio::task::spawn_blocking(answering).await.unwrap_or_else(|_| failed())
    }
}

fn failed() -> Answer {
    Answer { status: 500, body: Refusal::Internal.der() }
}

fn response(answer: Answer) -> Response<Full<Bytes>> {
    let mut response = Response::new(Full::new(Bytes::from(answer.body)));
    let status = StatusCode::from_u16(answer.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    *response.status_mut() = status;
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static(super::CONTENT_TYPE));
    // A cache would keep an answer up to the renewal of the list, weeks, and so keep a revocation back.
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    if status == StatusCode::METHOD_NOT_ALLOWED {
        headers.insert(ALLOW, HeaderValue::from_static("GET, POST"));
    }
    response
}
