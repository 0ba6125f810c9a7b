//! Unlikely requests: where they are written down, and who is told.

use coda_model::Identity;
use coda_testkit::administrator;
use coda_wire::{token, v1::coordinator_client::CoordinatorClient};
use tonic::Code;

use crate::{
    population::hospitals,
    signing::{Signers, request, signed},
    world::{RESEARCHER, World, channel, files, of, site},
};

#[tokio::test(flavor = "multi_thread")]
async fn five_replays_are_told_to_the_administrators_by_mail_once_and_are_each_on_record() {
    let world = World::start(hospitals()).await;
    let signers = Signers::of(&world);
    let valid = signers.valid(&of(&["count"]), "north");
    signers.send(&site("north"), valid.clone()).await.unwrap();
    for _ in 0..12 {
        let status = signers.send(&site("north"), valid.clone()).await.unwrap_err();
        assert_eq!(status.code(), Code::PermissionDenied, "{status:?}");
    }
    let administrator = administrator(&site("north")).unwrap();
    for person in [administrator.as_str(), "master@hub.example"] {
        let messages = world.network.postbox.to(person, 1).await;
        let alarms: Vec<_> = messages.iter().filter(|message| message.text.contains("raised an alarm")).collect();
        assert_eq!(alarms.len(), 1, "{person}: {messages:?}");
        let text = alarms[0].text.replace("=\n", "");
        assert!(text.contains("coda://site/north/compute") && text.contains("replay"), "{text}");
    }
    // Administrators of other sites get no mail.
    let other = coda_testkit::administrator(&site("south")).unwrap();
    let told = world.network.postbox.messages();
    assert!(!told.iter().any(|message| message.to.iter().any(|to| *to == *other.as_str())));

    let folder = world.path("sites/north");
    let log: String = files(&folder, "compute-audit.intrusions.jsonl").into_iter().map(|(_, text)| text).collect();
    assert_eq!(log.matches(r#""reason":"replay""#).count(), 12, "{log}");
    let log: String = files(world.folder.path(), "auth-audit.jsonl").into_iter().map(|(_, text)| text).collect();
    let (told, kept_back) = (log.matches(r#""told":true"#).count(), log.matches(r#""told":false"#).count());
    assert!(told == 1 && kept_back <= 1, "{log}");
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_asks_again_and_again_where_they_have_no_role_is_told_of() {
    let world = World::start(hospitals()).await;
    let signers = Signers::of(&world);
    let at = world.network.coordinator.to_string();
    let channel = channel(&world.network, &signers.ana, Identity::Coordinator, &at);
    // The auth server has given a role in the north alone.
    for _ in 0..5 {
        let envelope = signers.signed_by_ana(&signers.envelope(&of(&["count"]), "south"));
        let request = request(envelope, signed(token::encode(&signers.claims("north")), &signers.auth));
        let mut coordinator = CoordinatorClient::new(channel.clone());
        coordinator.ask(request).await.unwrap();
    }
    let messages = world.network.postbox.to("master@hub.example", 1).await;
    let text = messages[0].text.replace("=\n", "");
    assert!(text.contains("no role") && text.contains(RESEARCHER), "{text}");
}
