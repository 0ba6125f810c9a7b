//! The commands that only look.

use coda_policy::SitePolicy;
use insta::assert_snapshot;

use crate::site::Site;

/// The words themselves are tested where they are made, in coda-policy.
#[test]
fn a_policy_is_checked_shown_and_explained() {
    let site = Site::new();
    let text = "k = 11\nrefused_users = [\"eve\"]\nrefused_datasets = [\"heart\", \"lung\"]\n";
    site.write("policy.toml", text);
    let policy = SitePolicy::parse(text).unwrap();
    let network = SitePolicy::default();
    for (arguments, words) in [
        (["policy", "check", "policy.toml"].as_slice(), policy.check()),
        (&["policy", "show", "policy.toml"], policy.show()),
        (&["policy", "explain", "policy.toml"], policy.explain()),
        (&["policy", "show"], network.show()),
        (&["policy", "explain"], network.explain()),
    ] {
        let ended = site.run(arguments);
        assert_eq!((ended.code, ended.said.as_str()), (Some(0), ""), "{arguments:?}");
        assert_eq!(ended.output, words, "{arguments:?}");
    }
}

#[test]
fn a_policy_that_widens_is_refused() {
    let site = Site::new();
    site.write("policy.toml", "k = 4\n");
    let ended = ["check", "show", "explain"].map(|word| site.run(&["policy", word, "policy.toml"]));
    let [check, rest @ ..] = &ended;
    assert_eq!((check.code, check.output.as_str()), (Some(1), ""));
    assert_snapshot!(check.said, @"error: the policy policy.toml cannot be taken: line 1: k = 4 is under the network's minimum of 5: a figure about fewer people can be traced to one of them; a site may raise it, never lower it");
    assert!(rest.iter().all(|ended| ended == check));
}

#[test]
fn an_audit_log_is_whole_or_its_first_wrong_line_is_named() {
    let site = Site::new();
    site.write("whole.jsonl", "");
    let ended = site.run(&["audit", "verify", "whole.jsonl"]);
    assert_eq!((ended.code, ended.said.as_str()), (Some(0), ""));
    assert_snapshot!(ended.output, @"unbroken, lines: 0");
    site.write("changed.jsonl", "{}\n");
    let ended = site.run(&["audit", "verify", "changed.jsonl"]);
    assert_eq!((ended.code, ended.output.as_str()), (Some(1), ""));
    assert_snapshot!(ended.said, @"error: changed.jsonl:1: this line is not what was written; keep the file and find out who changed it");
}
