//! `coda-hub check`: what is in place, and which sites are reached.

use crate::{files::COORDINATOR, hub::Hub};

#[test]
fn a_hub_is_checked_and_a_site_that_is_not_reached_is_named() {
    let hub = Hub::new();
    let auth = hub.start(&["auth", "--config", "auth.toml"]);
    hub.write("coordinator.toml", &COORDINATOR.replace("127.0.0.1:1\"", &format!("{}\"", auth.address())));
    let ended = hub.run(&["check", "--auth", "auth.toml", "--coordinator", "coordinator.toml"]);
    assert_eq!(ended.code, Some(1));
    let lines = [
        "ok  revocation lists: 2 in ",
        "ok  dictionary: version 1, SHA-256 ",
        "ok  auth server: 127.0.0.1:",
        "ok  database: ",
    ];
    for line in lines {
        assert!(ended.output.contains(line), "{line}: {}", ended.output);
    }
    let site = ended.output.lines().find(|line| line.starts_with("--  coda://site/north/compute: ")).unwrap();
    assert!(site.contains("at 127.0.0.1:7412; does it run, and does the firewall let this machine through?"), "{site}");
    assert!(ended.said.ends_with(" are not in place\n"), "{}", ended.said);

    std::fs::remove_file(hub.path("authority/people.crl")).unwrap();
    std::fs::remove_file(hub.path("authority/nodes.crl")).unwrap();
    let ended = hub.run(&["check", "--auth", "auth.toml"]);
    assert!(
        ended.output.contains("--  revocation lists: ") && ended.output.contains("copy them from the authority"),
        "{}",
        ended.output
    );
    assert_eq!(hub.run(&["check"]).code, Some(2), "nothing to check");
}
