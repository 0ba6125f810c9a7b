//! What every crate carries: the workspace's lints, and a first line that says what it is.

use super::{Finding, Tree};

pub(crate) fn check(tree: &Tree) -> Vec<Finding> {
    let mut findings = Vec::new();
    let mut find = |path: String, advice: &str| {
        findings.push(Finding { path, line: 1, rule: "crate", advice: advice.to_owned() });
    };
    for package in tree.metadata.members() {
        let manifest = tree.metadata.relative(&package.manifest_path);
        if !tree.file(&manifest).and_then(|file| file.text.as_deref()).is_some_and(takes_workspace_lints) {
            find(manifest, "add [lints] with workspace = true");
        }
        for target in
            package.targets.iter().filter(|target| target.kind.iter().any(|kind| kind == "lib" || kind == "bin"))
        {
            let source = tree.metadata.relative(&target.src_path);
            let text = tree.file(&source).and_then(|file| file.text.as_deref()).unwrap_or_default();
            if !text.starts_with("//!") {
                find(source, "begin with a line of //! that says what the crate is for");
            }
        }
    }
    findings
}

fn takes_workspace_lints(manifest: &str) -> bool {
    let mut section = "";
    manifest.lines().map(str::trim).any(|line| {
        if line.starts_with('[') {
            section = line;
        }
        section == "[lints]" && line.replace(' ', "") == "workspace=true"
    })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn check(manifest: &str, source: &str, expected: &[&str]) {
        let packages = json!([{
            "id": "coda-model", "name": "coda-model", "dependencies": [],
            "manifest_path": "/w/crates/model/Cargo.toml",
            "targets": [{"kind": ["lib"], "src_path": "/w/crates/model/src/lib.rs"}],
        }]);
        let files = [("crates/model/Cargo.toml", manifest), ("crates/model/src/lib.rs", source)];
        let findings = super::check(&Tree::with(&packages, &files));
        assert_eq!(findings.iter().map(ToString::to_string).collect::<Vec<_>>(), expected);
    }

    #[test]
    fn lints_and_a_first_line_are_required() {
        check("[lints]\nworkspace = true\n", "//! The words.", &[]);
        let lints = "crates/model/Cargo.toml:1: crate: add [lints] with workspace = true";
        check("[package]\nname = \"coda-model\"", "//! The words.", &[lints]);
        check("[lints]\n[dependencies]\nworkspace = true", "//! The words.", &[lints]);
        let first = "crates/model/src/lib.rs:1: crate: begin with a line of //! that says what the crate is for";
        check("[lints]\nworkspace = true\n", "pub mod ids;", &[first]);
    }
}
