//! What is said of the keys about a single figure.

use std::collections::BTreeMap;

use super::{Change, Rule, Stricter, Words, number, stricter_if_unlike};
use crate::site::{Dominance, MinMax, Percent, SitePolicy, key};

pub(super) fn rules(policy: &SitePolicy) -> Vec<Rule> {
    let SitePolicy { threshold, dominance, samples, minmax: MinMax::Never, .. } = policy;
    let (k, rows) = (threshold.least(), threshold.rows());
    let Dominance { p_percent: Percent(p), nk } = dominance;
    let up = |of, here, words| number(of, here, Stricter::Up, words);
    vec![
        up(&key::K, k, people(k)),
        up(&key::K_ROWS, rows, rows_of(k, rows)),
        up(&key::P_PERCENT, *p, two_largest(*p)),
        shares(nk),
        up(&key::N_SD, samples.n_sd, spread(samples.n_sd)),
        up(&key::N_SHAPE, samples.n_shape, shape(samples.n_shape)),
        up(&key::Q_TAIL, samples.q_tail, tail(samples.q_tail)),
        Rule {
            key: "minmax",
            here: "\"never\"".to_owned(),
            usual: "\"never\"".to_owned(),
            change: Change::Same,
            says: "Whether the smallest and the largest value of the people asked about may leave the site.",
            allowed: "\"never\" alone".to_owned(),
            protects: "The largest age is one person's age: \"104 years\" points at the only patient so old. Smallest and \
                       largest values never leave; the range that the dictionary allows is public and says nothing about \
                       patients."
                .to_owned(),
            tighten: "This cannot be tightened.",
        },
    ]
}

fn people(k: u64) -> Words {
    Words {
        says: "Fewest people behind any figure that leaves the site.",
        protects: format!(
            "A figure about very few people is a figure about persons: \"1 woman over 90 of this ward with HIV\" names her to \
             everybody who knows the ward. {} such women are shown as \"<{k}\", and so are none at all: if none looked \
             different from few, a question about a group with a single known member would answer for that member.",
            k - 1
        ),
        tighten: "Write a larger number; k_rows, n_sd, n_shape and q_tail rise with it where they are smaller.",
    }
}

fn rows_of(k: u64, rows: u64) -> Words {
    let here = if rows > k {
        format!("Here {k} people with {} results together are not enough.", rows - 1)
    } else {
        "Everybody behind a figure has at least one row, so this asks for more than k only when it is larger than k; here it \
         is not."
            .to_owned()
    };
    Words {
        says: "Fewest rows behind any figure that is about rows, such as laboratory results; never fewer than k.",
        protects: format!(
            "A person may have many rows. A figure about rows needs both enough people and enough rows: 200 results of 2 \
             people are still a figure about 2 people and do not leave. {here}"
        ),
        tighten: "Write a larger number.",
    }
}

fn two_largest(p: u64) -> Words {
    Words {
        says: "A sum or mean leaves only if the people apart from the two largest contribute at least so many per cent of what \
               the largest contributes.",
        protects: format!(
            "The person with the second largest value knows that value, takes it away from the sum, and is left with the \
             largest and a small rest. Of stays of 200, 30, 5, 5 and 5 days the sum is 245: who stayed 30 days learns that \
             the longest stay is at most 215. If the longest stay is 200 days, the stays but the two longest must here add \
             up to at least {} days, or the sum is withheld. Values are counted from the lowest that the dictionary allows.",
            2 * p
        ),
        tighten: "Write a larger number; sums of fewer people, and of uneven values, are then withheld more often.",
    }
}

fn shares(nk: &BTreeMap<u64, Percent>) -> Rule {
    let pairs: Vec<(u64, u64)> = nk.iter().map(|(people, Percent(share))| (*people, *share)).collect();
    let toml = |pairs: &[(u64, u64)]| {
        let pairs: Vec<String> = pairs.iter().map(|(people, share)| format!("[{people}, {share}]")).collect();
        format!("[{}]", pairs.join(", "))
    };
    let most: Vec<String> = pairs
        .iter()
        .map(|(people, share)| match people {
            1 => format!("the longest may be at most {} days", 10 * share),
            _ => format!("the {people} longest together may be at most {} days", 10 * share),
        })
        .collect();
    let (two, Percent(share)) = key::NK;
    Rule {
        key: "nk",
        here: toml(&pairs),
        usual: toml(&[(two, share)]),
        change: stricter_if_unlike(&toml(&pairs), &toml(&[(two, share)])),
        says: "Pairs [people, per cent]: a sum or mean leaves only if so many of the largest have at most so many per cent of the \
               sum; every pair must hold.",
        allowed: format!(
            "a pair for the {two} largest with {share} or less, and more pairs with 1 to 99: a site may add pairs and lower \
             shares, never raise {share}"
        ),
        protects: format!(
            "If few people make up nearly all of a sum, the sum is nearly theirs; so is the mean, which times the number of \
             people is the sum. Of stays that add up to 1000 days, {}; otherwise sum and mean are withheld.",
            most.join(", and ")
        ),
        tighten: "Write a smaller share, or add pairs. The strict option of the Australian Bureau of Statistics is [[1, 50], [2, 67]].",
    }
}

fn spread(n: u64) -> Words {
    Words {
        says: "Fewest people behind a standard deviation, and behind what needs one: a confidence interval, a standardised \
               difference, a t test.",
        protects: format!(
            "Mean and standard deviation together say much about few values: of two people with a mean age of 50 and a \
             standard deviation of 14.14 years one is 40 and the other 60. Of {} people the mean may leave, if the other \
             rules allow it, but not the standard deviation.",
            n - 1
        ),
        tighten: "Write a larger number.",
    }
}

fn shape(n: u64) -> Words {
    Words {
        says: "Fewest people behind a skewness (how lopsided values lie) or a kurtosis (how far the outermost lie).",
        protects: format!(
            "Each further figure about the same people narrows down what their values can be. In one example with the ages of 5 \
             people, mean and standard deviation left 216 possible sets of ages; skewness and kurtosis with them left one. \
             Of {} people neither leaves.",
            n - 1
        ),
        tighten: "Write a larger number.",
    }
}

fn tail(q: u64) -> Words {
    Words {
        says: "Fewest people on the smaller side of a quantile, such as under the lower quartile; never fewer than k, which is \
               also meant when it is left out.",
        protects: format!(
            "A quantile is close to somebody's value, and the fewer people lie beyond it, the closer it comes to the \
             smallest or largest value. A median needs here at least {} people, quartiles {}, the 5th and 95th percentile \
             {}.",
            2 * q,
            4 * q,
            20 * q
        ),
        tighten: "Write a larger number.",
    }
}
