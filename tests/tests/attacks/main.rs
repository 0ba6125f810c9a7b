//! The attacks of disclosure.md 5, and those that worked on other systems, against a real network. `cargo xtask attacks` prints
//! what came of them.

#[cfg(test)]
mod bench;

macro_rules! attacks {
    ($($name:ident),* $(,)?) => { $(#[cfg(test)] mod $name;)* };
}

attacks!(
    a01_small_cell,
    a02_zero_oracle,
    a05_all_but_one,
    a11_individual_tracker,
    a14_refusal_oracle,
    a27_error_channel,
    a28_timing,
    a29_free_text,
    a30_granularity,
    b11_dates,
    b12_constructed_column,
    b13_range_factor,
    b14_scraping,
    b15_twins,
    b16_totals,
);
