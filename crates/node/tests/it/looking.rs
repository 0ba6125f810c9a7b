//! The commands that only look.

use insta::assert_snapshot;

use crate::site::Site;

#[test]
fn a_policy_that_narrows_is_put_into_words() {
    let site = Site::new();
    site.write("policy.toml", "k = 11\nrefused_users = [\"eve\"]\nrefused_datasets = [\"heart\", \"lung\"]\n");
    let ended = site.run(&["policy", "check", "policy.toml"]);
    assert_eq!((ended.code, ended.said.as_str()), (Some(0), ""));
    assert_snapshot!(ended.output, @r"
    The policy can be taken.
    A result leaves this site only with at least 11 people behind it, and at least as many rows.
    Queries are answered.
    Refused users: eve.
    Refused data sets: heart, lung.
    ");
}

#[test]
fn a_policy_that_widens_is_refused() {
    let site = Site::new();
    site.write("policy.toml", "k = 4\n");
    let ended = site.run(&["policy", "check", "policy.toml"]);
    assert_eq!((ended.code, ended.output.as_str()), (Some(1), ""));
    assert_snapshot!(ended.said, @"error: the policy policy.toml cannot be taken: k is under the network's floor of 5; a site may raise it, never lower it");
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
    assert_snapshot!(ended.said, @"error: changed.jsonl:1: this line, or the one before it, is not what was written; keep the file and find out who changed it");
}
