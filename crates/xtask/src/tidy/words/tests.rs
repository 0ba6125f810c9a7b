use super::*;

/// Findings in a file of the crate `stats`, with the list `crates/xtask/words.txt`.
fn check_listed(text: &str, list: &str, expected: &[&str]) {
    let findings = check_with(&Tree::of(&[("crates/stats/src/a.rs", text), (LIST, list)]), 1);
    assert_eq!(findings.iter().map(ToString::to_string).collect::<Vec<_>>(), expected, "{text}");
}

/// Line and advice of each finding where nothing is listed.
fn check(text: &str, expected: &[&str]) {
    let expected: Vec<_> = expected.iter().map(|line| format!("crates/stats/src/a.rs:{line}")).collect();
    check_listed(text, "", &expected.iter().map(String::as_str).collect::<Vec<_>>());
}

#[test]
fn declared_names_are_read_word_by_word() {
    check(
        "struct Salt;\nstruct SaltError;",
        &["1: words: salt is retired: use pseudonym key", "2: words: salt is retired: use pseudonym key"],
    );
    check("fn is_withheld() {}", &["1: words: withheld is retired: use suppressed"]);
    check("const NOUGHTS: u8 = 0;", &["1: words: noughts is retired: use zero"]);
    check("fn a(b: u8) {\n    let barred = b;\n}", &["2: words: barred is retired: use suppressed"]);
    check("use a::B as Lawful;", &["1: words: lawful is retired: use valid"]);
    check("fn basalt(asphalt: u8) {}", &[]);
}

#[test]
fn a_use_of_a_name_is_none() {
    check("use a::Salt;\nfn b(c: Salt) -> a::Withheld { c.withhold(c.salt) }", &[]);
    check("fn a(B { salt, .. }: B) -> B { B { salt } }", &[]);
    check("fn a(B { salt: barred, .. }: B) {}", &["1: words: barred is retired: use suppressed"]);
}

#[test]
fn documentation_is_read_without_code() {
    check("//! What is\n//! withheld.", &["2: words: withheld is retired: use suppressed"]);
    check("/// Is it Lawful?\nfn a() {}", &["1: words: lawful is retired: use valid"]);
    check("/** A\nvouched b */\nfn a() {}", &["2: words: vouched is retired: use issuer"]);
    check("/// [`Salt`], [`Salt::new`](crate::Salt::new) and `salt`.\n/// ```\n/// salt();\n/// ```\nfn a() {}", &[]);
    check("// salt\nfn a() { let b = \"salt\"; }", &[]);
}

#[test]
fn some_words_are_retired_in_one_place() {
    check("/// `Debug` is silent.\nstruct Roots;\nfn silent() {}", &[]);
    check("enum Site {\n    Silent,\n}", &["2: words: silent is retired: use unreachable"]);
    check("/// The roots.\nfn a() {}", &["1: words: roots is retired: use trust anchors"]);
}

#[test]
fn a_listed_crate_may_have_them_and_leaves_the_list_without() {
    check_listed("struct Salt;", "# why\nstats\n", &[]);
    check_listed(
        "struct Key;",
        "# why\nstats\n",
        &["crates/xtask/words.txt:2: words: stats has no retired word: take it off the list"],
    );
}

#[test]
fn the_list_may_only_shrink() {
    let tree = Tree::of(&[
        ("crates/stats/src/a.rs", "struct Salt;"),
        ("tests/a.rs", "struct Salt;"),
        (LIST, "stats\ntests\n"),
    ]);
    let found: Vec<_> = check_with(&tree, 1).into_iter().map(|finding| finding.advice).collect();
    assert_eq!(found, ["2 crates listed, at most 1: the list may only shrink"]);
}
