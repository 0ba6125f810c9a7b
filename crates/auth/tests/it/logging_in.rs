//! Password, code, session: what opens and what does not.

use time::Duration;
use tonic::Code;

use crate::hub::{Hub, refused, user};

const OWN: &str = "four brown kettles sing";
const OTHER: &str = "a green raft at seven";
const REFUSED: &str = "the address, the password or the code is wrong, or the account is locked; after ten wrong tries in a row an \
                       administrator must unlock it";
const OVER: &str = "the session is over; log in again";

#[tokio::test]
async fn a_first_password_opens_nothing_but_its_own_change() {
    let Some(hub) = Hub::start().await else { return };
    let first = hub.opened("kim").await;
    let (kim, session) = hub.log_in("kim", &first).await.unwrap();
    assert!(session.must_change);
    let text = "the first password must be changed before anything else";
    refused(kim.own().await, Code::PermissionDenied, text);
    refused(kim.enrol("").await, Code::PermissionDenied, text);
    refused(kim.open("zoe").await, Code::PermissionDenied, text);
    let list = kim.grants().list_grants(kim.with(coda_wire::v1::ListGrantsRequest {})).await;
    refused(list, Code::PermissionDenied, text);

    let text = "you had this password before; take another";
    refused(kim.change(&first, &first).await, Code::InvalidArgument, text);
    let fault = "leave your name, your e-mail address, your institution and the network's name out of the password";
    refused(kim.change(&first, "north of coda, always").await, Code::InvalidArgument, fault);
    let session = kim.change(&first, OWN).await.unwrap();
    assert!(!session.must_change);
    // The old session is over, the new one is good.
    refused(kim.own().await, Code::Unauthenticated, OVER);
    let kim = crate::person::Visitor { token: session.token, ..kim };
    assert_eq!(kim.own().await.unwrap().account.unwrap().user, user("kim").to_string());
    refused(hub.log_in("kim", &first).await.map(|_| ()), Code::Unauthenticated, REFUSED);

    // No password again, not the first one either.
    let session = kim.change(OWN, OTHER).await.unwrap();
    let kim = crate::person::Visitor { token: session.token, ..kim };
    for former in [OWN, &first] {
        refused(kim.change(OTHER, former).await, Code::InvalidArgument, text_of_former());
    }
    let audit = hub.audit();
    for secret in [OWN, OTHER, first.as_str()] {
        assert!(!audit.contains(secret), "a password is in the log");
    }
}

fn text_of_former() -> &'static str {
    "you had this password before; take another"
}

#[tokio::test]
async fn a_code_is_good_once_for_ten_minutes_and_five_tries() {
    let Some(hub) = Hub::start().await else { return };
    hub.settled("kim", OWN).await;
    let visitor = hub.visitor();
    let code = || hub.postbox.code(user("kim").as_str()).unwrap();

    let challenge = visitor.begin("kim", OWN).await.unwrap();
    let good = code();
    assert_eq!(good.len(), 8);
    // Another person's challenge does not go with it.
    refused(visitor.finish(&"0".repeat(64), &good).await, Code::Unauthenticated, REFUSED);
    visitor.finish(&challenge, &good).await.unwrap();
    refused(visitor.finish(&challenge, &good).await, Code::Unauthenticated, REFUSED);

    let challenge = visitor.begin("kim", OWN).await.unwrap();
    let good = code();
    hub.clock.advance(Duration::seconds(601));
    refused(visitor.finish(&challenge, &good).await, Code::Unauthenticated, REFUSED);

    let challenge = visitor.begin("kim", OWN).await.unwrap();
    let good = code();
    let wrong = if good == "00000000" { "00000001" } else { "00000000" };
    for _ in 0..5 {
        refused(visitor.finish(&challenge, wrong).await, Code::Unauthenticated, REFUSED);
    }
    refused(visitor.finish(&challenge, &good).await, Code::Unauthenticated, REFUSED);
    // A clock that went back does not bring one back.
    hub.clock.advance(Duration::seconds(-700));
    refused(visitor.finish(&challenge, &good).await, Code::Unauthenticated, REFUSED);
}

#[tokio::test]
async fn no_more_codes_are_sent_than_anybody_needs() {
    let Some(hub) = Hub::start().await else { return };
    hub.settled("kim", OWN).await;
    let visitor = hub.visitor();
    // One was sent for the first log-in.
    for _ in 0..4 {
        visitor.begin("kim", OWN).await.unwrap();
    }
    let text = "too many codes were sent; try again in ten minutes";
    refused(visitor.begin("kim", OWN).await, Code::ResourceExhausted, text);
    // Who does not know the password is not told so.
    refused(visitor.begin("kim", OTHER).await, Code::Unauthenticated, REFUSED);
    hub.clock.advance(Duration::seconds(601));
    visitor.begin("kim", OWN).await.unwrap();
}

#[tokio::test]
async fn ten_wrong_passwords_lock_and_an_administrator_unlocks() {
    let Some(hub) = Hub::start().await else { return };
    hub.settled("kim", OWN).await;
    let visitor = hub.visitor();
    for _ in 0..9 {
        refused(visitor.begin("kim", OTHER).await, Code::Unauthenticated, REFUSED);
    }
    // Nine and then right: the count begins anew.
    hub.log_in("kim", OWN).await.unwrap();
    for _ in 0..10 {
        refused(visitor.begin("kim", OTHER).await, Code::Unauthenticated, REFUSED);
    }
    refused(visitor.begin("kim", OWN).await, Code::Unauthenticated, REFUSED);
    // The administrator and the person are told.
    for person in ["max", "kim"] {
        let locked = |message: &coda_postbox::Message| message.text.contains("is locked");
        let mut number = 1;
        while !hub.postbox.to(user(person).as_str(), number).await.iter().any(locked) {
            number += 1;
        }
    }
    let max = hub.settled_master().await;
    refused(hub.visitor().unlock("kim").await, Code::Unauthenticated, OVER);
    max.unlock("kim").await.unwrap();
    refused(max.unlock("kim").await, Code::FailedPrecondition, "the account is not locked");
    hub.log_in("kim", OWN).await.unwrap();
    assert!(hub.audit().contains(r#""what":"lock","old":"locked","new":"unlocked","by":"max@hub.example""#));
}

/// While one guess is looked at, others are too; those over the tenth count for nothing, the right one among them.
#[tokio::test]
async fn guesses_at_the_same_moment_are_no_more_than_ten() {
    let Some(hub) = Hub::start().await else { return };
    hub.settled("kim", OWN).await;
    let guesses = (0..40).map(|_| {
        let visitor = hub.visitor();
        tokio::spawn(async move { visitor.begin("kim", OTHER).await })
    });
    for guess in guesses.collect::<Vec<_>>() {
        assert!(guess.await.unwrap().is_err());
    }
    refused(hub.visitor().begin("kim", OWN).await, Code::Unauthenticated, REFUSED);
}

#[tokio::test]
async fn who_is_unknown_locked_or_closed_hears_the_same() {
    let Some(hub) = Hub::start().await else { return };
    hub.settled("kim", OWN).await;
    hub.settled("lee", OWN).await;
    let max = hub.settled_master().await;
    max.close("lee").await.unwrap();
    let visitor = hub.visitor();
    let before = hub.postbox.messages().len();
    for (name, password) in [("kim", OTHER), ("nobody", OWN), ("lee", OWN), ("kim@elsewhere.example", OWN), ("", OWN)] {
        refused(visitor.begin(name, password).await, Code::Unauthenticated, REFUSED);
    }
    assert_eq!(hub.postbox.messages().len(), before, "nobody is sent anything");
    // The log tells them apart, for the administrators.
    let audit = hub.audit();
    for outcome in ["wrong password", "unknown account", "closed"] {
        assert!(audit.contains(&format!(r#""outcome":"{outcome}""#)), "{outcome}");
    }
    assert!(!audit.contains("elsewhere.example"), "what was typed may be a password");
}

#[tokio::test]
async fn a_session_ends_by_itself_by_log_out_and_by_every_change() {
    let Some(hub) = Hub::start().await else { return };
    let first = hub.settled("kim", OWN).await;
    let (second, _) = hub.log_in("kim", OWN).await.unwrap();
    first.log_out(false).await.unwrap();
    refused(first.own().await, Code::Unauthenticated, OVER);
    second.own().await.unwrap();

    // Idle for too long, and used for too long.
    hub.clock.advance(Duration::minutes(15));
    second.own().await.unwrap();
    hub.clock.advance(Duration::minutes(15) + Duration::seconds(1));
    refused(second.own().await, Code::Unauthenticated, OVER);
    let (third, session) = hub.log_in("kim", OWN).await.unwrap();
    for _ in 0..48 {
        third.own().await.unwrap();
        hub.clock.advance(Duration::minutes(10));
    }
    third.own().await.unwrap();
    hub.clock.advance(Duration::seconds(1));
    refused(third.own().await, Code::Unauthenticated, OVER);
    // A clock that goes back does not bring it back for longer than it has.
    hub.clock.advance(Duration::hours(-9));
    refused(third.own().await, Code::Unauthenticated, OVER);
    hub.clock.advance(Duration::hours(9));
    assert!(session.until > 0);

    // Everywhere.
    let (one, _) = hub.log_in("kim", OWN).await.unwrap();
    let (two, _) = hub.log_in("kim", OWN).await.unwrap();
    one.log_out(true).await.unwrap();
    refused(two.own().await, Code::Unauthenticated, OVER);
    // A role.
    let (one, _) = hub.log_in("kim", OWN).await.unwrap();
    hub.person("max").grant("kim", "principal-investigator", "").await.unwrap();
    refused(one.own().await, Code::Unauthenticated, OVER);
    // A token that was never one, and one of another form.
    for token in ["", "0", &"0".repeat(64), &"é".repeat(32)] {
        let request = crate::person::Visitor { token: String::new(), ..one.clone() };
        let mut call = request.with(coda_wire::v1::ShowOwnRequest {});
        if let Ok(value) = format!("Bearer {token}").parse() {
            call.metadata_mut().insert("authorization", value);
        }
        refused(one.accounts().show_own(call).await.map(|_| ()), Code::Unauthenticated, OVER);
    }
    // Two of them leave it open who calls.
    hub.clock.advance(Duration::seconds(601));
    let (one, _) = hub.log_in("kim", OWN).await.unwrap();
    let mut call = one.with(coda_wire::v1::ShowOwnRequest {});
    let again = call.metadata().get("authorization").unwrap().clone();
    call.metadata_mut().append("authorization", again);
    refused(one.accounts().show_own(call).await.map(|_| ()), Code::Unauthenticated, OVER);
}

#[tokio::test]
async fn a_session_is_no_certificate() {
    let Some(hub) = Hub::start().await else { return };
    let max = hub.settled_master().await;
    // Grants, as the dashboard makes them, but no token for queries.
    let grant = crate::hub::wanted("sara", "site-administrator", "north");
    max.grants().grant(max.with(grant)).await.unwrap();
    let token = max.grants().issue_token(max.with(coda_wire::v1::IssueTokenRequest {})).await;
    refused(token, Code::Unauthenticated, "a token is bound to a certificate; get one with coda init");
    // Headers say nothing on the port for certificates.
    let mut call = max.with(coda_wire::v1::ShowOwnRequest {});
    call.metadata_mut().insert("x-forwarded-user", "max@hub.example".parse().unwrap());
    let shown = hub.person("eve").accounts().show_own(call).await.unwrap().into_inner();
    assert_eq!(shown.account.unwrap().user, "eve@hub.example");
}

#[tokio::test]
async fn a_burst_over_many_accounts_is_told_once_an_hour() {
    let Some(hub) = Hub::start().await else { return };
    let visitor = hub.visitor();
    let told = || {
        let max = user("max");
        let messages = hub.postbox.messages();
        let own =
            messages.iter().filter(|message| message.to == [max.as_str()] && message.text.contains("many log-ins"));
        own.count()
    };
    for number in 0..9 {
        visitor.begin(&format!("nobody{number}"), OWN).await.unwrap_err();
    }
    // The same one again is no other account.
    visitor.begin("nobody0", OWN).await.unwrap_err();
    assert_eq!(told(), 0);
    visitor.begin("nobody9", OWN).await.unwrap_err();
    hub.postbox.to(user("max").as_str(), 1).await;
    assert_eq!(told(), 1);
    for number in 10..15 {
        visitor.begin(&format!("nobody{number}"), OWN).await.unwrap_err();
    }
    assert_eq!(told(), 1);
    hub.clock.advance(Duration::minutes(61));
    for number in 0..10 {
        visitor.begin(&format!("nobody{number}"), OWN).await.unwrap_err();
    }
    hub.postbox.to(user("max").as_str(), 2).await;
    assert_eq!(told(), 2);
}
