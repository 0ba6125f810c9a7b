//! How useful the figures are that leave (docs/disclosure.md, "How useful the figures are"): a session of 46 questions to nine made-up sites,
//! and tables of the heart file by centre, from the words of a query to the figures a researcher sees.
//!
//! `cargo xtask utility` prints the tables. `CODA_SEEDS` sets the number of seeds.

#[cfg(test)]
mod heart;
#[cfg(test)]
mod questions;
#[cfg(test)]
mod score;
#[cfg(test)]
mod session;
#[cfg(test)]
#[path = "../sites/mod.rs"]
#[allow(dead_code, reason = "another test uses the rest")]
mod sites;
#[cfg(test)]
mod world;

#[cfg(test)]
use score::{HEADER, Score};

/// Network figures that must be usable, below the sampling error and within 10 %, in per cent, at least.
#[cfg(test)]
const BOUNDS: [(&str, f64); 3] = [("usable", 75.0), ("below the sampling error", 87.0), ("within 10 %", 88.0)];

#[test]
fn the_session_is_useful() {
    let seeds = sites::seeds(4);
    let mut all = Score::default();
    let mut larger = Score::default();
    for [of_all, of_larger] in sites::each_seed(seeds, session::of_seed) {
        all.add(&of_all);
        larger.add(&of_larger);
    }
    println!("\n\n{HEADER}");
    println!("{}", all.lines("all nine sites answer"));
    println!("{}", larger.lines("without the two of 50 and 80 people (R13)"));
    let found = [all.network.usable(), all.network.below_sampling_error(), all.network.within_10()];
    for ((name, bound), found) in BOUNDS.iter().zip(found) {
        assert!(found >= *bound, "{name}: {found:.1} %, and it must be {bound} % at least");
    }
    assert!(all.certain_bounds_hold && larger.certain_bounds_hold, "a true count lies outside its certain bounds");
}

#[test]
fn tables_of_the_heart_file_are_useful() {
    let Some(score) = heart::score(sites::seeds(4)) else { return };
    println!("\n\n{HEADER}");
    println!("{}", score.lines("two-way tables of the heart file, four centres"));
    assert!(score.certain_bounds_hold, "a true count lies outside its certain bounds");
    let below = score.network.below_sampling_error();
    assert!(below >= 65.0, "below the sampling error: {below:.1} %");
}
