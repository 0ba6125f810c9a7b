//! 10,000 mutations of what opens a session, and of what a session is known by: none opens one, and none is another's.

use coda_auth::accounts::AccountError;
use coda_mutations::run;
use coda_runtime::Clock as _;
use coda_wire::v1::FinishRequest;
use proptest::prelude::*;
use prost::Message as _;
use tokio::runtime::Runtime;

use crate::hub::{Hub, user};

const OWN: &str = "four brown kettles sing";

#[test]
fn a_changed_token_is_nobodys() {
    let runtime = Runtime::new().unwrap();
    let Some(hub) = runtime.block_on(Hub::start()) else { return };
    let [kim, zoe] = ["kim", "zoe"].map(|name| runtime.block_on(hub.settled(name, OWN)).token);
    let accounts = &hub.stores.accounts;
    run(kim.as_bytes(), zoe.as_bytes(), |bytes| {
        let Ok(token) = std::str::from_utf8(bytes) else { return Ok(false) };
        match runtime.block_on(accounts.session(token, hub.clock.now())) {
            Ok(session) => {
                let whose = if token == zoe { "zoe" } else { "kim" };
                prop_assert!(session.user == user(whose) && (token == kim || token == zoe), "{token} is as good");
                Ok(true)
            }
            Err(AccountError::Session) => Ok(false),
            Err(error) => Err(TestCaseError::fail(error.to_string())),
        }
    });
}

/// With another challenge than the one that was handed out: a wrong code to the right one is counted, and the sixth is refused
/// whatever it is.
#[test]
fn a_changed_message_opens_no_session() {
    let runtime = Runtime::new().unwrap();
    let Some(hub) = runtime.block_on(Hub::start()) else { return };
    let messages = ["kim", "zoe"].map(|name| {
        runtime.block_on(async {
            hub.settled(name, OWN).await;
            let challenge = hub.visitor().begin(name, OWN).await.unwrap();
            FinishRequest { challenge, code: hub.postbox.code(user(name).as_str()).unwrap() }
        })
    });
    let [valid, other] = messages.each_ref().map(FinishRequest::encode_to_vec);
    let accounts = &hub.stores.accounts;
    run(&valid, &other, |bytes| {
        let Ok(FinishRequest { challenge, code }) = FinishRequest::decode(bytes) else { return Ok(false) };
        if messages.iter().any(|message| message.challenge == challenge) {
            return Ok(false);
        }
        match runtime.block_on(accounts.finish_log_in(&challenge, code.trim(), None, hub.clock.now())) {
            Ok(_) => Err(TestCaseError::fail("a session for another challenge")),
            Err(AccountError::Refused(_)) => Ok(false),
            Err(error) => Err(TestCaseError::fail(error.to_string())),
        }
    });
}
