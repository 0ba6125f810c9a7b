//! Every door of every service, and everybody who may come to it.
//!
//! The list of doors is read from `proto/`, so a method that is added without a row here fails.

mod callers;

use std::collections::BTreeSet;

use coda_model::Identity;
use coda_pki::{connect, tls};
use coda_wire::v1::{
    self, accounts_client::AccountsClient, auth_client::AuthClient, compute_client::ComputeClient,
    coordinator_client::CoordinatorClient, log_client::LogClient, log_in_client::LogInClient,
    storage_client::StorageClient,
};
use tonic::{Code, Status, transport::Channel};

use crate::{
    population::hospitals,
    world::{World, site, user},
};
use callers::{Caller, callers};

/// A method, and who may call it.
struct Door {
    method: &'static str,
    valid: Admitted,
}

/// Who may call a method.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Admitted {
    /// Only the hub's coordinator.
    Coordinator,
    /// Only the computation node of the same site.
    OwnCompute,
    /// Anybody who is a person.
    People,
    /// Every party of the network.
    Everybody,
    /// Every party of the network but people.
    Services,
    /// Whoever comes, by the port for people without a certificate and no other.
    Anybody,
}

const DOORS: [Door; 32] = [
    Door { method: "Accounts/ChangePassword", valid: Admitted::People },
    Door { method: "Accounts/CloseAccount", valid: Admitted::People },
    Door { method: "Accounts/Enrol", valid: Admitted::People },
    Door { method: "Accounts/ListAccounts", valid: Admitted::People },
    Door { method: "Accounts/LogOut", valid: Admitted::People },
    Door { method: "Accounts/OpenAccount", valid: Admitted::People },
    Door { method: "Accounts/ResetPassword", valid: Admitted::People },
    Door { method: "Accounts/RevokeCertificate", valid: Admitted::People },
    Door { method: "Accounts/SetPhone", valid: Admitted::People },
    Door { method: "Accounts/ShowOwn", valid: Admitted::People },
    Door { method: "Accounts/UnlockAccount", valid: Admitted::People },
    Door { method: "Auth/Grant", valid: Admitted::People },
    Door { method: "Auth/IssueToken", valid: Admitted::People },
    Door { method: "Auth/ListGrants", valid: Admitted::People },
    Door { method: "Auth/ListProjects", valid: Admitted::People },
    Door { method: "Auth/ListRevoked", valid: Admitted::Everybody },
    Door { method: "Auth/RaiseAlarm", valid: Admitted::Services },
    Door { method: "Auth/Revoke", valid: Admitted::People },
    Door { method: "Compute/Answer", valid: Admitted::Coordinator },
    Door { method: "Coordinator/Accesses", valid: Admitted::People },
    Door { method: "Coordinator/Ask", valid: Admitted::People },
    Door { method: "Coordinator/Describe", valid: Admitted::People },
    Door { method: "Log/Checkpoint", valid: Admitted::Coordinator },
    Door { method: "Log/Cosign", valid: Admitted::Coordinator },
    Door { method: "Log/Keep", valid: Admitted::Coordinator },
    Door { method: "Log/Prove", valid: Admitted::Coordinator },
    Door { method: "LogIn/Begin", valid: Admitted::Anybody },
    Door { method: "LogIn/BeginWithProvider", valid: Admitted::Anybody },
    Door { method: "LogIn/Finish", valid: Admitted::Anybody },
    Door { method: "LogIn/FinishWithProvider", valid: Admitted::Anybody },
    Door { method: "Storage/Column", valid: Admitted::OwnCompute },
    Door { method: "Storage/Current", valid: Admitted::OwnCompute },
];

impl Admitted {
    fn admits(self, identity: Option<&Identity>) -> bool {
        match (self, identity) {
            (Self::Coordinator, Some(identity)) => *identity == Identity::Coordinator,
            (Self::OwnCompute, Some(identity)) => *identity == Identity::Compute(site("north")),
            (Self::People, Some(Identity::User(_))) | (Self::Everybody, Some(_)) => true,
            (Self::Services, Some(identity)) => !matches!(identity, Identity::User(_)),
            _ => false,
        }
    }
}

/// The methods of every service.
pub(crate) fn methods() -> impl Iterator<Item = &'static str> {
    DOORS.iter().map(|door| door.method)
}

#[test]
fn every_method_of_every_service_is_in_the_table() {
    let folder = std::path::PathBuf::from(std::env::var_os("CARGO_MANIFEST_DIR").unwrap()).join("../proto");
    let mut declared = BTreeSet::new();
    for (path, text) in crate::world::files(&folder, ".proto") {
        let mut service = String::new();
        for line in text.lines().map(|line| line.split("//").next().unwrap_or_default().trim()) {
            let word = |keyword: &str| {
                let rest = line.strip_prefix(keyword)?;
                Some(rest.split(|c: char| !c.is_alphanumeric()).next().unwrap_or_default().to_owned())
            };
            if let Some(name) = word("service ") {
                service = name;
            } else if let Some(method) = word("rpc ") {
                assert!(declared.insert(format!("{service}/{method}")), "{} has {method} twice", path.display());
            }
        }
        let methods = text.matches("rpc ").count();
        assert_eq!(text.lines().filter(|line| line.trim().starts_with("rpc ")).count(), methods, "{}", path.display());
    }
    let table: BTreeSet<String> = DOORS.iter().map(|door| door.method.to_owned()).collect();
    assert_eq!(declared, table, "the methods of proto/ and the table of doors differ");
}

#[tokio::test(flavor = "multi_thread")]
async fn only_the_valid_caller_gets_past_any_door() {
    let (world, clock) = World::start_with_clock(hospitals()).await;
    let callers = callers(&world, &clock).await;
    let (mut admitted, mut refused) = (0, 0);
    for Door { method, valid } in DOORS.iter().filter(|door| door.valid != Admitted::Anybody) {
        for caller in &callers {
            let status = tried(method, caller, &world).await;
            let what = format!("{} at {method}: {status:?}", caller.name);
            if valid.admits(caller.identity.as_ref()) {
                assert!(!is_refused(&status), "turned away: {what}");
                admitted += 1;
            } else {
                assert!(is_refused(&status), "let in: {what}");
                refused += 1;
            }
        }
    }
    let why = "two people at 19 doors, coordinator at five, computation node at two, eight parties at one, six of them at another";
    assert_eq!(admitted, 2 * 19 + 5 + 2 + 8 + 6, "{why}");
    assert!(refused > 90, "only {refused} refusals");
}

/// What a caller is answered; with a revoked certificate, once the service knows of it.
async fn tried(method: &str, caller: &Caller, world: &World) -> Status {
    for _ in 0..200 {
        let status = call(method, caller.channel(world, address(world, method))).await;
        if !caller.is_revoked || is_refused(&status) {
            return status;
        }
        tokio::time::sleep(std::time::Duration::from_millis(50)).await;
    }
    panic!("{} is still taken at {method}", caller.name);
}

/// Where nobody has a certificate, every method but those of the log-in wants a session; and the log-in is nowhere else.
#[tokio::test(flavor = "multi_thread")]
async fn without_a_certificate_there_is_the_log_in_and_nothing_else() {
    let world = World::start(hospitals()).await;
    let network = &world.network;
    let config = tls::anonymous_config(network.authority().roots(), Identity::Auth, network.now()).unwrap();
    let open = connect::channel(&network.log_in.to_string(), config, connect::Timeouts::default()).unwrap();
    let person = network.credentials(&Identity::User(user(crate::world::RESEARCHER))).unwrap();
    for Door { method, valid } in &DOORS {
        let status = call(method, open.clone()).await;
        match method.split('/').next().unwrap() {
            "LogIn" => {
                assert!(*valid == Admitted::Anybody && status.message().starts_with("the address, the password"));
                let other = crate::world::channel(network, &person, Identity::Auth, &network.auth.to_string());
                assert_eq!(call(method, other).await.code(), Code::Unimplemented, "{method}");
            }
            "Accounts" | "Auth" => {
                assert_eq!(status.message(), "the session is over; log in again", "{method}");
                assert_eq!(status.code(), Code::Unauthenticated);
            }
            _ => assert_eq!(status.code(), Code::Unimplemented, "{method}"),
        }
    }
}

/// Whether a caller was turned away for who it is: at the handshake, or at the first call.
fn is_refused(status: &Status) -> bool {
    let handshake = matches!(status.code(), Code::Unavailable | Code::Unknown | Code::Cancelled);
    let words = [
        "only the coordinator is answered",
        "only people are answered here",
        "only people have roles",
        "only services of the network raise an alarm",
        "your certificate is no longer valid",
        "your certificate was revoked",
    ];
    let storage = status.code() == Code::PermissionDenied && status.message().contains("computation node");
    handshake && std::error::Error::source(status).is_some()
        || storage
        || words.iter().any(|words| status.message().contains(words))
}

/// Where a method of the hub, or of the site in the north, is.
fn address(world: &World, method: &str) -> std::net::SocketAddr {
    let (compute, storage) = world.network.nodes[&site("north")];
    match method.split('/').next().unwrap() {
        "Auth" | "Accounts" | "LogIn" => world.network.auth,
        "Coordinator" => world.network.coordinator,
        "Compute" | "Log" => compute,
        "Storage" => storage.unwrap(),
        other => panic!("nobody knows where {other} is"),
    }
}

/// Calls a method with an empty request.
async fn call(method: &str, channel: Channel) -> Status {
    let (mut auth, mut coordinator) = (AuthClient::new(channel.clone()), CoordinatorClient::new(channel.clone()));
    let (mut accounts, mut log_in) = (AccountsClient::new(channel.clone()), LogInClient::new(channel.clone()));
    let mut log = LogClient::new(channel.clone());
    let (mut compute, mut storage) = (ComputeClient::new(channel.clone()), StorageClient::new(channel));
    let outcome = match method {
        "Accounts/ChangePassword" => accounts.change_password(v1::ChangePasswordRequest::default()).await.map(drop),
        "Accounts/CloseAccount" => accounts.close_account(v1::AccountName::default()).await.map(drop),
        "Accounts/Enrol" => accounts.enrol(v1::EnrolRequest::default()).await.map(drop),
        "Accounts/ListAccounts" => accounts.list_accounts(v1::ListAccountsRequest {}).await.map(drop),
        "Accounts/LogOut" => accounts.log_out(v1::LogOutRequest::default()).await.map(drop),
        "Accounts/OpenAccount" => accounts.open_account(v1::OpenAccountRequest::default()).await.map(drop),
        "Accounts/ResetPassword" => accounts.reset_password(v1::AccountName::default()).await.map(drop),
        "Accounts/RevokeCertificate" => {
            accounts.revoke_certificate(v1::RevokeCertificateRequest::default()).await.map(drop)
        }
        "Accounts/SetPhone" => accounts.set_phone(v1::SetPhoneRequest::default()).await.map(drop),
        "Accounts/ShowOwn" => accounts.show_own(v1::ShowOwnRequest {}).await.map(drop),
        "Accounts/UnlockAccount" => accounts.unlock_account(v1::AccountName::default()).await.map(drop),
        "Coordinator/Accesses" => coordinator.accesses(v1::AccessesRequest::default()).await.map(drop),
        "Log/Checkpoint" => log.checkpoint(v1::CheckpointRequest {}).await.map(drop),
        "Log/Cosign" => log.cosign(v1::CosignRequest::default()).await.map(drop),
        "Log/Keep" => log.keep(v1::CosignedCheckpoint::default()).await.map(drop),
        "Log/Prove" => log.prove(v1::ProveRequest::default()).await.map(drop),
        "LogIn/Begin" => log_in.begin(v1::BeginRequest::default()).await.map(drop),
        "LogIn/BeginWithProvider" => {
            log_in.begin_with_provider(v1::BeginWithProviderRequest::default()).await.map(drop)
        }
        "LogIn/FinishWithProvider" => {
            log_in.finish_with_provider(v1::FinishWithProviderRequest::default()).await.map(drop)
        }
        "LogIn/Finish" => log_in.finish(v1::FinishRequest::default()).await.map(drop),
        "Auth/Grant" => auth.grant(v1::GrantRequest::default()).await.map(drop),
        "Auth/IssueToken" => auth.issue_token(v1::IssueTokenRequest {}).await.map(drop),
        "Auth/ListGrants" => auth.list_grants(v1::ListGrantsRequest {}).await.map(drop),
        "Auth/ListProjects" => auth.list_projects(v1::ListProjectsRequest {}).await.map(drop),
        "Auth/ListRevoked" => auth.list_revoked(v1::ListRevokedRequest {}).await.map(drop),
        "Auth/RaiseAlarm" => auth.raise_alarm(v1::Alarm::default()).await.map(drop),
        "Auth/Revoke" => auth.revoke(v1::RevokeRequest::default()).await.map(drop),
        "Compute/Answer" => compute.answer(v1::Request::default()).await.map(drop),
        "Coordinator/Ask" => coordinator.ask(v1::Request::default()).await.map(drop),
        "Coordinator/Describe" => coordinator.describe(v1::DescribeRequest::default()).await.map(drop),
        "Storage/Column" => storage.column(v1::ColumnRequest::default()).await.map(drop),
        "Storage/Current" => storage.current(v1::CurrentRequest::default()).await.map(drop),
        other => panic!("nobody knows how to call {other}"),
    };
    outcome.err().unwrap_or_else(|| Status::ok("answered"))
}

#[tokio::test(flavor = "multi_thread")]
async fn a_certificate_that_runs_out_on_an_open_connection_is_refused_at_the_next_call() {
    let (world, clock) = World::start_with_clock(hospitals()).await;
    let hour = time::Duration::hours(1);
    let brief = |identity: &Identity| {
        let now = world.network.now()();
        world.network.authority().credentials(identity, coda_pki::Algorithm::P256, hour, now).unwrap()
    };
    let people = Identity::User(user(crate::world::RESEARCHER));
    let cases = [
        ("Auth/IssueToken", people.clone(), Identity::Auth),
        ("Coordinator/Describe", people, Identity::Coordinator),
        ("Compute/Answer", Identity::Coordinator, Identity::Compute(site("north"))),
        ("Storage/Current", Identity::Compute(site("north")), Identity::Storage(site("north"))),
    ];
    let mut open = Vec::new();
    for (method, caller, peer) in cases {
        let at = address(&world, method).to_string();
        let channel = crate::world::channel(&world.network, &brief(&caller), peer, &at);
        let status = call(method, channel.clone()).await;
        assert!(!is_refused(&status), "{method}: {status:?}");
        open.push((method, channel));
    }
    clock.advance(hour * 2);
    for (method, channel) in open {
        let status = call(method, channel).await;
        let refused = matches!(status.code(), Code::PermissionDenied | Code::Unauthenticated);
        assert!(refused || is_refused(&status), "{method} still takes the certificate: {status:?}");
    }
}
