//! Level 0 does no I/O, knows no clock and draws no random numbers: neither through a dependency nor by itself.

use std::collections::{BTreeMap, HashMap};

use super::dependencies::{at, is_family};
use super::source::{Named, paths, tokens};
use super::{Finding, Tree};
use crate::arrows::{PURE, TABLE};
use crate::metadata::{Kind, Metadata, Node};

const LIBRARIES: &[&str] = &["tokio", "tonic", "sqlx", "polars", "rustls"];
const STANDARD: &[&str] = &["fs", "net", "env", "process", "time::SystemTime", "time::Instant"];

/// No forbidden library below a crate of level 0, its tests included.
pub(crate) fn graph(tree: &Tree) -> Vec<Finding> {
    let nodes: HashMap<&str, &Node> = tree.metadata.resolve.nodes.iter().map(|node| (node.id.as_str(), node)).collect();
    let mut findings = Vec::new();
    for package in tree.metadata.members().filter(|package| is_pure(package.short_name())) {
        for chain in chains_to_forbidden(&tree.metadata, &nodes, &package.id) {
            let first = chain.first().copied().unwrap_or_default();
            let advice = format!("level 0 must not reach {}: take it out", chain.join(" → "));
            findings.push(at(tree, package, first, "purity", advice));
        }
    }
    findings
}

/// From the package's direct dependencies of every kind, then over normal ones: the first way to each forbidden library.
fn chains_to_forbidden<'a>(
    metadata: &'a Metadata,
    nodes: &HashMap<&str, &'a Node>,
    start: &'a str,
) -> Vec<Vec<&'a str>> {
    let name = |id: &str| metadata.packages.iter().find(|package| package.id == id).map_or("?", |found| &found.name);
    let mut seen: BTreeMap<&str, Vec<&str>> = BTreeMap::from([(start, Vec::new())]);
    let mut waiting = vec![start];
    let mut found = Vec::new();
    while let Some(id) = waiting.pop() {
        let chain = seen.get(id).cloned().unwrap_or_default();
        for edge in nodes.get(id).iter().flat_map(|node| &node.deps) {
            let normal = edge.dep_kinds.iter().any(|kind| kind.kind == Kind::Normal);
            if seen.contains_key(edge.pkg.as_str()) || !(normal || id == start) {
                continue;
            }
            let chain = [chain.as_slice(), &[name(&edge.pkg)]].concat();
            if LIBRARIES.iter().any(|library| is_family(name(&edge.pkg), library)) {
                found.push(chain.clone());
            } else {
                waiting.push(&edge.pkg);
            }
            seen.insert(&edge.pkg, chain);
        }
    }
    found
}

/// Nothing of the outside world in the sources of level 0, tests left out.
pub(crate) fn sources(tree: &Tree) -> Vec<Finding> {
    tree.rust().filter(|(path, _)| is_pure_source(path)).flat_map(|(path, text)| impurities(path, text)).collect()
}

fn impurities(path: &str, text: &str) -> Vec<Finding> {
    // What is not Rust is a finding of the rule on leftovers.
    let Ok(tokens) = tokens(text) else { return Vec::new() };
    let finding = |Named { line, path: used }: Named| {
        let what = outside_world(&used)?;
        let advice = format!("level 0 must not use {what}: take the value as a parameter");
        Some(Finding { path: path.to_owned(), line, rule: "purity", advice })
    };
    paths(tokens).into_iter().filter_map(finding).collect()
}

/// What of the outside world a path names.
fn outside_world(path: &str) -> Option<&str> {
    match path.split_once("::") {
        Some(("rand", _)) => Some("rand"),
        Some(("std", inside)) => {
            let whole_modules = matches!(inside, "*" | "time" | "time::self" | "time::*");
            let below = |module: &&str| {
                inside.strip_prefix(module).is_some_and(|tail| tail.is_empty() || tail.starts_with("::"))
            };
            (whole_modules || STANDARD.iter().any(below)).then_some(path)
        }
        _ => path.ends_with("thread_rng").then_some(path),
    }
}

fn is_pure(name: &str) -> bool {
    TABLE.iter().any(|row| row.name == name && row.level == PURE)
}

/// `crates/<pure>/src/…`, without files of tests.
fn is_pure_source(path: &str) -> bool {
    let inside = path.strip_prefix("crates/").and_then(|path| path.split_once("/src/"));
    inside.is_some_and(|(name, file)| is_pure(name) && !file.ends_with("tests.rs") && !file.contains("tests/"))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn check(text: &str, expected: &[&str]) {
        let findings = sources(&Tree::of(&[("crates/stats/src/mean.rs", text)]));
        let found: Vec<_> = findings.iter().map(ToString::to_string).collect();
        let expected: Vec<_> = expected
            .iter()
            .map(|what| format!("crates/stats/src/mean.rs:{what}: take the value as a parameter"))
            .collect();
        assert_eq!(found, expected);
    }

    #[test]
    fn files_net_environment_and_clock_are_found() {
        check("use std::fs;", &["1: purity: level 0 must not use std::fs"]);
        check(
            "use std::{\n    fmt,\n    net::TcpStream,\n};",
            &["3: purity: level 0 must not use std::net::TcpStream"],
        );
        check("let x = std::env::var(\"X\");", &["1: purity: level 0 must not use std::env::var"]);
        check("\nstd::process::exit(1);", &["2: purity: level 0 must not use std::process::exit"]);
        check("use std::time::{Duration, Instant};", &["1: purity: level 0 must not use std::time::Instant"]);
        check("use std::time;", &["1: purity: level 0 must not use std::time"]);
    }

    #[test]
    fn randomness_is_found() {
        check("let mut rng = thread_rng();", &["1: purity: level 0 must not use thread_rng"]);
        check("use rand::Rng;", &["1: purity: level 0 must not use rand"]);
    }

    #[test]
    fn comments_tests_and_harmless_paths_are_fine() {
        check("// std::fs\nuse std::{fmt, time::Duration};\nlet s = \"std::net\"; let environment = brand::NEW;", &[]);
        check("#[cfg(test)]\nmod tests {\n    use std::fs;\n}", &[]);
        assert!(!is_pure_source("crates/stats/src/mean/tests.rs"));
        assert!(!is_pure_source("crates/engine/src/lib.rs"));
    }

    #[test]
    fn a_forbidden_library_is_found_through_others_and_through_tests() {
        let package = |name: &str| {
            json!({"id": name, "name": name, "dependencies": [], "targets": [],
                   "manifest_path": format!("/w/crates/{name}/Cargo.toml")})
        };
        let mut tree = Tree::with(&json!([package("coda-model"), package("helper"), package("tokio-util")]), &[]);
        tree.metadata.workspace_members = vec!["coda-model".into()];
        let edge = |to: &str, kind: Option<&str>| json!({"pkg": to, "dep_kinds": [{"kind": kind}]});
        let mut check = |first, second, expected: &[&str]| {
            let nodes = json!({"nodes": [
                {"id": "coda-model", "deps": [edge("helper", first)]},
                {"id": "helper", "deps": [edge("tokio-util", second)]},
                {"id": "tokio-util", "deps": []},
            ]});
            tree.metadata.resolve = serde_json::from_value(nodes).unwrap();
            let found: Vec<_> = graph(&tree).into_iter().map(|finding| finding.advice).collect();
            assert_eq!(found, expected);
        };
        let expected = ["level 0 must not reach helper → tokio-util: take it out"];
        check(None, None, &expected);
        check(Some("dev"), None, &expected);
        check(None, Some("dev"), &[]);
    }
}
