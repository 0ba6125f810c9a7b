//! The combination of released sets that a set is but for few people, found from what null vectors add up to.
//!
//! Where S is the set and C the combination, the null vectors add up over S to what they add up to over the people in
//! whom S and C differ, those of C alone counted as negative. This is the decoding of a linear code: the few people are
//! found from their sum alone, however many released sets C is made of. As in the audit, the people are looked for in up to
//! four classes that no set tells apart, or in up to two when there are many.

use super::{
    Set, Universe, field,
    lone::Lone,
    met::Met,
    nulls::{Piece, Sums, subtracted},
    parts::UNIONS,
    people::People,
};

/// Up to two pieces, to be met by others that make up for what they lack.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Half {
    sum: u64,
    number: u32,
    /// The places of the pieces in order, as many as there are.
    places: [u32; 2],
}

/// The set that follows from the released ones and that fewer than `least` people, or none, tell from this one, of those that
/// are accepted.
///
/// Of several the one that has the first record in which two of them differ: what is chosen does not depend on which of
/// them the set is nearest to.
pub(super) fn decode(lone: &Lone<'_>, wanted: Sums, accept: &dyn Fn(&Set) -> bool) -> Option<Set> {
    let (set, nulls) = (lone.set, lone.universe.nulls());
    let Universe { people, least, .. } = lone.universe;
    let pieces = lone.pieces();
    let roomy = pieces.roomy;
    let choices = if roomy > UNIONS {
        let none = (wanted == [0; _]).then(Vec::new);
        none.into_iter().chain(pieces.adding_up(lone.behind(wanted), wanted)).collect()
    } else {
        solutions(&pieces.all(), roomy, people, wanted[0], *least)
    };
    let mut best: Option<Set> = None;
    for chosen in choices {
        if !add_up(&chosen, wanted) {
            continue;
        }
        let different = chosen.iter().fold(Set::new(), |union, piece| union | nulls.records(piece, set));
        let combination = set ^ &different;
        let is_better = |best: &Set| (best ^ &combination).min().is_some_and(|record| combination.contains(record));
        if people.are_few(&different, *least)
            && !people.are_few(&combination, *least)
            && accept(&combination)
            && best.as_ref().is_none_or(is_better)
        {
            best = Some(combination);
        }
    }
    best
}

/// Whether the pieces add up to these in all vectors.
fn add_up(pieces: &[Piece], wanted: Sums) -> bool {
    pieces.iter().fold(wanted, |rest, piece| subtracted(rest, piece.signed)) == [0; _]
}

/// All choices of none to four pieces whose sums add up to `wanted`; `roomy` of them leave room for two others.
fn solutions(pieces: &[Piece], roomy: usize, people: &People, wanted: u64, least: u64) -> Vec<Vec<Piece>> {
    let halves = || halves(pieces, people, least);
    let mut met = Met::for_about(pieces.len() + roomy * roomy / 2);
    for half in halves() {
        met.meet(half.sum);
    }
    let rest = |half: &Half| field::subtract(wanted, half.sum);
    let is_met = |half: &Half| met.has(rest(half));
    let mut found: Vec<Half> = halves().filter(is_met).collect();
    found.sort_unstable();
    let mut solutions = Vec::new();
    for left in &found {
        let wanted = rest(left);
        let start = found.partition_point(|right| right.sum < wanted);
        let right = found.get(start..).unwrap_or_default().iter().take_while(|right| right.sum == wanted);
        let piece = |place: u32| pieces.get(place as usize).copied();
        let both = right.filter(|right| left.is_before(right)).map(|right| left.and(right));
        solutions.extend(both.map(|places| places.into_iter().filter_map(piece).collect::<Vec<Piece>>()));
    }
    solutions
}

/// Nothing, all pieces, and all pairs of them that leave room for another.
fn halves<'a>(pieces: &'a [Piece], people: &'a People, least: u64) -> impl Iterator<Item = Half> + 'a {
    // Pieces that share people may have no more together than one of them.
    let room = move |number: u64| people.may_share() || number < least;
    let nothing = Half { sum: 0, number: 0, places: [0; 2] };
    let single = |(place, piece): (u32, &Piece)| Half { sum: piece.signed[0], number: 1, places: [place, 0] };
    let halves = std::iter::once(nothing).chain((0..).zip(pieces).map(single));
    let roomy = (0_u32..).zip(pieces).filter(move |(_, piece)| room(piece.people + 2));
    let pairs = roomy.clone().enumerate().flat_map(move |(index, (first, piece))| {
        let rest = roomy.clone().skip(index + 1);
        let rest = rest.filter(move |(_, other)| room(piece.people + other.people + 1));
        rest.map(move |(second, other)| Half {
            sum: field::add(piece.signed[0], other.signed[0]),
            number: 2,
            places: [first, second],
        })
    });
    halves.chain(pairs)
}

impl Half {
    fn places(&self) -> impl Iterator<Item = u32> + use<> {
        self.places.into_iter().take(self.number as usize)
    }

    fn and(&self, right: &Self) -> Vec<u32> {
        self.places().chain(right.places()).collect()
    }

    /// Whether this is the first half of a choice whose other half that is: so that each choice is met once.
    fn is_before(&self, right: &Self) -> bool {
        let follows = self.places().last().is_none_or(|last| right.places().next().is_some_and(|first| last < first));
        follows && (self.number == right.number || self.number + 1 == right.number)
    }
}
