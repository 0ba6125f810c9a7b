//! What `--help` says.

use insta::assert_snapshot;

use crate::site::Site;

fn help(command: &[&str]) -> String {
    let ended = Site::new().run(&[command, ["--help"].as_slice()].concat());
    assert_eq!((ended.code, ended.said.as_str()), (Some(0), ""));
    ended.output
}

#[test]
fn the_program() {
    assert_snapshot!(help(&[]), @"");
}

#[test]
fn a_service() {
    let storage = help(&["storage"]);
    assert_snapshot!(storage, @"");
    let arguments = |text: &str| text.split_once("Options:").unwrap().1.to_owned();
    assert_eq!(arguments(&help(&["compute"])), arguments(&storage));
}

#[test]
fn build() {
    assert_snapshot!(help(&["build"]), @"");
}

#[test]
fn request() {
    assert_snapshot!(help(&["request"]), @"");
}
