//! A site decides for itself: what the coordinator hands over is answered only if the person signed exactly this, for
//! this site, for now, and once.

use coda_model::Identity;
use coda_pki::{Algorithm, Authority, Credentials};
use coda_policy::Claims;
use coda_wire::{
    envelope::Envelope,
    receipt, token,
    v1::{self, coordinator_client::CoordinatorClient},
};
use tonic::{Code, Status};

use crate::{
    population::hospitals,
    signing::{Signers, request, signed},
    world::{World, channel, of, site, user},
};

/// Asserts that the north refuses a request, with this code, in words that say this.
async fn refused(signers: &Signers<'_>, what: &str, request: v1::Request, code: Code, words: &str) {
    match signers.send(&site("north"), request).await {
        Ok(_) => panic!("{what}: answered"),
        Err(status) => {
            assert_eq!(status.code(), code, "{what}: {status:?}");
            assert!(status.message().contains(words), "{what}: {:?} does not say {words:?}", status.message());
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_signed_query_is_answered_once() {
    let world = World::start(hospitals()).await;
    let (signers, north) = (Signers::of(&world), site("north"));
    let valid = signers.valid(&of(&["count"]), "north");
    let answer = signers.send(&north, valid.clone()).await.unwrap();
    let receipt = receipt::decode(&answer.receipt.unwrap().content).unwrap();
    assert_eq!(receipt.site, north);
    refused(&signers, "the same again", valid.clone(), Code::PermissionDenied, "answered before").await;

    // A new token or another query does not make it another: the nonce counts.
    let fresh = v1::Request { token: Some(signers.token(&signers.claims("north"))), ..valid };
    refused(&signers, "with a new token", fresh, Code::PermissionDenied, "answered before").await;
    let first = signers.envelope(&of(&["count"]), "north");
    let second = Envelope { query: of(&["mean:age"]), ..first.clone() };
    let of = |envelope| request(signers.signed_by_ana(envelope), signers.token(&signers.claims("north")));
    signers.send(&north, of(&first)).await.unwrap();
    refused(&signers, "the nonce again", of(&second), Code::PermissionDenied, "answered before").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn of_copies_sent_at_once_one_is_answered() {
    let world = World::start(hospitals()).await;
    let (signers, north) = (Signers::of(&world), site("north"));
    let valid = signers.valid(&of(&["count"]), "north");
    let (a, b, c, d) = tokio::join!(
        signers.send(&north, valid.clone()),
        signers.send(&north, valid.clone()),
        signers.send(&north, valid.clone()),
        signers.send(&north, valid),
    );
    let answered: Vec<Result<v1::SiteAnswer, Status>> = vec![a, b, c, d];
    assert_eq!(answered.iter().filter(|answer| answer.is_ok()).count(), 1, "{answered:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_envelope_counts_for_its_person_its_site_and_its_time() {
    let world = World::start(hospitals()).await;
    let signers = Signers::of(&world);
    let now = signers.now();
    let valid = || signers.envelope(&of(&["count"]), "north");
    let cases: [(&str, Envelope, Code, &str); 7] = [
        (
            "expired",
            Envelope { not_before: now - 900, not_after: now - 600, ..valid() },
            Code::PermissionDenied,
            "expired",
        ),
        (
            "not yet",
            Envelope { not_before: now + 300, not_after: now + 600, ..valid() },
            Code::PermissionDenied,
            "expired",
        ),
        ("too long", Envelope { not_after: now + 601, ..valid() }, Code::PermissionDenied, "more than ten minutes"),
        (
            "for ever",
            Envelope { not_before: i64::MIN, not_after: i64::MAX, ..valid() },
            Code::PermissionDenied,
            "ten minutes",
        ),
        (
            "elsewhere",
            Envelope { sites: vec![site("south")], ..valid() },
            Code::PermissionDenied,
            "does not name this site",
        ),
        ("another's", Envelope { user: user("bob"), ..valid() }, Code::PermissionDenied, "another person"),
        (
            "another dictionary",
            Envelope { dictionary: "2".to_owned(), ..valid() },
            Code::FailedPrecondition,
            "dictionary",
        ),
    ];
    for (what, envelope, code, words) in cases {
        let request = request(signers.signed_by_ana(&envelope), signers.token(&signers.claims("north")));
        refused(&signers, what, request, code, words).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_envelope_counts_only_with_its_persons_signature() {
    let world = World::start(hospitals()).await;
    let signers = Signers::of(&world);
    let content = || coda_wire::envelope::encode(&signers.envelope(&of(&["count"]), "north"));
    let by = |credentials: &Credentials| signed(content(), credentials);
    let stranger = stranger(&world, &Identity::User(user(crate::world::RESEARCHER)));
    let (valid, other) = (by(&signers.ana), by(&signers.ana));
    let node = world.network.credentials(&Identity::Compute(site("north"))).unwrap();
    let bob = world.network.credentials(&Identity::User(user("bob"))).unwrap();
    let mut spoilt = valid.clone();
    spoilt.signature[10] ^= 1;
    let unsigned = |valid: &v1::Signed| v1::Signed { signature: Vec::new(), ..valid.clone() };
    let cases = [
        ("signed by the coordinator", by(&signers.coordinator)),
        ("signed by a site", by(&node)),
        ("signed by somebody of another network", by(&stranger)),
        ("other bytes under the signature", v1::Signed { content: other.content, ..valid.clone() }),
        ("another's chain", v1::Signed { chain: by(&bob).chain, ..valid.clone() }),
        ("no chain", v1::Signed { chain: Vec::new(), ..valid.clone() }),
        ("a chain of garbage", v1::Signed { chain: vec![vec![0x30; 40]], ..valid.clone() }),
        ("no signature", unsigned(&valid)),
        ("a spoilt signature", spoilt),
    ];
    for (what, envelope) in cases {
        let request = request(envelope, signers.token(&signers.claims("north")));
        refused(&signers, what, request, Code::Unauthenticated, "not signed by a person of this network").await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_token_counts_for_its_person_its_certificate_and_its_time() {
    let world = World::start(hospitals()).await;
    let signers = Signers::of(&world);
    let now = signers.now();
    let valid = || signers.claims("north");
    let cases = [
        ("another's", Claims { user: user("bob"), ..valid() }, "another certificate"),
        ("of another certificate", Claims { thumbprint: [7; 32], ..valid() }, "another certificate"),
        ("expired", Claims { not_before: now - 900, not_after: now - 300, ..valid() }, "token has expired"),
        ("not yet", Claims { not_before: now + 300, not_after: now + 600, ..valid() }, "token has expired"),
        ("too long", Claims { not_after: now + 601, ..valid() }, "token has expired"),
        ("without roles", Claims { claims: Vec::new(), ..valid() }, "no role at this site"),
        ("with a role elsewhere", signers.claims("south"), "no role at this site"),
    ];
    for (what, claims, words) in cases {
        let envelope = signers.signed_by_ana(&signers.envelope(&of(&["count"]), "north"));
        let request = request(envelope, signers.token(&claims));
        refused(&signers, what, request, Code::PermissionDenied, words).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_token_counts_only_with_the_auth_servers_signature() {
    let world = World::start(hospitals()).await;
    let signers = Signers::of(&world);
    let node = world.network.credentials(&Identity::Compute(site("north"))).unwrap();
    let false_auth = stranger(&world, &Identity::Auth);
    for (what, by) in [
        ("by the asker", &signers.ana),
        ("by the coordinator", &signers.coordinator),
        ("by a site", &node),
        ("by the auth server of another network", &false_auth),
    ] {
        let envelope = signers.signed_by_ana(&signers.envelope(&of(&["count"]), "north"));
        let request = request(envelope, signed(token::encode(&signers.claims("north")), by));
        refused(&signers, what, request, Code::Unauthenticated, "the token is not of this network").await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_request_that_is_not_understood_to_the_last_byte_is_refused() {
    let world = World::start(hospitals()).await;
    let signers = Signers::of(&world);
    let valid = || signers.valid(&of(&["count"]), "north");
    // Field 15, as a later version may add it: it may narrow what the person meant.
    let tail = |content: Vec<u8>| [content, vec![0x78, 0x01]].concat();
    let content = coda_wire::envelope::encode(&signers.envelope(&of(&["count"]), "north"));
    let claims = token::encode(&signers.claims("north"));
    let cases = [
        ("no envelope", v1::Request { envelope: None, ..valid() }),
        ("no token", v1::Request { token: None, ..valid() }),
        ("garbage as envelope", v1::Request { envelope: Some(signed(vec![0xff; 64], &signers.ana)), ..valid() }),
        ("nothing as envelope", v1::Request { envelope: Some(signed(Vec::new(), &signers.ana)), ..valid() }),
        ("garbage as token", v1::Request { token: Some(signed(vec![0xff; 64], &signers.auth)), ..valid() }),
        (
            "an unknown field in the envelope",
            v1::Request { envelope: Some(signed(tail(content), &signers.ana)), ..valid() },
        ),
        ("an unknown field in the token", v1::Request { token: Some(signed(tail(claims), &signers.auth)), ..valid() }),
    ];
    for (what, request) in cases {
        refused(&signers, what, request, Code::InvalidArgument, "not a signed query with a token").await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_coordinator_takes_a_query_only_from_the_person_who_signed_it_and_sites_only_once() {
    let world = World::start(hospitals()).await;
    let signers = Signers::of(&world);
    let valid = signers.valid(&of(&["count"]), "north");
    let hub = |own: &Credentials| {
        let at = world.network.coordinator.to_string();
        CoordinatorClient::new(channel(&world.network, own, Identity::Coordinator, &at))
    };
    let bob = world.network.credentials(&Identity::User(user("bob"))).unwrap();
    let again = world.network.credentials(&Identity::User(user(crate::world::RESEARCHER))).unwrap();
    for (who, own) in [("another person", &bob), ("the same person's other certificate", &again)] {
        let status = hub(own).ask(valid.clone()).await.err().unwrap();
        assert_eq!(
            (status.code(), status.message()),
            (Code::Unauthenticated, "the query is not signed by you"),
            "{who}"
        );
    }
    let envelope = signers.signed_by_ana(&signers.envelope(&of(&["count"]), "north"));
    let borrowed = Claims { user: user("bob"), ..signers.claims("north") };
    let status = hub(&signers.ana).ask(request(envelope, signers.token(&borrowed))).await.err().unwrap();
    assert_eq!(status.code(), Code::Unauthenticated, "{status:?}");
    assert!(status.message().contains("token is not yours"), "{status:?}");

    for expected in [v1::site_outcome::Status::Answered, v1::site_outcome::Status::Refused] {
        let mut events = hub(&signers.ana).ask(valid.clone()).await.unwrap().into_inner();
        let event = events.message().await.unwrap().unwrap().event.unwrap();
        let v1::ask_event::Event::Settled(found) = event else { panic!("no site is settled: {event:?}") };
        assert_eq!(found.status(), expected, "{}", found.detail);
    }
}

/// Somebody with the right name in another network.
fn stranger(world: &World, identity: &Identity) -> Credentials {
    let folder = world.path("another-network");
    let now = world.network.now()();
    let authority = if folder.exists() {
        Authority::open(&folder).unwrap()
    } else {
        Authority::create(&folder, Algorithm::P256, now).unwrap()
    };
    authority.credentials(identity, Algorithm::P256, time::Duration::days(1), now).unwrap()
}
