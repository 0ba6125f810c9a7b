//! Who may give and take which role, asked over the wire.

use coda_audit::{AuditError, AuditLog};
use coda_wire::v1::GrantRequest;
use time::Duration;
use tonic::Code;

use crate::hub::{Hub, START, refused, wanted};

const NOT_YOURS: &str = "you do not administer this role here";
const ONESELF: &str = "nobody grants a role to themselves or ends their own; ask another administrator";
const UNKNOWN: &str = "no standing grant has this id";

#[tokio::test]
async fn the_table_of_roles_holds_over_the_wire() {
    let Some(hub) = Hub::with_site_administrators().await else { return };
    let sara = hub.person("sara");
    let people = ["max", "sara", "nora", "pia", "person0", "person1", "person2", "person3", "stranger"];
    for person in people {
        hub.account(person).await;
        hub.account(&format!("new-{person}")).await;
    }
    let users = ["site-data-scientist", "site-researcher", "health-administrator", "other-end-user"];
    for (number, role) in users.into_iter().enumerate() {
        sara.grant(&format!("person{number}"), role, "north").await.unwrap();
    }
    hub.person("max").grant("pia", "principal-investigator", "").await.unwrap();

    // Who, and which roles that person may give at the site north.
    let all = ["master-administrator", "site-administrator", "principal-investigator"].into_iter().chain(users);
    let roles: Vec<_> = all.collect();
    for person in people {
        let caller = hub.person(person);
        for role in &roles {
            let over_the_network = matches!(*role, "master-administrator" | "principal-investigator");
            let valid = match person {
                "max" => matches!(*role, "site-administrator" | "principal-investigator"),
                "sara" => users.contains(role),
                _ => false,
            };
            let site = if over_the_network { "" } else { "north" };
            let outcome = caller.grant(&format!("new-{person}"), role, site).await;
            match outcome {
                Ok(_) => assert!(valid, "{person} gave {role}"),
                Err(status) => {
                    assert!(!valid, "{person} could not give {role}: {status}");
                    assert_eq!((status.code(), status.message()), (Code::PermissionDenied, NOT_YOURS));
                }
            }
        }
    }
}

#[tokio::test]
async fn an_administrator_of_another_site_is_refused() {
    let Some(hub) = Hub::with_site_administrators().await else { return };
    let id = hub.person("sara").grant("ana", "site-researcher", "north").await.unwrap();
    let nora = hub.person("nora");
    refused(nora.grant("ana", "site-data-scientist", "north").await, Code::PermissionDenied, NOT_YOURS);
    refused(nora.revoke(&id).await, Code::PermissionDenied, NOT_YOURS);
    nora.grant("ana", "site-data-scientist", "south").await.unwrap();
}

#[tokio::test]
async fn nobody_helps_themselves() {
    let Some(hub) = Hub::with_site_administrators().await else { return };
    let (max, sara) = (hub.person("max"), hub.person("sara"));
    refused(sara.grant("sara", "site-data-scientist", "north").await, Code::PermissionDenied, ONESELF);
    refused(max.grant("max", "principal-investigator", "").await, Code::PermissionDenied, ONESELF);
    let own = sara.list().await.unwrap().into_iter().find(|grant| grant.user == "sara@hub.example").unwrap();
    refused(sara.revoke(&own.id).await, Code::PermissionDenied, ONESELF);
}

#[tokio::test]
async fn an_administrator_whose_role_is_ended_gives_nothing_more() {
    let Some(hub) = Hub::with_site_administrators().await else { return };
    let (max, sara) = (hub.person("max"), hub.person("sara"));
    let own = sara.list().await.unwrap().into_iter().find(|grant| grant.user == "sara@hub.example").unwrap();
    max.revoke(&own.id).await.unwrap();
    refused(sara.grant("ana", "other-end-user", "north").await, Code::PermissionDenied, NOT_YOURS);
    hub.grants().remove_master(&crate::hub::user("max"), START).await.unwrap();
    refused(max.grant("sara", "site-administrator", "north").await, Code::PermissionDenied, NOT_YOURS);
}

#[tokio::test]
async fn a_grant_is_ended_once_and_may_be_given_again() {
    let Some(hub) = Hub::with_site_administrators().await else { return };
    let sara = hub.person("sara");
    let id = sara.grant("ana", "site-researcher", "north").await.unwrap();
    let twice = sara.grant("ana", "site-researcher", "north").await;
    let text = "the person has this role here for this project already; revoke it first";
    refused(twice, Code::AlreadyExists, text);
    let other = GrantRequest { project: "protocol 7".into(), ..wanted("ana", "site-researcher", "north") };
    sara.grant_this(other).await.unwrap();
    sara.revoke(&id).await.unwrap();
    refused(sara.revoke(&id).await, Code::NotFound, UNKNOWN);
    refused(sara.revoke(&"0".repeat(32)).await, Code::NotFound, UNKNOWN);
    let again = sara.grant("ana", "site-researcher", "north").await.unwrap();
    assert_ne!(again, id);
}

#[tokio::test]
async fn an_invalid_request_is_told_what_is_wrong_and_nothing_else() {
    let Some(hub) = Hub::with_site_administrators().await else { return };
    let sara = hub.person("sara");
    let past = (START - Duration::seconds(1)).unix_timestamp();
    let with = |change: fn(&mut GrantRequest)| {
        let mut request = wanted("ana", "site-researcher", "north");
        change(&mut request);
        request
    };
    let cases = [
        (with(|request| request.user = "../etc".into()), "the name of the user or of the site is invalid"),
        (with(|request| request.site = "No rth".into()), "the name of the user or of the site is invalid"),
        (with(|request| request.role = "root".into()), "there is no such role or permission"),
        (with(|request| request.extra.push("all".into())), "there is no such role or permission"),
        (
            with(|request| request.extra.push("dashboard".into())),
            "only site-researcher takes basic-queries and advanced-queries",
        ),
        (
            with(|request| request.site.clear()),
            "a role about one site needs its site, and a role over the network has none",
        ),
        (
            with(|request| request.project = "a\nb".into()),
            "the project is longer than 200 characters or has control characters",
        ),
        (with(|request| request.until = -1), "the grant would be over before it begins"),
        (
            GrantRequest { until: past, ..wanted("ana", "site-researcher", "north") },
            "the grant would be over before it begins",
        ),
    ];
    for (request, text) in cases {
        refused(sara.grant_this(request).await, Code::InvalidArgument, text);
    }
    for id in ["", "x", &"A".repeat(32), "' OR 1=1 --"] {
        refused(sara.revoke(id).await, Code::InvalidArgument, "the id of a grant has 32 hexadecimal digits");
    }
    // What is too large does not even become a request.
    let huge = GrantRequest { project: "x".repeat(100_000), ..wanted("ana", "site-researcher", "north") };
    assert_eq!(sara.grant_this(huge).await.unwrap_err().code(), Code::OutOfRange);
}

#[tokio::test]
async fn without_its_audit_log_the_server_does_nothing() {
    let Some(hub) = Hub::with_site_administrators().await else { return };
    let (max, sara) = (hub.person("max"), hub.person("sara"));
    sara.grant("ana", "site-researcher", "north").await.unwrap();
    // Lines vanish: the log takes nothing more, so nothing more is done.
    std::fs::write(&hub.config.audit, "").unwrap();
    let text = "the auth server cannot do this now; its log says why";
    refused(sara.grant("bob", "site-researcher", "north").await, Code::Unavailable, text);
    refused(sara.token().await, Code::Unavailable, text);
    refused(sara.list().await, Code::Unavailable, text);
    // A refusal is not told either.
    refused(max.grant("bob", "master-administrator", "").await, Code::Unavailable, text);
    refused(hub.person("stranger").token().await, Code::Unavailable, text);
    assert_eq!(hub.grants().of(&crate::hub::user("bob"), START).await.unwrap(), []);
    // Nor does a server start with it, before somebody has put aside the log and the hashes beside it.
    assert!(matches!(AuditLog::open(&hub.config.audit), Err(AuditError::Cut(_))));
}
