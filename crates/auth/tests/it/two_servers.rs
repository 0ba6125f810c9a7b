//! Two auth servers with one database agree.

use coda_auth::accounts::By;
use coda_runtime::Clock as _;
use tonic::Code;

use crate::hub::{Hub, refused, user};
use crate::person::Visitor;

const OWN: &str = "four brown kettles sing";
const REFUSED: &str = "the address, the password or the code is wrong, or the account is locked; after ten wrong tries in a row an \
                       administrator must unlock it";

#[tokio::test(flavor = "multi_thread")]
async fn what_one_server_is_told_holds_at_the_other() {
    let Some(hub) = Hub::start().await else { return };
    let second = hub.second().await;
    hub.settled("kim", OWN).await;
    let (one, other) = (hub.visitor(), hub.visitor_at(&second));

    // A code that was sent by one is good at the other, and once.
    let challenge = one.begin("kim", OWN).await.unwrap();
    let code = hub.postbox.code(user("kim").as_str()).unwrap();
    let token = other.finish(&challenge, &code).await.unwrap().token;
    refused(one.finish(&challenge, &code).await, Code::Unauthenticated, REFUSED);
    // So is the session, which ends at both.
    let [here, there] = [&one, &other].map(|at| Visitor { token: token.clone(), ..at.clone() });
    here.own().await.unwrap();
    there.own().await.unwrap();
    here.log_out(false).await.unwrap();
    refused(there.own().await, Code::Unauthenticated, "the session is over; log in again");

    // Wrong passwords count together, whichever server hears them, and at the same time too.
    let tries = (0..10).map(|number| {
        let at = if number % 2 == 0 { one.clone() } else { other.clone() };
        tokio::spawn(async move { at.begin("kim", "wrong").await.unwrap_err() })
    });
    for tried in tries.collect::<Vec<_>>() {
        tried.await.unwrap();
    }
    let account = hub.stores.accounts.account(&user("kim")).await.unwrap();
    assert_eq!((account.wrong, account.locked_at.is_some()), (10, true));
    for at in [&one, &other] {
        refused(at.begin("kim", OWN).await, Code::Unauthenticated, REFUSED);
    }
    hub.stores.accounts.unlock(&user("kim"), &By::hub(hub.clock.now())).await.unwrap();
    for at in [&one, &other] {
        at.begin("kim", OWN).await.unwrap();
    }
}
