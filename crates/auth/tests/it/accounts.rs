//! Administrators and accounts, and certificates of people.

use coda_model::Identity;
use coda_pki::{Algorithm, PrivateKey};
use coda_runtime::Clock as _;
use time::Duration;
use tonic::Code;

use crate::hub::{Hub, refused, user};
use crate::person::Visitor;

const OWN: &str = "four brown kettles sing";
const NOT_YOURS: &str = "you do not administer this account";

impl Hub {
    /// The master administrator with a session, as the dashboard has one.
    pub(crate) async fn settled_master(&self) -> Visitor {
        let by = coda_auth::accounts::By::hub(self.clock.now());
        let first = self.stores.accounts.reset(&user("max"), &by).await.unwrap();
        let (visitor, _) = self.log_in("max", &first).await.unwrap();
        let token = visitor.change(&first, "seven quiet tractors dream").await.unwrap().token;
        Visitor { token, ..visitor }
    }
}

/// Whoever's certificate was revoked is told so, or is cut off and refused in the next handshake.
fn is_out(status: &tonic::Status) {
    let cut = std::error::Error::source(status).is_some();
    assert!(cut || status.message() == "your certificate was revoked; ask your administrator", "{status:?}");
}

#[tokio::test]
async fn administrators_look_after_the_accounts_of_their_institution() {
    let Some(hub) = Hub::with_site_administrators().await else { return };
    // By certificate: the same service on the other port.
    let (max, sara, kim) = (hub.person("max"), hub.person("sara"), hub.person("eve"));
    let first = sara.open_account("kim@north.example").await.unwrap();
    assert_eq!(first.len(), 20);
    let text = "there is an account of this name already";
    refused(sara.open_account("kim@north.example").await, Code::AlreadyExists, text);
    refused(sara.open_account("kim@south.example").await, Code::PermissionDenied, NOT_YOURS);
    refused(sara.open_account("kim@hub.example").await, Code::PermissionDenied, NOT_YOURS);
    max.open_account("kim@south.example").await.unwrap();
    let text = "the address is of no institution of the network";
    refused(max.open_account("kim@neu-north.example").await, Code::InvalidArgument, text);
    refused(kim.open_account("zoe@north.example").await, Code::PermissionDenied, NOT_YOURS);

    let text = "nobody administers their own account; ask another administrator";
    refused(max.reset("max@hub.example").await, Code::PermissionDenied, text);
    refused(sara.reset("kim@south.example").await, Code::PermissionDenied, NOT_YOURS);
    sara.reset("kim@north.example").await.unwrap();
    refused(hub.log_in("kim@north.example", &first).await.map(|_| ()), Code::Unauthenticated, REFUSED);
    assert_eq!(sara.accounts_of().await, ["kim@north.example"]);
    assert!(max.accounts_of().await.contains(&"kim@south.example".to_owned()));
    assert_eq!(kim.accounts_of().await, Vec::<String>::new());

    // No role without an account.
    let grant = sara.grant("zoe@north.example", "other-end-user", "north").await;
    let text = "there is no open account of this name; open it first (coda account open)";
    refused(grant, Code::FailedPrecondition, text);
}

const REFUSED: &str = "the address, the password or the code is wrong, or the account is locked; after ten wrong tries in a row an \
                       administrator must unlock it";

#[tokio::test]
async fn who_logged_in_gets_a_certificate_for_a_key_that_stays_at_home() {
    let Some(hub) = Hub::start().await else { return };
    let kim = hub.settled("kim", OWN).await;
    let key = PrivateKey::generate(Algorithm::P256).unwrap();
    // Whatever the request names: the person who logged in is named.
    let request = key.request(&Identity::User(user("max"))).unwrap();
    let enrolment = kim.enrol(&request).await.unwrap();
    assert_eq!(enrolment.coordinator, "coordinator.example:7402");
    let roots = hub.authority.roots().clone();
    let credentials = coda_pki::Credentials::from_pem(&enrolment.chain, key, roots, crate::hub::START).unwrap();
    assert_eq!(*credentials.identity(), Identity::User(user("kim")));
    assert_eq!(credentials.expires() - crate::hub::START, Duration::days(90));
    refused(kim.own().await, Code::Unauthenticated, "the session is over; log in again");
    // The person is told, in case it was somebody else.
    let told = hub.postbox.to(user("kim").as_str(), 2).await;
    assert!(told.iter().any(|message| message.text.contains("A certificate was issued to kim@hub.example")));

    let party = hub.with(credentials.clone());
    refused(party.token().await, Code::PermissionDenied, "no role in this network");
    let (kim, _) = hub.log_in("kim", OWN).await.unwrap();
    let certificates = kim.own().await.unwrap().certificates;
    assert_eq!(certificates.len(), 1);
    assert_eq!(certificates[0].thumbprint, hex::encode(credentials.thumbprint()));

    // Revoked by its owner: refused by this server at once, and on the list for all others.
    let other = hub.settled("lee", OWN).await;
    let revoke = |by: &Visitor, thumbprint: &str| {
        let request = coda_wire::v1::RevokeCertificateRequest { thumbprint: thumbprint.to_owned() };
        let (mut accounts, request) = (by.accounts(), by.with(request));
        async move { accounts.revoke_certificate(request).await.map(drop) }
    };
    refused(revoke(&other, &certificates[0].thumbprint).await, Code::PermissionDenied, NOT_YOURS);
    revoke(&kim, &certificates[0].thumbprint).await.unwrap();
    hub.person("eve").revoked_lists().await;
    is_out(&party.token().await.unwrap_err());
    let text = "there is no such certificate that stands";
    refused(revoke(&other, &"0".repeat(64)).await, Code::NotFound, text);

    for bad in ["", "none", &request.replace('A', "B")] {
        let (visitor, _) = hub.log_in("lee", OWN).await.unwrap();
        let text = "the request for a certificate is not one, not signed by its key, or its key is of a kind that is not taken";
        refused(visitor.enrol(bad).await, Code::InvalidArgument, text);
        hub.clock.advance(Duration::minutes(11));
    }
}

#[tokio::test]
async fn a_closed_account_takes_its_certificates_with_it() {
    let Some(hub) = Hub::start().await else { return };
    let kim = hub.settled("kim", OWN).await;
    let key = PrivateKey::generate(Algorithm::P256).unwrap();
    let request = key.request(&Identity::User(user("kim"))).unwrap();
    let chain = kim.enrol(&request).await.unwrap().chain;
    let credentials =
        coda_pki::Credentials::from_pem(&chain, key, hub.authority.roots().clone(), crate::hub::START).unwrap();
    let party = hub.with(credentials);
    hub.person("max").grant("kim", "principal-investigator", "").await.unwrap();
    party.token().await.unwrap();
    let max = hub.settled_master().await;
    max.close("kim").await.unwrap();
    hub.person("eve").revoked_lists().await;
    is_out(&party.token().await.unwrap_err());
    // Nor with one that was signed by hand and stands on no list.
    let text = "there is no open account of this name";
    refused(hub.person("kim").token().await, Code::NotFound, text);
    refused(max.close("kim").await, Code::NotFound, text);
    // Opened anew it begins with a first password.
    let first = max.open("kim").await.unwrap();
    refused(hub.log_in("kim", OWN).await.map(|_| ()), Code::Unauthenticated, REFUSED);
    assert!(hub.log_in("kim", &first).await.unwrap().1.must_change);
}

/// `openssl ocsp` as a program that knows the protocol and nothing of ours.
#[tokio::test]
async fn openssl_is_told_what_was_revoked() {
    let Some(hub) = Hub::start().await else { return };
    let kim = hub.settled("kim", OWN).await;
    let key = PrivateKey::generate(Algorithm::P256).unwrap();
    let request = key.request(&Identity::User(user("kim"))).unwrap();
    let chain = kim.enrol(&request).await.unwrap().chain;
    let path = |name: &str| hub.folder.path().join(name).display().to_string();
    std::fs::write(path("kim.pem"), &chain).unwrap();
    let asked = async || {
        let url = format!("http://{}/", hub.ocsp);
        let arguments = ["ocsp", "-issuer", &path("people.pem"), "-cert", &path("kim.pem"), "-url", &url];
        let trust = ["-CAfile", &path("root.pem"), "-no_check_time"];
        let arguments = arguments.iter().chain(&trust).map(|word| (*word).to_owned()).collect::<Vec<_>>();
        let output = tokio::process::Command::new("openssl").args(arguments).output().await.unwrap();
        format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr))
    };
    let said = asked().await;
    assert!(said.contains("Response verify OK") && said.contains("good\n"), "{said}");
    let (kim, _) = hub.log_in("kim", OWN).await.unwrap();
    let thumbprint = kim.own().await.unwrap().certificates[0].thumbprint.clone();
    let request = coda_wire::v1::RevokeCertificateRequest { thumbprint };
    kim.accounts().revoke_certificate(kim.with(request)).await.unwrap();
    hub.person("eve").revoked_lists().await;
    let said = asked().await;
    assert!(said.contains("Response verify OK") && said.contains("revoked\n"), "{said}");
}
