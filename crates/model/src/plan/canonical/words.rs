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
    /// Not all of these.
    Not(Vec<Look>),
}

/// What is still open of a set while one thing after the other is looked at: nothing when it holds, and none when it does not.
type Open<'a> = Option<Vec<Rest<'a>>>;

/// An open condition.
enum Rest<'a> {
    At(&'a str, &'a [(Codes, Look)]),
    Not(Vec<Rest<'a>>),
}

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

    /// What lies in this set and not in the other.
    #[must_use]
    pub fn but_not(&self, other: &Self) -> Self {
        Self(self.0.iter().cloned().chain([Look::Not(other.0.clone())]).collect())
    }

    /// Calls `visit` for every way in which a record can lie in some of these sets and not in the others, as far as their words
    /// go: with whether it lies in each. Ways are met more than once.
    ///
    /// `false` when `visit` says so of one, and when there are more than `most` to look at.
    pub fn outcomes(sets: &[&Self], most: usize, visit: &mut dyn FnMut(&[bool]) -> bool) -> bool {
        let open: Vec<Open<'_>> = sets.iter().map(|words| open(&words.0)).collect();
        let mut left = most;
        walk(&open, &mut left, visit)
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

fn open<'a>(looks: impl IntoIterator<Item = &'a Look>) -> Open<'a> {
    together(looks.into_iter().map(|look| match look {
        Look::Never => None,
        Look::Always => Some(Vec::new()),
        Look::At(at, branches) => Some(vec![Rest::At(at, branches)]),
        Look::Not(looks) => not(open(looks)),
    }))
}

fn together<'a>(parts: impl Iterator<Item = Open<'a>>) -> Open<'a> {
    parts.collect::<Option<Vec<_>>>().map(|parts| parts.into_iter().flatten().collect())
}

fn not(open: Open<'_>) -> Open<'_> {
    match open {
        None => Some(Vec::new()),
        Some(rest) if rest.is_empty() => None,
        Some(rest) => Some(vec![Rest::Not(rest)]),
    }
}

/// What is open once a code was found.
fn found<'a>(rest: &[Rest<'a>], at: &str, code: i32) -> Open<'a> {
    together(rest.iter().map(|rest| match rest {
        Rest::At(other, branches) if *other == at => open(
            branches.iter().find(|(codes, _)| codes.contains(code)).map_or(Some(&Look::Never), |(_, look)| Some(look)),
        ),
        Rest::At(other, branches) => Some(vec![Rest::At(other, branches)]),
        Rest::Not(rest) => not(found(rest, at, code)),
    }))
}

/// What is looked at in open conditions, and what follows from it.
fn looks<'a>(rest: &[Rest<'a>], into: &mut Vec<(&'a str, &'a [(Codes, Look)])>) {
    for rest in rest {
        match rest {
            Rest::At(at, branches) => into.push((at, branches)),
            Rest::Not(rest) => looks(rest, into),
        }
    }
}

fn walk(sets: &[Open<'_>], left: &mut usize, visit: &mut dyn FnMut(&[bool]) -> bool) -> bool {
    let mut all = Vec::new();
    sets.iter().flatten().for_each(|rest| looks(rest, &mut all));
    // The least text comes first in every form, so that nothing below looks at it again.
    let Some(at) = all.iter().map(|(at, _)| *at).min() else {
        let Some(rest) = left.checked_sub(1) else { return false };
        *left = rest;
        return visit(&sets.iter().map(Option::is_some).collect::<Vec<_>>());
    };
    let branches: Vec<&[(Codes, Look)]> =
        all.iter().filter(|(other, _)| *other == at).map(|(_, branches)| *branches).collect();
    alike(&branches).iter().filter_map(Codes::first).all(|code| {
        let sets: Vec<Open<'_>> = sets.iter().map(|rest| found(rest.as_deref()?, at, code)).collect();
        walk(&sets, left, visit)
    })
}

/// The codes that no condition tells apart; one that all find impossible does not occur.
fn alike(conditions: &[&[(Codes, Look)]]) -> Vec<Codes> {
    let possible =
        |branches: &[(Codes, Look)]| branches.iter().fold(Codes::default(), |all, (codes, _)| all.union(codes));
    let mut alike = vec![conditions.iter().fold(Codes::default(), |all, branches| all.union(&possible(branches)))];
    for branches in conditions {
        let others = possible(branches).complement(i32::MAX);
        let cuts: Vec<&Codes> = branches.iter().map(|(codes, _)| codes).chain([&others]).collect();
        let cut = |codes: &Codes| cuts.iter().map(|cut| codes.intersect(cut)).collect::<Vec<_>>();
        alike = alike.iter().flat_map(cut).filter(|codes| !codes.is_empty()).collect();
    }
    alike
}

impl fmt::Debug for Words {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Words(…)")
    }
}
