//! The combination of released sets that a set is but for few people, found from what two null vectors add up to.
//!
//! Where S is the set and C the combination, the null vectors add up over S to what they add up to over the people in
//! whom S and C differ, those of C alone counted as negative. This is the decoding of a linear code: the few people are
//! found from their sum alone, however many released sets C is made of. As in the audit, the people are looked for in up to
//! four classes that no set tells apart, or up to two when there are many; which is what the audit would bar S for.

use super::{
    Set, field,
    nulls::Nulls,
    parts::{Part, are_few},
    people::People,
};

/// The most classes among which three and four are looked for.
const UNIONS: usize = 500;

/// A sum over up to two parts, to be met by others that make up for what it lacks.
#[derive(Clone, Copy)]
struct Half {
    sum: u64,
    /// The places of the parts in order, and how many there are.
    places: [u32; 2],
    number: usize,
}

/// The set that follows from the released ones and that fewer than `least` people, or none, tell from this one.
///
/// Of several the one that has the first record in which two of them differ: what is chosen does not depend on which of
/// them the set is nearest to.
pub(super) fn decode(nulls: &Nulls, people: &People, least: u64, set: &Set) -> Option<Set> {
    let wanted = nulls.sum(set)?;
    let classes = nulls.classes_with(set);
    let (mut parts, places) = people.parts(&classes, least);
    let place = |record: u32| {
        let class = classes.of().get(record as usize).copied().unwrap_or_default();
        places.get(class as usize).copied().unwrap_or(u32::MAX)
    };
    for (class, values) in classes.of().iter().zip(nulls.values()) {
        let place = places.get(*class as usize).copied().unwrap_or(u32::MAX);
        if let Some(part) = parts.get_mut(place as usize) {
            part.add([0; 2], *values);
        }
    }
    let mut within = vec![false; parts.len()];
    for record in set {
        if let Some(within) = within.get_mut(place(record) as usize) {
            *within = true;
        }
    }
    for (part, _) in parts.iter_mut().zip(&within).filter(|(_, within)| !**within) {
        part.now = part.now.map(field::negative);
    }
    let mut best: Option<Set> = None;
    for found in solutions(&parts, wanted, least) {
        let records = 0..classes.of().len() as u32;
        let different: Set = records.filter(|record| found.contains(&place(*record))).collect();
        let combination = set ^ different;
        let is_better = |best: &Set| (best ^ &combination).min().is_some_and(|record| combination.contains(record));
        if !people.are_few(&combination, least) && best.as_ref().is_none_or(is_better) {
            best = Some(combination);
        }
    }
    best
}

/// The parts of fewer than `least` people together that add up to `wanted`, all such choices of none to four.
fn solutions(parts: &[Part], wanted: [u64; 2], least: u64) -> Vec<Vec<u32>> {
    // What adds up to nought is known; with it or without it makes no difference to what follows.
    let useful: Vec<(u32, &Part)> = (0..).zip(parts).filter(|(_, part)| part.now != [0; 2]).collect();
    let halves = halves(&useful, least);
    let bits = (16 * halves.len()).next_power_of_two().max(64) as u64;
    let mut met = vec![0_u64; (bits / 64) as usize];
    let place = |sum: u64| (((sum & (bits - 1)) >> 6) as usize, 1_u64 << (sum & 63));
    for half in &halves {
        let (word, bit) = place(half.sum);
        if let Some(word) = met.get_mut(word) {
            *word |= bit;
        }
    }
    let rest = |half: &Half| field::subtract(wanted[0], half.sum);
    let is_met = |half: &&Half| {
        let (word, bit) = place(rest(half));
        met.get(word).is_some_and(|word| word & bit != 0)
    };
    let mut found: Vec<Half> = halves.iter().filter(is_met).copied().collect();
    found.sort_unstable_by_key(|half| (half.sum, half.number, half.places));
    let mut solutions = Vec::new();
    for left in &found {
        let wanted_of_right = rest(left);
        let start = found.partition_point(|right| right.sum < wanted_of_right);
        let right = found.get(start..).unwrap_or_default().iter();
        for right in right.take_while(|right| right.sum == wanted_of_right).filter(|right| left.is_before(right)) {
            let places: Vec<u32> = left.places().chain(right.places()).collect();
            let union: Vec<&Part> = places.iter().filter_map(|place| parts.get(*place as usize)).collect();
            let sum = union.iter().fold(0, |sum, part| field::add(sum, part.now[1]));
            if sum == wanted[1] && are_few(&union, least) {
                solutions.push(places);
            }
        }
    }
    solutions
}

/// Nothing, all parts, and if the parts are few all pairs of them that leave room for another.
fn halves(parts: &[(u32, &Part)], least: u64) -> Vec<Half> {
    let mut halves = vec![Half { sum: 0, places: [u32::MAX; 2], number: 0 }];
    halves.extend(parts.iter().map(|(place, part)| Half { sum: part.now[0], places: [*place, u32::MAX], number: 1 }));
    let parts: Vec<(u32, &Part)> = parts.iter().filter(|(_, part)| part.leaves(2, least)).copied().collect();
    if parts.len() > UNIONS {
        return halves;
    }
    for (index, (first, part)) in parts.iter().enumerate() {
        let rest = parts.get(index + 1..).unwrap_or_default();
        let room = |other: &Part| !part.who.is_empty() || part.people + other.people + 1 < least;
        halves.extend(rest.iter().filter(|(_, other)| room(other)).map(|(second, other)| Half {
            sum: field::add(part.now[0], other.now[0]),
            places: [*first, *second],
            number: 2,
        }));
    }
    halves
}

impl Half {
    fn places(&self) -> impl Iterator<Item = u32> + use<> {
        self.places.into_iter().take(self.number)
    }

    /// Whether this is the first half of a choice whose other half that is: so that each choice is met once.
    fn is_before(&self, right: &Self) -> bool {
        let follows = self.places().last().is_none_or(|last| right.places().next().is_some_and(|first| last < first));
        follows && (self.number == right.number || self.number + 1 == right.number)
    }
}
