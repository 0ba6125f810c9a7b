//! Rust source as far as the rules need it: without comments, strings and tests, in tokens with line numbers.

/// A word, `::`, or any other single character.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Token<'a> {
    pub(crate) line: usize,
    pub(crate) text: &'a str,
}

/// The same text with comments, strings and character literals blanked; lines stay where they are.
pub(crate) fn code_only(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while !rest.is_empty() {
        let after_word = out.ends_with(is_word);
        let literal = comment(rest).or_else(|| string(rest, after_word)).or_else(|| character(rest));
        let (piece, tail) = rest.split_at(literal.or_else(|| first_width(rest)).unwrap_or(rest.len()));
        match literal {
            Some(_) => blank(piece, &mut out),
            None => out.push_str(piece),
        }
        rest = tail;
    }
    out
}

/// Code with every `#[cfg(test)]` item blanked.
pub(crate) fn without_tests(code: &str) -> String {
    let mut out = String::with_capacity(code.len());
    let mut rest = code;
    while let Some(at) = rest.find("#[cfg(test)]") {
        let (before, item) = rest.split_at(at);
        let (item, tail) = item.split_at(item_length(item));
        out.push_str(before);
        blank(item, &mut out);
        rest = tail;
    }
    out.push_str(rest);
    out
}

pub(crate) fn tokens(code: &str) -> Vec<Token<'_>> {
    let mut found = Vec::new();
    for (number, line) in code.lines().enumerate() {
        let mut rest = line.trim_start();
        while let Some(width) = first_width(rest) {
            let word = rest.find(|c| !is_word(c)).unwrap_or(rest.len());
            let width = if rest.starts_with("::") { 2 } else { word.max(width) };
            let (text, tail) = rest.split_at(width);
            found.push(Token { line: number + 1, text });
            rest = tail.trim_start();
        }
    }
    found
}

/// Every path that begins with the crate `root`, written out: `std::{fs, time::Instant}` is two.
pub(crate) fn paths<'a>(tokens: &[Token<'a>], root: &str) -> Vec<(usize, Vec<&'a str>)> {
    let mut found = Vec::new();
    for (index, pair) in tokens.windows(2).enumerate() {
        if pair.iter().map(|token| token.text).eq([root, "::"]) {
            expand(&mut tokens.iter().skip(index + 2).copied().peekable(), &[], &mut found);
        }
    }
    found
}

fn expand<'a>(
    tokens: &mut std::iter::Peekable<impl Iterator<Item = Token<'a>>>,
    before: &[&'a str],
    found: &mut Vec<(usize, Vec<&'a str>)>,
) {
    match tokens.next() {
        Some(Token { text: "{", .. }) => {
            while tokens.peek().is_some_and(|next| next.text != "}") {
                if tokens.next_if(|next| next.text == ",").is_none() {
                    expand(tokens, before, found);
                }
            }
            tokens.next();
        }
        Some(Token { line, text }) => {
            let path = [before, &[text]].concat();
            match tokens.next_if(|next| next.text == "::") {
                Some(_) => expand(tokens, &path, found),
                None => found.push((line, path)),
            }
        }
        None => {}
    }
}

fn is_word(c: char) -> bool {
    c.is_alphanumeric() || c == '_'
}

fn first_width(text: &str) -> Option<usize> {
    text.chars().next().map(char::len_utf8)
}

fn blank(piece: &str, out: &mut String) {
    out.extend(piece.chars().map(|c| if c == '\n' { '\n' } else { ' ' }));
}

fn comment(rest: &str) -> Option<usize> {
    if rest.starts_with("//") {
        return Some(rest.find('\n').unwrap_or(rest.len()));
    }
    let mut inside = rest.strip_prefix("/*")?;
    let mut depth = 1;
    while depth > 0 {
        let at = match (inside.find("/*"), inside.find("*/")) {
            (Some(opening), Some(closing)) if opening < closing => {
                depth += 1;
                opening
            }
            (_, Some(closing)) => {
                depth -= 1;
                closing
            }
            (_, None) => return Some(rest.len()),
        };
        inside = inside.split_at(at + 2).1;
    }
    Some(rest.len() - inside.len())
}

fn string(rest: &str, after_word: bool) -> Option<usize> {
    if rest.starts_with('"') {
        return Some(escaped(rest, '"'));
    }
    let prefix = rest.strip_prefix(['b', 'c']).unwrap_or(rest).strip_prefix('r').filter(|_| !after_word)?;
    let quoted = prefix.trim_start_matches('#');
    let hashes = prefix.len() - quoted.len();
    let body = quoted.strip_prefix('"')?;
    let end = format!("\"{}", "#".repeat(hashes));
    let opening = rest.len() - body.len();
    Some(body.find(&end).map_or(rest.len(), |at| opening + at + end.len()))
}

/// A character literal; a lifetime is none.
fn character(rest: &str) -> Option<usize> {
    let body = rest.strip_prefix('\'')?;
    let mut inside = body.chars();
    let first = inside.next()?;
    if first == '\\' {
        return Some(escaped(rest, '\''));
    }
    (inside.next() == Some('\'')).then_some(first.len_utf8() + 2)
}

/// The length of a literal that ends at the first `quote` without a backslash.
fn escaped(rest: &str, quote: char) -> usize {
    let mut characters = rest.char_indices().skip(1);
    while let Some((at, c)) = characters.next() {
        if c == quote {
            return at + quote.len_utf8();
        }
        if c == '\\' {
            characters.next();
        }
    }
    rest.len()
}

/// Up to the closing brace of an item, or its semicolon.
fn item_length(item: &str) -> usize {
    let mut depth = 0_usize;
    for (at, c) in item.char_indices() {
        match c {
            '{' => depth += 1,
            '}' => depth = depth.saturating_sub(1),
            _ => {}
        }
        if depth == 0 && matches!(c, '}' | ';') {
            return at + 1;
        }
    }
    item.len()
}

#[cfg(test)]
mod tests;
