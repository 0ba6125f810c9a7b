//! Certificates that are replaced under load: no call fails, and new connections show the new ones.

use std::convert::Infallible;
use std::fs;
use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll};

use coda_pki::connect::{Following, Timeouts, channel, open};
use coda_pki::serve::{Limits, serve_with};
use coda_pki::{Algorithm, Authority, CertificateError, Credentials, CredentialsError, Files, Peer, Reloading};
use coda_pki::{sha256, verify_signed};
use tempfile::TempDir;
use time::Duration;
use tokio::net::TcpListener;
use tokio::sync::{Notify, oneshot};
use tonic::body::Body;
use tonic::codegen::{BoxFuture, Service, http};
use tonic::service::Routes;
use tonic::transport::Channel;
use tonic::{Request, Response, Status};
use tonic_prost::ProstCodec;

use crate::network::{Network, START, named};

const NODE: &str = "coda://site/a/compute";
const HUB: &str = "coda://hub/coordinator";
const MONTH: Duration = Duration::days(30);

/// Says with which certificate the caller came; for the text "wait", when told to go on.
#[derive(Clone)]
pub(crate) struct Who {
    pub(crate) arrived: Arc<Notify>,
    pub(crate) go_on: Arc<Notify>,
}

impl tonic::server::NamedService for Who {
    const NAME: &'static str = "test.Who";
}

impl Service<http::Request<Body>> for Who {
    type Response = http::Response<Body>;
    type Error = Infallible;
    type Future = BoxFuture<Self::Response, Infallible>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: http::Request<Body>) -> Self::Future {
        let this = self.clone();
        Box::pin(async move {
            let handler = tower::service_fn(move |request: Request<String>| {
                let this = this.clone();
                async move {
                    let peer = Peer::of(&request).map_err(|_| Status::unauthenticated("no peer"))?;
                    if request.into_inner() == "wait" {
                        this.arrived.notify_one();
                        this.go_on.notified().await;
                    }
                    Ok::<_, Status>(Response::new(format!("{:?}", peer.thumbprint)))
                }
            });
            Ok(tonic::server::Grpc::new(ProstCodec::<String, String>::default()).unary(handler, request).await)
        })
    }
}

/// A party with its files.
pub(crate) struct Party {
    folder: TempDir,
    identity: &'static str,
    pub(crate) credentials: Reloading,
}

/// A server and its client, each with its files.
pub(crate) struct World {
    pub(crate) network: Network,
    pub(crate) node: Party,
    pub(crate) hub: Party,
    address: String,
    pub(crate) who: Who,
    _stop: oneshot::Sender<()>,
}

impl Party {
    fn new(network: &Network, identity: &'static str) -> Self {
        let folder = tempfile::tempdir().unwrap();
        write(&folder, &network.credentials(identity, MONTH));
        let first = files(&folder).load(START).unwrap();
        Self { folder, identity, credentials: Reloading::new(first).unwrap() }
    }

    /// New files in place of the old ones, the chain's first; whether the program takes them, before and after the key's.
    fn renew(&self, network: &Network) {
        let next = network.credentials(self.identity, MONTH);
        let folder = tempfile::tempdir().unwrap();
        write(&folder, &next);
        let at = |folder: &TempDir, name: &str| folder.path().join(name);
        fs::rename(at(&folder, "chain.pem"), at(&self.folder, "chain.pem")).unwrap();
        let half = self.reload().unwrap_err();
        assert!(matches!(half, CredentialsError::File { source: CertificateError::OtherKey, .. }), "{half:?}");
        fs::rename(at(&folder, "own.key"), at(&self.folder, "own.key")).unwrap();
        assert!(self.reload().unwrap());
        assert_eq!(self.credentials.current().thumbprint(), next.thumbprint());
        assert!(!self.reload().unwrap());
    }

    fn reload(&self) -> Result<bool, CredentialsError> {
        self.credentials.reload(&files(&self.folder), START)
    }

    fn thumbprint(&self) -> String {
        format!("{:?}", self.credentials.current().thumbprint())
    }
}

fn files(folder: &TempDir) -> Files {
    let at = |name: &str| folder.path().join(name);
    Files { chain: at("chain.pem"), key: at("own.key"), roots: at("roots.pem") }
}

fn write(folder: &TempDir, credentials: &Credentials) {
    let files = files(folder);
    let _ = fs::remove_file(&files.key);
    credentials.save(&files.chain, &files.key, &files.roots).unwrap();
}

impl World {
    pub(crate) async fn start() -> Self {
        let network = Network::new();
        let (node, hub) = (Party::new(&network, NODE), Party::new(&network, HUB));
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap().to_string();
        let who = Who { arrived: Arc::default(), go_on: Arc::default() };
        let (stop, stopped) = oneshot::channel::<()>();
        let stopped = Arc::new(tokio::sync::Mutex::new(stopped));
        let stop_of = move || {
            let stopped = stopped.clone();
            async move {
                let _ = (&mut *stopped.lock().await).await;
            }
        };
        let config = node.credentials.server_config(network.now()).unwrap();
        let limits = Limits { request: std::time::Duration::from_mins(1), requests_per_connection: 64 };
        let (roots, routes) = (network.authority.roots().clone(), Routes::new(who.clone()));
        tokio::spawn(async move { serve_with(routes, listener, config, &roots, limits, stop_of).await });
        Self { network, node, hub, address, who, _stop: stop }
    }

    pub(crate) fn following(&self) -> Following {
        let now = self.network.now();
        Following::new(&self.address, named(NODE), &self.hub.credentials, now, Timeouts::default()).unwrap()
    }

    /// The thumbprint of the certificate that the server shows to a new connection.
    async fn shown(&self) -> String {
        let config = self.hub.credentials.client_config(named(NODE), self.network.now()).unwrap();
        let stream = open(&self.address, config).await.unwrap();
        format!("{:?}", sha256(&stream.get_ref().1.peer_certificates().unwrap()[0]))
    }
}

pub(crate) async fn ask(channel: Channel, text: &str) -> Result<String, Status> {
    let mut client = tonic::client::Grpc::new(channel);
    client.ready().await.map_err(|error| Status::unavailable(error.to_string()))?;
    let path = http::uri::PathAndQuery::from_static("/test.Who/Say");
    let codec = ProstCodec::<String, String>::default();
    Ok(client.unary(Request::new(text.to_owned()), path, codec).await?.into_inner())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn under_load_no_call_fails_while_both_sides_change_their_certificates() {
    let world = Arc::new(World::start().await);
    let following = Arc::new(world.following());
    let config = world.hub.credentials.client_config(named(NODE), world.network.now()).unwrap();
    // One connection that stays open all the time, and calls that follow.
    let kept = channel(&world.address, config, Timeouts::default()).unwrap();
    let first = ask(kept.clone(), "").await.unwrap();
    assert_eq!(first, world.hub.thumbprint());
    let (over, calls) = (Arc::new(AtomicBool::new(false)), Arc::new(AtomicUsize::new(0)));
    let load: Vec<_> = (0..8)
        .map(|number| {
            let (following, kept, first) = (following.clone(), kept.clone(), first.clone());
            let (over, calls) = (over.clone(), calls.clone());
            tokio::spawn(async move {
                while !over.load(Ordering::SeqCst) {
                    if number % 2 == 0 {
                        ask(following.channel(), "").await.unwrap();
                    } else {
                        assert_eq!(ask(kept.clone(), "").await.unwrap(), first, "the open connection is another one");
                    }
                    calls.fetch_add(1, Ordering::SeqCst);
                }
            })
        })
        .collect();
    for _ in 0..10 {
        let before = calls.load(Ordering::SeqCst);
        world.node.renew(&world.network);
        assert_eq!(world.shown().await, world.node.thumbprint());
        world.hub.renew(&world.network);
        assert_eq!(ask(following.channel(), "").await.unwrap(), world.hub.thumbprint());
        while calls.load(Ordering::SeqCst) < before + 20 {
            assert!(load.iter().all(|task| !task.is_finished()), "a call failed");
            tokio::task::yield_now().await;
        }
    }
    over.store(true, Ordering::SeqCst);
    for task in load {
        task.await.unwrap();
    }
}

#[tokio::test]
async fn a_call_under_way_ends_over_the_connection_it_began_on() {
    let world = World::start().await;
    let following = world.following();
    let before = world.hub.thumbprint();
    let waiting = tokio::spawn(ask(following.channel(), "wait"));
    world.who.arrived.notified().await;
    world.node.renew(&world.network);
    world.hub.renew(&world.network);
    assert_eq!(ask(following.channel(), "").await.unwrap(), world.hub.thumbprint());
    assert!(!waiting.is_finished());
    world.who.go_on.notify_one();
    assert_eq!(waiting.await.unwrap().unwrap(), before);
}

/// People who have no certificate yet reach a server of their own, which shows its root too.
#[tokio::test]
async fn a_server_for_the_first_connection_follows_too() {
    let network = Network::new();
    let party = Party::new(&network, "coda://hub/auth");
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap().to_string();
    let config = party.credentials.open_server_config(network.now()).unwrap();
    let mut incoming = coda_pki::accept::incoming(listener, Arc::new(arc_swap::ArcSwap::from(config)));
    let serving = tokio::spawn(async move {
        let mut kept = Vec::new();
        while let Some(stream) = tokio_stream::StreamExt::next(&mut incoming).await {
            kept.push(stream.unwrap());
        }
    });
    let root = sha256(&network.authority.roots().certificates()[0]);
    for _ in 0..2 {
        let auth = named("coda://hub/auth");
        let (config, pinned) = coda_pki::tls::first_config(root, auth, network.now()).unwrap();
        let stream = open(&address, config).await.unwrap();
        let shown = sha256(&stream.get_ref().1.peer_certificates().unwrap()[0]);
        assert_eq!(shown, party.credentials.current().thumbprint());
        assert_eq!(pinned.roots().unwrap().certificates(), network.authority.roots().certificates());
        party.renew(&network);
    }
    serving.abort();
}

#[tokio::test]
async fn files_that_are_no_good_change_nothing() {
    let world = World::start().await;
    let (network, node) = (&world.network, &world.node);
    let at = |name: &str| node.folder.path().join(name);
    let good =
        (fs::read(at("chain.pem")).unwrap(), fs::read(at("own.key")).unwrap(), fs::read(at("roots.pem")).unwrap());
    let (before, other) = (node.thumbprint(), Network::new());
    let mut refused = Vec::new();
    let mut refuses = |what: &str, spoil: &dyn Fn()| {
        spoil();
        let error = node.reload().expect_err(what);
        assert_eq!(node.thumbprint(), before, "{what}");
        refused.push(told(&error));
        let names: [(&str, &[u8]); 3] = [("chain.pem", &good.0), ("own.key", &good.1), ("roots.pem", &good.2)];
        for (name, bytes) in names {
            fs::write(at(name), bytes).unwrap();
        }
        fs::set_permissions(at("own.key"), std::os::unix::fs::PermissionsExt::from_mode(0o600)).unwrap();
        assert!(!node.reload().unwrap());
    };
    refuses("no chain", &|| fs::remove_file(at("chain.pem")).unwrap());
    refuses("half a chain", &|| fs::write(at("chain.pem"), &good.0[..good.0.len() / 2]).unwrap());
    refuses("no key", &|| fs::write(at("own.key"), "").unwrap());
    refuses("an open key", &|| {
        fs::set_permissions(at("own.key"), std::os::unix::fs::PermissionsExt::from_mode(0o644)).unwrap();
    });
    refuses("another party", &|| write(&node.folder, &network.credentials(HUB, MONTH)));
    refuses("another network's chain", &|| {
        write(&node.folder, &other.credentials(NODE, MONTH));
        fs::write(at("roots.pem"), &good.2).unwrap();
    });
    refuses("another network", &|| write(&node.folder, &other.credentials(NODE, MONTH)));
    refuses("an expired one", &|| {
        let expired =
            network.authority.credentials(&named(NODE), Algorithm::P256, Duration::days(1), START - MONTH / 2);
        // It made no credentials at its own time either: the issuing certificate is younger.
        assert!(expired.is_err());
        network.advance(-Duration::minutes(4));
        let short = network.authority.credentials(&named(NODE), Algorithm::P256, Duration::SECOND, (network.now())());
        network.advance(Duration::minutes(4));
        write(&node.folder, &short.unwrap());
    });
    let words = [
        "chain.pem: No such file",
        "it has the party's certificate alone",
        "own.key holds no PKCS #8 key",
        "chmod 600",
        "runs as coda://site/a/compute",
        "roots.pem does not hold the trust anchors",
        "roots.pem has other trust anchors",
        "expired on 2026-11-22",
    ];
    assert_eq!(refused.len(), words.len());
    for (told, word) in refused.iter().zip(words) {
        assert!(told.contains(word), "{told:?} lacks {word:?}");
    }
    assert_eq!(world.shown().await, before);
    node.renew(network);
    assert_eq!(world.shown().await, node.thumbprint());
}

/// The error and its causes.
fn told(error: &dyn std::error::Error) -> String {
    let causes: Vec<_> = std::iter::successors(Some(error), |error| error.source()).map(ToString::to_string).collect();
    causes.join(": ")
}

#[test]
fn a_new_certificate_is_taken_although_the_lists_are_old_and_a_revoked_one_is_not() {
    let network = Network::new();
    let folder = tempfile::tempdir().unwrap();
    write(&folder, &network.credentials(NODE, MONTH));
    let first = files(&folder).load(START).unwrap();
    let strict = first.with_roots(first.roots().requiring_revocation(Duration::minutes(1)));
    let running = Reloading::new(strict).unwrap();
    let next = network.credentials(NODE, MONTH);
    write(&folder, &next);
    assert!(running.reload(&files(&folder), START).unwrap());
    // And what is required of others stays required.
    let peer = network.credentials(HUB, MONTH);
    assert!(running.current().roots().verify(peer.chain(), START).is_err());

    let revoked = network.credentials(NODE, MONTH);
    network.authority.revoke(network.folder.path(), &revoked.chain()[0], MONTH, START).unwrap();
    let lists = coda_pki::SignedList::read(network.folder.path()).unwrap();
    running.current().roots().take_lists(&lists, START).unwrap();
    assert!(running.current().roots().verify(peer.chain(), START).is_ok());
    write(&folder, &revoked);
    let error = running.reload(&files(&folder), START).unwrap_err();
    assert!(told(&error).ends_with("the certificate was revoked"), "{error:?}");
    assert_eq!(running.current().thumbprint(), next.thumbprint());
}

#[test]
fn whoever_signs_never_mixes_an_old_key_with_a_new_chain() {
    let network = Network::new();
    let party = Party::new(&network, NODE);
    let (over, signed) = (AtomicBool::new(false), AtomicUsize::new(0));
    std::thread::scope(|scope| {
        for _ in 0..2 {
            scope.spawn(|| {
                while !over.load(Ordering::SeqCst) {
                    let current = party.credentials.current();
                    let signature = current.key().sign(b"receipt").unwrap();
                    verify_signed(current.chain(), network.authority.roots(), b"receipt", &signature, START).unwrap();
                    signed.fetch_add(1, Ordering::SeqCst);
                }
            });
        }
        for _ in 0..50 {
            party.renew(&network);
        }
        over.store(true, Ordering::SeqCst);
    });
    assert!(signed.into_inner() > 10);
}

/// Keeps the lines of the log.
struct Lines(Arc<Mutex<Vec<String>>>);

impl tracing::Subscriber for Lines {
    fn enabled(&self, metadata: &tracing::Metadata<'_>) -> bool {
        metadata.target() == "coda_pki::reloading"
    }

    fn new_span(&self, _: &tracing::span::Attributes<'_>) -> tracing::span::Id {
        tracing::span::Id::from_u64(1)
    }

    fn record(&self, _: &tracing::span::Id, _: &tracing::span::Record<'_>) {}

    fn record_follows_from(&self, _: &tracing::span::Id, _: &tracing::span::Id) {}

    fn event(&self, event: &tracing::Event<'_>) {
        struct Text(String);
        impl tracing::field::Visit for Text {
            fn record_debug(&mut self, field: &tracing::field::Field, value: &dyn std::fmt::Debug) {
                self.0.push_str(&format!("{field}={value:?} "));
            }
        }
        let mut text = Text(String::new());
        event.record(&mut text);
        self.0.lock().unwrap().push(text.0);
    }

    fn enter(&self, _: &tracing::span::Id) {}

    fn exit(&self, _: &tracing::span::Id) {}
}

#[test]
fn the_log_says_once_what_is_wrong_and_when_it_is_good_again() {
    let network = Network::new();
    let party = Party::new(&network, NODE);
    let lines = Arc::new(Mutex::new(Vec::new()));
    let said = || std::mem::take(&mut *lines.lock().unwrap());
    let look = || party.credentials.look(&files(&party.folder), START);
    let chain: PathBuf = party.folder.path().join("chain.pem");
    let good = fs::read(&chain).unwrap();
    tracing::subscriber::with_default(Lines(lines.clone()), || {
        look();
        assert_eq!(said(), [""; 0]);
        for _ in 0..2 {
            fs::write(&chain, "words").unwrap();
            for _ in 0..3 {
                look();
            }
            let [line] = <[String; 1]>::try_from(said()).unwrap();
            assert!(line.contains("chain.pem: there is no certificate in it"), "{line}");
            assert!(line.contains("what was read before stays in use"), "{line}");
            // Another reason is another line.
            fs::remove_file(&chain).unwrap();
            look();
            look();
            assert_eq!(said().len(), 1);
            fs::write(&chain, &good).unwrap();
            look();
            assert_eq!(said(), [""; 0]);
        }
        write(&party.folder, &network.credentials(NODE, MONTH));
        look();
        look();
        let [line] = <[String; 1]>::try_from(said()).unwrap();
        assert!(line.contains("new certificate taken") && line.contains("until=2026-12-22"), "{line}");
    });
}

// The clock is tokio's own, which jumps ahead when there is nothing else to do.
#[tokio::test(start_paused = true)]
async fn whoever_follows_looks_at_each_interval() {
    let network = Network::new();
    let party = Party::new(&network, NODE);
    let minute = std::time::Duration::from_mins(1);
    let following = tokio::spawn(party.credentials.clone().follow(files(&party.folder), network.now(), minute));
    for _ in 0..3 {
        let next = network.credentials(NODE, MONTH);
        write(&party.folder, &next);
        let start = tokio::time::Instant::now();
        while party.credentials.current().thumbprint() != next.thumbprint() {
            tokio::time::sleep(minute / 60).await;
        }
        assert!(start.elapsed() <= minute * 2, "{:?}", start.elapsed());
    }
    following.abort();
}

#[test]
fn an_authority_that_began_anew_is_another_network() {
    let network = Network::new();
    let party = Party::new(&network, NODE);
    let folder = tempfile::tempdir().unwrap();
    let again = Authority::create(folder.path(), Algorithm::P256, START).unwrap();
    let roots = format!("{}{}", network.authority.roots().to_pem(), again.roots().to_pem());
    fs::write(party.folder.path().join("roots.pem"), roots).unwrap();
    assert!(matches!(party.reload(), Err(CredentialsError::OtherRoots(_))));
}
