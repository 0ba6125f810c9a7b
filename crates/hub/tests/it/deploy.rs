//! `deploy/` is true to the program.

use std::{fs, path::PathBuf};

use coda_runtime::config::load;

use crate::hub::Hub;

fn path(name: &str) -> PathBuf {
    PathBuf::from(std::env::var_os("CARGO_MANIFEST_DIR").unwrap()).join("../../deploy").join(name)
}

#[test]
fn the_sample_configurations_are_taken() {
    let at = path("config/auth.toml");
    load::<coda_auth::config::File>(&at).unwrap().settings(&at).unwrap();
    let at = path("config/coordinator.toml");
    let coordinator = load::<coda_coordinator::config::File>(&at).unwrap().settings(&at).unwrap();
    assert_eq!(coordinator.coordinator.sites.len(), 2);
}

#[test]
fn the_commands_of_the_guide_and_the_units_are_the_programs() {
    let hub = Hub::empty();
    let files = ["README.md", "systemd/coda-auth.service", "systemd/coda-coordinator.service"];
    let text: String = files.iter().map(|name| fs::read_to_string(path(name)).unwrap()).collect();
    let lines = text.lines().filter(|line| line.starts_with("    ") || line.starts_with("ExecStart="));
    let commands: Vec<Vec<&str>> = lines
        .filter_map(|line| line.split_once("coda-hub "))
        .map(|(_, command)| command.split_whitespace().take_while(|word| !["#", ">"].contains(word)).collect())
        .collect();
    assert!(commands.len() >= 8, "{commands:?}");
    for command in commands {
        hub.done(&[command.as_slice(), ["--help"].as_slice()].concat());
    }
}
