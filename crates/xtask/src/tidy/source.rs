//! Rust source as far as the rules need it: sequences of tokens, and the paths in them.

use std::fmt::Display;

use proc_macro2::{Span, TokenStream, TokenTree};
use syn::{
    Attribute, Ident, Item, UseTree,
    parse::{ParseStream, Parser as _, discouraged::Speculative as _},
};

/// A path with its line.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Named {
    pub(crate) line: usize,
    /// As it is written, such as `std::fs::read`.
    pub(crate) path: String,
}

/// The tokens of a file.
///
/// # Errors
/// The line and the cause where the text is not Rust.
pub(crate) fn tokens(text: &str) -> Result<TokenStream, (usize, String)> {
    let tokens = text.parse::<TokenStream>();
    tokens.map_err(|error| (error.span().start().line, error.to_string()))
}

/// Every sequence of tokens that is not broken by a bracket: that of each group, and the outermost one last.
pub(crate) fn sequences(tokens: TokenStream) -> Vec<Vec<TokenTree>> {
    let outermost: Vec<TokenTree> = tokens.into_iter().collect();
    let mut found = Vec::new();
    for token in &outermost {
        if let TokenTree::Group(group) = token {
            found.extend(sequences(group.stream()));
        }
    }
    found.push(outermost);
    found
}

/// Every path and every name outside `#[cfg(test)]` items, imports written out: `std::{fs, time::Instant}` is
/// two. It reads tokens and not the syntax tree, so that it sees into macro calls.
pub(crate) fn paths(tokens: TokenStream) -> Vec<Named> {
    let mut found = Vec::new();
    let read = |input: ParseStream| -> syn::Result<()> {
        while !input.is_empty() {
            if after_test_item(input) {
                continue;
            }
            if let Some(tree) = path(input) {
                write_out(&tree, "", &mut found);
            } else if let TokenTree::Group(group) = input.parse()? {
                found.extend(paths(group.stream()));
            }
        }
        Ok(())
    };
    // The closure fails at the end of input alone, which its loop excludes.
    let _ = read.parse2(tokens);
    found
}

/// Moves past an item that is compiled for tests alone.
fn after_test_item(input: ParseStream) -> bool {
    let ahead = input.fork();
    let is_test = ahead.call(Attribute::parse_outer).is_ok_and(|attributes| attributes.iter().any(is_cfg_test));
    let is_item = is_test && ahead.parse::<Item>().is_ok();
    if is_item {
        input.advance_to(&ahead);
    }
    is_item
}

fn is_cfg_test(attribute: &Attribute) -> bool {
    attribute.path().is_ident("cfg") && attribute.parse_args::<Ident>().is_ok_and(|argument| argument == "test")
}

/// Moves past a path, if one begins here. What an import may say is all that a path may say without generics.
fn path(input: ParseStream) -> Option<UseTree> {
    let ahead = input.fork();
    let tree = ahead.parse().ok()?;
    input.advance_to(&ahead);
    Some(tree)
}

fn write_out(tree: &UseTree, before: &str, found: &mut Vec<Named>) {
    let mut end = |last: &dyn Display, span: Span| {
        found.push(Named { line: span.start().line, path: format!("{before}{last}") });
    };
    match tree {
        UseTree::Path(path) => write_out(&path.tree, &format!("{before}{}::", path.ident), found),
        UseTree::Name(name) => end(&name.ident, name.ident.span()),
        UseTree::Rename(rename) => end(&rename.ident, rename.ident.span()),
        UseTree::Glob(glob) => end(&"*", glob.star_token.span),
        UseTree::Group(group) => group.items.iter().for_each(|tree| write_out(tree, before, found)),
    }
}

#[cfg(test)]
mod tests;
