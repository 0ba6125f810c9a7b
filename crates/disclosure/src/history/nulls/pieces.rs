//! The pieces into which a set cuts the classes, and which of them make up for it.

use super::{
    super::{
        Set,
        bits::{self, Bits},
        field,
        lines::{self, Found},
        people::People,
    },
    NEEDED, Nulls, Sums, add, has_room,
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
    /// How many pieces leave room for two others.
    pub(in super::super) roomy: usize,
}

impl Nulls {
    /// The pieces into which a set cuts the classes.
    pub(in super::super) fn pieces(&self, set: &Set, people: &People, least: u64) -> Pieces<'_> {
        let class = |record: u32| Some((*self.class.get(record as usize)?, record));
        let mut met: Vec<(u32, u32)> = bits::records(set).into_iter().filter_map(class).collect();
        met.sort_unstable();
        let (within, cut) = (Bits::default(), Bits::default());
        let mut pieces = Pieces { nulls: self, within, cut, sides: Vec::new(), roomy: self.small.roomy };
        for met in met.chunk_by(|one, other| one.0 == other.0) {
            let Some((class, _)) = met.first() else { continue };
            let records = self.records_of(*class);
            let place = self.small.places.get(*class as usize).filter(|place| **place != u32::MAX);
            let is_whole = met.len() == records.len();
            if let Some(place) = place {
                if is_whole { &mut pieces.within } else { &mut pieces.cut }.insert(*place as usize);
                let number = self.small.people.get(*place as usize).filter(|_| !is_whole);
                pieces.roomy -= usize::from(number.is_some_and(|number| has_room(*number, people, least)));
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
            for (is_within, number, signed) in [(true, sides[0], inner), (false, sides[1], outer)] {
                if number > 0 && number < least && signed != [0; NEEDED] {
                    pieces.roomy += usize::from(has_room(number, people, least));
                    pieces.sides.push(Piece { signed, people: number, is_within, class: *class });
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
    /// All of them.
    pub(in super::super) fn all(&self) -> Vec<Piece> {
        (0..self.nulls.small.class.len() + self.sides.len()).filter_map(|place| self.at(place)).collect()
    }

    /// The pieces that, or two of which, are with some factors the set, of which these are the sums.
    pub(in super::super) fn behind(&self, sums: Sums) -> Found {
        let sides = self.sides.iter().map(|side| side.signed);
        let mut points = points(&sides.chain([sums]).collect::<Vec<_>>());
        let eye = points.pop().unwrap_or_default();
        lines::through(eye, [&self.nulls.small.points, &points])
    }

    /// Whether one of the pieces found, or two of fewer than `least` people, are with some factors the set. Two whose sums are known
    /// together already are not.
    pub(in super::super) fn make_up(&self, found: &Found, least: u64) -> bool {
        let few_make_up = |line: &Vec<usize>| {
            let pieces = || line.iter().filter_map(|place| self.at(*place));
            // If any two do, the one of the fewest people does with another.
            let Some(first) = pieces().min_by_key(|piece| piece.people) else { return false };
            let others = pieces().filter(|piece| !are_parallel(first.signed, piece.signed));
            others.map(|other| first.people + other.people).min().is_some_and(|people| people < least)
        };
        found.on_it.iter().any(|place| self.at(*place).is_some()) || found.lines.iter().any(few_make_up)
    }

    /// The choices of one or two of the pieces found that add up to these sums.
    pub(in super::super) fn adding_up(&self, found: &Found, wanted: Sums) -> Vec<Vec<Piece>> {
        let pieces = |line: &[usize]| -> Vec<Piece> { line.iter().filter_map(|place| self.at(*place)).collect() };
        let one = pieces(&found.on_it).into_iter().filter(|piece| piece.signed == wanted).map(|piece| vec![piece]);
        let mut choices: Vec<Vec<Piece>> = one.collect();
        // Two pieces that are the set add up to it beside each other only on one line, or each where the set is.
        for line in found.lines.iter().chain([&found.on_it]) {
            let mut line = pieces(line);
            line.sort_unstable_by_key(|piece| piece.signed);
            for (index, piece) in line.iter().enumerate() {
                let rest = subtracted(wanted, piece.signed);
                let start = line.partition_point(|other| other.signed < rest).max(index + 1);
                let others = line.get(start..).unwrap_or_default().iter().take_while(|other| other.signed == rest);
                choices.extend(others.map(|other| vec![*piece, *other]));
            }
        }
        choices
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

/// What is left of sums.
pub(in super::super) fn subtracted(mut sums: Sums, others: Sums) -> Sums {
    for (sum, other) in sums.iter_mut().zip(others) {
        *sum = field::subtract(*sum, other);
    }
    sums
}
