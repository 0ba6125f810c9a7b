//! Attacks on disclosure control (docs/disclosure.md), in process: synthetic people, query texts, plans, frames, statements and
//! releases, without a network. Each attack says how often it is right, what is promised, and what it reaches with its defence
//! left out. `cargo xtask attacks` prints the table; `CODA_CASES` raises the number of random cases of properties.
//!
//! An attack that does better than promised is a known miss, with what it reaches: the table shows it as missed, and
//! `cargo xtask attacks` fails. docs/disclosure.md says the same figures.
//!
//! The attacks of the suite before this one, which was on other rules:
//!
//! | before | now |
//! |---|---|
//! | 1 small cell, 2 zero oracle, 4 exactly k, b06 site of five | `small` |
//! | 3 unique combination, 5 all but one, 6 all of a group | `wordings` (all but one of ten), `small` |
//! | 7, 8 margins, 9 linked tables, 19 insider | `unions` |
//! | 11 individual tracker, 12 general tracker, 16 two users, b03 mean of all but one | `plain`, `pairs` |
//! | 13 system of equations | `reconstruct` |
//! | 14 refusal, 27 error channel | `presence`, `twins` |
//! | 15 averaging | `wordings`, `order` |
//! | 20 bisection | `presence`, `steps`, `grammar` |
//! | 21 extremes, b07 masked range, b11 dates, b12 constructed column, b13 factor | `grammar` |
//! | 22 shifted filters on a mean | `pairs`, `known` |
//! | 23 dominance, b04 group of two | `known` (outlier) |
//! | 29 missing values, b05 one valid value, b08 missing level | `groups` |
//! | 30 granularity and the next build | `groups` |
//! | b01 nearly the same rows, b09 near twins of a quantile | `groups` (distributions), `known` |
//! | b02 one-hot mean | `zero_one`, `grammar` |
//! | b10 rows of one patient | `twins`, `order` |
//! | b15 twins | `twins` |
//! | found: bounds; few missing; happens to follow, long history, on twins; next build; people of rows, two asks; stand-ins | `small`; `groups`; `order`, `twins`; `groups`; `twins`; none |
//!
//! What fell away:
//!
//! | before | why |
//! |---|---|
//! | 10 minimality | no secondary suppression |
//! | 17 with and without a site, 18 forced outage | sites perturb alone |
//! | 24 inversion of a ratio | told cells only |
//! | 28 timing and size | in `network/silence.rs` |
//! | b14 logs and audits | needs a network |
//! | b16 totals, found: stand-ins | no stand-ins left |
//! | 25, 26 models | no models yet |

macro_rules! attacks {
    ($($name:ident),* $(,)?) => { $(#[cfg(test)] mod $name;)* };
}

// One name a line, so that two that are added do not meet.
#[rustfmt::skip]
attacks!(
    bench,
    grammar,
    groups,
    known,
    order,
    pairs,
    plain,
    presence,
    reconstruct,
    small,
    spread,
    steps,
    twins,
    unions,
    wordings,
    zero_one,
);
