//! The responder on a port, asked by Debian's `openssl ocsp`. Without `openssl` these tests fail, and are never skipped.

use std::path::{Path, PathBuf};
use std::process::Output;
use std::sync::Arc;

use arc_swap::ArcSwap;
use base64::Engine as _;
use coda_pki::ocsp::{Delegate, LARGEST_REQUEST, Responder, serve};
use coda_pki::{Algorithm, Issuer, Roots, SignedList, certificate};
use time::Duration;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio::process::Command;
use tokio::sync::oneshot;
use tokio::task::JoinHandle;

use crate::network::{Network, START, named};

const MONTH: Duration = Duration::days(30);
const NODE: &str = "coda://site/a/compute";
const USER: &str = "coda://user/ana";

struct Serving {
    network: Network,
    algorithm: Algorithm,
    address: String,
    responder: Arc<ArcSwap<Responder>>,
    stop: oneshot::Sender<()>,
    task: JoinHandle<()>,
}

impl Serving {
    async fn start(algorithm: Algorithm) -> Self {
        let network = Network::with(algorithm);
        let responder = Arc::new(ArcSwap::from_pointee(responder(&network, algorithm)));
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap().to_string();
        let (stop, stopped) = oneshot::channel::<()>();
        let stopped = async { stopped.await.unwrap_or(()) };
        let task = tokio::spawn(serve(listener, responder.clone(), network.now(), stopped));
        Self { network, algorithm, address, responder, stop, task }
    }

    fn at(&self, name: &str) -> PathBuf {
        self.network.folder.path().join(name)
    }

    /// The certificate of a new party in a file.
    fn party(&self, identity: &str, name: &str) -> PathBuf {
        let key = coda_pki::PrivateKey::generate(Algorithm::P256).unwrap();
        let request = key.request(&named(identity)).unwrap();
        let chain = self.network.authority.issue(&request, &named(identity), MONTH, START).unwrap();
        std::fs::write(self.at(name), chain).unwrap();
        self.at(name)
    }

    fn revoke(&self, path: &Path) {
        let leaf = certificate::first(&std::fs::read(path).unwrap()).unwrap();
        self.network.authority.revoke(self.network.folder.path(), &leaf, MONTH, START).unwrap();
        self.responder.store(Arc::new(responder(&self.network, self.algorithm)));
    }

    /// `openssl ocsp` over POST: what it says, on both streams, when it succeeds.
    async fn post(&self, issuer: &str, certificate: &Path, more: &[&str]) -> String {
        let url = format!("http://{}/", self.address);
        let issuer = self.at(issuer);
        let mut arguments = more.to_vec();
        arguments.extend(["-issuer", text(&issuer), "-cert", text(certificate), "-url", &url]);
        succeeded(&self.openssl(&arguments).await)
    }

    /// The same over GET, which `openssl` cannot do by itself: it writes the request, and reads and checks the answer.
    async fn get(&self, issuer: &str, certificate: &Path) -> String {
        let (issuer, request, answer) = (self.at(issuer), self.at("request.der"), self.at("answer.der"));
        let made = ["-issuer", text(&issuer), "-cert", text(certificate), "-reqout", text(&request)];
        succeeded(&self.openssl(&made).await);
        let encoded = base64::engine::general_purpose::STANDARD.encode(std::fs::read(&request).unwrap());
        let encoded = encoded.replace('+', "%2B").replace('/', "%2F").replace('=', "%3D");
        let (head, body) = self.http(format!("GET /{encoded} HTTP/1.1\r\nHost: hub\r\n\r\n").as_bytes()).await;
        assert!(head.starts_with("HTTP/1.1 200 OK\r\n"), "{head}");
        assert!(head.contains("content-type: application/ocsp-response\r\n"), "{head}");
        std::fs::write(&answer, body).unwrap();
        // Without a new nonce: that of the request is in it already, and is compared with the answer's.
        let checked = ["-issuer", text(&issuer), "-cert", text(certificate), "-respin", text(&answer), "-no_nonce"];
        let checked = [&checked[..], &["-reqin", text(&request)]].concat();
        succeeded(&self.openssl(&checked).await)
    }

    /// The root alone is trusted, and the time is that of the network.
    async fn openssl(&self, arguments: &[&str]) -> Output {
        let (root, moment) = (self.at("root.pem"), START.unix_timestamp().to_string());
        // The times of an answer are compared with the machine's clock, which is not the test's; so they may be a century off.
        let century = (100 * 365 * 24 * 3600u64).to_string();
        let mut command = Command::new("openssl");
        command.args(["ocsp", "-CAfile", text(&root), "-attime", &moment, "-validity_period", &century]);
        command.args(arguments).output().await.expect("openssl is installed")
    }

    /// Head and body of the answer to raw bytes.
    async fn http(&self, request: &[u8]) -> (String, Vec<u8>) {
        let mut stream = TcpStream::connect(&self.address).await.unwrap();
        stream.write_all(request).await.unwrap();
        let mut answer = Vec::new();
        stream.read_to_end(&mut answer).await.unwrap();
        let end = answer.windows(4).position(|four| four == b"\r\n\r\n").map_or(answer.len(), |at| at + 4);
        let body = answer.split_off(end);
        (String::from_utf8(answer).unwrap(), body)
    }
}

fn text(path: &Path) -> &str {
    path.to_str().unwrap()
}

fn succeeded(output: &Output) -> String {
    let told = format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    assert!(output.status.success(), "{told}");
    told
}

/// With new delegates for both authorities, and what the lists in the folder say.
fn responder(network: &Network, algorithm: Algorithm) -> Responder {
    let roots = Roots::from_pem(&network.authority.roots().to_pem()).unwrap();
    roots.take_lists(&SignedList::read(network.folder.path()).unwrap(), START).unwrap();
    let delegate = |issuer| -> Delegate { network.authority.delegate(issuer, algorithm, MONTH, START).unwrap() };
    Responder::new(roots, Issuer::ALL.map(delegate).into())
}

fn says(told: &str, certificate: &Path, status: &str) {
    assert!(told.contains("Response verify OK"), "{told}");
    assert!(told.contains(&format!("{}: {status}\n", text(certificate))), "{told}");
    assert!(!told.contains("WARNING") && !told.contains("rror"), "{told}");
}

async fn openssl_takes_the_answers(algorithm: Algorithm) {
    let serving = Serving::start(algorithm).await;
    for (issuer, identity) in [("nodes.pem", NODE), ("people.pem", USER)] {
        let (kept, gone) = (serving.party(identity, "kept.pem"), serving.party(identity, "gone.pem"));
        says(&serving.post(issuer, &gone, &[]).await, &gone, "good");
        serving.revoke(&gone);
        for more in [&[][..], &["-sha256"], &["-no_nonce"]] {
            says(&serving.post(issuer, &kept, more).await, &kept, "good");
            let told = serving.post(issuer, &gone, more).await;
            says(&told, &gone, "revoked");
            assert!(told.contains("Revocation Time: Nov 22 12:00:00 2026 GMT"), "{told}");
            assert!(told.contains("Next Update: Dec 22 12:00:00 2026 GMT"), "{told}");
        }
        says(&serving.get(issuer, &kept).await, &kept, "good");
        says(&serving.get(issuer, &gone).await, &gone, "revoked");
    }
}

#[tokio::test]
async fn openssl_takes_the_answers_of_p256() {
    openssl_takes_the_answers(Algorithm::P256).await;
}

#[tokio::test]
async fn openssl_takes_the_answers_of_p384() {
    openssl_takes_the_answers(Algorithm::P384).await;
}

#[tokio::test]
async fn openssl_takes_the_answers_of_rsa() {
    openssl_takes_the_answers(Algorithm::Rsa3072).await;
}

#[tokio::test]
async fn openssl_refuses_what_another_network_answers() {
    let (serving, other) = (Serving::start(Algorithm::P256).await, Network::new());
    let party = serving.party(NODE, "node.pem");
    let delegate = other.authority.delegate(Issuer::Nodes, Algorithm::P256, MONTH, START).unwrap();
    serving.responder.store(Arc::new(Responder::new(other.authority.roots().clone(), vec![delegate])));
    let url = format!("http://{}/", serving.address);
    let issuer = serving.at("nodes.pem");
    let output = serving.openssl(&["-issuer", text(&issuer), "-cert", text(&party), "-url", &url]).await;
    let told = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(!output.status.success() && told.contains("Response Verify Failure"), "{told}");
}

#[tokio::test]
async fn openssl_verifies_the_lists() {
    let network = Network::new();
    let at = |name: &str| network.folder.path().join(name);
    for name in ["nodes", "people"] {
        let (list, issuer) = (at(&format!("{name}.crl")), at(&format!("{name}.pem")));
        let arguments = ["crl", "-in", text(&list), "-CAfile", text(&issuer), "-noout", "-nextupdate"];
        let told = succeeded(&Command::new("openssl").args(arguments).output().await.unwrap());
        assert!(told.contains("verify OK") && told.contains("nextUpdate=Dec 22 12:00:00 2026 GMT"), "{told}");
    }
}

#[tokio::test]
async fn requests_are_bounded_and_other_methods_refused() {
    let serving = Serving::start(Algorithm::P256).await;
    let status = |head: &str| head.split_whitespace().nth(1).unwrap().to_owned();
    let over = LARGEST_REQUEST + 1;
    // Refused by what it says of its length, before it is sent.
    let large = format!("POST / HTTP/1.1\r\nHost: hub\r\nContent-Length: {over}\r\n\r\n");
    assert_eq!(status(&serving.http(large.as_bytes()).await.0), "413");
    let long = format!("GET /{} HTTP/1.1\r\nHost: hub\r\n\r\n", "A".repeat(5000));
    assert_eq!(status(&serving.http(long.as_bytes()).await.0), "414");
    let (head, _) = serving.http(b"PUT / HTTP/1.1\r\nHost: hub\r\nContent-Length: 0\r\n\r\n").await;
    assert!(head.starts_with("HTTP/1.1 405") && head.contains("allow: GET, POST"), "{head}");
    let (head, body) = serving.http(b"POST / HTTP/1.1\r\nHost: hub\r\nContent-Length: 3\r\n\r\nabc").await;
    assert_eq!((status(&head).as_str(), body), ("200", vec![0x30, 3, 0x0a, 1, 1]));
    assert!(head.contains("cache-control: no-store") && head.contains("connection: close"), "{head}");
}

// The clock is tokio's own, which jumps ahead when there is nothing else to do.
#[tokio::test(start_paused = true)]
async fn silent_peers_are_cut_off_and_a_stop_waits_for_nobody_longer() {
    let serving = Serving::start(Algorithm::P256).await;
    let start = tokio::time::Instant::now();
    let mut silent = TcpStream::connect(&serving.address).await.unwrap();
    let _ = silent.read(&mut [0; 1]).await;
    assert!(start.elapsed() >= std::time::Duration::from_secs(5), "{:?}", start.elapsed());
    // One that sends its headers and not its body.
    let start = tokio::time::Instant::now();
    let mut slow = TcpStream::connect(&serving.address).await.unwrap();
    slow.write_all(b"POST / HTTP/1.1\r\nHost: hub\r\nContent-Length: 3\r\n\r\n").await.unwrap();
    serving.stop.send(()).unwrap();
    serving.task.await.unwrap();
    assert!(start.elapsed() <= std::time::Duration::from_secs(11), "{:?}", start.elapsed());
    assert!(TcpStream::connect(&serving.address).await.is_err());
}
