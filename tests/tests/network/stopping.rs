//! A network stops at once and leaves nothing behind; so does an asker.

use std::{
    net::{SocketAddr, TcpListener},
    sync::{
        Arc, Mutex,
        atomic::{AtomicUsize, Ordering},
        mpsc,
    },
    time::{Duration, Instant},
};

use coda_client::ClientError;
use coda_model::estimate::SiteStatus;
use tokio::sync::oneshot;

use crate::{
    played::{Play, eventually, honest, played},
    population::hospitals,
    world::{RESEARCHER, World, of, outcome, user},
};

/// A site that answers only when it is told to.
struct Slow {
    calls: Arc<AtomicUsize>,
    /// Dropped or sent to, it lets the site answer.
    release: mpsc::Sender<()>,
    called: oneshot::Receiver<()>,
}

/// Starts the hospitals with a slow site.
async fn with_a_slow_site() -> (World, Slow) {
    let (release, held) = mpsc::channel();
    let (notice, called) = oneshot::channel();
    let (held, notice) = (Mutex::new(held), Mutex::new(Some(notice)));
    let calls = Arc::new(AtomicUsize::new(0));
    let counted = calls.clone();
    let part = Play::new(move |site, request| {
        counted.fetch_add(1, Ordering::SeqCst);
        if let Some(notice) = notice.lock().unwrap().take() {
            notice.send(()).unwrap();
        }
        let _ = held.lock().unwrap().recv();
        Ok(honest(site, request))
    });
    let sites = hospitals().into_iter().chain([played("slow", part)]).collect();
    (World::start(sites).await, Slow { calls, release, called })
}

fn addresses(world: &World) -> Vec<SocketAddr> {
    let nodes = world.network.nodes.values().flat_map(|(compute, storage)| [Some(*compute), *storage]);
    nodes.flatten().chain([world.network.auth, world.network.coordinator]).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_network_that_stops_refuses_what_is_under_way_and_frees_its_ports_and_its_folder() {
    let (world, slow) = with_a_slow_site().await;
    let Slow { called, release, .. } = slow;
    let hub = world.network.hub(&user(RESEARCHER)).unwrap();
    let sites = world.sites.clone();
    let asking = tokio::spawn(async move { crate::world::ask(&hub, &of(&["mean:age"]), &sites).await });
    called.await.unwrap();

    let stopped = Instant::now();
    world.network.stop();
    let error = asking.await.unwrap().unwrap_err();
    assert!(stopped.elapsed() < Duration::from_secs(2), "the asker waited {:?}", stopped.elapsed());
    assert!(matches!(error, ClientError::Unreachable { .. }), "{error:?}");
    assert!(crate::world::chain(&error).contains("stopping"), "{error:?}");

    for address in addresses(&world) {
        eventually("the port is free", || TcpListener::bind(address).is_ok()).await;
    }
    drop(release);
    let World { folder, network, hub, .. } = world;
    drop((network, hub));
    let path = folder.path().to_owned();
    folder.close().unwrap();
    assert!(!path.exists());
}

#[tokio::test(flavor = "multi_thread")]
async fn an_asker_who_goes_away_leaves_nothing_running() {
    let (world, slow) = with_a_slow_site().await;
    let hub = world.network.hub(&user(RESEARCHER)).unwrap();
    let sites = world.sites.clone();
    let asking = tokio::spawn(async move { crate::world::ask(&hub, &of(&["mean:age"]), &sites).await });
    slow.called.await.unwrap();
    asking.abort();
    assert!(asking.await.unwrap_err().is_cancelled());
    slow.release.send(()).unwrap();

    // The next query is answered as if the first had never been; nobody asked the site again for the first.
    slow.release.send(()).unwrap();
    let answer = world.answer(&of(&["mean:age"])).await;
    assert_eq!(outcome(&answer, "slow").status, SiteStatus::Answered);
    assert_eq!(slow.calls.load(Ordering::SeqCst), 2);
    let audit = std::fs::read_to_string(world.path("coordinator-audit.jsonl")).unwrap();
    assert_eq!(audit.matches("\"query-received\"").count(), 2 * world.sites.len());
    assert_eq!(audit.matches("\"query-answered\"").count(), 1, "the query that nobody waited for was merged");
}
