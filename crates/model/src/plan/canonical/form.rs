//! Conditions as decision diagrams: what is looked at, in a fixed order, and what follows from what is found.

use std::{cmp::Ordering, collections::BTreeSet, sync::Arc};

use super::Codes;
use crate::{
    rounding::Sensitivity,
    scale::MISSING,
    variable::{Kind, date_text},
};

/// Something a condition looks at: one code for each person or row.
pub(super) struct Known<'a> {
    /// Its canonical text, which also orders the looks.
    pub(super) text: String,
    /// The codes it may have at all, by what the dictionary promises.
    pub(super) possible: Codes,
    /// What its codes stand for; `None` for numbers of rows.
    pub(super) kind: Option<&'a Kind>,
    /// Whether it is, or is made of, a sensitive variable.
    pub(super) sensitivity: Sensitivity,
}

/// A condition in its only form: no look whose outcome does not matter, no two branches alike, looks in the order of
/// their texts. Two conditions have equal forms exactly if they agree on all combinations of possible codes.
///
/// A tree, not a graph: a cohort and the rows of a derived variable have at most [`crate::plan::MOST_COMPARISONS`]
/// comparisons each, so at most 256 ways through.
#[derive(Clone, PartialEq)]
pub(super) enum Form<'a> {
    /// Holds for nothing.
    Never,
    /// Holds for everything.
    Always,
    /// Holds if the branch of the code that is found holds. The branches share out the possible codes, ascending by
    /// their first.
    Look(Arc<Known<'a>>, Vec<(Codes, Form<'a>)>),
}

impl<'a> Form<'a> {
    /// Holds if the code is one of these.
    pub(super) fn among(known: &Arc<Known<'a>>, codes: &Codes) -> Self {
        let others = codes.complement(i32::MAX);
        let branch = |codes: &Codes, form| (codes.intersect(&known.possible), form);
        Self::look(known, vec![branch(codes, Self::Always), branch(&others, Self::Never)])
    }

    pub(super) fn and(&self, other: &Self) -> Self {
        match (self, other) {
            (Self::Never, _) | (_, Self::Never) => Self::Never,
            (Self::Always, form) | (form, Self::Always) => form.clone(),
            (Self::Look(a, left), Self::Look(b, right)) => match a.text.cmp(&b.text) {
                Ordering::Less => Self::look(a, each(left, |form| form.and(other))),
                Ordering::Greater => Self::look(b, each(right, |form| self.and(form))),
                Ordering::Equal => {
                    let pairs = left.iter().flat_map(|(codes, form)| {
                        right.iter().map(move |(others, other)| (codes.intersect(others), form, other))
                    });
                    let common = pairs.filter(|(codes, ..)| !codes.is_empty());
                    Self::look(a, common.map(|(codes, form, other)| (codes, form.and(other))).collect())
                }
            },
        }
    }

    pub(super) fn or(&self, other: &Self) -> Self {
        self.not().and(&other.not()).not()
    }

    pub(super) fn not(&self) -> Self {
        match self {
            Self::Never => Self::Always,
            Self::Always => Self::Never,
            Self::Look(known, branches) => Self::Look(known.clone(), each(branches, Self::not)),
        }
    }

    /// `all`, `none`, or what is looked at, numbered from 0, and the looks, as in
    /// `[patient.age; patient.sex] 0(40..64 -> 1('male'))`. Branches that hold for nothing are left out. What is looked
    /// at stands there once, or the text of a variable derived from derived ones would grow with every mention.
    pub(super) fn text(&self) -> String {
        match self {
            Self::Never => "none".to_owned(),
            Self::Always => "all".to_owned(),
            Self::Look(..) => {
                let mut subjects = BTreeSet::new();
                self.subjects(&mut subjects);
                let subjects: Vec<_> = subjects.into_iter().collect();
                let mut text = format!("[{}] ", subjects.join("; "));
                self.write(&subjects, &mut text);
                text
            }
        }
    }

    /// Sensitive if anything that is looked at is.
    pub(super) fn sensitivity(&self) -> Sensitivity {
        match self {
            Self::Never | Self::Always => Sensitivity::Plain,
            Self::Look(known, branches) => {
                branches.iter().map(|(_, form)| form.sensitivity()).fold(known.sensitivity, Sensitivity::or)
            }
        }
    }

    fn look(known: &Arc<Known<'a>>, branches: Vec<(Codes, Self)>) -> Self {
        let mut merged: Vec<(Codes, Self)> = Vec::with_capacity(branches.len());
        for (codes, form) in branches.into_iter().filter(|(codes, _)| !codes.is_empty()) {
            match merged.iter_mut().find(|(_, other)| *other == form) {
                Some((others, _)) => *others = others.union(&codes),
                None => merged.push((codes, form)),
            }
        }
        if merged.len() < 2 {
            return merged.pop().map_or(Self::Never, |(_, form)| form);
        }
        merged.sort_by_key(|(codes, _)| codes.first());
        Self::Look(known.clone(), merged)
    }

    fn subjects<'b>(&'b self, found: &mut BTreeSet<&'b str>) {
        if let Self::Look(known, branches) = self {
            found.insert(&known.text);
            for (_, form) in branches {
                form.subjects(found);
            }
        }
    }

    fn write(&self, subjects: &[&str], text: &mut String) {
        let Self::Look(known, branches) = self else { return };
        let number = subjects.partition_point(|subject| *subject < known.text.as_str());
        text.push_str(&format!("{number}("));
        let mut between = "";
        for (codes, form) in branches.iter().filter(|(_, form)| *form != Self::Never) {
            text.push_str(between);
            text.push_str(&values_text(known.kind, codes));
            if *form != Self::Always {
                text.push_str(" -> ");
                form.write(subjects, text);
            }
            between = " | ";
        }
        text.push(')');
    }
}

impl PartialEq for Known<'_> {
    fn eq(&self, other: &Self) -> bool {
        self.text == other.text
    }
}

/// The branches with something done to what follows each. Branches that were unlike may become alike.
fn each<'a>(branches: &[(Codes, Form<'a>)], change: impl Fn(&Form<'a>) -> Form<'a>) -> Vec<(Codes, Form<'a>)> {
    branches.iter().map(|(codes, form)| (codes.clone(), change(form))).collect()
}

/// Codes as what they stand for: quoted levels, or stretches of numbers or days with both ends included. No level holds
/// the quote, so no level can look like something else.
pub(super) fn values_text(kind: Option<&Kind>, codes: &Codes) -> String {
    let mut values = Vec::new();
    for range in codes.ranges() {
        let mut range = range.clone();
        if range.start == MISSING {
            values.push("missing".to_owned());
            range.start = 0;
        }
        if range.is_empty() {
            continue;
        }
        if let Some(levels) = kind.and_then(Kind::levels) {
            let among = levels.iter().skip(range.start as usize).take(range.len());
            values.extend(among.map(|level| format!("'{level}'")));
            continue;
        }
        let (first, last) = (value_text(kind, range.start), value_text(kind, range.end - 1));
        values.push(if first == last { first } else { format!("{first}..{last}") });
    }
    values.join(",")
}

fn value_text(kind: Option<&Kind>, code: i32) -> String {
    match kind {
        Some(Kind::Continuous(continuous)) => continuous.scale.value(f64::from(code)).to_string(),
        Some(Kind::Date(range)) => date_text(range, code),
        Some(Kind::Binary(_) | Kind::Categorical(_)) | None => code.to_string(),
    }
}
