//! `cargo xtask tidy`: the rules of `CONTRIBUTING.md` that the compiler does not know.
//!
//! Each rule is one file and a pure function from the tree to findings; [`RULES`] lists them.

mod certificates;
mod compliance;
mod crates;
mod dependencies;
mod leftovers;
mod purity;
mod sizes;
mod source;
mod tree;
mod words;

use std::fmt;

use anyhow::{Result, ensure};

pub(crate) use tree::{File, Tree};

const RULES: &[fn(&Tree) -> Vec<Finding>] = &[
    dependencies::arrows,
    dependencies::owners,
    purity::graph,
    purity::sources,
    sizes::check,
    leftovers::check,
    crates::check,
    compliance::check,
    certificates::check,
    words::check,
];

/// Something to put right, with where and how.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Finding {
    pub(crate) path: String,
    pub(crate) line: usize,
    pub(crate) rule: &'static str,
    pub(crate) advice: String,
}

impl fmt::Display for Finding {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { path, line, rule, advice } = self;
        write!(out, "{path}:{line}: {rule}: {advice}")
    }
}

pub(crate) fn run() -> Result<()> {
    let tree = Tree::load()?;
    let mut findings: Vec<Finding> = RULES.iter().flat_map(|rule| rule(&tree)).collect();
    findings.sort();
    for finding in &findings {
        println!("{finding}");
    }
    ensure!(findings.is_empty(), "tidy has {} finding(s)", findings.len());
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_finding_says_where_and_what_to_do() {
        let finding = Finding { path: "a/b.rs".into(), line: 3, rule: "size", advice: "split the file".into() };
        assert_eq!(finding.to_string(), "a/b.rs:3: size: split the file");
    }
}
