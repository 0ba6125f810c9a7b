//! `init` and `isolate`: a machine is set up by two commands, and a site cut off by one.

use std::{fs, os::unix::fs::PermissionsExt as _};

use coda_runtime::{Clock as _, SystemClock};

use crate::hub::Hub;

const INIT: [&str; 11] = [
    "init",
    "--folder",
    "etc",
    "--algorithm",
    "p256",
    "--site",
    "north=127.0.0.1:7412",
    "--institution",
    "hub.example",
    "--institution",
    "north.example=north",
];

#[test]
fn two_commands_set_a_machine_up_and_change_nothing_that_is_there() {
    let hub = Hub::with_authority();
    let first = hub.run(&INIT);
    assert_eq!(first.code, Some(0), "{}", first.said);
    let key = fs::read(hub.path("etc/pki/auth/key.pem")).unwrap();
    assert_eq!(fs::metadata(hub.path("etc/pki/auth/key.pem")).unwrap().permissions().mode() & 0o777, 0o600);
    // Each digest is said, as whoever signs sees it.
    let request = fs::read(hub.path("etc/requests/hub-auth.csr")).unwrap();
    let digest = hex::encode(coda_pki::sha256(&request));
    assert!(first.said.contains(&format!("  {digest}  coda://hub/auth")), "{}", first.said);

    let requests = ["etc/requests/hub-auth.csr", "etc/requests/hub-coordinator.csr"];
    let sign = ["authority", "sign-named", "--authority", "authority", "--days", "30", "--out", "issued"];
    let unsigned = hub.run(&[&sign[..], &requests].concat());
    assert_eq!((unsigned.code, hub.path("issued").exists()), (Some(1), false), "nobody said yes: {}", unsigned.said);
    let signed = hub.run(&[&sign[..], &["--yes"], &requests].concat());
    assert_eq!(signed.code, Some(0), "{}", signed.said);
    assert!(signed.said.contains(&digest));
    // No certificate that was issued is lost: neither by signing again nor of two for one party.
    let issued = fs::read(hub.path("issued/hub-auth.pem")).unwrap();
    let again = hub.run(&[&sign[..], &["--yes"], &requests].concat());
    assert_eq!((again.code, again.said.contains("hub-auth.pem")), (Some(1), true), "{}", again.said);
    assert_eq!(fs::read(hub.path("issued/hub-auth.pem")).unwrap(), issued);
    let sign_twice = [&sign[..6], &["--out", "twice", "--yes", requests[0], requests[0]]].concat();
    assert_eq!(hub.run(&sign_twice).code, Some(1));
    let second = hub.run(&[&INIT[..], &["--issued", "issued"]].concat());
    assert_eq!(second.code, Some(0), "{}", second.said);
    assert!(second.said.contains("coda://hub/auth: certificate good until 20"), "{}", second.said);

    // Once more: keys and configurations stay.
    fs::write(hub.path("etc/auth.toml"), "mine").unwrap();
    assert_eq!(hub.run(&INIT).code, Some(0));
    assert_eq!(fs::read(hub.path("etc/pki/auth/key.pem")).unwrap(), key);
    assert_eq!(fs::read_to_string(hub.path("etc/auth.toml")).unwrap(), "mine");
    // Other trust anchors, with a certificate under them for this machine's own key, are not put in place.
    let roots = fs::read(hub.path("etc/pki/roots.pem")).unwrap();
    hub.done(&["authority", "create", "eve", "--algorithm", "p256"]);
    let eve = ["authority", "sign-named", "--authority", "eve", "--days", "30", "--out", "forged", "--yes"];
    assert_eq!(hub.run(&[&eve[..], &requests].concat()).code, Some(0));
    let exchanged = hub.run(&[&INIT[..], &["--issued", "forged"]].concat());
    assert_eq!((exchanged.code, exchanged.said.contains("other trust anchors")), (Some(1), true), "{}", exchanged.said);
    assert_eq!(fs::read(hub.path("etc/pki/roots.pem")).unwrap(), roots);
    // A certificate for another key is not put in place.
    let before = fs::read(hub.path("etc/pki/auth/chain.pem")).unwrap();
    fs::rename(hub.path("issued/hub-coordinator.pem"), hub.path("issued/hub-auth.pem")).unwrap();
    assert_eq!(hub.run(&[&INIT[..], &["--issued", "issued"]].concat()).code, Some(1));
    assert_eq!(fs::read(hub.path("etc/pki/auth/chain.pem")).unwrap(), before);
}

#[test]
fn what_init_writes_is_taken() {
    let hub = Hub::empty();
    assert_eq!(hub.run(&INIT).code, Some(0));
    let at = hub.path("etc/auth.toml");
    let auth = coda_runtime::config::load::<coda_auth::config::File>(&at).unwrap().settings(&at).unwrap();
    let user = coda_model::UserId::new("ana@kli.north.example").unwrap();
    assert!(auth.auth.accounts.institutions.of(&user).unwrap().site.is_some());
    let at = hub.path("etc/coordinator.toml");
    let read = coda_runtime::config::load::<coda_coordinator::config::File>(&at).unwrap().settings(&at).unwrap();
    assert_eq!(read.coordinator.sites.len(), 1);
}

#[test]
fn a_site_is_cut_off_with_evidence_that_is_signed_and_let_back_by_a_person() {
    let hub = Hub::new();
    hub.write("coordinator.jsonl", "");
    fs::remove_file(hub.path("coordinator.jsonl")).unwrap();
    let why = ["--reason", "a stolen key", "--by", "eva"];
    let isolate = [&["isolate", "site", "north", "--coordinator", "coordinator.toml", "--evidence", "kept"], &why[..]];
    let ended = hub.run(&isolate.concat());
    assert_eq!(ended.code, Some(0), "{}", ended.said);
    assert!(hub.path("coordinator.jsonl.isolated-north").exists());
    let manifest = fs::read(hub.path("kept/MANIFEST")).unwrap();
    let authority = coda_pki::Authority::open(&hub.path("authority")).unwrap();
    let chain = fs::read_to_string(hub.path("kept/MANIFEST.chain.pem")).unwrap();
    let certificates = chain.split_inclusive("-----END CERTIFICATE-----\n");
    let chain: Vec<_> = certificates.map(|pem| coda_pki::certificate::first(pem.as_bytes()).unwrap()).collect();
    let signature = fs::read(hub.path("kept/MANIFEST.signature")).unwrap();
    let verified = |manifest: &[u8]| {
        coda_pki::verify_signed(&chain, authority.roots(), manifest, &signature, SystemClock.now())
            .map(|signer| signer.identity)
    };
    assert_eq!(verified(&manifest).unwrap(), coda_model::Identity::Coordinator);
    assert!(verified(&manifest[1..]).is_err());
    let digest = hex::encode(coda_pki::sha256(&fs::read(hub.path("kept/dictionary.toml")).unwrap()));
    assert!(String::from_utf8(manifest).unwrap().contains(&format!("{digest}  dictionary.toml")));
    assert_eq!(fs::metadata(hub.path("kept")).unwrap().permissions().mode() & 0o777, 0o700);
    let log = fs::read_to_string(hub.path("coordinator.jsonl")).unwrap();
    assert!(
        log.contains(r#""event":"isolated","whom":"the site north","reason":"a stolen key","by":"eva","begun":true"#)
    );
    let checked = hub.run(&["check", "--coordinator", "coordinator.toml"]);
    assert!(checked.output.contains("--  the site north: cut off while an incident"), "{}", checked.output);
    // Evidence is never overwritten.
    assert_eq!(hub.run(&isolate.concat()).code, Some(1));

    let rejoin = [&["rejoin", "north", "--coordinator", "coordinator.toml"], &why[..]].concat();
    assert_eq!(hub.run(&rejoin).code, Some(0));
    assert!(!hub.path("coordinator.jsonl.isolated-north").exists());
    assert!(!hub.run(&["check", "--coordinator", "coordinator.toml"]).output.contains("cut off"));
    assert_eq!(hub.run(&rejoin).code, Some(1), "it is not cut off");

    // A name with a slip in it cuts off nobody, and says so.
    let slip = [&["isolate", "site", "nroth", "--coordinator", "coordinator.toml", "--evidence", "slip"], &why[..]];
    let ended = hub.run(&slip.concat());
    assert_eq!(ended.said, "error: the coordinator has no site nroth; its sites are north\n");
    assert!(!hub.path("coordinator.jsonl.isolated-nroth").exists());
    // With a key that cannot be used it is cut off all the same, and there is evidence without a signature.
    fs::remove_file(hub.path("coordinator.key")).unwrap();
    let isolate =
        [&["isolate", "site", "north", "--coordinator", "coordinator.toml", "--evidence", "unsigned"], &why[..]];
    assert_eq!(hub.run(&isolate.concat()).code, Some(1));
    assert!(hub.path("coordinator.jsonl.isolated-north").exists());
    assert!(hub.path("unsigned/MANIFEST").exists() && !hub.path("unsigned/MANIFEST.signature").exists());
}
