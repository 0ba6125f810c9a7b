//! `docs/compliance.md` has one row for every requirement, and names only what exists.

use super::{Finding, Tree};

const PAGE: &str = "docs/compliance.md";
/// How many requirements each section has: A1 to A8, and so on.
const SECTIONS: &[(char, usize)] =
    &[('A', 8), ('B', 6), ('C', 8), ('D', 10), ('E', 8), ('F', 2), ('G', 4), ('H', 5), ('I', 6), ('J', 4)];
const STATES: &[&str] = &["done", "partly", "not yet"];
const FOLDERS: &[&str] = &["crates/", "tests/", "docs/", "deploy/", "proto/", "certs-dev/"];
const NOTHING: &str = "—";

pub(crate) fn check(tree: &Tree) -> Vec<Finding> {
    let Some(text) = tree.file(PAGE).and_then(|file| file.text.as_deref()) else {
        return vec![finding(1, "write this page: a row for every requirement".into())];
    };
    let mut findings = rows_are_complete(text);
    for (line, path) in named_paths(text).filter(|(_, path)| !tree.has(path)) {
        findings.push(finding(line, format!("{path} does not exist: name what does")));
    }
    findings
}

fn rows_are_complete(text: &str) -> Vec<Finding> {
    let rows: Vec<(usize, Vec<&str>)> = rows(text).collect();
    let ids: Vec<String> = SECTIONS
        .iter()
        .flat_map(|(section, count)| (1..=*count).map(move |number| format!("{section}{number}")))
        .collect();
    let mut findings = Vec::new();
    for id in &ids {
        let mut lines = rows.iter().filter(|(_, cells)| cells.first() == Some(&id.as_str())).map(|(line, _)| *line);
        if lines.next().is_none() {
            findings.push(finding(1, format!("{id} has no row: add one")));
        }
        findings.extend(lines.map(|line| finding(line, format!("{id} has a second row: merge them"))));
    }
    for (line, cells) in &rows {
        findings.extend(fault(cells, &ids).map(|advice| finding(*line, advice)));
    }
    findings
}

fn fault(cells: &[&str], ids: &[String]) -> Option<String> {
    let [id, _, state, code, test] = cells else {
        return Some("a row has five cells: id, requirement, state, code, test".into());
    };
    if !ids.iter().any(|known| known == id) {
        return Some(format!("{id} is no requirement: take the row out"));
    }
    if !STATES.contains(state) {
        return Some(format!("{id} is '{state}': a state is one of {}", STATES.join(", ")));
    }
    let empty = [code, test].iter().any(|cell| cell.is_empty() || **cell == NOTHING);
    (*state == "done" && empty).then(|| format!("{id} is done without code or test: name both, or say partly"))
}

/// The cells of every row whose first cell looks like an id.
fn rows(text: &str) -> impl Iterator<Item = (usize, Vec<&str>)> {
    text.lines().enumerate().filter_map(|(index, line)| {
        let inside = line.trim().strip_prefix('|')?.strip_suffix('|')?;
        let cells: Vec<&str> = inside.split('|').map(str::trim).collect();
        let number = cells.first()?.strip_prefix(|c: char| c.is_ascii_uppercase())?;
        (!number.is_empty() && number.chars().all(|c| c.is_ascii_digit())).then_some((index + 1, cells))
    })
}

/// What stands in backticks and begins like a path of the project, up to `::` or `#`.
fn named_paths(text: &str) -> impl Iterator<Item = (usize, &str)> {
    text.lines().enumerate().flat_map(|(index, line)| {
        let quoted =
            line.split('`').skip(1).step_by(2).filter(|name| FOLDERS.iter().any(|folder| name.starts_with(folder)));
        quoted.map(move |name| {
            let path = name.split_once("::").map_or(name, |(path, _)| path);
            (index + 1, path.split_once('#').map_or(path, |(path, _)| path))
        })
    })
}

fn finding(line: usize, advice: String) -> Finding {
    Finding { path: PAGE.into(), line, rule: "compliance", advice }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A page that is right, after an edit.
    fn check(edit: impl Fn(String) -> String, expected: &[&str]) {
        let ids = SECTIONS.iter().flat_map(|(section, count)| (1..=*count).map(move |n| format!("{section}{n}")));
        let rows: Vec<_> = ids.map(|id| format!("| {id} | words | not yet | — | — |")).collect();
        let page = edit(rows.join("\n"));
        let findings = super::check(&Tree::of(&[(PAGE, &page), ("crates/auth/src/lib.rs", "")]));
        let found: Vec<_> = findings.iter().map(|finding| format!("{}: {}", finding.line, finding.advice)).collect();
        assert_eq!(found, expected);
    }

    fn a1(page: &str, row: &str) -> String {
        page.replacen("| A1 | words | not yet | — | — |", row, 1)
    }

    #[test]
    fn a_row_for_each_is_fine() {
        check(|page| page, &[]);
        check(|page| a1(&page, "| A1 | words | done | `crates/auth` | `crates/auth/src/lib.rs::tests` |"), &[]);
    }

    #[test]
    fn missing_double_and_unknown_rows_are_found() {
        check(|page| a1(&page, ""), &["1: A1 has no row: add one"]);
        check(|page| format!("{page}\n| J4 | words | not yet | — | — |"), &["62: J4 has a second row: merge them"]);
        check(
            |page| format!("{page}\n| J5 | words | not yet | — | — |"),
            &["62: J5 is no requirement: take the row out"],
        );
    }

    #[test]
    fn states_cells_and_proofs_are_checked() {
        check(
            |page| a1(&page, "| A1 | words | soon | — | — |"),
            &["1: A1 is 'soon': a state is one of done, partly, not yet"],
        );
        check(
            |page| a1(&page, "| A1 | words | done | `crates/auth` | — |"),
            &["1: A1 is done without code or test: name both, or say partly"],
        );
        check(
            |page| a1(&page, "| A1 | words | done |"),
            &["1: a row has five cells: id, requirement, state, code, test"],
        );
    }

    #[test]
    fn paths_that_do_not_exist_are_found() {
        check(
            |page| a1(&page, "| A1 | words | partly | `crates/sso` | — |"),
            &["1: crates/sso does not exist: name what does"],
        );
    }

    #[test]
    fn a_missing_page_is_found() {
        assert_eq!(super::check(&Tree::of(&[])).len(), 1);
    }
}
