use super::*;

fn words(text: &str) -> Vec<String> {
    tokens(&code_only(text)).into_iter().map(|token| token.text.to_owned()).collect()
}

#[test]
fn comments_are_no_code() {
    assert_eq!(words("a // b\nc /* d /* e */ f */ g /**/ h"), ["a", "c", "g", "h"]);
    assert_eq!(words("a / b * c"), ["a", "/", "b", "*", "c"]);
    assert_eq!(words("a /* open"), ["a"]);
}

#[test]
fn strings_and_characters_are_no_code() {
    assert_eq!(words(r#"a "b \" c" d"#), ["a", "d"]);
    assert_eq!(words(r##"a r#"b " c"# br"d\" e"##), ["a", "e"]);
    assert_eq!(words(r"a '\'' b '\u{41}' c 'd' e"), ["a", "b", "c", "e"]);
    assert_eq!(words(r#"a "// b" c '"' d "e""#), ["a", "c", "d"]);
}

#[test]
fn lifetimes_and_raw_names_are_code() {
    assert_eq!(words("&'a str, 'b'"), ["&", "'", "a", "str", ","]);
    assert_eq!(words("r#type"), ["r", "#", "type"]);
}

#[test]
fn lines_stay() {
    let code = code_only("\"a\nb\"\n/* c\n*/ d");
    assert_eq!(tokens(&code), [Token { line: 4, text: "d" }]);
}

#[test]
fn test_items_go_and_what_follows_stays() {
    let code = "a\n#[cfg(test)]\nmod tests {\n fn b() {}\n}\nc\n#[cfg(test)]\nmod more;\nd";
    let left = without_tests(code);
    assert_eq!(
        tokens(&left).iter().map(|token| (token.line, token.text)).collect::<Vec<_>>(),
        [(1, "a"), (6, "c"), (9, "d")]
    );
}

#[test]
fn groups_of_imports_are_written_out() {
    let code = "use std::{\n    fs,\n    io::{self, Read},\n    time::Duration,\n};\nstd::env::var(x)";
    let found: Vec<_> = paths(&tokens(code), "std").into_iter().map(|(line, path)| (line, path.join("::"))).collect();
    let expected = [(2, "fs"), (3, "io::self"), (3, "io::Read"), (4, "time::Duration"), (6, "env::var")]
        .map(|(l, p)| (l, p.into()));
    assert_eq!(found, expected);
}
