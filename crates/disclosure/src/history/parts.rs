//! Small classes of records whose sums, alone or two to four together, are determined (disclosure.md 2.4).

use super::{field, met::Met};

/// The most parts that leave room for two others among which unions of three and four are looked for: their pairs are about a
/// million.
pub(super) const UNIONS: usize = 1_500;

/// Records of fewer than k people, and what two random null vectors add up to over them.
pub(super) struct Part {
    pub(super) people: u64,
    /// The people themselves, in order, if parts may share people.
    pub(super) who: Vec<u32>,
    /// By the stored sets.
    pub(super) before: [u64; 2],
    /// By the stored and the new sets.
    pub(super) now: [u64; 2],
}

impl Part {
    /// People who are in no other part.
    pub(super) fn of(people: u64) -> Self {
        Self { people, who: Vec::new(), before: [0; 2], now: [0; 2] }
    }

    /// These people, who may be in other parts too.
    pub(super) fn with(who: Vec<u32>) -> Self {
        Self { people: who.len() as u64, who, before: [0; 2], now: [0; 2] }
    }

    pub(super) fn add(&mut self, before: [u64; 2], now: [u64; 2]) {
        self.before = plus(self.before, before);
        self.now = plus(self.now, now);
    }
}

/// What is known of the parts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Verdict {
    /// Something about too few people is determined that was not.
    Discloses,
    /// No part and no union is.
    Harmless,
    /// No part and no two are, and there are too many parts to look at three or four together.
    Unfinished,
}

/// Whether a sum over fewer than `least` people is determined now and was not before: over one part, over two with any
/// factors, or over three or four of the same factor.
pub(super) fn disclose(mut parts: Vec<Part>, least: u64) -> Verdict {
    if parts.iter().any(|part| part.now == [0; 2] && part.before != [0; 2]) {
        return Verdict::Discloses;
    }
    parts.retain(|part| part.now != [0; 2]);
    if pairs(&parts, least) {
        return Verdict::Discloses;
    }
    let parts: Vec<&Part> = parts.iter().filter(|part| part.leaves(2, least)).collect();
    match parts.len() {
        0..3 => Verdict::Harmless,
        3..=UNIONS if unions(&parts, least) => Verdict::Discloses,
        3..=UNIONS => Verdict::Harmless,
        _ => Verdict::Unfinished,
    }
}

/// Two parts with a determined combination: their sums are parallel.
fn pairs(parts: &[Part], least: u64) -> bool {
    let parts: Vec<&Part> = parts.iter().filter(|part| part.leaves(1, least)).collect();
    let seconds: Vec<u64> = parts.iter().map(|part| part.now[1]).collect();
    let slots = (2 * parts.len()).next_power_of_two();
    // The last part met with each hash, and for each part the one met before it with the same.
    let mut heads = vec![u32::MAX; slots];
    let mut earlier: Vec<u32> = Vec::with_capacity(parts.len());
    let mut ratios: Vec<u64> = Vec::with_capacity(parts.len());
    for (part, inverse) in parts.iter().zip(field::inverses(&seconds)) {
        let ratio = field::multiply(part.now[0], inverse);
        let Some(head) = heads.get_mut(ratio as usize & (slots - 1)) else { continue };
        let mut other = *head as usize;
        while let (Some(before), Some(same), Some(next)) = (parts.get(other), ratios.get(other), earlier.get(other)) {
            if *same == ratio && !parallel(part.before, before.before) && are_few(&[part, before], least) {
                return true;
            }
            other = *next as usize;
        }
        earlier.push(*head);
        *head = ratios.len() as u32;
        ratios.push(ratio);
    }
    false
}

/// One or two parts and their sum, to be met by others that make up for it.
#[derive(Clone, Copy)]
struct Half {
    sum: u64,
    first: u16,
    second: Option<u16>,
}

/// Three or four parts that add up to nought: halves of one or two parts that make up for each other.
fn unions(parts: &[&Part], least: u64) -> bool {
    let mut met = Met::for_about(parts.len() * parts.len() / 2);
    for half in halves(parts, least) {
        met.meet(half.sum);
    }
    let is_met = |half: &Half| met.has(field::negative(half.sum));
    let mut found: Vec<Half> = halves(parts, least).filter(is_met).collect();
    found.sort_unstable_by_key(|half| half.sum);
    found.iter().any(|half| {
        let wanted = field::negative(half.sum);
        let start = found.partition_point(|other| other.sum < wanted);
        let others = found.get(start..).unwrap_or_default().iter().take_while(|other| other.sum == wanted);
        others.into_iter().any(|other| is_disclosed(parts, *half, *other, least))
    })
}

/// All parts, and all pairs of parts that leave room for another.
fn halves<'a>(parts: &'a [&Part], least: u64) -> impl Iterator<Item = Half> + 'a {
    (0_u16..).zip(parts).flat_map(move |(first, part)| {
        let single = Half { sum: part.now[0], first, second: None };
        let rest = parts.get(usize::from(first) + 1..).unwrap_or_default();
        let room = move |other: &Part| !part.who.is_empty() || part.people + other.people + 1 < least;
        let pairs = (first + 1..).zip(rest).filter(move |(_, other)| room(other));
        let pairs = pairs.map(move |(second, other)| Half {
            sum: field::add(part.now[0], other.now[0]),
            first,
            second: Some(second),
        });
        std::iter::once(single).chain(pairs)
    })
}

/// Whether two halves that make up for each other are different parts of fewer than `least` people, newly determined.
fn is_disclosed(parts: &[&Part], left: Half, right: Half, least: u64) -> bool {
    let mut places: Vec<u16> =
        [left, right].iter().flat_map(|half| std::iter::once(half.first).chain(half.second)).collect();
    let number = places.len();
    places.sort_unstable();
    places.dedup();
    let union: Vec<&Part> = places.iter().filter_map(|place| parts.get(usize::from(*place))).copied().collect();
    let (before, now) =
        union.iter().fold(([0; 2], [0; 2]), |(before, now), part| (plus(before, part.before), plus(now, part.now)));
    number > 2 && places.len() == number && now == [0; 2] && before != [0; 2] && are_few(&union, least)
}

impl Part {
    /// Whether there is room beside it for `others` more people in a union of fewer than `least`.
    fn leaves(&self, others: u64, least: u64) -> bool {
        // Parts that share people may have no more together than one of them.
        !self.who.is_empty() || self.people + others < least
    }
}

/// Whether the parts together are fewer than `least` people.
fn are_few(parts: &[&Part], least: u64) -> bool {
    let mut who: Vec<u32> = parts.iter().flat_map(|part| &part.who).copied().collect();
    let own: u64 = parts.iter().filter(|part| part.who.is_empty()).map(|part| part.people).sum();
    who.sort_unstable();
    who.dedup();
    own + (who.len() as u64) < least
}

fn parallel(left: [u64; 2], right: [u64; 2]) -> bool {
    field::multiply(left[0], right[1]) == field::multiply(left[1], right[0])
}

fn plus(left: [u64; 2], right: [u64; 2]) -> [u64; 2] {
    [field::add(left[0], right[0]), field::add(left[1], right[1])]
}
