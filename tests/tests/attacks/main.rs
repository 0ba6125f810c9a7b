//! The attacks of disclosure.md 5, and those that worked on other systems, against a real network. `cargo xtask attacks` prints
//! what came of them.

#[cfg(test)]
mod bench;
#[cfg(test)]
mod found;

macro_rules! attacks {
    ($($name:ident),* $(,)?) => { $(#[cfg(test)] mod $name;)* };
}

// One name a line, so that two that are added do not meet.
#[rustfmt::skip]
attacks!(
    a01_small_cell,
    a02_zero_oracle,
    a03_unique_combination,
    a04_exact_k,
    a05_all_but_one,
    a06_all_of_a_group,
    a07_margin_of_a_line,
    a08_margins_of_a_table,
    a09_linked_tables,
    a10_minimality,
    a11_individual_tracker,
    a12_general_tracker,
    a13_linear_system,
    a14_refusal_oracle,
    a15_averaging,
    a16_two_users,
    a17_with_and_without_a_site,
    a18_forced_outage,
    a19_insider,
    a20_bisection,
    a21_minimum_and_maximum,
    a22_shifted_filters,
    a23_dominance,
    a24_ratio_inversion,
    a27_error_channel,
    a28_timing,
    a29_free_text,
    a30_granularity,
    b01_nearly_the_same_rows,
    b02_one_hot_mean,
    b03_mean_of_all_but_one,
    b04_group_of_two,
    b05_one_valid_value,
    b06_site_of_five,
    b07_masked_range,
    b08_missing_level,
    b09_near_twins_of_a_quantile,
    b10_rows_of_one_patient,
    b11_dates,
    b12_constructed_column,
    b13_range_factor,
    b14_scraping,
    b15_twins,
    b16_totals,
);
