//! `deploy/` is true to the program.

use std::{fs, path::PathBuf};

use coda_runtime::config::load;

use crate::site::Site;

fn path(name: &str) -> PathBuf {
    PathBuf::from(std::env::var_os("CARGO_MANIFEST_DIR").unwrap()).join("../../deploy").join(name)
}

#[test]
fn the_sample_configurations_are_taken() {
    let at = path("config/storage.toml");
    let storage = load::<coda_storage::config::File>(&at).unwrap().settings(&at).unwrap();
    let at = path("config/compute.toml");
    let compute = load::<coda_compute::config::File>(&at).unwrap().settings(&at).unwrap();
    assert_eq!(storage.storage.site, compute.compute.site);
    assert_eq!(storage.listen.to_string(), compute.compute.storage);
}

#[test]
fn the_commands_of_the_guide_and_the_units_are_the_programs() {
    let site = Site::new();
    let files = ["README.md", "systemd/coda-storage.service", "systemd/coda-compute.service"];
    let text: String = files.iter().map(|name| fs::read_to_string(path(name)).unwrap()).collect();
    let lines = text.lines().filter(|line| line.starts_with("    ") || line.starts_with("ExecStart="));
    let commands: Vec<Vec<&str>> = lines
        .filter_map(|line| line.split_once("coda-node "))
        .map(|(_, command)| command.split_whitespace().take_while(|word| !["#", ">"].contains(word)).collect())
        .collect();
    assert!(commands.len() >= 6, "{commands:?}");
    for command in commands {
        let ended = site.run(&[command.as_slice(), ["--help"].as_slice()].concat());
        assert_eq!(ended.code, Some(0), "{command:?}: {}", ended.said);
    }
}
