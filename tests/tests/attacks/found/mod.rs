//! Attacks that a reader of the rules found and that worked. What let them through was not a defence left out but one that did
//! not reach so far, so there is nothing to switch off to see them work again.

mod bounds;
mod few_missing;
mod happens_to;
mod long_history;
mod next_build;
mod on_twins;
mod people_of_rows;
mod stand_ins;
mod two_asks;
