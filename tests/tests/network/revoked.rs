//! A certificate that the authority revokes is refused by every party, on connections that are open already too.

use std::time::{Duration, Instant};

use coda_client::{Hub, HubSettings};
use coda_model::{Identity, estimate::SiteStatus};
use coda_pki::Credentials;
use coda_wire::v1::{self, compute_client::ComputeClient, storage_client::StorageClient};
use tonic::Code;

use crate::{
    population::hospitals,
    signing::Signers,
    world::{RESEARCHER, World, ask, channel, of, outcome, site, user},
};

/// Revokes a certificate as `coda-hub authority revoke` does.
fn revoke(world: &World, of: &Credentials) {
    let network = &world.network;
    let (folder, days) = (network.folder().join("authority"), time::Duration::days(30));
    network.authority().revoke(&folder, &of.chain()[0], days, network.now()()).unwrap();
}

/// Waits until a call is refused, for ten seconds at most. In operation it is some 20 seconds; here every party asks ten times a second.
async fn refused<T, E: std::fmt::Debug>(what: &str, mut call: impl AsyncFnMut() -> Result<T, E>) -> E {
    let started = Instant::now();
    loop {
        match call().await {
            Err(error) => return error,
            Ok(_) => assert!(started.elapsed() < Duration::from_secs(10), "{what} still takes the certificate"),
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_person_whose_certificate_is_revoked_is_refused_everywhere() {
    let world = World::start(hospitals()).await;
    let network = &world.network;
    let own = network.credentials(&Identity::User(user(RESEARCHER))).unwrap();
    let settings = HubSettings { coordinator: network.coordinator.to_string(), auth: network.auth.to_string() };
    let hub = Hub::new(&settings, own.clone(), network.now()).unwrap();
    let query = of(&["count"]);
    ask(&hub, &query, &world.sites).await.unwrap();
    // Signed before, and brought by a coordinator that does not care.
    let mut signers = Signers::of(&world);
    signers.ana = own.clone();
    signers.send(&site("north"), signers.valid(&query, "north")).await.unwrap();

    revoke(&world, &own);
    // The connections of this hub are open.
    refused("the coordinator", async || hub.describe().await).await;
    let fresh = || Hub::new(&settings, own.clone(), network.now()).unwrap();
    refused("the auth server", async || fresh().grants().await).await;
    let status = refused("the site", async || signers.send(&site("north"), signers.valid(&query, "north")).await).await;
    assert_eq!(status.code(), Code::Unauthenticated, "{status:?}");
    assert!(status.message().contains("not signed by a person of this network"), "{status:?}");
    // Everybody else goes on, with another certificate of the same person too.
    ask(&world.hub, &query, &world.sites).await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_node_whose_certificate_is_revoked_is_out() {
    let world = World::start(hospitals()).await;
    let network = &world.network;
    let (compute, storage) = network.nodes[&site("north")];
    // The storage node of the north, and a thief of its computation node's key.
    let (north, peer) = (Identity::Compute(site("north")), Identity::Storage(site("north")));
    let stolen = network.credentials(&north).unwrap();
    let open = channel(network, &stolen, peer, &storage.unwrap().to_string());
    let call =
        async || StorageClient::new(open.clone()).current(v1::CurrentRequest { dataset: "ward".to_owned() }).await;
    call().await.unwrap();
    revoke(&world, &stolen);
    refused("the storage node", call).await;
    let answer = world.answer(&of(&["count"])).await;
    assert_eq!(outcome(&answer, "north").status, SiteStatus::Answered, "the honest certificate is another one");

    // A coordinator whose key is stolen, at the site.
    let stolen = network.credentials(&Identity::Coordinator).unwrap();
    let open = channel(network, &stolen, north, &compute.to_string());
    let call = async || match ComputeClient::new(open.clone()).answer(v1::Request::default()).await {
        Err(status) if status.code() == Code::InvalidArgument => Ok(()),
        Err(status) => Err(status),
        Ok(_) => panic!("an empty request is answered"),
    };
    call().await.unwrap();
    revoke(&world, &stolen);
    let status = refused("the computation node", call).await;
    // Or the connection was cut just before the call, and the next handshake is refused.
    let cut = std::error::Error::source(&status).is_some();
    assert!(cut || status.message().contains("your certificate was revoked"), "{status:?}");
}
