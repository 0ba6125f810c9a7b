//! What a combination of released sets is made of, and whether it is a set by the words that chose these.
//!
//! "A and not B" follows from A and B where B lies in A. Where it does so by their words ("men" and "men over 65"), it does
//! whatever is in the data, and to answer tells nothing. Where it happens to, one person in B and not in A would make the
//! same question one that must be withheld, and an answer would tell that there is no such person. So what is no set by its
//! words is withheld in both cases.

use std::borrow::Cow;

use coda_model::plan::Words;

use super::{Asked, Set, field, pool::Pool, question::LEFT, system::System};

/// The most ways to lie in some sets and not in others that are looked at.
const OUTCOMES: usize = 20_000;

/// The most sets of a combination.
const SETS: usize = 500;

/// A set and its words, if it has any.
pub(super) type Told<'a> = (&'a Set, Option<&'a Words>);

/// What null vectors add up to over sets, one after the other: which of them follow from those before, and how.
#[derive(Default)]
struct Basis {
    /// The sums that do not follow, reduced: the first place that is not nought, which is one there and nought in all later
    /// rows, the sums, and the factors of the sets they are made of.
    rows: Vec<(usize, Vec<u64>, Vec<u64>)>,
    sets: usize,
}

impl Basis {
    /// The factors with which sums are made of those taken in; none if they are not made of them.
    fn factors(&self, sums: Vec<u64>) -> Option<Vec<u64>> {
        let (rest, factors) = self.reduced(sums);
        rest.iter().all(|sum| *sum == 0).then_some(factors)
    }

    /// Takes in the sums over another set; their factors if they were made of the others'.
    fn take_in(&mut self, sums: Vec<u64>) -> Option<Vec<u64>> {
        let (mut rest, mut factors) = self.reduced(sums);
        self.sets += 1;
        let Some((place, value)) = rest.iter().copied().enumerate().find(|(_, sum)| *sum != 0) else {
            return Some(factors);
        };
        let scale = field::inverse(value);
        for value in &mut rest {
            *value = field::multiply(*value, scale);
        }
        for factor in &mut factors {
            *factor = field::negative(field::multiply(*factor, scale));
        }
        factors.push(scale);
        self.rows.push((place, rest, factors));
        None
    }

    fn reduced(&self, mut sums: Vec<u64>) -> (Vec<u64>, Vec<u64>) {
        let mut factors = vec![0; self.sets];
        for (place, row, of) in &self.rows {
            let value = sums.get(*place).copied().unwrap_or_default();
            if value != 0 {
                field::take(&mut sums, value, row);
                for (factor, of) in factors.iter_mut().zip(of) {
                    *factor = field::add(*factor, field::multiply(value, *of));
                }
            }
        }
        (sums, factors)
    }
}

/// The sets of which the audit has taken no note yet, ready to be looked for in combinations.
pub(super) struct Recent {
    basis: Basis,
    /// How many null vectors tell them from each other and from combinations of the others.
    width: usize,
    /// The vectors, where those kept were too few.
    drawn: Option<Pool>,
}

impl Recent {
    /// `rows` are the independent sets of `system`.
    pub(super) fn new(system: &System, rows: &[&Set], held: &[&Set]) -> Self {
        let width = held.len() + LEFT;
        let pool = system.vectors(rows, width);
        let mut basis = Basis::default();
        for set in held {
            basis.take_in(pool.sum_of(width, set));
        }
        let drawn = match pool {
            Cow::Owned(pool) => Some(pool),
            Cow::Borrowed(_) => None,
        };
        Self { basis, width, drawn }
    }

    /// The factors of the held sets in a combination of these and the independent ones; none if it is no combination.
    pub(super) fn factors(&self, system: &System, combination: &Set) -> Option<Vec<u64>> {
        self.basis.factors(self.drawn.as_ref().unwrap_or(&system.pool).sum_of(self.width, combination))
    }
}

/// The places of those sets that follow from the released ones and those before them, and are not by their words what these come
/// to. `harmful` ones do not leave. `sums` are what null vectors add up to over `recent` sets, and after them over those asked.
pub(super) fn by_chance<'a>(
    system: &System,
    rows: &[Told<'a>],
    mut recent: Vec<Told<'a>>,
    asked: &[Asked<'a>],
    harmful: &[usize],
    sums: impl Fn(usize) -> Vec<u64>,
) -> Vec<usize> {
    let mut basis = Basis::default();
    let before = recent.len();
    for place in 0..before {
        basis.take_in(sums(place));
    }
    let mut found = Vec::new();
    for (place, Asked { set, words }) in asked.iter().enumerate().filter(|(place, _)| !harmful.contains(place)) {
        let is_by_words = |factors: Vec<u64>| {
            let origin = Origin::of(set, system, rows, (&recent, &factors));
            origin.zip(*words).is_some_and(|(origin, words)| origin.is(words))
        };
        if basis.take_in(sums(before + place)).is_some_and(|factors| !is_by_words(factors)) {
            found.push(place);
        }
        recent.push((*set, *words));
    }
    found
}

/// The sets of which a combination is made, each with its factor.
pub(super) struct Origin<'a> {
    factors: Vec<u64>,
    words: Vec<&'a Words>,
}

impl<'a> Origin<'a> {
    /// Of a combination of the independent sets `rows` and, with these factors, of `recent` ones; none where one of them has
    /// no words.
    pub(super) fn of(
        combination: &Set,
        system: &System,
        rows: &[Told<'a>],
        (recent, factors): (&[Told<'a>], &[u64]),
    ) -> Option<Self> {
        let recent = || factors.iter().zip(recent).filter(|(factor, _)| **factor != 0);
        let rest = |pivot: u32| {
            let known = recent().filter(|(_, (set, _))| set.contains(pivot));
            known.fold(u64::from(combination.contains(pivot)), |rest, (factor, _)| field::subtract(rest, *factor))
        };
        let weights = system.weights(rest);
        let rows = weights.iter().zip(rows).filter(|(weight, _)| **weight != 0);
        let (factors, words): (Vec<u64>, Vec<Option<&Words>>) =
            rows.chain(recent()).map(|(factor, (_, words))| (*factor, *words)).unzip();
        Some(Self { factors, words: words.into_iter().collect::<Option<_>>()? })
    }

    /// Whether everybody is in it once or never, whoever is in the sets, as far as their words go.
    pub(super) fn is_set(&self) -> bool {
        self.holds(&self.words, |times, _| times <= 1)
    }

    /// Whether it is the set of these words, whoever is in the sets, as far as their words go.
    pub(super) fn is(&self, words: &Words) -> bool {
        let all: Vec<&Words> = self.words.iter().copied().chain([words]).collect();
        self.holds(&all, |times, within| times == u64::from(within))
    }

    /// Whether it holds of how often anybody can be in the combination, and of whether they are in the last of the sets.
    fn holds(&self, sets: &[&Words], of: impl Fn(u64, bool) -> bool) -> bool {
        let mut holds = |lies: &[bool]| {
            let within = self.factors.iter().zip(lies).filter(|(_, lies)| **lies);
            let times = within.fold(0, |times, (factor, _)| field::add(times, *factor));
            of(times, lies.last().copied().unwrap_or_default())
        };
        sets.len() <= SETS && Words::outcomes(sets, OUTCOMES, &mut holds)
    }
}
