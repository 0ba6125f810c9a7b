//! Sizes of files: one that nobody can hold in mind is split, one that git should not carry is left out.

use super::{Finding, Tree};

const MAX_LINES: usize = 600;
const MAX_MAIN_LINES: usize = 130;
const MAX_BYTES: u64 = 1_000_000;

const LIST: &str = "crates/xtask/oversize.txt";
/// How many files the list may name. Lower it when one goes; never raise it.
const MAX_LISTED: usize = 0;

pub(crate) fn check(tree: &Tree) -> Vec<Finding> {
    check_with(tree, MAX_LISTED)
}

fn check_with(tree: &Tree, max_listed: usize) -> Vec<Finding> {
    let allowed = listed(tree);
    let mut findings = Vec::new();
    let mut find =
        |path: &str, line, advice| findings.push(Finding { path: path.to_owned(), line, rule: "size", advice });
    for file in tree.files.iter().filter(|file| file.bytes > MAX_BYTES) {
        find(
            &file.path,
            1,
            format!("{} bytes, at most {MAX_BYTES} may be in git: make or fetch it when it is needed", file.bytes),
        );
    }
    for (path, text) in tree.rust().filter(|(path, text)| !is_generated(path, text)) {
        let lines = text.lines().count();
        let exception = allowed.iter().find(|entry| entry.path == path).map(|entry| entry.lines);
        let limit = if path.ends_with("src/main.rs") { MAX_MAIN_LINES } else { exception.unwrap_or(MAX_LINES) };
        if lines > limit {
            find(path, limit + 1, format!("{lines} lines, at most {limit}: split it by concern"));
        }
    }
    for entry in &allowed {
        let lines = tree.file(entry.path).and_then(|file| file.text.as_deref()).map_or(0, |text| text.lines().count());
        if lines <= MAX_LINES {
            find(LIST, entry.line, format!("{} has {lines} lines: take it off the list", entry.path));
        } else if lines < entry.lines {
            find(LIST, entry.line, format!("{} shrank to {lines} lines: write that number here", entry.path));
        }
    }
    if allowed.len() > max_listed {
        find(LIST, 1, format!("{} files listed, at most {max_listed}: the list may only shrink", allowed.len()));
    }
    findings
}

struct Entry<'a> {
    line: usize,
    path: &'a str,
    lines: usize,
}

/// Lines of `path number`; `#` begins a comment. A line without a number allows nothing.
fn listed(tree: &Tree) -> Vec<Entry<'_>> {
    let text = tree.file(LIST).and_then(|file| file.text.as_deref()).unwrap_or_default();
    let lines = text.lines().enumerate().filter(|(_, line)| !line.starts_with('#') && !line.trim().is_empty());
    lines
        .map(|(index, line)| {
            let (path, lines) = line.trim().split_once(' ').unwrap_or((line, ""));
            Entry { line: index + 1, path, lines: lines.trim().parse().unwrap_or(0) }
        })
        .collect()
}

fn is_generated(path: &str, text: &str) -> bool {
    path.contains("/generated/") || text.starts_with("// @generated")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(path: &str, lines: usize, list: &str, expected: &[&str]) {
        let text = "\n".repeat(lines);
        let findings = check_with(&Tree::of(&[(path, &text), (LIST, list)]), 1);
        assert_eq!(findings.iter().map(ToString::to_string).collect::<Vec<_>>(), expected);
    }

    #[test]
    fn long_files_are_found() {
        check("a/src/lib.rs", 600, "", &[]);
        check("a/src/lib.rs", 601, "", &["a/src/lib.rs:601: size: 601 lines, at most 600: split it by concern"]);
        check("a/src/main.rs", 131, "", &["a/src/main.rs:131: size: 131 lines, at most 130: split it by concern"]);
        check("a/src/generated/coda.rs", 9000, "", &[]);
    }

    #[test]
    fn big_files_are_found() {
        let mut tree = Tree::of(&[("a.parquet", "")]);
        tree.files.iter_mut().for_each(|file| file.bytes = 1_000_001);
        let found = super::check(&tree);
        let advice = "1000001 bytes, at most 1000000 may be in git: make or fetch it when it is needed";
        assert_eq!(found.iter().map(|finding| &finding.advice).collect::<Vec<_>>(), [advice]);
    }

    #[test]
    fn the_list_may_only_shrink() {
        check("a.rs", 700, "# why\na.rs 700\n", &[]);
        check("a.rs", 701, "a.rs 700", &["a.rs:701: size: 701 lines, at most 700: split it by concern"]);
        check(
            "a.rs",
            650,
            "a.rs 700",
            &["crates/xtask/oversize.txt:1: size: a.rs shrank to 650 lines: write that number here"],
        );
        check("a.rs", 10, "a.rs 700", &["crates/xtask/oversize.txt:1: size: a.rs has 10 lines: take it off the list"]);
        let tree = Tree::of(&[("a.rs", &"\n".repeat(700)), (LIST, "a.rs 700")]);
        assert_eq!(super::check(&tree).len(), 1, "the real list is empty");
    }
}
