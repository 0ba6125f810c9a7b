//! Master administrators, named on the hub itself.

use insta::assert_snapshot;

use crate::hub::Hub;

#[test]
fn a_master_is_named_and_removed_while_the_server_runs_and_both_are_on_record() {
    let hub = Hub::new();
    let serving = hub.start(&["auth", "--config", "auth.toml"]);
    let master = |command| hub.run(&[command, "--config", "auth.toml", "--user", "mo@hub.example"]);
    let (named, again) = (master("name-master"), master("name-master"));
    let (removed, gone) = (master("remove-master"), master("remove-master"));
    let codes = [&named, &again, &removed, &gone].map(|ended| ended.code);
    assert_eq!(codes, [Some(0), Some(1), Some(0), Some(1)]);
    assert_snapshot!([named, again, removed, gone].map(|ended| ended.said).concat(), @"
    mo@hub.example is a master administrator now
    an account was opened; its first password, to be changed at the first log-in (coda init), is
    error: the grants cannot be used: the person has this role already
    mo@hub.example is no master administrator any more; tokens that stand end within ten minutes
    error: no standing grant has this id
    ");
    assert_eq!(serving.stop().0, Some(0));
    assert_snapshot!(hub.done(&["audit", "verify", "auth.jsonl"]), @"unbroken, lines: 3");

    hub.change("auth.jsonl", "mo@hub.example", "eve@hub.example");
    let changed = hub.run(&["audit", "verify", "auth.jsonl"]);
    assert_eq!(changed.code, Some(1));
    assert_snapshot!(changed.said, @"error: auth.jsonl:1: this line is not what was written; keep the file and find out who changed it");
}

#[test]
fn a_name_that_is_none_is_a_wrong_command_line() {
    let ended = Hub::empty().run(&["name-master", "--config", "auth.toml", "--user", "Mo Hub"]);
    assert_eq!((ended.code, ended.output.as_str()), (Some(2), ""));
}
