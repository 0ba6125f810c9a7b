//! Arrows between crates, and libraries that have one owner.

use super::{Finding, Tree};
use crate::arrows::{self, PURE, Row};
use crate::metadata::{Dependency, Kind, Package, short_name};

/// A library (and those that begin with its name and a hyphen), and the only crates that may name it.
const OWNERS: &[(&str, &[&str])] = &[
    ("polars", &["engine"]),
    ("sqlx", &["auth", "ledger", "audit"]),
    ("protox", &["wire"]),
    ("prost-build", &["wire"]),
    ("tonic-build", &["wire"]),
    ("tonic-prost-build", &["wire"]),
];

pub(crate) fn arrows(tree: &Tree) -> Vec<Finding> {
    let mut findings = Vec::new();
    for package in tree.metadata.members() {
        let Some(row) = arrows::find(package.short_name()) else {
            findings.push(at(
                tree,
                package,
                "name",
                "arrows",
                "give this crate a row in crates/xtask/src/arrows.rs".into(),
            ));
            continue;
        };
        for dependency in &package.dependencies {
            let ours = tree.metadata.members().any(|other| other.name == dependency.name);
            let other = arrows::find(short_name(&dependency.name)).filter(|_| ours);
            if let Some(advice) = other.and_then(|other| forbidden(row, other, dependency)) {
                findings.push(at(tree, package, &dependency.name, "arrows", advice));
            }
        }
    }
    findings
}

fn forbidden(row: &Row, other: &Row, dependency: &Dependency) -> Option<String> {
    let (from, to) = (row.name, other.name);
    match dependency.kind {
        Kind::Development if row.level == PURE && other.level != PURE => {
            Some(format!("{from} is pure, its tests too: take {to} out, or test from a crate further out"))
        }
        Kind::Development if !row.may_use_in_tests(other) => {
            Some(format!("the tests of {from} reach up to {to}: move them to {to} or to tests/"))
        }
        Kind::Normal | Kind::Build if !row.may_use(other) => Some(format!(
            "{from} may not use {to}: move the code, or let the table in crates/xtask/src/arrows.rs and \
             ARCHITECTURE.md grow by a commit of its own that says why"
        )),
        _ => None,
    }
}

pub(crate) fn owners(tree: &Tree) -> Vec<Finding> {
    let mut findings = Vec::new();
    for package in tree.metadata.members() {
        for dependency in &package.dependencies {
            let owners = OWNERS.iter().find(|(library, _)| is_family(&dependency.name, library));
            let owners = owners.map(|(_, owners)| owners).filter(|owners| !owners.contains(&package.short_name()));
            if let Some(owners) = owners {
                let advice = format!("only {} may use {}: ask that crate", owners.join(", "), dependency.name);
                findings.push(at(tree, package, &dependency.name, "owner", advice));
            }
        }
    }
    findings
}

/// `polars` and `polars-io` are one family.
pub(super) fn is_family(name: &str, library: &str) -> bool {
    name.strip_prefix(library).is_some_and(|tail| tail.is_empty() || tail.starts_with('-'))
}

/// A finding on the line of the package's manifest that begins with `word`.
pub(super) fn at(tree: &Tree, package: &Package, word: &str, rule: &'static str, advice: String) -> Finding {
    let path = tree.metadata.relative(&package.manifest_path);
    let text = tree.file(&path).and_then(|file| file.text.as_deref()).unwrap_or_default();
    let begins = |line: &str| line.strip_prefix(word).is_some_and(|tail| tail.starts_with([' ', '.', '=']));
    let line = text.lines().position(begins).map_or(1, |index| index + 1);
    Finding { path, line, rule, advice }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    fn package(name: &str, dependencies: &[(&str, Option<&str>)]) -> Value {
        let dependencies: Vec<_> =
            dependencies.iter().map(|(name, kind)| json!({"name": name, "kind": kind})).collect();
        let manifest = format!("/w/crates/{}/Cargo.toml", short_name(name));
        json!({"id": name, "name": name, "manifest_path": manifest, "dependencies": dependencies, "targets": []})
    }

    fn check(rule: fn(&Tree) -> Vec<Finding>, packages: &Value, expected: &[&str]) {
        let manifest = "[dependencies]\ncoda-engine.workspace = true\n";
        let findings = rule(&Tree::with(packages, &[("crates/stats/Cargo.toml", manifest)]));
        let found: Vec<_> = findings.iter().map(ToString::to_string).collect();
        assert_eq!(found.len(), expected.len(), "{found:?}");
        for (found, expected) in found.iter().zip(expected) {
            assert!(found.starts_with(expected), "{found} does not start with {expected}");
        }
    }

    #[test]
    fn an_arrow_of_the_table_is_fine() {
        check(arrows, &json!([package("coda-engine", &[("coda-stats", None)]), package("coda-stats", &[])]), &[]);
    }

    #[test]
    fn an_arrow_the_table_does_not_have_is_found_with_its_line() {
        let packages = json!([package("coda-stats", &[("coda-engine", None)]), package("coda-engine", &[])]);
        check(arrows, &packages, &["crates/stats/Cargo.toml:2: arrows: stats may not use engine"]);
        let packages = json!([package("coda-storage", &[("coda-compute", None)]), package("coda-compute", &[])]);
        check(arrows, &packages, &["crates/storage/Cargo.toml:1: arrows: storage may not use compute"]);
    }

    #[test]
    fn a_crate_without_a_row_is_found() {
        check(
            arrows,
            &json!([package("coda-utils", &[])]),
            &["crates/utils/Cargo.toml:1: arrows: give this crate a row"],
        );
    }

    #[test]
    fn tests_may_reach_sideways_but_not_up_nor_out_of_the_pure_level() {
        let with = |from: &str, to: &str| json!([package(from, &[(to, Some("dev"))]), package(to, &[])]);
        check(arrows, &with("coda-pki", "coda-runtime"), &[]);
        check(arrows, &with("coda-compute", "coda-testkit"), &[]);
        check(arrows, &with("coda-pki", "coda-auth"), &["crates/pki/Cargo.toml:1: arrows: the tests of pki reach up"]);
        check(arrows, &with("coda-model", "coda-synth"), &["crates/model/Cargo.toml:1: arrows: model is pure"]);
    }

    #[test]
    fn a_library_with_an_owner_is_found_elsewhere() {
        check(owners, &json!([package("coda-engine", &[("polars", None), ("polars-io", None)])]), &[]);
        check(
            owners,
            &json!([package("coda-ingest", &[("polars-io", None)])]),
            &["crates/ingest/Cargo.toml:1: owner: only engine"],
        );
        check(
            owners,
            &json!([package("coda-storage", &[("sqlx", None)])]),
            &["crates/storage/Cargo.toml:1: owner: only auth"],
        );
        check(
            owners,
            &json!([package("coda-client", &[("tonic-prost-build", Some("build"))])]),
            &["crates/client/Cargo.toml:1: owner: only wire"],
        );
    }
}
