//! What is left over from work in progress: unfinished code, tests switched off, paths of one machine.

use proc_macro2::{Ident, TokenTree};

use super::source::{sequences, tokens};
use super::{Finding, Tree};

const MACROS: &[&str] = &["todo", "unimplemented", "dbg"];
/// Top folders whose absolute paths are true on one machine only.
const FOLDERS: &[&str] = &["work", "root", "home"];

pub(crate) fn check(tree: &Tree) -> Vec<Finding> {
    let code = tree.rust().flat_map(|(path, text)| unfinished(path, text));
    let paths =
        tree.files.iter().filter_map(|file| file.named_text()).flat_map(|(path, text)| machine_paths(path, text));
    code.chain(paths).collect()
}

fn unfinished(path: &str, text: &str) -> Vec<Finding> {
    let finding = |line, rule, advice| Finding { path: path.to_owned(), line, rule, advice };
    let tokens = match tokens(text) {
        Ok(tokens) => tokens,
        Err((line, cause)) => return vec![finding(line, "syntax", format!("this is not Rust: {cause}"))],
    };
    let mut findings = Vec::new();
    for sequence in sequences(tokens) {
        findings.extend(
            sequence.windows(3).filter_map(unfinished_macro).map(|name| {
                finding(name.span().start().line, "unfinished", format!("{name}!: finish it or take it out"))
            }),
        );
        findings.extend(sequence.windows(2).filter_map(ignored).map(|name| {
            finding(name.span().start().line, "unfinished", "#[ignore]: a test runs or it goes".to_owned())
        }));
    }
    findings
}

/// The name in `name!(…)`, if finished code has no such call.
fn unfinished_macro(tokens: &[TokenTree]) -> Option<&Ident> {
    match tokens {
        [TokenTree::Ident(name), TokenTree::Punct(bang), TokenTree::Group(_)] if bang.as_char() == '!' => {
            MACROS.iter().any(|unfinished| name == unfinished).then_some(name)
        }
        _ => None,
    }
}

/// The `ignore` in `#[ignore]` or `#[ignore = "why"]`.
fn ignored(tokens: &[TokenTree]) -> Option<Ident> {
    match tokens {
        [TokenTree::Punct(hash), TokenTree::Group(group)] if hash.as_char() == '#' => {
            match group.stream().into_iter().next() {
                Some(TokenTree::Ident(name)) if name == "ignore" => Some(name),
                _ => None,
            }
        }
        _ => None,
    }
}

fn machine_paths(path: &str, text: &str) -> Vec<Finding> {
    let mut findings = Vec::new();
    for (number, line) in text.lines().enumerate() {
        for folder in FOLDERS.iter().map(|folder| format!("/{folder}/")) {
            if line.match_indices(&folder).any(|(at, _)| is_absolute(line.split_at(at).0)) {
                let advice = format!("{folder}… is a path of one machine: use a relative path or a variable");
                findings.push(Finding { path: path.to_owned(), line: number + 1, rule: "machine path", advice });
            }
        }
    }
    findings
}

/// Whether a path that begins after `before` is absolute, and no later part of another path.
fn is_absolute(before: &str) -> bool {
    !before.ends_with(|c: char| c.is_alphanumeric() || "_-.~})%*".contains(c))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(path: &str, text: &str, expected: &[&str]) {
        let findings = super::check(&Tree::of(&[(path, text)]));
        assert_eq!(findings.iter().map(ToString::to_string).collect::<Vec<_>>(), expected);
    }

    #[test]
    fn unfinished_code_is_found() {
        check("a.rs", "fn a() {\n    todo!()\n}", &["a.rs:2: unfinished: todo!: finish it or take it out"]);
        check("a.rs", "unimplemented!(\"x\");", &["a.rs:1: unfinished: unimplemented!: finish it or take it out"]);
        check("a.rs", "let a = dbg!(b);", &["a.rs:1: unfinished: dbg!: finish it or take it out"]);
        check("a.rs", "#[test]\n#[ignore = \"slow\"]", &["a.rs:2: unfinished: #[ignore]: a test runs or it goes"]);
        check("a.rs", "assert_eq!(dbg!(b), c);", &["a.rs:1: unfinished: dbg!: finish it or take it out"]);
        check("a.rs", "/// todo!() and #[ignore]\nlet todo = \"dbg!(x)\"; if todo != x {}", &[]);
        check(
            "a.rs",
            "fn a() {\n \"open",
            &["a.rs:2: syntax: this is not Rust: cannot parse string into token stream"],
        );
        check("a.md", "todo!()", &[]);
    }

    #[test]
    fn paths_of_one_machine_are_found() {
        for folder in FOLDERS {
            let text = format!("\nroot = \"/{folder}/coda\"");
            let expected = format!(
                "a.toml:2: machine path: /{folder}/… is a path of one machine: use a relative path or a variable"
            );
            check("a.toml", &text, &[&expected]);
            check("a.toml", &format!("a = \"file:///{folder}/coda\""), &[&expected.replace(":2:", ":1:")]);
        }
    }

    #[test]
    fn relative_paths_are_fine() {
        let home = format!("../{}/x $HOME/{}/x a/{}/x", "work", "work", "home");
        check("a.md", &home, &[]);
    }
}
