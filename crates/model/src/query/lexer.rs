//! Text of a query into tokens.

/// A token and the character (from 1) where it begins.
#[derive(Clone, PartialEq, Eq)]
pub(super) struct Token {
    pub(super) at: usize,
    pub(super) kind: TokenKind,
}

#[derive(Clone, PartialEq, Eq)]
pub(super) enum TokenKind {
    /// A bare word: name, number, level, day, unit, keyword.
    Word(String),
    /// A quoted level or unit.
    Quoted(String),
    /// Punctuation.
    Mark(&'static str),
}

/// Longer marks first, so that `<=` is not read as `<`.
const MARKS: [&str; 13] = ["<=", ">=", "!=", "..", "(", ")", "[", "]", ",", "=", "<", ">", "\u{2265}"];

/// The tokens of `text`, or the character at which it stops making sense.
pub(super) fn tokens(text: &str) -> Result<Vec<Token>, usize> {
    let mut found = Vec::new();
    let mut rest = text;
    while let Some(first) = rest.chars().next() {
        let at = text.chars().count() - rest.chars().count() + 1;
        if first.is_whitespace() {
            rest = rest.get(first.len_utf8()..).unwrap_or_default();
            continue;
        }
        let (kind, length) = if let Some(mark) = MARKS.iter().find(|mark| rest.starts_with(**mark)) {
            (TokenKind::Mark(if *mark == "\u{2265}" { ">=" } else { mark }), mark.len())
        } else if first == '\'' || first == '"' {
            let inside = rest.get(1..).unwrap_or_default();
            let end = inside.find(first).ok_or(at)?;
            (TokenKind::Quoted(inside.get(..end).unwrap_or_default().to_owned()), end + 2)
        } else {
            let length = word_length(rest);
            if length == 0 {
                return Err(at);
            }
            (TokenKind::Word(rest.get(..length).unwrap_or_default().to_owned()), length)
        };
        found.push(Token { at, kind });
        rest = rest.get(length..).unwrap_or_default();
    }
    Ok(found)
}

/// Bytes of the bare word that `text` begins with; a word ends before `..`.
fn word_length(text: &str) -> usize {
    let valid = |c: char| c.is_alphanumeric() || "_.-+/%*^{}".contains(c);
    let end = text.find(|c| !valid(c)).unwrap_or(text.len());
    text.find("..").map_or(end, |dots| end.min(dots))
}
