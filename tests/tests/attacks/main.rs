//! The attacks of disclosure.md 5, and those that worked on other systems, against a real network. `cargo xtask attacks` prints
//! what came of them.

#[cfg(test)]
mod bench;

macro_rules! attacks {
    ($($name:ident),* $(,)?) => { $(#[cfg(test)] mod $name;)* };
}

#[rustfmt::skip]
attacks!(
    a01_small_cell,
    a02_zero_oracle,
    a05_all_but_one,
    a11_individual_tracker,
    a14_refusal_oracle,
    a15_averaging,
    a16_two_users,
    a17_with_and_without_a_site,
    a18_forced_outage,
    a19_insider,
    a20_bisection,
    a21_minimum_and_maximum,
    b05_one_valid_value,
    b06_site_of_five,
    b07_masked_range,
    b08_missing_level,
    b09_near_twins_of_a_quantile,
    b10_rows_of_one_patient,
);
