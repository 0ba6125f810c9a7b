//! The sites of a synthetic network.

use crate::{
    case_mix::CaseMix,
    draws::{Draws, Stream},
};

/// A synthetic hospital.
#[derive(Debug, Clone, PartialEq)]
pub struct Site {
    /// Its name, valid as a site id. It is part of the keys of its people, which are thereby unique over sites.
    pub name: String,
    /// How many people it has treated.
    pub people: usize,
    /// What its people are drawn with.
    pub seed: u64,
    /// What kind of people they are.
    pub mix: CaseMix,
}

/// Names of the first sites; later ones are numbered.
const NAMES: [&str; 12] = [
    "north", "south", "east", "west", "harbour", "hillside", "lakeside", "valley", "river", "meadow", "forest",
    "island",
];

/// The most people the small site has.
const SMALL: usize = 150;

/// A network of `count` sites with `people_total` people together, of unequal sizes and case mixes.
///
/// From three sites on, the last is small (150 people, fewer in a total under 3,000) and treats the old, so that some of what it
/// could answer is about too few people. The others share the rest, the first and largest about 11 parts, the second 7.
pub fn sites(count: usize, people_total: usize, seed: u64) -> Vec<Site> {
    let small = if count < 3 { 0 } else { SMALL.min(people_total / 20) };
    let large_sites = if count < 3 { count } else { count - 1 };
    let mut draws = Draws::new(seed, Stream::Sites);
    sizes(large_sites, people_total - small)
        .into_iter()
        .map(Some)
        .chain((count >= 3).then_some(None))
        .enumerate()
        .map(|(place, size)| Site {
            name: name(place),
            people: size.unwrap_or(small),
            seed: site_seed(seed, place),
            mix: size.map_or(CaseMix::GERIATRIC, |_| CaseMix::at(place, &mut draws)),
        })
        .collect()
}

/// Shares of `people` in falling order; what rounding leaves goes to the first.
fn sizes(count: usize, people: usize) -> Vec<usize> {
    let weights: Vec<usize> = (0..count).map(|place| [11, 7, 5, 4].get(place).copied().unwrap_or(3)).collect();
    let total: usize = weights.iter().sum();
    let mut sizes: Vec<usize> = weights.iter().map(|weight| people * weight / total).collect();
    let left = people.saturating_sub(sizes.iter().sum());
    if let Some(first) = sizes.first_mut() {
        *first += left;
    }
    sizes
}

fn name(place: usize) -> String {
    NAMES.get(place).map_or_else(|| format!("site-{}", place + 1), |name| (*name).to_owned())
}

/// Spreads one seed over the sites (the finaliser of `SplitMix64`, doi:10.1145/2714064.2660195), so that neighbouring seeds
/// share no site.
fn site_seed(seed: u64, place: usize) -> u64 {
    let mut mixed = seed.wrapping_add((place as u64 + 1).wrapping_mul(0x9e37_79b9_7f4a_7c15));
    mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    mixed ^ (mixed >> 31)
}
