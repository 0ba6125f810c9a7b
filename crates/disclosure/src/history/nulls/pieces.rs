//! The pieces into which a set cuts the classes, and which of them make up for it.

use super::{
    super::{
        Set,
        bits::{self, Bits},
        field,
        lines::{self, Found},
        people::People,
    },
    NEEDED, Nulls, Sums, add,
};

/// The records of a class that are in a set, or those that are not.
#[derive(Clone, Copy)]
pub(in super::super) struct Piece {
    /// What the vectors add up to over them; the negative of that if they are not in the set.
    pub(in super::super) signed: Sums,
    /// How many people they are of.
    pub(in super::super) people: u64,
    /// Whether they are in the set.
    is_within: bool,
    class: u32,
}

/// The pieces of one to k - 1 people whose sum is not known already.
pub(in super::super) struct Pieces<'a> {
    nulls: &'a Nulls,
    /// The places of small classes that are wholly in the set.
    within: Bits,
    /// The places of small classes that are cut in two.
    cut: Bits,
    /// The pieces of classes that are cut in two.
    sides: Vec<Piece>,
}

impl Nulls {
    /// The pieces into which a set cuts the classes.
    pub(in super::super) fn pieces(&self, set: &Set, people: &People, least: u64) -> Pieces<'_> {
        let class = |record: u32| Some((*self.class.get(record as usize)?, record));
        let mut met: Vec<(u32, u32)> = bits::records(set).into_iter().filter_map(class).collect();
        met.sort_unstable();
        let mut pieces = Pieces { nulls: self, within: Bits::default(), cut: Bits::default(), sides: Vec::new() };
        for met in met.chunk_by(|one, other| one.0 == other.0) {
            let Some((class, _)) = met.first() else { continue };
            let records = self.records_of(*class);
            let place = self.small.places.get(*class as usize).filter(|place| **place != u32::MAX);
            let is_whole = met.len() == records.len();
            if let Some(place) = place {
                if is_whole { &mut pieces.within } else { &mut pieces.cut }.insert(*place as usize);
            }
            if is_whole {
                continue;
            }
            let mut inner = [0; NEEDED];
            for values in met.iter().filter_map(|(_, record)| self.values.get(*record as usize)) {
                add(&mut inner, values);
            }
            let mut outer = inner;
            for (outer, total) in outer.iter_mut().zip(self.totals.get(*class as usize).into_iter().flatten()) {
                *outer = field::subtract(*outer, *total);
            }
            let sides = people.sides(records, met.len(), |record| set.contains(record));
            for (is_within, people, signed) in [(true, sides[0], inner), (false, sides[1], outer)] {
                if people > 0 && people < least && signed != [0; NEEDED] {
                    pieces.sides.push(Piece { signed, people, is_within, class: *class });
                }
            }
        }
        pieces
    }

    /// The records of a piece into which the set cuts a class.
    pub(in super::super) fn records(&self, piece: &Piece, set: &Set) -> Set {
        let records = self.records_of(piece.class).iter();
        records.copied().filter(|record| set.contains(*record) == piece.is_within).collect()
    }
}

impl Piece {
    /// What the vectors add up to over the records, in the set or not.
    pub(in super::super) fn sums(&self) -> Sums {
        if self.is_within { self.signed } else { self.signed.map(field::negative) }
    }
}

impl Pieces<'_> {
    /// How many leave room for two others.
    pub(in super::super) fn roomy(&self, people: &People, least: u64) -> usize {
        // Pieces that share people may have no more together than one of them.
        let has_room = |number: &u64| people.may_share() || number + 2 < least;
        let classes = self.nulls.small.people.iter().enumerate();
        let classes = classes.filter(|(place, number)| has_room(number) && !self.cut.contains(*place));
        classes.count() + self.sides.iter().filter(|side| has_room(&side.people)).count()
    }

    /// All of them.
    pub(in super::super) fn all(&self) -> Vec<Piece> {
        (0..self.nulls.small.class.len() + self.sides.len()).filter_map(|place| self.at(place)).collect()
    }

    /// The pieces that, or two of which, are with some factors the set, of which these are the sums.
    pub(in super::super) fn behind(&self, sums: Sums) -> Found {
        let sides = self.sides.iter().map(|side| side.signed);
        let mut points = points(&sides.chain([sums]).collect::<Vec<_>>());
        let eye = points.pop().unwrap_or_default();
        lines::through(eye, &self.nulls.small.points.iter().chain(&points))
    }

    /// The choices of one or two pieces among those found. Two whose sums are known together already are not among them, nor two
    /// that are of `least` people if nobody can be of both.
    pub(in super::super) fn making<'b>(
        &'b self,
        found: &'b Found,
        people: &'b People,
        least: u64,
    ) -> impl Iterator<Item = Vec<Piece>> + 'b {
        let one = found.on_it.iter().filter_map(|place| Some(vec![self.at(*place)?]));
        let may_be_few = move |one: &Piece, other: &Piece| people.may_share() || one.people + other.people < least;
        let pair = move |(one, other): (usize, usize)| {
            let (one, other) = (self.at(one)?, self.at(other)?);
            (may_be_few(&one, &other) && !are_parallel(one.signed, other.signed)).then(|| vec![one, other])
        };
        one.chain(found.lines.iter().flat_map(|line| pairs(line)).filter_map(pair))
    }

    /// The piece of a place: the small classes, then those cut in two.
    fn at(&self, place: usize) -> Option<Piece> {
        let small = &self.nulls.small;
        let Some(class) = small.class.get(place) else { return self.sides.get(place - small.class.len()).copied() };
        if self.cut.contains(place) {
            return None;
        }
        let is_within = self.within.contains(place);
        let total = *self.nulls.totals.get(*class as usize)?;
        let signed = if is_within { total } else { total.map(field::negative) };
        Some(Piece { signed, people: *small.people.get(place)?, is_within, class: *class })
    }
}

/// What the second and the third vector add up to, with the first as the unit.
pub(super) fn points(sums: &[Sums]) -> Vec<[u64; 2]> {
    let firsts: Vec<u64> = sums.iter().map(|[first, ..]| *first).collect();
    let inverses = field::inverses(&firsts);
    let point =
        |([_, second, third], inverse): (&Sums, u64)| [*second, *third].map(|sum| field::multiply(sum, inverse));
    sums.iter().zip(inverses).map(point).collect()
}

/// Whether one is the other times a factor.
fn are_parallel(one: Sums, other: Sums) -> bool {
    let [first, rest @ ..] = one;
    let [other_first, other_rest @ ..] = other;
    let same = |(one, other): (u64, u64)| field::multiply(one, other_first) == field::multiply(other, first);
    rest.into_iter().zip(other_rest).all(same)
}

/// Any two places of a line.
fn pairs(line: &[usize]) -> impl Iterator<Item = (usize, usize)> {
    let after = |index: usize| line.iter().skip(index + 1);
    line.iter().enumerate().flat_map(move |(index, one)| after(index).map(move |other| (*one, *other)))
}
