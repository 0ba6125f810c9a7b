//! The provider of an institution instead of password and code: what it opens, and what is not believed.

use coda_auth::accounts::{Institution, Institutions};
use coda_auth::provider::ProviderFile;
use coda_model::{Identity, SiteId};
use coda_pki::{Algorithm, PrivateKey};
use coda_runtime::Clock as _;
use coda_wire::v1::log_in_client::LogInClient;
use coda_wire::v1::{self, Session};
use sqlx::{AnyConnection, Connection as _, Row as _};
use time::Duration;
use tonic::{Code, Status};

use crate::hub::{Hub, refused};
use crate::identity_provider::{Back, Identities, browse};
use crate::person::Visitor;

const REFUSED: &str = "the address, the password or the code is wrong, or the account is locked; after ten wrong tries in a row an \
                       administrator must unlock it";
const UNAVAILABLE: &str =
    "the institution's provider could not be asked; try again, and if it goes on, tell the network's administrators";
const KIM: &str = "kim@north.example";
/// As `coda init` has it.
const HERE: &str = "http://127.0.0.1:50123/";

impl Hub {
    /// The site north has a provider, which knows this network by a secret, and so has the site south, which knows it without.
    async fn provided(identities: &Identities) -> Option<Self> {
        let provider = |issuer: &str, client: &str| ProviderFile {
            issuer: issuer.to_owned(),
            client_id: client.to_owned(),
            client_secret: None,
            roots: identities.roots.clone(),
            redirect: vec!["http://127.0.0.1:*".to_owned(), "https://dash.example/back".to_owned()],
        };
        let (north, south) = (provider(&identities.issuer, "coda"), provider(&identities.further, "public"));
        let hub = Self::start_with(move |config| {
            let secret = config.accounts.issuing.join("client.secret");
            private(&secret, "a secret of 32 bytes and no more\n");
            let north = ProviderFile { client_secret: Some(secret), ..north };
            config.accounts.institutions = institutions(Some(north), Some(south));
        })
        .await?;
        hub.opened(KIM).await;
        Some(hub)
    }

    /// Begins as `who`, and goes to the provider as `login`.
    async fn returned(&self, identities: &Identities, who: &str, login: &str) -> Back {
        let begun = self.visitor().sent(who, HERE).await.unwrap();
        let back = browse(identities, &begun.url, login).await;
        assert_eq!(back.state, begun.state);
        back
    }

    async fn raw(&self) -> AnyConnection {
        AnyConnection::connect(&self.config.database.url()).await.unwrap()
    }

    /// The last outcome of a log-in that stands in the audit log.
    fn outcome(&self) -> String {
        let audit = self.audit();
        let line = audit.lines().rfind(|line| line.contains(r#""outcome":""#) && line.contains("log-in"));
        let line = line.unwrap_or_else(|| panic!("no log-in in {audit}"));
        line.split_once(r#""outcome":""#).unwrap().1.split_once('"').unwrap().0.to_owned()
    }
}

impl Visitor {
    async fn sent(&self, who: &str, redirect: &str) -> Result<v1::BeginWithProviderReply, Status> {
        let request = v1::BeginWithProviderRequest { user: who.to_owned(), redirect: redirect.to_owned() };
        Ok(LogInClient::new(self.channel.clone()).begin_with_provider(request).await?.into_inner())
    }

    async fn came(&self, back: &Back) -> Result<Session, Status> {
        let Back { state, code, iss } = back.clone();
        let request = v1::FinishWithProviderRequest { state, code, iss };
        Ok(LogInClient::new(self.channel.clone()).finish_with_provider(request).await?.into_inner())
    }
}

fn institutions(north: Option<ProviderFile>, south: Option<ProviderFile>) -> Institutions {
    let institution = |name: &str, site: bool, provider| Institution {
        domains: vec![format!("{name}.example")],
        site: site.then(|| SiteId::new(name).unwrap()),
        provider,
    };
    let all =
        vec![institution("hub", false, None), institution("north", true, north), institution("south", true, south)];
    Institutions::new(all).unwrap()
}

fn private(path: &std::path::Path, text: &str) {
    use std::os::unix::fs::PermissionsExt as _;
    std::fs::write(path, text).unwrap();
    std::fs::set_permissions(path, std::fs::Permissions::from_mode(0o600)).unwrap();
}

#[tokio::test]
async fn a_person_logs_in_at_the_provider_and_enrols() {
    let Some(identities) = Identities::here() else { return };
    let Some(hub) = Hub::provided(identities).await else { return };
    let back = hub.returned(identities, KIM, KIM).await;
    assert_eq!(hub.outcome(), "sent to provider");
    let session = hub.visitor().came(&back).await.unwrap();
    assert_eq!(hub.outcome(), "logged in by provider");
    // The first password that the administrator was given is nobody's.
    assert!(!session.must_change);
    let kim = Visitor { token: session.token, ..hub.visitor() };
    assert_eq!(kim.own().await.unwrap().account.unwrap().user, KIM);
    let key = PrivateKey::generate(Algorithm::P256).unwrap();
    let request = key.request(&Identity::User(crate::hub::user(KIM))).unwrap();
    kim.enrol(&request).await.unwrap();

    // By its domain alone, to a page of the web; the provider writes addresses as it likes.
    let begun = hub.visitor().sent("north.example", "https://dash.example/back").await.unwrap();
    let back = browse(identities, &begun.url, "Kim@North.Example").await;
    hub.visitor().came(&back).await.unwrap();
    // A client without a secret, signatures of another kind, and the address not in the ID token.
    hub.opened("lee@south.example").await;
    let back = hub.returned(identities, "lee@south.example", "lee@south.example").await;
    hub.visitor().came(&back).await.unwrap();
    assert_eq!(hub.outcome(), "logged in by provider");
}

/// By the client that `coda init` has.
#[tokio::test]
async fn the_typed_client_goes_there_and_back() {
    let Some(identities) = Identities::here() else { return };
    let Some(hub) = Hub::provided(identities).await else { return };
    let clock = hub.clock.clone();
    let now: coda_pki::Now = std::sync::Arc::new(move || clock.now());
    let front = coda_client::Front::of(&hub.open, hub.authority.roots().clone(), now).unwrap();
    let coda_client::AtProvider { url, state } = front.begin_with_provider(KIM, HERE).await.unwrap();
    let back = browse(identities, &url, KIM).await;
    assert_eq!(back.state, state);
    let Back { state, code, iss } = back;
    let callback = coda_client::Callback { state, code, iss };
    let session = front.finish_with_provider(callback.clone()).await.unwrap();
    assert!(!session.must_change());
    let key = PrivateKey::generate(Algorithm::P256).unwrap();
    session.enrol(key.request(&Identity::User(crate::hub::user(KIM))).unwrap()).await.unwrap();
    let again = front.finish_with_provider(callback).await.map(drop).unwrap_err();
    assert!(matches!(again, coda_client::ClientError::Refused(Identity::Auth, _)), "{again}");
    let nobody = front.begin_with_provider("kim@hub.example", HERE).await.map(drop).unwrap_err();
    assert!(matches!(nobody, coda_client::ClientError::Refused(Identity::Auth, _)), "{nobody}");
}

#[tokio::test]
async fn neither_the_database_nor_the_log_has_what_opens() {
    let Some(identities) = Identities::here() else { return };
    let Some(hub) = Hub::provided(identities).await else { return };
    let begun = hub.visitor().sent(KIM, HERE).await.unwrap();
    let url = openidconnect::url::Url::parse(&begun.url).unwrap();
    let parameters: std::collections::BTreeMap<_, _> = url.query_pairs().into_owned().collect();
    assert_eq!(parameters["state"], begun.state);
    assert_eq!(parameters["code_challenge_method"], "S256");
    assert_eq!(parameters["login_hint"], KIM);
    assert_eq!(parameters["redirect_uri"], HERE);
    let row = sqlx::query("SELECT state, seed FROM provider_log_ins").fetch_one(&mut hub.raw().await).await.unwrap();
    let (state, seed): (String, String) = (row.get("state"), row.get("seed"));
    let audit = hub.audit();
    for shown in [&begun.state, &parameters["nonce"], &parameters["code_challenge"]] {
        assert!(*shown != state && *shown != seed, "{shown} is in the database");
        assert!(!audit.contains(shown), "{shown} is in the log");
    }
    let back = browse(identities, &begun.url, KIM).await;
    let token = hub.visitor().came(&back).await.unwrap().token;
    for secret in [&begun.state, &back.code, &token] {
        assert!(!hub.audit().contains(secret), "{secret} is in the log");
    }
}

#[tokio::test]
async fn a_state_and_a_code_are_good_once_and_together() {
    let Some(identities) = Identities::here() else { return };
    let Some(hub) = Hub::provided(identities).await else { return };
    let visitor = hub.visitor();
    let back = hub.returned(identities, KIM, KIM).await;
    visitor.came(&back).await.unwrap();
    refused(visitor.came(&back).await, Code::Unauthenticated, REFUSED);
    // The provider itself takes a code once, whatever this server remembers.
    sqlx::query("UPDATE provider_log_ins SET used_at = NULL").execute(&mut hub.raw().await).await.unwrap();
    refused(visitor.came(&back).await, Code::Unauthenticated, REFUSED);
    assert_eq!(hub.outcome(), "code refused");

    // The code of another log-in does not go with this one's verifier, and each is spent by the try.
    let (one, two) = (hub.returned(identities, KIM, KIM).await, hub.returned(identities, KIM, KIM).await);
    let crossed = Back { state: one.state.clone(), ..two.clone() };
    refused(visitor.came(&crossed).await, Code::Unauthenticated, REFUSED);
    assert_eq!(hub.outcome(), "code refused");
    refused(visitor.came(&one).await, Code::Unauthenticated, REFUSED);

    // Nobody began these.
    let back = hub.returned(identities, KIM, KIM).await;
    for state in ["", "x", &"0".repeat(64)] {
        let unknown = Back { state: state.to_owned(), ..back.clone() };
        refused(visitor.came(&unknown).await, Code::Unauthenticated, REFUSED);
    }
    let invented = Back { code: "invented".to_owned(), ..back };
    refused(visitor.came(&invented).await, Code::Unauthenticated, REFUSED);
}

#[tokio::test]
async fn many_at_once_with_one_state_are_one_log_in() {
    let Some(identities) = Identities::here() else { return };
    let Some(hub) = Hub::provided(identities).await else { return };
    let back = hub.returned(identities, KIM, KIM).await;
    let tries = (0..8).map(|_| {
        let (visitor, back) = (hub.visitor(), back.clone());
        tokio::spawn(async move { visitor.came(&back).await.is_ok() })
    });
    let mut opened = 0;
    for one in tries.collect::<Vec<_>>() {
        opened += usize::from(one.await.unwrap());
    }
    assert_eq!(opened, 1);
}

#[tokio::test]
async fn a_log_in_is_over_after_ten_minutes() {
    let Some(identities) = Identities::here() else { return };
    let Some(hub) = Hub::provided(identities).await else { return };
    let (late, timely) = (hub.returned(identities, KIM, KIM).await, hub.returned(identities, KIM, KIM).await);
    hub.clock.advance(Duration::seconds(600));
    hub.visitor().came(&timely).await.unwrap();
    hub.clock.advance(Duration::seconds(1));
    refused(hub.visitor().came(&late).await, Code::Unauthenticated, REFUSED);
    assert_eq!(hub.outcome(), "log-in over");
    // A clock that went back does not bring one back, nor one forward.
    hub.clock.advance(Duration::seconds(-601));
    refused(hub.visitor().came(&late).await, Code::Unauthenticated, REFUSED);
    let early = hub.returned(identities, KIM, KIM).await;
    hub.clock.advance(Duration::seconds(-1));
    refused(hub.visitor().came(&early).await, Code::Unauthenticated, REFUSED);
}

#[tokio::test]
async fn an_id_token_holds_for_its_log_in_and_its_time() {
    let Some(identities) = Identities::here() else { return };
    let Some(hub) = Hub::provided(identities).await else { return };
    let begun = hub.visitor().sent(KIM, HERE).await.unwrap();
    let (before, rest) = begun.url.split_once("nonce=").unwrap();
    let rest = rest.split_once('&').map_or("", |(_, rest)| rest);
    let url = format!("{before}nonce={}&{rest}", "0".repeat(64));
    let back = browse(identities, &url, KIM).await;
    refused(hub.visitor().came(&back).await, Code::Unauthenticated, REFUSED);
    assert_eq!(hub.outcome(), "ID token refused");
    // The provider's clock stands, and its tokens are good for an hour.
    hub.clock.advance(Duration::hours(2));
    let back = hub.returned(identities, KIM, KIM).await;
    refused(hub.visitor().came(&back).await, Code::Unauthenticated, REFUSED);
    assert_eq!(hub.outcome(), "ID token refused");
}

#[tokio::test]
async fn a_browser_comes_back_from_the_issuer_that_it_was_sent_to() {
    let Some(identities) = Identities::here() else { return };
    let Some(hub) = Hub::provided(identities).await else { return };
    // The other provider of this very network, a stranger, none, and nearly the same.
    let nearly = format!("{}/", identities.issuer);
    for iss in [identities.further.as_str(), "https://evil.example", "", &nearly] {
        let back = hub.returned(identities, KIM, KIM).await;
        let other = Back { iss: iss.to_owned(), ..back };
        refused(hub.visitor().came(&other).await, Code::Unauthenticated, REFUSED);
        assert_eq!(hub.outcome(), "another issuer", "{iss}");
    }
}

#[tokio::test]
async fn a_provider_speaks_for_its_own_people_whose_e_mail_it_knows() {
    let Some(identities) = Identities::here() else { return };
    let Some(hub) = Hub::provided(identities).await else { return };
    for name in ["kim@south.example", "kim", "lou@north.example", "zoe@north.example", "ada@north.example"] {
        hub.opened(name).await;
    }
    let by = coda_auth::accounts::By::hub(crate::hub::START);
    hub.stores.accounts.close(&crate::hub::user("zoe@north.example"), &by).await.unwrap();
    let sql = "UPDATE accounts SET locked_at = 1 WHERE person = 'ada@north.example'";
    sqlx::query(sql).execute(&mut hub.raw().await).await.unwrap();
    for (login, outcome) in [
        ("unverified:kim@north.example", "e-mail not verified"),
        ("kim@south.example", "e-mail of another institution"),
        ("kim@hub.example", "e-mail of another institution"),
        ("kim@north.example.evil.example", "e-mail of another institution"),
        ("kim@neu-north.example", "e-mail of another institution"),
        ("kim", "e-mail of another institution"),
        ("kim north@north.example", "e-mail of nobody"),
        ("nameless", "no e-mail"),
        ("nobody@north.example", "unknown account"),
        ("zoe@north.example", "closed"),
        ("ada@north.example", "locked"),
    ] {
        let back = hub.returned(identities, "north.example", login).await;
        refused(hub.visitor().came(&back).await, Code::Unauthenticated, REFUSED);
        assert_eq!(hub.outcome(), outcome, "{login}");
    }
    // Somebody else at the same machine.
    let back = hub.returned(identities, KIM, "lou@north.example").await;
    refused(hub.visitor().came(&back).await, Code::Unauthenticated, REFUSED);
    assert_eq!(hub.outcome(), "somebody else logged in");
    // An address that the other provider does not know either, told further on.
    let back = hub.returned(identities, "south.example", "unverified:kim@south.example").await;
    refused(hub.visitor().came(&back).await, Code::Unauthenticated, REFUSED);
    assert_eq!(hub.outcome(), "e-mail not verified");
}

#[tokio::test]
async fn the_first_step_does_not_tell_who_has_an_account() {
    let Some(identities) = Identities::here() else { return };
    let Some(hub) = Hub::provided(identities).await else { return };
    let shape = |url: &str| url.split(['?', '&']).map(|part| part.split('=').next().unwrap().to_owned()).collect();
    let mut shapes = Vec::<Vec<String>>::new();
    for who in [KIM, "nobody@north.example"] {
        shapes.push(shape(&hub.visitor().sent(who, HERE).await.unwrap().url));
    }
    assert_eq!(shapes[0], shapes[1]);
}

#[tokio::test]
async fn where_there_is_a_provider_no_password_opens_and_none_locks() {
    let nowhere = Nowhere::new();
    let Some(hub) = nowhere.hub().await else { return };
    let first = hub.opened(KIM).await;
    let visitor = hub.visitor();
    for _ in 0..12 {
        refused(visitor.begin(KIM, &first).await, Code::Unauthenticated, REFUSED);
        refused(visitor.begin("nobody@north.example", &first).await, Code::Unauthenticated, REFUSED);
    }
    assert_eq!(hub.outcome(), "password where there is a provider");
    let account = hub.stores.accounts.account(&crate::hub::user(KIM)).await.unwrap();
    assert_eq!((account.wrong, account.locked_at), (0, None), "who guesses locks nobody out");
    assert!(hub.postbox.to(KIM, 0).await.is_empty(), "nobody is sent a code");
    // Elsewhere all is as it was.
    hub.settled("kim", "four brown kettles sing").await;
}

#[tokio::test]
async fn who_logged_in_by_password_before_there_was_a_provider_has_none_to_change() {
    let nowhere = Nowhere::new();
    let Some(hub) = Hub::start().await else { return };
    let first = hub.opened(KIM).await;
    let challenge = hub.visitor().begin(KIM, &first).await.unwrap();
    let code = hub.postbox.code(KIM).unwrap();
    let session = hub.visitor().finish(&challenge, &code).await.unwrap();
    let challenge = hub.visitor().begin(KIM, &first).await.unwrap();
    let code = hub.postbox.code(KIM).unwrap();
    // The same database, with another configuration.
    let mut config = hub.config.clone();
    config.accounts.institutions = institutions(Some(nowhere.provider()), None);
    let accounts = coda_auth::Stores::open(&config).await.unwrap().accounts;
    assert!(!accounts.session(&session.token, crate::hub::START).await.unwrap().must_change);
    let finished = accounts.finish_log_in(&challenge, &code, None, crate::hub::START).await;
    assert!(matches!(finished, Err(coda_auth::accounts::AccountError::Refused(_))));
    let passwords = (coda_auth::password::Password::new(&first), coda_auth::password::Password::new("a green raft"));
    let by = coda_auth::accounts::By::hub(crate::hub::START);
    let changed = accounts.change_password(&crate::hub::user(KIM), passwords, &by).await;
    assert!(matches!(changed, Err(coda_auth::accounts::AccountError::Provided)));
}

#[tokio::test]
async fn a_browser_is_sent_where_the_configuration_says_and_by_whom() {
    let nowhere = Nowhere::new();
    let Some(hub) = nowhere.hub().await else { return };
    let visitor = hub.visitor();
    for who in
        ["", "north", "kim@hub.example", "hub.example", "kim@elsewhere.example", "elsewhere.example", "@", "a b@c"]
    {
        refused(visitor.sent(who, HERE).await, Code::Unauthenticated, REFUSED);
    }
    let text = "the institution's provider may not send a browser back to this address; provider.redirect of auth.toml says to which";
    for redirect in
        ["", "http://evil.example/", "http://127.0.0.1:50123/x", "https://dash.example/", "http://127.0.0.1:0/"]
    {
        refused(visitor.sent(KIM, redirect).await, Code::InvalidArgument, text);
    }
    refused(visitor.sent(KIM, HERE).await, Code::Unavailable, UNAVAILABLE);
    assert_eq!(hub.outcome(), "provider failed");
}

#[tokio::test]
async fn no_more_log_ins_are_begun_from_one_address_than_a_hospital_needs() {
    let nowhere = Nowhere::new();
    let Some(hub) = nowhere.hub().await else { return };
    let visitor = hub.visitor();
    for _ in 0..100 {
        refused(visitor.sent(KIM, HERE).await, Code::Unavailable, UNAVAILABLE);
    }
    let text = "too many log-ins were begun from this address; try again in ten minutes";
    refused(visitor.sent("north.example", HERE).await, Code::ResourceExhausted, text);
    hub.clock.advance(Duration::seconds(600));
    refused(visitor.sent(KIM, HERE).await, Code::Unavailable, UNAVAILABLE);
}

#[tokio::test]
async fn a_provider_is_believed_under_its_own_trust_anchor_and_name() {
    let Some(identities) = Identities::here() else { return };
    let nowhere = Nowhere::new();
    let right = ProviderFile {
        issuer: identities.issuer.clone(),
        client_id: "coda".to_owned(),
        roots: identities.roots.clone(),
        ..nowhere.provider()
    };
    let issuers = [
        ProviderFile { roots: nowhere.provider().roots, ..right.clone() },
        ProviderFile { issuer: format!("{}/elsewhere", identities.issuer), ..right.clone() },
        ProviderFile { issuer: identities.issuer.replace("127.0.0.1", "localhost"), ..right },
    ];
    for provider in issuers {
        let Some(hub) =
            Hub::start_with(|config| config.accounts.institutions = institutions(Some(provider), None)).await
        else {
            return;
        };
        refused(hub.visitor().sent(KIM, HERE).await, Code::Unavailable, UNAVAILABLE);
    }
}

#[tokio::test]
async fn a_provider_that_cannot_be_meant_keeps_the_server_from_starting() {
    let nowhere = Nowhere::new();
    let right = nowhere.provider();
    let open = right.roots.with_file_name("open.secret");
    std::fs::write(&open, "secret").unwrap();
    let wrong = [
        ProviderFile { issuer: "http://idp.example".to_owned(), ..right.clone() },
        ProviderFile { issuer: "https://idp.example/?a=b".to_owned(), ..right.clone() },
        ProviderFile { issuer: "idp.example".to_owned(), ..right.clone() },
        ProviderFile { redirect: vec![], ..right.clone() },
        ProviderFile { redirect: vec!["http://dash.example/".to_owned()], ..right.clone() },
        ProviderFile { roots: "missing.pem".into(), ..right.clone() },
        ProviderFile { client_secret: Some(open), ..right.clone() },
    ];
    for provider in wrong {
        let shown = format!("{provider:?}");
        let providers = coda_auth::accounts::Providers::new(&institutions(Some(provider), None));
        assert!(providers.is_err(), "{shown}");
    }
    coda_auth::accounts::Providers::new(&institutions(Some(right), None)).unwrap();
}

/// A provider at a port where nobody answers.
struct Nowhere {
    folder: tempfile::TempDir,
    port: u16,
}

impl Nowhere {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let certified = rcgen::generate_simple_self_signed(vec!["127.0.0.1".to_owned()]).unwrap();
        std::fs::write(folder.path().join("roots.pem"), certified.cert.pem()).unwrap();
        let port = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        Self { folder, port }
    }

    fn provider(&self) -> ProviderFile {
        ProviderFile {
            issuer: format!("https://127.0.0.1:{}", self.port),
            client_id: "coda".to_owned(),
            client_secret: None,
            roots: self.folder.path().join("roots.pem"),
            redirect: vec!["http://127.0.0.1:*".to_owned()],
        }
    }

    async fn hub(&self) -> Option<Hub> {
        let north = self.provider();
        Hub::start_with(|config| config.accounts.institutions = institutions(Some(north), None)).await
    }
}
