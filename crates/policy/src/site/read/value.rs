//! Values of the file, each with its key and its place.

use std::collections::{BTreeMap, BTreeSet};

use coda_model::NameError;
use toml::{
    Spanned,
    de::{DeTable, DeValue},
};

use super::super::{
    Percent, PolicyError,
    key::{self, Bound, Number},
};

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
            _ if written < i128::from(*least) && matches!(number.bound, Bound::Floor(_)) => {
                Err(number.under(self.line(), written))
            }
            _ => Err(self.other(allowed())),
        }
    }

    pub(super) fn word<Word: Copy>(&self, words: &[(&str, Word)]) -> Result<Word, PolicyError> {
        let written = self.value.get_ref().as_str();
        let all = || words.iter().map(|(word, _)| format!("{word:?}")).collect::<Vec<_>>().join(" or ");
        words.iter().find(|(word, _)| written == Some(*word)).map(|(_, word)| *word).ok_or_else(|| self.other(all()))
    }

    pub(super) fn switched_on(&self) -> Result<(), PolicyError> {
        match self.value.get_ref().as_bool() {
            Some(true) => Ok(()),
            Some(false) => Err(self.wrong(
                "false is not allowed: without it, answers that are harmless one by one can be solved together for one person",
                "true, or leave it out",
            )),
            None => Err(self.other("true, or leave it out")),
        }
    }

    pub(super) fn table(&self) -> Result<&'a DeTable<'a>, PolicyError> {
        let table = self.value.get_ref().as_table();
        table.ok_or_else(|| self.other("a line [history], and its keys under it"))
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

    /// `nk`: pairs of a number of people and the most they may have.
    pub(super) fn pairs(&self) -> Result<BTreeMap<u64, Percent>, PolicyError> {
        let mut pairs = BTreeMap::new();
        let list = self.value.get_ref().as_array().ok_or_else(|| self.other(PAIRS))?;
        for value in list {
            let entry = self.inner(value);
            let (people, share) = entry.pair()?;
            if pairs.insert(people, share).is_some() {
                return Err(entry.wrong(format!("two pairs are about the {people} largest"), "one of them"));
            }
        }
        let (people, most) = key::NK;
        if pairs.contains_key(&people) {
            return Ok(pairs);
        }
        Err(self.loose("lacks a pair for the 2 largest".to_owned(), most))
    }

    fn pair(&self) -> Result<(u64, Percent), PolicyError> {
        let numbers = self.value.get_ref().as_array().ok_or_else(|| self.other(PAIRS))?;
        let numbers: Option<Vec<i128>> = numbers.iter().map(|value| self.inner(value).whole()).collect();
        let Some(&[people, share]) = numbers.as_deref() else { return Err(self.other(PAIRS)) };
        let (Ok(people), Ok(share)) = (u64::try_from(people), u64::try_from(share)) else {
            return Err(self.other(PAIRS));
        };
        let (two, most) = key::NK;
        if people == two && share > most.0 {
            return Err(self.loose(format!("allows the 2 largest {share} %"), most));
        }
        if !(1..=key::NK_PEOPLE).contains(&people) || !(1..=99).contains(&share) {
            return Err(self.other(PAIRS));
        }
        Ok((people, Percent(share)))
    }

    fn loose(&self, problem: String, Percent(share): Percent) -> PolicyError {
        PolicyError::Dominance { line: self.line(), problem, share }
    }
}

const PAIRS: &str = "pairs of whole numbers, how many of the largest (1 to 100) and the per cent of the sum they may have \
                     together (1 to 99), such as [[1, 50], [2, 67]]";

impl Number {
    /// A value under the network's floor.
    pub(super) fn under(&self, line: usize, written: i128) -> PolicyError {
        let why = match self.bound {
            Bound::Floor(why) => why,
            Bound::Meaning => "it has no meaning",
        };
        PolicyError::Floor { line, key: self.key, written, floor: self.least, why }
    }
}
