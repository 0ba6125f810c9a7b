use super::*;

/// The paths of more than one part in a text.
fn check(text: &str, expected: &[(usize, &str)]) {
    let found = paths(tokens(text).unwrap());
    let found = found.iter().filter(|named| named.path.contains("::"));
    let found: Vec<_> = found.map(|named| (named.line, named.path.as_str())).collect();
    assert_eq!(found, expected, "{text}");
}

#[test]
fn comments_strings_and_characters_are_no_code() {
    check("// a::b\n/* c::d /* e::f */ g::h */ i::j", &[(2, "i::j")]);
    check(r##"let a = ("b::c", r#"d::" e::f"#, 'g', b'\'', "\" h::i"); j::k"##, &[(1, "j::k")]);
    check("fn a<'a>(b: &'a str) { c::d }", &[(1, "c::d")]);
}

#[test]
fn lines_stay() {
    check("\"a\nb\";\n/* c\n*/ d::e", &[(4, "d::e")]);
}

#[test]
fn groups_of_imports_are_written_out() {
    check(
        "use std::{\n    fs,\n    io::{self, Read},\n    time::*,\n};\nstd::env::var(x)",
        &[(2, "std::fs"), (3, "std::io::self"), (3, "std::io::Read"), (4, "std::time::*"), (6, "std::env::var")],
    );
    check("use std::fs as files;", &[(1, "std::fs")]);
}

#[test]
fn generics_do_not_hide_what_follows() {
    check("Vec::<std::fs::File>::new(a::b)", &[(1, "std::fs::File"), (1, "a::b")]);
}

#[test]
fn calls_of_macros_are_looked_into() {
    check("format!(\"{}\", std::env::var(\"A\"))", &[(1, "std::env::var")]);
    check("macro_rules! a { () => { use std::{fs, net}; } }", &[(1, "std::fs"), (1, "std::net")]);
}

#[test]
fn test_items_go_and_what_follows_stays() {
    check(
        "a::a;\n#[cfg(test)]\nmod tests {\n fn b() { b::b }\n}\nc::c;\n#[cfg(test)]\nmod more;\nd::d",
        &[(1, "a::a"), (6, "c::c"), (9, "d::d")],
    );
    check("impl A {\n #[cfg(test)]\n fn b(&self) { b::b }\n fn c() { c::c }\n}", &[(4, "c::c")]);
    check("#[cfg(unix)]\nfn a() { a::a }\n#[test]\n#[cfg(test)]\nfn b() { b::b }", &[(2, "a::a")]);
}

#[test]
fn a_single_name_is_a_path() {
    let found = paths(tokens("let a = b(c as d);").unwrap());
    assert_eq!(found, ["a", "b", "c"].map(|name| Named { line: 1, path: name.to_owned() }));
}

#[test]
fn what_is_not_rust_is_said_with_its_line() {
    assert_eq!(tokens("fn a() {\n \"").unwrap_err().0, 2);
}

#[test]
fn a_sequence_ends_at_its_bracket() {
    let found = sequences(tokens("a (b c) { d [e] }").unwrap());
    let lengths: Vec<_> = found.iter().map(Vec::len).collect();
    assert_eq!(lengths, [2, 1, 2, 3]);
}
