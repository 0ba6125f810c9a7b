//! Connections that are cut when a certificate is revoked.

use std::time::Duration;

use coda_pki::{Reloading, Roots, SignedList};

use crate::network::{Network, START};
use crate::reloading::{World, ask};

/// Revokes the certificate of a party, and tells it to whoever has these trust anchors.
fn revoke(network: &Network, party: &Reloading, told: &Roots) {
    let (folder, month) = (network.folder.path(), time::Duration::days(30));
    network.authority.revoke(folder, &party.current().chain()[0], month, START).unwrap();
    told.take_lists(&SignedList::read(folder).unwrap(), START).unwrap();
}

/// A call that its server does not answer before it is told to.
async fn waiting(world: &World) -> tokio::task::JoinHandle<Result<String, tonic::Status>> {
    let waiting = tokio::spawn(ask(world.following().channel(), "wait"));
    world.who.arrived.notified().await;
    waiting
}

#[tokio::test]
async fn a_server_cuts_off_a_client_whose_certificate_is_revoked_in_the_middle_of_a_call() {
    let world = World::start().await;
    let waiting = waiting(&world).await;
    revoke(&world.network, &world.hub.credentials, world.network.authority.roots());
    let cut = tokio::time::timeout(Duration::from_secs(10), waiting).await;
    cut.expect("the call goes on").unwrap().unwrap_err();
}

#[tokio::test]
async fn a_client_leaves_a_server_whose_certificate_is_revoked_in_the_middle_of_a_call() {
    let world = World::start().await;
    let waiting = waiting(&world).await;
    revoke(&world.network, &world.node.credentials, world.hub.credentials.current().roots());
    let cut = tokio::time::timeout(Duration::from_secs(10), waiting).await;
    cut.expect("the call goes on").unwrap().unwrap_err();
}

#[tokio::test]
async fn a_connection_between_others_goes_on() {
    let world = World::start().await;
    let mut waiting = waiting(&world).await;
    let network = &world.network;
    let another = network.credentials("coda://hub/coordinator", time::Duration::days(1));
    revoke(network, &Reloading::new(another).unwrap(), network.authority.roots());
    // Three times as long as it takes to be cut.
    tokio::time::timeout(Duration::from_secs(3), &mut waiting).await.unwrap_err();
    world.who.go_on.notify_one();
    waiting.await.unwrap().unwrap();
}
