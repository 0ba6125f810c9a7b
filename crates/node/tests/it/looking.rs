//! The commands that only look.

use insta::assert_snapshot;

use crate::site::Site;

#[test]
fn a_policy_that_narrows_is_put_into_words() {
    let site = Site::new();
    site.write("policy.toml", "k = 11\nrefused_users = [\"eve\"]\nrefused_datasets = [\"heart\", \"lung\"]\n");
    let ended = site.run(&["policy", "check", "policy.toml"]);
    assert_eq!((ended.code, ended.said.as_str()), (Some(0), ""));
    assert_snapshot!(ended.output, @"");
}

#[test]
fn a_policy_that_widens_is_refused() {
    let site = Site::new();
    site.write("policy.toml", "k = 4\n");
    let ended = site.run(&["policy", "check", "policy.toml"]);
    assert_eq!((ended.code, ended.output.as_str()), (Some(1), ""));
    assert_snapshot!(ended.said, @"");
}

#[test]
fn an_audit_log_is_whole_or_its_first_wrong_line_is_named() {
    let site = Site::new();
    site.write("whole.jsonl", "");
    let ended = site.run(&["audit", "verify", "whole.jsonl"]);
    assert_eq!((ended.code, ended.said.as_str()), (Some(0), ""));
    assert_snapshot!(ended.output, @"");
    site.write("changed.jsonl", "{}\n");
    let ended = site.run(&["audit", "verify", "changed.jsonl"]);
    assert_eq!((ended.code, ended.output.as_str()), (Some(1), ""));
    assert_snapshot!(ended.said, @"");
}
