//! The audit logs of a network: cosigned by other sites, shown with proof, and found out when changed.

use std::{
    os::unix::fs::PermissionsExt as _,
    path::{Path, PathBuf},
    sync::Arc,
    time::Duration,
};

use coda_audit::{Policy, SignedCheckpoint, verify_cosigned};
use coda_client::{Accesses, ClientError};
use coda_model::Identity;
use coda_pki::Now;
use coda_service::log::kept;
use coda_testkit::Options;
use coda_wire::v1::{self, coordinator_client::CoordinatorClient};
use prost::Message as _;

use crate::{
    courier::Liar,
    population::{DICTIONARY, hospitals},
    signing::Signers,
    world::{World, channel, of, user},
};

async fn witnessed() -> World {
    let soon = |options| Options { checkpoints: Duration::from_millis(100), ..options };
    let world = World::start_with(DICTIONARY, hospitals(), soon).await;
    world.answer(&of(&["count"])).await;
    world
}

/// The caller's accesses, once all of them are proved.
async fn proved(world: &World) -> Accesses {
    for _ in 0..200 {
        let accesses = world.hub.accesses(3).await.unwrap();
        if accesses.records.iter().all(|record| record.proof.is_some()) {
            return accesses;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    panic!("the sites have not cosigned the log");
}

fn logs(world: &World) -> Vec<(PathBuf, Identity)> {
    let hub = [("auth-audit.jsonl", Identity::Auth), ("coordinator-audit.jsonl", Identity::Coordinator)];
    let sites = world
        .sites
        .iter()
        .map(|site| (world.path(&format!("sites/{site}/compute-audit.jsonl")), Identity::Compute(site.clone())));
    hub.into_iter().map(|(name, identity)| (world.path(name), identity)).chain(sites).collect()
}

/// What is kept beside a log, once there is something in it.
async fn cosigned(world: &World, log: &Path) -> (SignedCheckpoint, Policy, Vec<Identity>) {
    for _ in 0..200 {
        let found = kept(log, world.network.authority().roots(), 2, world.network.now()()).unwrap();
        // The first checkpoint may be of the empty log.
        if let Some((checkpoint, policy, witnesses)) = found.filter(|(.., witnesses)| witnesses.len() >= 2)
            && verify_cosigned(log, &checkpoint, &policy).unwrap().trusted.head.size > 0
        {
            return (checkpoint, policy, witnesses);
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    panic!("nothing was cosigned of {}", log.display());
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_asked_is_proved_to_stand_in_a_log_that_two_sites_cosigned() {
    let world = witnessed().await;
    let accesses = proved(&world).await;
    assert!(accesses.cosigned.len() >= 2, "{:?}", accesses.cosigned);
    let events: Vec<_> = accesses.records.iter().map(|record| record.line.contains("query-received")).collect();
    assert_eq!(events, [true, true, true, false], "one for each site, then the answer");
    // Another person sees none of it, the administrator of a site what was asked of it.
    let bob = user("bob@south.example");
    world.network.name_researcher(&bob, &world.sites).await.unwrap();
    assert_eq!(world.network.hub(&bob).unwrap().accesses(3).await.unwrap().records, []);
    let administrator = world.network.hub(&user("administrator@north.example")).unwrap();
    let seen = administrator.accesses(3).await.unwrap().records;
    assert_eq!(seen.len(), 2, "{seen:?}");
    assert!(seen[0].line.contains(r#""site":"north""#));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_log_that_is_changed_or_cut_is_found_whoever_has_its_keys() {
    let world = witnessed().await;
    proved(&world).await;
    for (log, identity) in logs(&world) {
        let (checkpoint, policy, witnesses) = cosigned(&world, &log).await;
        assert!(witnesses.len() >= 2, "{identity}");
        assert!(!witnesses.contains(&identity), "nobody is a witness of itself");
        let size = verify_cosigned(&log, &checkpoint, &policy).unwrap().trusted.head.size;
        assert!(size > 0, "{identity}");

        // A copy without the hashes, which follow from the lines: with one byte changed, and cut.
        let folder = tempfile::tempdir().unwrap();
        let whole = std::fs::read(&log).unwrap();
        let lines = whole.split_inclusive(|byte| *byte == b'\n');
        let covered: usize = lines.take(size as usize).map(<[u8]>::len).sum();
        let verified = |name: &str, bytes: &[u8]| {
            let copy = folder.path().join(name);
            std::fs::write(&copy, bytes).unwrap();
            std::fs::set_permissions(&copy, std::fs::Permissions::from_mode(0o600)).unwrap();
            verify_cosigned(&copy, &checkpoint, &policy)
        };
        assert!(verified("whole", &whole).is_ok());
        for place in (0..covered).step_by(97) {
            let mut changed = whole.clone();
            changed[place] ^= 1;
            assert!(verified(&place.to_string(), &changed).is_err(), "{identity}: byte {place}");
        }
        assert!(verified("cut", &whole[..covered / 2]).is_err(), "cut");
    }
    // The coordinator's own log, changed where it lies: whoever asks for their accesses is not shown another one.
    let log = world.path("coordinator-audit.jsonl");
    let text = std::fs::read_to_string(&log).unwrap();
    std::fs::write(&log, text.replacen("\"count\"", "\"means\"", 1)).unwrap();
    let error = world.hub.accesses(3).await.unwrap_err();
    assert!(matches!(error, ClientError::Fault(..) | ClientError::Log(_)), "{error:?}");
}

/// A coordinator that keeps the witnesses back, or puts others in their place, is not believed.
#[tokio::test(flavor = "multi_thread")]
async fn a_checkpoint_with_other_witnesses_is_not_believed() {
    let world = witnessed().await;
    proved(&world).await;
    // As the coordinator keeps it, when whoever runs it changes the file.
    world.network.stop();
    let path = world.path("coordinator-audit.jsonl.cosigned");
    let mut whole = v1::CosignedCheckpoint::decode(std::fs::read(&path).unwrap().as_slice()).unwrap();
    // As many as must be: one less is too few.
    whole.witnesses.truncate(2);
    let (roots, now) = (world.network.authority().roots().clone(), world.network.now()());
    let log = world.path("coordinator-audit.jsonl");
    let kept_as = |cosigned: &v1::CosignedCheckpoint| {
        std::fs::write(&path, cosigned.encode_to_vec()).unwrap();
        let (checkpoint, policy, witnesses) = kept(&log, &roots, 1, now).ok()??;
        verify_cosigned(&log, &checkpoint, &policy).ok().map(|_| witnesses.len())
    };
    assert_eq!(kept_as(&whole), Some(2));
    // Left out: fewer names are shown, and coda demands more than half of the sites.
    let mut fewer = whole.clone();
    fewer.witnesses.pop();
    assert_eq!(kept_as(&fewer), Some(1));
    // A site's keys under another certificate than the site's.
    let other = world.network.credentials(&Identity::Coordinator).unwrap();
    let mut forged = whole.clone();
    let content = forged.witnesses[0].content.clone();
    let signature = other.key().sign(&content).unwrap();
    forged.witnesses[0] = coda_wire::token::signed(content, signature, other.chain());
    assert_eq!(kept_as(&forged), None);
    let mut twice = whole.clone();
    twice.witnesses[1] = twice.witnesses[0].clone();
    assert_eq!(kept_as(&twice), Some(1), "it counts once");
    let mut none = whole.clone();
    none.witnesses.clear();
    assert_eq!(kept_as(&none), None);
    // Whoever has the log's keys and the certificate's cosigns it themselves.
    let mut own = whole.clone();
    own.witnesses = vec![own.keys.clone().unwrap()];
    assert_eq!(kept_as(&own), None);
}

/// What the coordinator says of its log is checked by the asker's program: nothing of it can be changed.
#[tokio::test(flavor = "multi_thread")]
async fn whatever_the_coordinator_changes_of_the_records_is_found() {
    type Change = fn(&mut v1::AccessesReply);
    let world = witnessed().await;
    let network = &world.network;
    proved(&world).await;
    let signers = Signers::of(&world);
    let channel = channel(network, &signers.ana, Identity::Coordinator, &network.coordinator.to_string());
    let request = v1::AccessesRequest { token: Some(signers.token(&signers.claims("north"))) };
    let mut honest = CoordinatorClient::new(channel).accesses(request).await.unwrap().into_inner();
    // As many as must be, more than half of the three sites: one less is too few.
    honest.checkpoint.as_mut().unwrap().witnesses.truncate(2);
    let seen = async |change: Change| {
        let mut accesses = honest.clone();
        change(&mut accesses);
        let liar = Liar { answer: v1::Answer::default(), accesses };
        liar.serve(network).await.accesses(3).await
    };
    assert_eq!(seen(|_| {}).await.unwrap().records.len(), honest.accesses.len());
    let lies: [(&str, Change); 8] = [
        ("one byte of a record", |reply| reply.accesses[0].line[20] ^= 1),
        ("the proof of another", |reply| reply.accesses[0].proof = reply.accesses[1].proof.clone()),
        ("another record", |reply| reply.accesses[0].line = reply.accesses[1].line.clone()),
        ("a witness less", |reply| drop(reply.checkpoint.as_mut().unwrap().witnesses.pop())),
        ("no witness", |reply| reply.checkpoint.as_mut().unwrap().witnesses.clear()),
        ("a witness twice", |reply| {
            let witnesses = &mut reply.checkpoint.as_mut().unwrap().witnesses;
            witnesses[1] = witnesses[0].clone();
        }),
        ("its own keys as a witness", |reply| {
            let checkpoint = reply.checkpoint.as_mut().unwrap();
            checkpoint.witnesses[0] = checkpoint.keys.clone().unwrap();
        }),
        ("another size", |reply| {
            let checkpoint = reply.checkpoint.as_mut().unwrap();
            let size = checkpoint.checkpoint.lines().nth(1).unwrap().to_owned();
            checkpoint.checkpoint = checkpoint.checkpoint.replacen(&size, "1", 1);
        }),
    ];
    for (what, change) in lies {
        let error = seen(change).await.expect_err(what);
        assert!(matches!(error, ClientError::Log(_)), "{what}: {error:?}");
    }
    // What was cosigned long ago may lack the records of since then.
    let now = network.now();
    for (minutes, is_taken) in [(9, true), (11, false)] {
        let now = now.clone();
        let theirs: Now = Arc::new(move || now() + time::Duration::minutes(minutes));
        let liar = Liar { answer: v1::Answer::default(), accesses: honest.clone() };
        let seen = liar.serve_to(network, theirs).await.accesses(3).await;
        assert_eq!(seen.is_ok(), is_taken, "{seen:?}");
    }
    // Held back for a while it is said to be too new; for longer it is refused.
    let unproved: Change = |reply| {
        reply.checkpoint = None;
        reply.accesses.iter_mut().for_each(|access| access.proof.clear());
    };
    assert!(seen(unproved).await.unwrap().records.iter().all(|record| record.proof.is_none()));
    let ahead: Change = |reply| {
        for access in &mut reply.accesses {
            access.proof.clear();
            let line = String::from_utf8(access.line.clone()).unwrap().replacen("\"time\":\"20", "\"time\":\"21", 1);
            access.line = line.into_bytes();
        }
    };
    assert!(matches!(seen(ahead).await, Err(ClientError::Log(_))), "a record of the future is never proved");
    let old: Change = |reply| {
        reply.checkpoint = None;
        for access in &mut reply.accesses {
            access.proof.clear();
            let line = String::from_utf8(access.line.clone()).unwrap().replacen("\"time\":\"20", "\"time\":\"19", 1);
            access.line = line.into_bytes();
        }
    };
    assert!(matches!(seen(old).await, Err(ClientError::Log(_))));
}
