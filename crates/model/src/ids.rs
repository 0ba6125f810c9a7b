//! Names of things. A name is checked once, here, and is then safe in a path, a URI and a log.

use std::fmt;

/// A name that breaks the rule for its kind.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{kind} {text:?} is not a name: {rule}")]
pub struct NameError {
    /// What was being named.
    pub kind: &'static str,
    /// The offending text, cut to 80 characters.
    pub text: String,
    /// The rule it breaks.
    pub rule: &'static str,
}

macro_rules! name {
    ($(#[$doc:meta])* $name:ident, $kind:literal, $extra:literal, $rule:literal) => {
        $(#[$doc])*
        #[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub struct $name(String);

        impl $name {
            /// Checks `text` against the rule for this kind of name.
            ///
            /// # Errors
            /// [`NameError`] when it is empty, longer than 64 characters, or has a character outside the rule.
            pub fn new(text: &str) -> Result<Self, NameError> {
                let extra: &str = $extra;
                let valid = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || extra.contains(c);
                let starts = text.starts_with(|c: char| c.is_ascii_lowercase() || c.is_ascii_digit());
                if starts && text.len() <= 64 && text.chars().all(valid) {
                    Ok(Self(text.to_owned()))
                } else {
                    Err(NameError { kind: $kind, text: text.chars().take(80).collect(), rule: $rule })
                }
            }

            /// The name as text.
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }
    };
}

name!(
    /// A hospital in the network.
    SiteId, "site", "-_", "use 1 to 64 of a-z, 0-9, - and _, not starting with - or _"
);
name!(
    /// A data set of the dictionary.
    DatasetId, "data set", "-_", "use 1 to 64 of a-z, 0-9, - and _, not starting with - or _"
);
name!(
    /// A table of a data set.
    TableId, "table", "_", "use 1 to 64 of a-z, 0-9 and _, not starting with _"
);
name!(
    /// A variable of a table, or a derived variable.
    VariableId, "variable", "_", "use 1 to 64 of a-z, 0-9 and _, not starting with _"
);
name!(
    /// A person who uses the network.
    UserId, "user", "-_.@+", "use 1 to 64 of a-z, 0-9, - _ . @ and +, starting with a letter or digit"
);
name!(
    /// One immutable build of a site's data.
    BuildId, "build", "-", "use 1 to 64 of a-z, 0-9 and -, not starting with -"
);

/// A number of distinct people.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct People(pub u64);

/// A number of rows of a table.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Rows(pub u64);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_keep_out_what_could_break_a_path_or_a_uri() {
        assert!(SiteId::new("st-mary_2").is_ok());
        assert!(UserId::new("ana@hospital.example").is_ok());
        for bad in ["", "-a", "A", "a/b", "..", "a b", "é", &"x".repeat(65)] {
            assert!(SiteId::new(bad).is_err(), "{bad:?} was taken");
        }
    }
}
