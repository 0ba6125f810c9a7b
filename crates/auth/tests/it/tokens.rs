//! What a token says, to whom it is given, and when it ends.

use coda_model::Identity;
use coda_pki::{Signer, verify_signed};
use coda_policy::Claims;
use coda_runtime::Clock as _;
use coda_wire::v1::{GrantRequest, Signed};
use time::Duration;
use tonic::Code;

use crate::hub::{Hub, START, refused, user, wanted};

const NO_ROLE: &str = "no role in this network";

/// Reads a token as a site does.
fn open(hub: &Hub, token: &Signed) -> (Signer, Claims) {
    let chain: Vec<_> = token.chain.iter().map(|der| der.as_slice().into()).collect();
    let roots = hub.authority.roots();
    let signer = verify_signed(&chain, roots, &token.content, &token.signature, hub.clock.now()).unwrap();
    (signer, coda_wire::token::decode(&token.content).unwrap())
}

fn words(claims: &Claims) -> Vec<String> {
    let site = |claim: &coda_policy::Claim| claim.site.as_ref().map(ToString::to_string).unwrap_or_default();
    let project = |claim: &coda_policy::Claim| claim.project.as_ref().map(ToString::to_string).unwrap_or_default();
    claims
        .claims
        .iter()
        .map(|claim| format!("{} {} {:?} {}", claim.role, site(claim), claim.extra, project(claim)))
        .collect()
}

#[tokio::test]
async fn a_token_is_signed_and_bound_and_says_the_roles() {
    let Some(hub) = Hub::with_site_administrators().await else { return };
    let (sara, nora, ana) = (hub.person("sara"), hub.person("nora"), hub.person("ana"));
    let extra = vec!["basic-queries".to_owned()];
    sara.grant_this(GrantRequest { extra, ..wanted("ana", "site-researcher", "north") }).await.unwrap();
    hub.clock.advance(Duration::seconds(1));
    nora.grant("ana", "site-data-scientist", "south").await.unwrap();
    // The same role again for another project is another claim: a query is for one of them.
    hub.clock.advance(Duration::seconds(1));
    let again = GrantRequest { project: "protocol 7".into(), ..wanted("ana", "site-data-scientist", "south") };
    nora.grant_this(again).await.unwrap();

    let (signer, claims) = open(&hub, &ana.token().await.unwrap());
    assert_eq!(signer.identity, Identity::Auth);
    assert_eq!((&claims.user, claims.thumbprint), (&user("ana"), ana.credentials.thumbprint()));
    let now = hub.clock.now().unix_timestamp();
    assert_eq!((claims.not_before, claims.not_after), (now, now + 600));
    assert_eq!(
        words(&claims),
        [
            "site-researcher north [BasicQueries] study",
            "site-data-scientist south [] study",
            "site-data-scientist south [] protocol 7",
        ]
    );

    // Another certificate of the same person gets its own token.
    let (_, other) = open(&hub, &hub.person("ana").token().await.unwrap());
    assert_ne!(other.thumbprint, claims.thumbprint);
}

#[tokio::test]
async fn a_revoked_grant_is_gone_from_the_next_token() {
    let Some(hub) = Hub::with_site_administrators().await else { return };
    let (sara, ana) = (hub.person("sara"), hub.person("ana"));
    let first = sara.grant("ana", "site-researcher", "north").await.unwrap();
    sara.grant("ana", "other-end-user", "north").await.unwrap();
    assert_eq!(open(&hub, &ana.token().await.unwrap()).1.claims.len(), 2);
    sara.revoke(&first).await.unwrap();
    assert_eq!(words(&open(&hub, &ana.token().await.unwrap()).1), ["other-end-user north [] study"]);
}

#[tokio::test]
async fn a_grant_ends_and_no_token_outlives_it() {
    let Some(hub) = Hub::with_site_administrators().await else { return };
    let (sara, ana) = (hub.person("sara"), hub.person("ana"));
    let until = (START + Duration::minutes(30)).unix_timestamp();
    sara.grant_this(GrantRequest { until, ..wanted("ana", "site-researcher", "north") }).await.unwrap();
    assert_eq!(open(&hub, &ana.token().await.unwrap()).1.not_after, START.unix_timestamp() + 600);
    hub.clock.set(START + Duration::minutes(25));
    assert_eq!(open(&hub, &ana.token().await.unwrap()).1.not_after, until - 1);
    hub.clock.set(START + Duration::minutes(30) - Duration::seconds(1));
    assert_eq!(open(&hub, &ana.token().await.unwrap()).1.not_after, until - 1);
    hub.clock.set(START + Duration::minutes(30));
    refused(ana.token().await, Code::PermissionDenied, NO_ROLE);
    // What has ended by itself stands in nobody's way.
    sara.grant("ana", "site-researcher", "north").await.unwrap();
    assert!(ana.token().await.is_ok());
}

#[tokio::test]
async fn nobody_without_a_role_gets_a_token_and_the_refusal_is_recorded() {
    let Some(hub) = Hub::start().await else { return };
    refused(hub.person("eve").token().await, Code::PermissionDenied, NO_ROLE);
    let audit = hub.audit();
    let last = audit.lines().last().unwrap();
    for word in [r#""event":"refused""#, "coda://user/eve", "127.0.0.1", "Auth/IssueToken", r#""reason":"no role""#] {
        assert!(last.contains(word), "{last} lacks {word}");
    }
}

#[tokio::test]
async fn machines_get_nothing() {
    let Some(hub) = Hub::with_site_administrators().await else { return };
    let machines =
        ["coda://site/north/compute", "coda://site/north/storage", "coda://hub/coordinator", "coda://hub/auth"];
    for machine in machines {
        let party = hub.party(machine);
        let text = "only people have roles; use a person's certificate";
        refused(party.token().await, Code::PermissionDenied, text);
        assert_eq!(party.try_all().await, [Some(Code::PermissionDenied); 4], "{machine}");
        assert!(hub.audit().contains(machine));
    }
}

#[tokio::test]
async fn strangers_do_not_get_through_the_handshake() {
    let (Some(hub), Some(other)) = (Hub::start().await, Hub::start().await) else { return };
    let before = hub.audit();
    let stranger = hub.stranger(&other, "coda://user/max@hub.example");
    assert!(stranger.try_all().await.iter().all(Option::is_some));
    assert_eq!(hub.audit(), before);
    assert!(hub.person("max").token().await.is_ok());
}

#[tokio::test]
async fn a_connection_does_not_outlive_its_certificate() {
    let Some(hub) = Hub::start().await else { return };
    let max = hub.party_for("coda://user/max@hub.example", Duration::hours(1));
    assert!(max.token().await.is_ok());
    hub.clock.advance(Duration::hours(2));
    assert_eq!(max.try_all().await, [Some(Code::Unauthenticated); 4]);
}

#[tokio::test]
async fn each_change_and_each_token_stands_in_the_log() {
    let Some(hub) = Hub::with_site_administrators().await else { return };
    let (sara, ana) = (hub.person("sara"), hub.person("ana"));
    let id = sara.grant("ana", "site-researcher", "north").await.unwrap();
    ana.token().await.unwrap();
    ana.list().await.unwrap();
    sara.revoke(&id).await.unwrap();
    let audit = hub.audit();
    let events: Vec<_> = audit.lines().map(|line| line.split(r#""event":""#).nth(1).unwrap()).collect();
    let events: Vec<_> = events.into_iter().map(|rest| rest.split('"').next().unwrap()).collect();
    // The accounts of these tests were opened before.
    let events: Vec<_> = events.into_iter().filter(|event| *event != "account-changed").collect();
    let expected =
        ["grant-made", "grant-made", "grant-made", "grant-made", "token-issued", "grants-listed", "grant-revoked"];
    // Its project too.
    let events: Vec<_> = events.into_iter().filter(|event| *event != "project-changed").collect();
    assert_eq!(events, expected);
}
