//! The hook `.githooks/commit-msg` takes the subjects that `CONTRIBUTING.md` allows, and no others.

use std::{fs, path::Path, process::Command};

/// What the hook says of a message; nothing if it takes it.
fn said(message: &str) -> String {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("COMMIT_EDITMSG");
    fs::write(&file, message).unwrap();
    let hook = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../.githooks/commit-msg");
    let output = Command::new("sh").arg(hook).arg(&file).output().unwrap();
    let said = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.success(), said.is_empty(), "{said}");
    said.lines().next().unwrap_or_default().to_owned()
}

#[test]
fn conventional_subjects_are_taken() {
    for subject in ["feat(stats): add the odds ratio", "fix!: refuse unknown keys", "docs: say what a median costs"] {
        assert_eq!(said(subject), "");
    }
    assert_eq!(said("# a comment of git\n\nfeat(stats, cli): add the odds ratio\n\nA body; of any length.\n"), "");
    assert_eq!(said(&format!("docs: {}", "é".repeat(66))), "");
    assert_eq!(said("fixup! anything; at all"), "");
}

#[test]
fn other_subjects_are_refused_with_what_to_do() {
    let types = "build|chore|ci|docs|feat|fix|perf|refactor|revert|style|test";
    for subject in ["add the odds ratio", "stats: add the odds ratio", "feat (stats): add it", "feat:add it"] {
        let expected = format!("commit-msg: write type(scope): subject, where type is one of {types}");
        assert_eq!(said(subject), expected, "{subject}");
    }
    assert_eq!(said("fix: one thing; another"), "commit-msg: the subject has a semicolon: one commit is one concern");
    assert_eq!(said("fix: one thing."), "commit-msg: the subject ends with a full stop: leave it out");
    let long = format!("docs: {}", "é".repeat(67));
    assert_eq!(said(&long), "commit-msg: the subject has 73 characters, at most 72: say why in the body");
}
