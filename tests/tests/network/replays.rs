//! Every method called twice with the same message: what was done once is not done again for who sends it again.
//!
//! On the wire nothing can be sent again: TLS 1.3 binds a record to its place in its connection (RFC 8446, 5.2), and early data, which it does not, is
//! not taken. What is left is a party that does it itself, such as the coordinator.

use std::collections::BTreeSet;

use coda_model::Identity;
use coda_pki::{Credentials, PrivateKey, connect, tls};
use coda_testkit::{PROJECT, administrator, person};
use coda_wire::v1::{
    self, accounts_client::AccountsClient, auth_client::AuthClient, coordinator_client::CoordinatorClient,
    log_client::LogClient, log_in_client::LogInClient, storage_client::StorageClient,
};
use tonic::{Code, Request, Response, Status, transport::Channel};

use crate::{
    doors::methods,
    population::hospitals,
    signing::Signers,
    world::{World, channel, files, of, site, user},
};

/// What comes of the second call.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Second {
    /// It is refused.
    Refused(Code),
    /// It is answered; neither call changes anything.
    Reads,
    /// It is done again, which its caller may do as often as they like: so many changes.
    Again(usize),
}

/// Called twice in `crates/auth/tests/it/providing.rs`, which has a provider.
const WITH_PROVIDER: [&str; 2] = ["LogIn/BeginWithProvider", "LogIn/FinishWithProvider"];

const OWN: &str = "four brown kettles sing";

/// The methods that were called twice.
#[derive(Default)]
struct Seen(BTreeSet<&'static str>);

impl Seen {
    /// Calls twice; what the first call gave.
    async fn twice<T, F>(
        &mut self,
        world: &World,
        method: &'static str,
        expected: Second,
        mut call: impl FnMut() -> F,
    ) -> T
    where
        F: Future<Output = Result<Response<T>, Status>>,
    {
        let before = changes(world);
        let first = call().await.unwrap_or_else(|status| panic!("{method}: {status:?}")).into_inner();
        let between = changes(world);
        let second = call().await;
        match expected {
            Second::Refused(code) => {
                let status = second.err().unwrap_or_else(|| panic!("{method} was done again"));
                assert_eq!(status.code(), code, "{method}: {status:?}");
                assert_eq!(changes(world), between, "{method} was refused and yet changed something");
            }
            Second::Reads => {
                second.unwrap_or_else(|status| panic!("{method}: {status:?}"));
                assert_eq!(changes(world), before, "{method} changes something");
            }
            Second::Again(expected) => {
                second.unwrap_or_else(|status| panic!("{method}: {status:?}"));
                assert_eq!(changes(world) - between, expected, "{method}");
            }
        }
        self.0.insert(method);
        first
    }
}

/// How many changes of accounts and grants, and how many answers of sites, are on record.
fn changes(world: &World) -> usize {
    let logs = [files(world.folder.path(), "auth-audit.jsonl"), files(world.folder.path(), "compute-audit.jsonl")];
    let lines = logs.iter().flatten().flat_map(|(_, text)| text.lines());
    let words = ["\"account-changed\"", "\"grant-made\"", "\"grant-revoked\"", "\"released\""];
    lines.filter(|line| words.iter().any(|word| line.contains(word))).count()
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_is_done_again_for_who_sends_it_again() {
    let world = World::start(hospitals()).await;
    let mut seen = Seen::default();
    let log_in = people(&world, &mut seen).await;
    grants(&world, &mut seen, &log_in).await;
    services(&world, &mut seen).await;
    let missing: Vec<_> =
        methods().filter(|method| !seen.0.contains(method) && !WITH_PROVIDER.contains(method)).collect();
    assert!(missing.is_empty(), "nobody knows what comes of these methods when they are called twice: {missing:?}");
}

/// A channel to the auth server's port for people with a certificate.
fn closed(world: &World, own: &Credentials) -> Channel {
    channel(&world.network, own, Identity::Auth, &world.network.auth.to_string())
}

fn administering(world: &World) -> Channel {
    let administrator = administrator(&site("north")).unwrap();
    closed(world, &world.network.credentials(&Identity::User(administrator)).unwrap())
}

/// A request of somebody who has logged in.
fn by<T>(session: &v1::Session, message: T) -> Request<T> {
    let mut request = Request::new(message);
    request.metadata_mut().insert("authorization", format!("Bearer {}", session.token).parse().unwrap());
    request
}

/// Accounts and sessions; the name of the account.
async fn people(world: &World, seen: &mut Seen) -> String {
    let network = &world.network;
    let kim = person("kim", &site("north")).unwrap().to_string();
    let config = tls::anonymous_config(network.authority().roots(), Identity::Auth, network.now()).unwrap();
    let open = connect::channel(&network.log_in.to_string(), config, connect::Timeouts::default()).unwrap();
    let (accounts, log_in) = (|| AccountsClient::new(open.clone()), || LogInClient::new(open.clone()));
    let admin = AccountsClient::new(administering(world));
    let admin = || admin.clone();

    let opened = v1::OpenAccountRequest { user: kim.clone(), phone: String::new() };
    let call = async || admin().open_account(opened.clone()).await;
    let first = seen.twice(world, "Accounts/OpenAccount", Second::Refused(Code::AlreadyExists), call).await.password;
    let begin = v1::BeginRequest { user: kim.clone(), password: first.clone() };
    // Each begins a log-in of its own, and sends a code to the person.
    let call = async || log_in().begin(begin.clone()).await;
    seen.twice(world, "LogIn/Begin", Second::Again(0), call).await;
    network.postbox.to(&kim, 2).await;
    let challenge = log_in().begin(begin).await.unwrap().into_inner().challenge;
    network.postbox.to(&kim, 3).await;
    let finish = v1::FinishRequest { challenge, code: network.postbox.code(&kim).unwrap() };
    let call = async || log_in().finish(finish.clone()).await;
    let session = seen.twice(world, "LogIn/Finish", Second::Refused(Code::Unauthenticated), call).await;
    let change = v1::ChangePasswordRequest { current: first, new: OWN.to_owned() };
    let call = async || accounts().change_password(by(&session, change.clone())).await;
    let session = seen.twice(world, "Accounts/ChangePassword", Second::Refused(Code::Unauthenticated), call).await;
    let call = async || accounts().show_own(by(&session, v1::ShowOwnRequest {})).await;
    seen.twice(world, "Accounts/ShowOwn", Second::Reads, call).await;

    let key = PrivateKey::generate(coda_pki::Algorithm::P256).unwrap();
    let enrol = v1::EnrolRequest { request: key.request(&Identity::User(user(&kim))).unwrap() };
    let call = async || accounts().enrol(by(&session, enrol.clone())).await;
    let chain = seen.twice(world, "Accounts/Enrol", Second::Refused(Code::Unauthenticated), call).await.chain;
    let thumbprint = hex::encode(coda_pki::certificate::details(&chain).unwrap().thumbprint);
    let revoke = v1::RevokeCertificateRequest { thumbprint };
    let call = async || admin().revoke_certificate(revoke.clone()).await;
    seen.twice(world, "Accounts/RevokeCertificate", Second::Refused(Code::NotFound), call).await;

    let call = async || admin().list_accounts(v1::ListAccountsRequest {}).await;
    seen.twice(world, "Accounts/ListAccounts", Second::Reads, call).await;
    let phone = v1::SetPhoneRequest { user: kim.clone(), phone: String::new() };
    let call = async || admin().set_phone(phone.clone()).await;
    seen.twice(world, "Accounts/SetPhone", Second::Again(1), call).await;
    let account = v1::AccountName { user: kim.clone() };
    for _ in 0..10 {
        let wrong = v1::BeginRequest { user: kim.clone(), password: "not this one".to_owned() };
        log_in().begin(wrong).await.unwrap_err();
    }
    let call = async || admin().unlock_account(account.clone()).await;
    seen.twice(world, "Accounts/UnlockAccount", Second::Refused(Code::FailedPrecondition), call).await;
    // Each gives another password to the same administrator.
    let call = async || admin().reset_password(account.clone()).await;
    seen.twice(world, "Accounts/ResetPassword", Second::Again(1), call).await;

    let (lee, session) = logged_in(world, &open).await;
    let call = async || accounts().log_out(by(&session, v1::LogOutRequest { everywhere: false })).await;
    seen.twice(world, "Accounts/LogOut", Second::Refused(Code::Unauthenticated), call).await;
    let account = v1::AccountName { user: lee };
    let call = async || admin().close_account(account.clone()).await;
    seen.twice(world, "Accounts/CloseAccount", Second::Refused(Code::NotFound), call).await;
    kim
}

/// Somebody else, with a session.
async fn logged_in(world: &World, open: &Channel) -> (String, v1::Session) {
    let lee = person("lee", &site("north")).unwrap().to_string();
    let opened = v1::OpenAccountRequest { user: lee.clone(), phone: String::new() };
    let opened = AccountsClient::new(administering(world)).open_account(opened).await.unwrap();
    let begin = v1::BeginRequest { user: lee.clone(), password: opened.into_inner().password };
    let challenge = LogInClient::new(open.clone()).begin(begin).await.unwrap().into_inner().challenge;
    world.network.postbox.to(&lee, 1).await;
    let finish = v1::FinishRequest { challenge, code: world.network.postbox.code(&lee).unwrap() };
    (lee, LogInClient::new(open.clone()).finish(finish).await.unwrap().into_inner())
}

/// Roles and what else the auth server does for who has a certificate.
async fn grants(world: &World, seen: &mut Seen, user: &str) {
    let auth = AuthClient::new(administering(world));
    let auth = || auth.clone();
    let grant = v1::GrantRequest {
        user: user.to_owned(),
        role: "site-data-scientist".to_owned(),
        site: "north".to_owned(),
        project: PROJECT.to_owned(),
        reason: "asks twice".to_owned(),
        ..v1::GrantRequest::default()
    };
    let call = async || auth().grant(grant.clone()).await;
    let granted = seen.twice(world, "Auth/Grant", Second::Refused(Code::AlreadyExists), call).await;
    let revoke = v1::RevokeRequest { id: granted.grant.unwrap().id };
    let call = async || auth().revoke(revoke.clone()).await;
    seen.twice(world, "Auth/Revoke", Second::Refused(Code::NotFound), call).await;
    let call = async || auth().list_grants(v1::ListGrantsRequest {}).await;
    seen.twice(world, "Auth/ListGrants", Second::Reads, call).await;
    let call = async || auth().list_projects(v1::ListProjectsRequest {}).await;
    seen.twice(world, "Auth/ListProjects", Second::Reads, call).await;
    let call = async || auth().list_revoked(v1::ListRevokedRequest {}).await;
    seen.twice(world, "Auth/ListRevoked", Second::Reads, call).await;
    let call = async || auth().issue_token(v1::IssueTokenRequest {}).await;
    seen.twice(world, "Auth/IssueToken", Second::Reads, call).await;
    let node = world.network.credentials(&Identity::Storage(site("north"))).unwrap();
    let alarm = v1::Alarm { reason: "replay".to_owned(), by: "coda://user/ana".to_owned() };
    let services = AuthClient::new(closed(world, &node));
    let call = async || services.clone().raise_alarm(alarm.clone()).await;
    seen.twice(world, "Auth/RaiseAlarm", Second::Again(0), call).await;
}

/// Queries, logs and columns.
async fn services(world: &World, seen: &mut Seen) {
    let (network, signers) = (&world.network, Signers::of(world));
    let token = signers.token(&signers.claims("north"));
    let coordinator = network.coordinator.to_string();
    let coordinator = channel(network, &signers.ana, Identity::Coordinator, &coordinator);
    let coordinator = || CoordinatorClient::new(coordinator.clone());
    let describe = v1::DescribeRequest { token: Some(token.clone()) };
    let call = async || coordinator().describe(describe.clone()).await;
    seen.twice(world, "Coordinator/Describe", Second::Reads, call).await;
    let accesses = v1::AccessesRequest { token: Some(token) };
    let call = async || coordinator().accesses(accesses.clone()).await;
    seen.twice(world, "Coordinator/Accesses", Second::Reads, call).await;
    let request = signers.valid(&of(&["count"]), "north");
    let call = async || signers.send(&site("north"), request.clone()).await.map(Response::new);
    seen.twice(world, "Compute/Answer", Second::Refused(Code::PermissionDenied), call).await;
    // The coordinator takes the query round again, and no site answers it.
    let request = signers.valid(&of(&["mean:age"]), "north");
    let ask = async || {
        let mut events = coordinator().ask(request.clone()).await?.into_inner();
        let mut answers = 0;
        while let Some(event) = events.message().await? {
            let came = matches!(&event.event, Some(v1::ask_event::Event::Result(result)) if result.answer.is_some());
            answers += usize::from(came);
        }
        if answers == 0 { Err(Status::permission_denied("no site answered")) } else { Ok(Response::new(())) }
    };
    seen.twice(world, "Coordinator/Ask", Second::Refused(Code::PermissionDenied), ask).await;

    let (compute, storage) = network.nodes[&site("north")];
    let witness = channel(network, &signers.coordinator, Identity::Compute(site("north")), &compute.to_string());
    let witness = || LogClient::new(witness.clone());
    let of_auth = LogClient::new(closed(world, &signers.coordinator));
    let of_auth = || of_auth.clone();
    let call = async || of_auth().checkpoint(v1::CheckpointRequest {}).await;
    let v1::LogCheckpoint { keys, checkpoint } = seen.twice(world, "Log/Checkpoint", Second::Reads, call).await;
    let prove = v1::ProveRequest { checkpoint: checkpoint.clone(), old_size: 0 };
    let call = async || of_auth().prove(prove.clone()).await;
    let submission = seen.twice(world, "Log/Prove", Second::Reads, call).await.text;
    let cosign = v1::CosignRequest { keys: keys.clone(), submission };
    let call = async || witness().cosign(cosign.clone()).await;
    let v1::CosignReply { keys: by, cosignature, .. } = seen.twice(world, "Log/Cosign", Second::Again(0), call).await;
    let checkpoint = format!("{checkpoint}{cosignature}");
    let keep = v1::CosignedCheckpoint { checkpoint, keys, witnesses: by.into_iter().collect() };
    let call = async || of_auth().keep(keep.clone()).await;
    seen.twice(world, "Log/Keep", Second::Again(0), call).await;

    let own = network.credentials(&Identity::Compute(site("north"))).unwrap();
    let storage = channel(network, &own, Identity::Storage(site("north")), &storage.unwrap().to_string());
    let storage = || StorageClient::new(storage.clone());
    let current = v1::CurrentRequest { dataset: of(&["count"]).dataset };
    let call = async || storage().current(current.clone()).await;
    let build = seen.twice(world, "Storage/Current", Second::Reads, call).await.id;
    let column = v1::ColumnRequest { build, table: "patient".to_owned(), column: "_keys".to_owned() };
    let call = async || storage().column(column.clone()).await;
    seen.twice(world, "Storage/Column", Second::Reads, call).await;
}
