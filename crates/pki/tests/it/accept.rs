//! The accept loop under peers that do not behave.

use std::sync::Arc;

use arc_swap::ArcSwap;
use coda_pki::accept::{HANDSHAKE_TIMEOUT, HANDSHAKES, incoming};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio::time::{Duration, Instant, timeout};
use tokio_stream::StreamExt as _;

use crate::network::{Greeter, Network};

const NODE: &str = "coda://site/a/compute";
const HUB: &str = "coda://hub/coordinator";

#[tokio::test]
async fn silent_and_senseless_peers_hold_up_nobody() {
    let network = Network::new();
    let greeter = Greeter::start(network.server(NODE)).await;
    let mut others = Vec::new();
    for _ in 0..20 {
        others.push(TcpStream::connect(greeter.address).await.unwrap());
        let mut senseless = TcpStream::connect(greeter.address).await.unwrap();
        senseless.write_all(b"GET / HTTP/1.1\r\n\r\n").await.unwrap();
        others.push(senseless);
    }
    let client = network.client(HUB, NODE);
    // Before the first of the silent ones is cut off.
    timeout(HANDSHAKE_TIMEOUT, greeter.greets(&client, HUB)).await.unwrap();
}

#[tokio::test]
async fn handshakes_are_bounded_and_room_is_used_again() {
    let network = Network::new();
    let greeter = Greeter::start(network.server(NODE)).await;
    let mut silent = Vec::new();
    for _ in 0..HANDSHAKES {
        silent.push(TcpStream::connect(greeter.address).await.unwrap());
    }
    let client = network.client(HUB, NODE);
    let mut greeting = Box::pin(greeter.greets(&client, HUB));
    // With the bound reached the next one waits; were there none, this would be ample time.
    assert!(timeout(Duration::from_millis(300), &mut greeting).await.is_err());
    drop(silent);
    timeout(HANDSHAKE_TIMEOUT, greeting).await.unwrap();
}

// The clock is tokio's own, which jumps ahead when there is nothing else to do.
#[tokio::test(start_paused = true)]
async fn a_silent_peer_is_cut_off_after_its_time() {
    let network = Network::new();
    let greeter = Greeter::start(network.server(NODE)).await;
    let start = Instant::now();
    let mut silent = TcpStream::connect(greeter.address).await.unwrap();
    // The server closes: end of stream, or a reset.
    let _ = silent.read(&mut [0; 1]).await;
    assert!(start.elapsed() >= HANDSHAKE_TIMEOUT, "{:?}", start.elapsed());
}

#[tokio::test]
async fn dropping_the_stream_closes_everything() {
    let network = Network::new();
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let mut stream = Box::pin(incoming(listener, Arc::new(ArcSwap::from(network.server(NODE)))));
    let mut silent = TcpStream::connect(address).await.unwrap();
    // One turn of the loop: the silent peer is accepted, and its handshake waits.
    tokio::select! {
        biased;
        _ = stream.next() => panic!("nobody has finished a handshake"),
        () = tokio::task::yield_now() => {}
    }
    drop(stream);
    let start = Instant::now();
    let _ = silent.read(&mut [0; 1]).await;
    assert!(start.elapsed() < HANDSHAKE_TIMEOUT, "{:?}", start.elapsed());
    assert!(TcpStream::connect(address).await.is_err());
}
