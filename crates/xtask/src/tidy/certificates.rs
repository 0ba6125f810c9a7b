//! Development certificates are made on the machine; none is in git.

use super::tree::has_extension;
use super::{File, Finding, Tree};

const FOLDER: &str = "certs-dev/";
const EXTENSIONS: &[&str] = &["pem", "key", "crt", "der", "p12", "srl"];

pub(crate) fn check(tree: &Tree) -> Vec<Finding> {
    let found = tree.files.iter().filter(|file| file.path.starts_with(FOLDER)).filter_map(|file| {
        let line = line_of_certificate(file)?;
        let advice = "take it out of git: tests and the demo make their own".to_owned();
        Some(Finding { path: file.path.clone(), line, rule: "certificate", advice })
    });
    found.collect()
}

fn line_of_certificate(file: &File) -> Option<usize> {
    let begins = |line: &str| line.trim_start().starts_with("-----BEGIN ");
    let inside = file.text.as_deref().and_then(|text| text.lines().position(begins));
    let named = EXTENSIONS.iter().any(|extension| has_extension(&file.path, extension));
    inside.map(|index| index + 1).or(named.then_some(1))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(path: &str, text: &str, expected: &[&str]) {
        let findings = super::check(&Tree::of(&[(path, text)]));
        assert_eq!(findings.iter().map(ToString::to_string).collect::<Vec<_>>(), expected);
    }

    #[test]
    fn a_certificate_is_found_by_name_and_by_content() {
        let advice = "take it out of git: tests and the demo make their own";
        check("certs-dev/README.md", "How certificates are made", &[]);
        check("certs-dev/root.pem", "", &[&format!("certs-dev/root.pem:1: certificate: {advice}")]);
        let text = "\n-----BEGIN CERTIFICATE-----";
        check("certs-dev/root.txt", text, &[&format!("certs-dev/root.txt:2: certificate: {advice}")]);
    }
}
