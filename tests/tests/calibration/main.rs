//! Whether intervals that are called 95 % cover 93 to 98 % (docs/disclosure.md, R9 and "How useful the figures are"), and whether told means and
//! SDs are right on average. Through the code that sites and the hub run.
//!
//! `CODA_SEEDS=1000 cargo test -p coda-tests --test calibration -- --nocapture` is the full run, and prints all figures.

#[cfg(test)]
mod coverage;
#[cfg(test)]
mod population;
#[cfg(test)]
mod rounds;
#[cfg(test)]
#[path = "../sites/mod.rs"]
#[allow(dead_code, reason = "another test uses the rest")]
mod sites;
#[cfg(test)]
mod spread;

#[cfg(test)]
use coverage::Coverage;

/// Seeds of a usual run.
#[cfg(test)]
const USUAL: u64 = 60;

#[test]
fn intervals_cover_what_they_say() {
    let seeds = sites::seeds(USUAL);
    let mut all = Coverage::default();
    for coverage in sites::each_seed(seeds, rounds::of_seed) {
        all.add(coverage);
    }
    println!("{}", all.table());
    let misses = all.misses();
    assert!(misses.is_empty(), "intervals that do not cover 93 to 98 %:\n{}", misses.join("\n"));
}

#[test]
fn means_and_spreads_are_right() {
    let seeds = sites::seeds(USUAL);
    let mut all = spread::Errors::default();
    for errors in sites::each_seed(seeds, spread::of_seed) {
        all.add(errors);
    }
    println!("{}", all.table());
    let misses = all.misses();
    assert!(misses.is_empty(), "{}", misses.join("\n"));
}
