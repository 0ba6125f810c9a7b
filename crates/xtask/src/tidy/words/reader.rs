//! Finds retired words in the names that a file declares and in its documentation.

use heck::ToSnakeCase as _;
use syn::{
    Attribute, Expr, ExprLit, ExprMethodCall, FieldPat, File, Ident, Lit, Member, Meta, PathSegment, UseTree, Variant,
    visit::{self, Visit},
};

use super::{Place, replacement};

/// A retired word that was found.
pub(super) struct Hit {
    pub(super) line: usize,
    pub(super) word: String,
    pub(super) instead: &'static str,
}

/// What was found so far.
#[derive(Default)]
pub(super) struct Reader {
    hits: Vec<Hit>,
    /// Whether the documentation is within a block of code.
    in_code: bool,
}

impl Reader {
    /// The retired words of a file, in its order.
    pub(super) fn read(file: &File) -> Vec<Hit> {
        let mut reader = Self::default();
        reader.visit_file(file);
        reader.hits
    }

    fn words(&mut self, line: usize, words: impl Iterator<Item = String>, places: &[Place]) {
        let found = words.filter_map(|word| Some(Hit { line, instead: replacement(&word, places)?, word }));
        self.hits.extend(found);
    }

    /// `SaltError` and `SALT_ERROR` are `salt` and `error`.
    fn name(&mut self, name: &Ident, places: &[Place]) {
        let words = name.to_string().to_snake_case();
        self.words(name.span().start().line, words.split('_').map(str::to_owned), places);
    }

    fn documentation(&mut self, line: usize, text: &str) {
        if text.trim_start().starts_with("```") {
            self.in_code = !self.in_code;
        } else if !self.in_code {
            let prose = text.split('`').step_by(2).map(without_target);
            let words = prose.flat_map(|part| part.split(|c: char| !c.is_alphabetic())).map(str::to_lowercase);
            self.words(line, words, &[Place::Documentation, Place::Everywhere]);
        }
    }
}

impl<'ast> Visit<'ast> for Reader {
    fn visit_ident(&mut self, name: &'ast Ident) {
        self.name(name, &[Place::Everywhere]);
    }

    fn visit_variant(&mut self, variant: &'ast Variant) {
        self.name(&variant.ident, &[Place::Variants]);
        visit::visit_variant(self, variant);
    }

    fn visit_attribute(&mut self, attribute: &'ast Attribute) {
        let Meta::NameValue(pair) = &attribute.meta else { return };
        if let (true, Expr::Lit(ExprLit { lit: Lit::Str(text), .. })) = (pair.path.is_ident("doc"), &pair.value) {
            let first = text.span().start().line;
            for (line, text) in text.value().lines().enumerate() {
                self.documentation(first + line, text);
            }
        }
    }

    // What follows are uses of names, and no declarations.

    fn visit_path_segment(&mut self, segment: &'ast PathSegment) {
        self.visit_path_arguments(&segment.arguments);
    }

    fn visit_member(&mut self, _: &'ast Member) {}

    fn visit_field_pat(&mut self, field: &'ast FieldPat) {
        if field.colon_token.is_some() {
            visit::visit_field_pat(self, field);
        }
    }

    fn visit_expr_method_call(&mut self, call: &'ast ExprMethodCall) {
        self.visit_expr(&call.receiver);
        if let Some(generics) = &call.turbofish {
            self.visit_angle_bracketed_generic_arguments(generics);
        }
        call.args.iter().for_each(|argument| self.visit_expr(argument));
    }

    fn visit_use_tree(&mut self, tree: &'ast UseTree) {
        match tree {
            UseTree::Path(path) => self.visit_use_tree(&path.tree),
            UseTree::Group(group) => group.items.iter().for_each(|tree| self.visit_use_tree(tree)),
            UseTree::Rename(rename) => self.visit_ident(&rename.rename),
            UseTree::Name(_) | UseTree::Glob(_) => {}
        }
    }
}

/// What follows a name in backticks, without the target if the name is a link.
fn without_target(text: &str) -> &str {
    let after = text.strip_prefix("](").and_then(|link| link.split_once(')'));
    after.map_or(text, |(_, after)| after)
}
