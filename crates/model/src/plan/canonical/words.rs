//! What the words that chose a set say of it, kept so that sets can be compared by their words when nothing but digests of
//! their texts is left.
//!
//! That two sets have nobody in common, or that one lies in the other, may follow from how they were asked for, or may happen
//! to be so in the data. What follows from the words tells nothing of anybody.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::{Codes, form::Form};
use crate::BuildId;

/// What is said of a set: conditions, all of which hold for its members and for nobody else of its universe.
///
/// `Debug` is silent: constants may describe a person.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Words(Vec<Look>);

/// A condition, as [`Form`] has it.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
enum Look {
    Never,
    Always,
    /// What is looked at, and what follows from the codes that may be found.
    At(String, Vec<(Codes, Look)>),
}

/// What is still open of a set while one thing after the other is looked at.
type Open<'a> = Vec<&'a Look>;

impl Words {
    /// A set of which nothing is said but its name.
    pub fn named(name: &str) -> Self {
        let branch = |code: i32, look| (Codes::one(code), look);
        Self(vec![Look::At(name.to_owned(), vec![branch(0, Look::Never), branch(1, Look::Always)])])
    }

    /// A condition on the records of a build. The same words on another build may choose others, so that what they look at is
    /// not the same.
    pub(super) fn of(form: &Form<'_>, build: &BuildId) -> Self {
        let there = Self::named(build.as_str());
        there.and(&Self(vec![Look::of(form, build)]))
    }

    /// What lies in both sets.
    #[must_use]
    pub fn and(&self, other: &Self) -> Self {
        Self(self.0.iter().chain(&other.0).cloned().collect())
    }

    /// Calls `visit` for every way in which a record can lie in some of these sets and not in the others, as far as their words
    /// go: with whether it lies in each. Ways are met more than once.
    ///
    /// `false` when `visit` says so of one, and when there are more than `most` to look at.
    pub fn outcomes(sets: &[&Self], most: usize, visit: &mut dyn FnMut(&[bool]) -> bool) -> bool {
        let open: Vec<Open<'_>> = sets.iter().map(|words| words.0.iter().collect()).collect();
        let mut left = most;
        walk(open, &mut left, visit)
    }
}

impl Look {
    fn of(form: &Form<'_>, build: &BuildId) -> Self {
        match form {
            Form::Never => Self::Never,
            Form::Always => Self::Always,
            Form::Look(known, branches) => {
                let branches = branches.iter().map(|(codes, form)| (codes.clone(), Self::of(form, build)));
                Self::At(format!("{build} {}", known.text), branches.collect())
            }
        }
    }
}

fn walk<'a>(mut open: Vec<Open<'a>>, left: &mut usize, visit: &mut dyn FnMut(&[bool]) -> bool) -> bool {
    for set in &mut open {
        if set.iter().any(|look| matches!(look, Look::Never)) {
            *set = vec![&Look::Never];
        } else {
            set.retain(|look| !matches!(look, Look::Always));
        }
    }
    let looks = || {
        open.iter()
            .flatten()
            .filter_map(|look| if let Look::At(at, branches) = look { Some((at, branches)) } else { None })
    };
    let Some(at) = looks().map(|(at, _)| at).min() else {
        let Some(rest) = left.checked_sub(1) else { return false };
        *left = rest;
        let lies: Vec<bool> = open.iter().map(Vec::is_empty).collect();
        return visit(&lies);
    };
    let branches = || looks().filter(|(other, _)| *other == at).map(|(_, branches)| branches);
    let possible =
        |branches: &[(Codes, Look)]| branches.iter().fold(Codes::default(), |all, (codes, _)| all.union(codes));
    // The codes that no condition on it tells apart; one that all find impossible does not occur.
    let mut alike = vec![branches().fold(Codes::default(), |all, branches| all.union(&possible(branches)))];
    for branches in branches() {
        let others = possible(branches).complement(i32::MAX);
        let cuts: Vec<&Codes> = branches.iter().map(|(codes, _)| codes).chain([&others]).collect();
        let cut = |codes: &Codes| cuts.iter().map(|cut| codes.intersect(cut)).collect::<Vec<_>>();
        alike = alike.iter().flat_map(cut).filter(|codes| !codes.is_empty()).collect();
    }
    alike.iter().filter_map(Codes::first).all(|code| {
        let found = |look: &&'a Look| match look {
            Look::At(other, branches) if other == at => {
                branches.iter().find(|(codes, _)| codes.contains(code)).map_or(&Look::Never, |(_, look)| look)
            }
            other => *other,
        };
        walk(open.iter().map(|set| set.iter().map(found).collect()).collect(), left, visit)
    })
}

impl fmt::Debug for Words {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Words(…)")
    }
}
