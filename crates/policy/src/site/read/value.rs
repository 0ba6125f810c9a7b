//! Values of the file, each with its key and its place.

use std::collections::BTreeSet;

use coda_model::NameError;
use toml::{Spanned, de::DeValue};

use super::super::{PolicyError, key::Number};

/// A value with its key.
#[derive(Clone, Copy)]
pub(super) struct Entry<'a> {
    /// The whole file.
    pub(super) text: &'a str,
    pub(super) key: &'static str,
    pub(super) value: &'a Spanned<DeValue<'a>>,
}

/// The line of a place in a text, from 1.
pub(super) fn line(text: &str, place: usize) -> usize {
    text.get(..place).unwrap_or_default().matches('\n').count() + 1
}

/// What was written, on one line and not too long.
pub(super) fn short(text: &str) -> String {
    text.chars().take(60).map(|c| if c.is_control() { '\u{fffd}' } else { c }).collect()
}

impl<'a> Entry<'a> {
    pub(super) fn line(&self) -> usize {
        line(self.text, self.value.span().start)
    }

    fn wrong(&self, problem: impl Into<String>, allowed: impl Into<String>) -> PolicyError {
        PolicyError::Value { line: self.line(), key: self.key, problem: problem.into(), allowed: allowed.into() }
    }

    /// A value that is not what is `allowed`, as it is written.
    fn other(&self, allowed: impl Into<String>) -> PolicyError {
        let written = self.text.get(self.value.span()).unwrap_or_default();
        self.wrong(format!("{} is not allowed", short(written)), allowed)
    }

    fn inner(&self, value: &'a Spanned<DeValue<'a>>) -> Self {
        Self { value, ..*self }
    }

    /// A whole number of any size.
    fn whole(&self) -> Option<i128> {
        let number = self.value.get_ref().as_integer()?;
        i128::from_str_radix(number.as_str(), number.radix()).ok()
    }

    pub(super) fn number(&self, number: &Number) -> Result<u64, PolicyError> {
        let Number { least, most, unit, .. } = number;
        let allowed = || format!("a whole number of {unit} from {least} to {most}");
        let written = self.whole().ok_or_else(|| self.other(allowed()))?;
        match u64::try_from(written) {
            Ok(value) if (*least..=*most).contains(&value) => Ok(value),
            _ if written < i128::from(*least) && number.minimum.is_some() => Err(number.under(self.line(), written)),
            _ => Err(self.other(allowed())),
        }
    }

    pub(super) fn word<Word: Copy>(&self, words: &[(&str, Word)]) -> Result<Word, PolicyError> {
        let written = self.value.get_ref().as_str();
        let all = || words.iter().map(|(word, _)| format!("{word:?}")).collect::<Vec<_>>().join(" or ");
        words.iter().find(|(word, _)| written == Some(*word)).map(|(_, word)| *word).ok_or_else(|| self.other(all()))
    }

    pub(super) fn names<Name: Ord>(
        &self,
        name: fn(&str) -> Result<Name, NameError>,
    ) -> Result<BTreeSet<Name>, PolicyError> {
        let allowed = "a list of names in quotes, such as [\"one\", \"two\"]";
        let list = self.value.get_ref().as_array().ok_or_else(|| self.other(allowed))?;
        let names = list.iter().map(|value| {
            let entry = self.inner(value);
            let text = value.get_ref().as_str().ok_or_else(|| entry.other(allowed))?;
            name(text).map_err(|source| PolicyError::Name { line: entry.line(), key: self.key, source })
        });
        names.collect()
    }
}

impl Number {
    /// A value under the network's minimum.
    pub(super) fn under(&self, line: usize, written: i128) -> PolicyError {
        let why = self.minimum.unwrap_or("it has no meaning");
        PolicyError::Minimum { line, key: self.key, written, minimum: self.least, why }
    }
}
