//! A connection that does not come about says where and what to do, once, in no words of the transport.

use std::net::SocketAddr;

use coda_client::{ClientError, Hub, HubSettings};
use coda_model::Identity;
use tokio::{io::AsyncWriteExt as _, net::TcpListener};

use crate::{
    population::hospitals,
    world::{RESEARCHER, World, user},
};

/// Somebody else on a port: closes each connection after these bytes.
async fn stranger(says: &'static [u8]) -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            stream.write_all(says).await.unwrap();
        }
    });
    address
}

async fn message(world: &World, auth: &str) -> String {
    let network = &world.network;
    let credentials = network.credentials(&Identity::User(user(RESEARCHER))).unwrap();
    let settings = HubSettings { coordinator: network.coordinator.to_string(), auth: auth.to_owned() };
    let error = Hub::new(&settings, credentials, network.now()).unwrap().grants().await.unwrap_err();
    assert!(matches!(error, ClientError::Unreachable { .. }), "{error:?}");
    assert!(std::error::Error::source(&error).is_none(), "it is said once");
    let text = error.to_string();
    for internal in ["hyper", "tonic", "transport", "Status", "rustls", "os error"] {
        assert!(!text.contains(internal), "{text}");
    }
    text
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_wrong_is_said_with_host_and_port() {
    let (world, other) = tokio::join!(World::start(hospitals()), World::start(hospitals()));
    let closed = TcpListener::bind("127.0.0.1:0").await.unwrap().local_addr().unwrap();
    let (plain, silent) = (stranger(b"220 mail.example ESMTP\r\n").await, stranger(b"").await);
    let (coordinator, foreign) = (world.network.coordinator, other.network.auth);
    let cases = [
        (closed.to_string(), "nobody listens there; does the service run, and is the port right?"),
        ("nowhere.invalid:7401".to_owned(), "this host is not known; check the name in the configuration"),
        (plain.to_string(), "does not speak TLS as this network does; is the port right?"),
        (silent.to_string(), "the connection was closed"),
        (coordinator.to_string(), "its certificate is refused: expected coda://hub/auth, found coda://hub/coordinator"),
        (foreign.to_string(), "its certificate is refused: "),
        (world.network.log_in.to_string(), "its certificate is refused: the chain has 3 certificates; expected two"),
    ];
    for (address, expected) in cases {
        let text = message(&world, &address).await;
        assert!(text.starts_with(&format!("coda://hub/auth at {address}: ")), "{text}");
        assert!(text.contains(expected), "{text} lacks {expected:?}");
    }
}
