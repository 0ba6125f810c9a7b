//! Both services from their requests for certificates to their end.

use std::{net::TcpListener, sync::Arc, time::Instant};

use coda_model::Identity;
use coda_pki::{Algorithm, Authority, Now, connect, tls::client_config};
use coda_runtime::{Clock as _, SystemClock};
use time::Duration;

use crate::{files::COORDINATOR, hub::Hub};

#[tokio::test(flavor = "multi_thread")]
async fn a_person_of_the_network_reaches_both() {
    let hub = Hub::new();
    let authority = Authority::open(&hub.path("authority")).unwrap();
    let ana = Identity::parse("coda://user/ana").unwrap();
    let ana = authority.credentials(&ana, Algorithm::P256, Duration::days(1), SystemClock.now()).unwrap();
    let auth = hub.start(&["auth", "--config", "auth.toml"]);
    hub.write("coordinator.toml", &COORDINATOR.replace("127.0.0.1:1\"", &format!("{}\"", auth.address())));
    let coordinator = hub.start(&["coordinator", "--config", "coordinator.toml"]);
    let both = [("coordinator", Identity::Coordinator, coordinator), ("auth", Identity::Auth, auth)];
    for (service, identity, serving) in both {
        assert!(serving.first_line.contains(&format!(" as coda://hub/{service}, certificate good until 20")));
        let (now, address): (Now, String) = (Arc::new(|| SystemClock.now()), serving.address());
        connect::open(&address, client_config(&ana, identity, now).unwrap()).await.unwrap();
        let asked = Instant::now();
        let (code, said) = serving.stop();
        assert_eq!(code, Some(0), "{said}");
        assert!(asked.elapsed().as_secs() < 12, "{:?}", asked.elapsed());
        TcpListener::bind(&address).unwrap();
    }
}

#[test]
fn a_log_collector_gets_json_and_nothing_else() {
    let hub = Hub::new();
    let serving = hub.start(&["auth", "--config", "auth.toml", "--log-format", "json"]);
    let first = serving.first_line.clone();
    let (code, rest) = serving.stop();
    assert_eq!(code, Some(0), "{rest}");
    assert!(first.contains("\"identity\":\"coda://hub/auth\""), "{first}");
    assert!(first.lines().chain(rest.lines()).all(|line| line.starts_with('{') && line.ends_with('}')), "{rest}");
}
