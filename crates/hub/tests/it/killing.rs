//! The auth server killed in the middle of its work, again and again.

use std::sync::{
    Arc,
    atomic::{AtomicUsize, Ordering},
};

use coda_model::Identity;
use coda_pki::{Algorithm, Authority, Credentials, Now, connect, tls::client_config};
use coda_runtime::{Clock as _, SystemClock};
use coda_wire::v1::{self, accounts_client::AccountsClient};
use time::Duration;
use tonic::transport::Channel;

use crate::hub::Hub;

/// Who changes something at the same time.
const AT_ONCE: usize = 4;
const ROUNDS: usize = 8;

fn master(hub: &Hub) -> Credentials {
    hub.done(&["name-master", "--config", "auth.toml", "--user", "mo@hub.example"]);
    let authority = Authority::open(&hub.path("authority")).unwrap();
    let mo = Identity::parse("coda://user/mo@hub.example").unwrap();
    authority.credentials(&mo, Algorithm::P256, Duration::days(1), SystemClock.now()).unwrap()
}

fn accounts(address: &str, mo: &Credentials) -> AccountsClient<Channel> {
    let now: Now = Arc::new(|| SystemClock.now());
    let config = client_config(mo, Identity::Auth, now).unwrap();
    AccountsClient::new(connect::channel(address, config, connect::Timeouts::default()).unwrap())
}

/// Opens one account after the other until the server is gone; those that were acknowledged.
async fn open(mut accounts: AccountsClient<Channel>, name: String, acknowledged: Arc<AtomicUsize>) -> Vec<String> {
    let mut opened = Vec::new();
    loop {
        let user = format!("{name}-{}@hub.example", opened.len());
        let request = v1::OpenAccountRequest { user: user.clone(), phone: String::new() };
        if accounts.open_account(request).await.is_err() {
            return opened;
        }
        opened.push(user);
        acknowledged.fetch_add(1, Ordering::Relaxed);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn no_change_that_was_acknowledged_is_lost() {
    let hub = Hub::new();
    let mo = master(&hub);
    let mut all = Vec::new();
    for round in 0..ROUNDS {
        let mut serving = hub.start(&["auth", "--config", "auth.toml"]);
        let (address, acknowledged) = (serving.address(), Arc::new(AtomicUsize::new(0)));
        let openers: Vec<_> = (0..AT_ONCE)
            .map(|number| open(accounts(&address, &mo), format!("person-{round}-{number}"), acknowledged.clone()))
            .map(tokio::spawn)
            .collect();
        // Always while others are half way, and each time after another number.
        while acknowledged.load(Ordering::Relaxed) < 2 + round {
            assert!(!openers.iter().all(tokio::task::JoinHandle::is_finished), "the server acknowledges nothing");
            tokio::task::yield_now().await;
        }
        serving.kill();
        for opener in openers {
            all.extend(opener.await.unwrap());
        }
    }
    let serving = hub.start(&["auth", "--config", "auth.toml"]);
    let listed =
        accounts(&serving.address(), &mo).list_accounts(v1::ListAccountsRequest {}).await.unwrap().into_inner();
    let names: Vec<_> = listed.accounts.into_iter().map(|account| account.user).collect();
    let log = std::fs::read_to_string(hub.path("auth.jsonl")).unwrap();
    assert!(all.len() >= ROUNDS * 2, "{}", all.len());
    for user in &all {
        assert!(names.contains(user), "{user} was acknowledged and is lost");
        assert!(log.contains(&format!("\"{user}\"")), "{user} is not on record");
    }
    assert_eq!(serving.stop().0, Some(0));
    let verified = hub.done(&["audit", "verify", "auth.jsonl"]);
    assert!(verified.starts_with("unbroken, lines: "), "{verified}");
}
