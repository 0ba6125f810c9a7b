//! Who sees which grants.

use crate::hub::Hub;

async fn seen(hub: &Hub, name: &str) -> Vec<String> {
    let grants = hub.person(name).list().await.unwrap();
    let mut seen: Vec<_> = grants
        .into_iter()
        .map(|grant| {
            let ended = if grant.revoked_at == 0 { String::new() } else { format!(" ended by {}", grant.revoked_by) };
            format!("{} {} {}{ended}", grant.user, grant.role, grant.site).replace("@hub.example", "")
        })
        .collect();
    seen.sort();
    seen
}

#[tokio::test]
async fn everybody_sees_their_own_and_administrators_what_they_administer() {
    let Some(hub) = Hub::with_site_administrators().await else { return };
    let (max, sara, nora) = (hub.person("max"), hub.person("sara"), hub.person("nora"));
    max.grant("pia", "principal-investigator", "").await.unwrap();
    let ended = sara.grant("ana", "site-researcher", "north").await.unwrap();
    sara.revoke(&ended).await.unwrap();
    sara.grant("bob", "other-end-user", "north").await.unwrap();
    nora.grant("ana", "site-researcher", "south").await.unwrap();

    let north =
        ["ana site-researcher north ended by sara", "bob other-end-user north", "sara site-administrator north"];
    assert_eq!(seen(&hub, "sara").await, north);
    assert_eq!(seen(&hub, "nora").await, ["ana site-researcher south", "nora site-administrator south"]);
    let administered = [
        "max master-administrator ",
        "nora site-administrator south",
        "pia principal-investigator ",
        "sara site-administrator north",
    ];
    assert_eq!(seen(&hub, "max").await, administered);
    assert_eq!(seen(&hub, "ana").await, ["ana site-researcher north ended by sara", "ana site-researcher south"]);
    assert_eq!(seen(&hub, "pia").await, ["pia principal-investigator "]);
    assert_eq!(seen(&hub, "stranger").await, Vec::<String>::new());
}
