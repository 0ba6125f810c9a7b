//! A question about one set: what follows from it and the released ones.

use std::cell::{Cell, OnceCell};

use super::{
    Asked, Combination, Set, Universe,
    classes::Classes,
    cover::Cover,
    crossings::Common,
    decode, field,
    lines::Found,
    nulls::{Piece, Pieces, Sums},
    parts::{self, Part, UNIONS, Verdict},
    question::LEFT,
    related::ALONE,
};

/// A set that may leave, by itself.
pub struct Lone<'a> {
    pub(super) universe: &'a Universe,
    pub(super) set: &'a Set,
    /// What null vectors add up to over it; none for a set with records outside the universe.
    sums: Option<Sums>,
    /// What it has in common with the entries.
    common: OnceCell<Common>,
    pieces: OnceCell<Pieces<'a>>,
    behind: OnceCell<Found>,
}

impl<'a> Lone<'a> {
    pub(super) fn new(universe: &'a Universe, set: &'a Set) -> Self {
        let (common, pieces, behind) = (OnceCell::new(), OnceCell::new(), OnceCell::new());
        Self { universe, set, sums: universe.nulls().sum(set), common, pieces, behind }
    }

    /// A combination of released sets that is a set, and that fewer than k people, or none, tell from this one; for a set
    /// that [`Universe::near`] finds [`super::Near::Far`].
    ///
    /// The figures of one that is a set by words follow from released ones. To answer for it in place of this set tells
    /// nothing new; to bar this set only when the two differ would tell whether they do. So whether they differ plays no part
    /// in what is found.
    pub fn combination(&self) -> Option<Combination> {
        let any = Cell::new(false);
        let is_set = |found: &Set| {
            any.set(true);
            self.universe.origin(found).is_some_and(|origin| origin.is_set())
        };
        let found = self.first(&is_set).map(Combination::ByWords);
        found.or_else(|| any.get().then_some(Combination::ByChance))
    }

    /// The first that is accepted.
    pub(super) fn first(&self, accept: &dyn Fn(&Set) -> bool) -> Option<Set> {
        // A record that is not there yet is in no released set, and nothing is said about it.
        let sums = self.sums?;
        let Universe { entries, people, least, .. } = self.universe;
        let cover = Cover { entries, people, least: *least };
        cover.find(self.set, self.common(), accept).or_else(|| decode::decode(self, sums, accept))
    }

    /// Whether it must not leave by itself: with it something about fewer than k people would be determined that is not yet (2.4),
    /// or it follows from the released ones. Three and four classes of a long history are looked for among those that the set and
    /// the stored sets most like it make.
    pub fn discloses(&self) -> bool {
        let Some(sums) = self.sums.filter(|sums| *sums != [0; _]) else { return true };
        let Universe { people, least, .. } = self.universe;
        if people.may_share() {
            return !self.universe.harmful(&[Asked { set: self.set, words: None }]).is_empty();
        }
        // Two combinations of the three vectors that add up to nought over the set.
        let [first, second, third] = sums;
        let now = |[one, two, three]: Sums| {
            let beside = |sum, other| field::subtract(field::multiply(sum, one), field::multiply(first, other));
            [beside(second, two), beside(third, three)]
        };
        let pieces = self.pieces();
        let parts = if pieces.roomy <= UNIONS {
            let part = |piece: &Piece| {
                let mut part = Part::of(piece.people);
                let [first, second, third] = piece.sums();
                part.add([first, second], now([first, second, third]));
                part
            };
            pieces.all().iter().map(part).collect()
        } else if pieces.make_up(self.behind(sums), *least) {
            return true;
        } else {
            self.related_parts(now)
        };
        parts::disclose(parts, *least) == Verdict::Discloses
    }

    /// The small classes that the set makes with the stored sets most like it.
    fn related_parts(&self, now: impl Fn(Sums) -> [u64; LEFT]) -> Vec<Part> {
        let Universe { system, people, least, .. } = self.universe;
        let related = self.universe.related(std::iter::once(self.common()), ALONE);
        let classes = Classes::of_related(
            system.records() as u32,
            std::iter::once(self.set),
            related,
            (ALONE.classes, |size| people.may_be_few(size, *least)),
        );
        let nulls = self.universe.nulls();
        people.summed(&classes, *least, |record| {
            let [first, second, third] = nulls.values(record);
            ([first, second], now([first, second, third]))
        })
    }

    fn common(&self) -> &Common {
        self.common.get_or_init(|| self.universe.entries.common(self.set))
    }

    pub(super) fn pieces(&self) -> &Pieces<'a> {
        let Universe { people, least, .. } = self.universe;
        self.pieces.get_or_init(|| self.universe.nulls().pieces(self.set, people, *least))
    }

    /// The pieces that, or two of which, are with some factors the set.
    pub(super) fn behind(&self, sums: Sums) -> &Found {
        self.behind.get_or_init(|| self.pieces().behind(sums))
    }
}
