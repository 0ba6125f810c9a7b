//! What somebody with a password, a session, a certificate or a role tries beyond it.

use coda_auth::accounts::By;
use coda_model::Identity;
use coda_pki::{Algorithm, PrivateKey};
use coda_runtime::Clock as _;
use coda_wire::v1;
use tonic::{Code, Status};

use crate::hub::{Caller, Hub, refused, user};

const OWN: &str = "four brown kettles sing";
const OTHER: &str = "a green raft at seven";
const REFUSED: &str = "the address, the password or the code is wrong, or the account is locked; after ten wrong tries in a row an \
                       administrator must unlock it";
const NOT_YOURS: &str = "you do not administer this account";

fn request() -> v1::EnrolRequest {
    let key = PrivateKey::generate(Algorithm::P256).unwrap();
    v1::EnrolRequest { request: key.request(&Identity::User(user("kim"))).unwrap() }
}

async fn phone(by: &Caller, name: &str) -> Result<(), Status> {
    let request = v1::SetPhoneRequest { user: name.to_owned(), phone: "+4915100000000".to_owned() };
    by.accounts().set_phone(request).await.map(drop)
}

#[tokio::test]
async fn of_a_locked_account_nobody_learns_the_password() {
    let Some(hub) = Hub::start().await else { return };
    let kim = hub.settled("kim", OWN).await;
    for _ in 0..10 {
        refused(kim.change("wrong", OTHER).await, Code::Unauthenticated, REFUSED);
    }
    // Each with a new password that the rules refuse: what they say would tell that the current one was right.
    for current in ["wrong", OWN] {
        refused(kim.change(current, "short").await, Code::Unauthenticated, REFUSED);
        let request = v1::ChangePasswordRequest { current: current.to_owned(), new: "short".to_owned() };
        refused(hub.person("kim").accounts().change_password(request).await, Code::Unauthenticated, REFUSED);
        refused(hub.visitor().begin("kim", current).await, Code::Unauthenticated, REFUSED);
    }
}

#[tokio::test]
async fn a_code_ends_with_the_password_that_it_came_after() {
    let Some(hub) = Hub::start().await else { return };
    let kim = hub.settled("kim", OWN).await;
    let (thief, kims) = (hub.visitor(), user("kim"));
    let challenge = thief.begin("kim", OWN).await.unwrap();
    let code = hub.postbox.code(kims.as_str()).unwrap();
    kim.change(OWN, OTHER).await.unwrap();
    refused(thief.finish(&challenge, &code).await, Code::Unauthenticated, REFUSED);
}

#[tokio::test]
async fn an_administrator_takes_no_role_over_that_they_could_not_give() {
    let Some(hub) = Hub::with_site_administrators().await else { return };
    let now = hub.clock.now();
    hub.stores.name_master(&user("mo@north.example"), now).await.unwrap();
    let (sara, nora, max) = (hub.person("sara"), hub.person("nora"), hub.person("max"));
    for name in ["ana@north.example", "ben@north.example"] {
        hub.account(name).await;
    }
    nora.grant("ana@north.example", "site-data-scientist", "south").await.unwrap();
    sara.grant("ben@north.example", "site-data-scientist", "north").await.unwrap();
    for name in ["mo@north.example", "ana@north.example"] {
        refused(sara.reset(name).await, Code::PermissionDenied, NOT_YOURS);
        refused(phone(&sara, name).await, Code::PermissionDenied, NOT_YOURS);
    }
    max.reset("ana@north.example").await.unwrap();
    sara.reset("ben@north.example").await.unwrap();
    phone(&sara, "ben@north.example").await.unwrap();
    // Whose account it is learns of both, by e-mail.
    let told = hub.postbox.to("ben@north.example", 2).await;
    for what in ["another first password", "another telephone"] {
        assert!(told.iter().any(|message| message.text.contains(what)), "{what}");
    }
}

#[tokio::test]
async fn a_closed_account_has_no_role_whoever_signed_its_certificate() {
    let Some(hub) = Hub::with_site_administrators().await else { return };
    let sara = hub.person("sara");
    sara.open_account("new@north.example").await.unwrap();
    hub.stores.accounts.close(&user("sara"), &By::hub(hub.clock.now())).await.unwrap();
    sara.token().await.unwrap_err();
    sara.open_account("newer@north.example").await.unwrap_err();
    sara.grant("ana", "site-data-scientist", "north").await.unwrap_err();
    assert_eq!(sara.accounts_of().await, Vec::<String>::new());
    // Opened again it has none of its old roles.
    hub.opened("sara").await;
    sara.token().await.unwrap_err();
    assert!(hub.grants().standing(&user("sara"), hub.clock.now()).await.unwrap().is_empty());
}

#[tokio::test]
async fn a_certificate_alone_gets_no_other() {
    let Some(hub) = Hub::start().await else { return };
    let kim = hub.settled("kim", OWN).await;
    refused(
        hub.person("kim").accounts().enrol(request()).await,
        Code::Unauthenticated,
        "the session is over; log in again",
    );
    kim.enrol(&request().request).await.unwrap();
    for _ in 1..10 {
        let by = By { user: Some(user("kim")), address: None, now: hub.clock.now() };
        hub.stores.accounts.enrol(&user("kim"), request().request, &by).await.unwrap();
    }
    let (kim, _) = hub.log_in("kim", OWN).await.unwrap();
    let text =
        "you have ten certificates that stand; revoke one first (coda certificate list, coda certificate revoke)";
    refused(kim.enrol(&request().request).await, Code::ResourceExhausted, text);
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_fills_the_audit_log_from_outside() {
    let Some(hub) = Hub::start().await else { return };
    let before = hub.audit().lines().count();
    for _ in 0..200 {
        hub.visitor().own().await.unwrap_err();
    }
    assert_eq!(hub.audit().lines().count() - before, 60);
    hub.clock.advance(time::Duration::minutes(1));
    hub.visitor().own().await.unwrap_err();
    let audit = hub.audit();
    let told = audit.lines().nth_back(1).unwrap();
    assert!(told.contains(r#""event":"refused-many","counted":140"#), "{told}");
    assert_eq!(audit.lines().count() - before, 62);
}
