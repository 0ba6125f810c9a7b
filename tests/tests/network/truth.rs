//! Figures worked out here, over people whom the tests know one by one, by the plainest means.

use crate::population::{PAINS, Person, SEXES};

/// What a figure must be.
pub(crate) enum Expected {
    /// This number, of the people whose sites let the cell out.
    Number(f64),
    /// An interval that holds this.
    Quantile(f64),
    /// This count, or an interval that holds it.
    Count(u64),
}

/// Whether a person belongs to a cell; labels are of sex or of a month of 2024.
pub(crate) fn in_cell(person: &Person, labels: &[String]) -> bool {
    labels.iter().all(|label| SEXES[person.sex] == label || format!("2024-{:02}", person.month) == *label)
}

/// The figures of an ask: numbers over the people whose sites are in, counts over all.
pub(crate) fn expected(ask: &str, within: &[&Person], all: &[&Person]) -> Vec<(String, Expected)> {
    let age = |people: &[&Person]| people.iter().map(|person| f64::from(person.age)).collect::<Vec<_>>();
    let weight =
        |people: &[&Person]| people.iter().filter_map(|p| p.weight).map(|w| f64::from(w) / 10.0).collect::<Vec<_>>();
    let number = |name: &str, value: f64| (name.to_owned(), Expected::Number(value));
    let count = |name: &str, count: usize| (name.to_owned(), Expected::Count(count as u64));
    match ask {
        "count" => vec![count("count", all.len())],
        "count:weight" => {
            let valid = weight(all).len();
            vec![count("count", valid), count("n", valid), count("missing", all.len() - valid)]
        }
        "mean:age" => vec![number("mean", mean(&age(within))), count("n", within.len())],
        "sd:weight" => vec![number("sd", sd(&weight(within))), count("n", weight(within).len())],
        "median:age" => {
            let mut ages = age(within);
            ages.sort_by(f64::total_cmp);
            let median = ages.get(ages.len().saturating_sub(1) / 2).copied().unwrap_or_default();
            vec![("median".to_owned(), Expected::Quantile(median)), count("n", within.len())]
        }
        "marginals:pain" => {
            let of = |level| all.iter().filter(|person| person.pain == level).count();
            let mut figures: Vec<_> = PAINS
                .iter()
                .enumerate()
                .map(|(place, pain)| count(&format!("count/{pain}"), of(Some(place))))
                .collect();
            figures.push(count("missing", of(None)));
            let valid = all.len() - of(None);
            figures.extend(
                PAINS
                    .iter()
                    .enumerate()
                    .map(|(place, pain)| number(&format!("share/{pain}"), of(Some(place)) as f64 / valid as f64)),
            );
            figures
        }
        "mean_difference:age:dead" => {
            let of = |dead| age(&within.iter().copied().filter(|person| person.dead == dead).collect::<Vec<_>>());
            vec![
                number("difference Welch", mean(&of(true)) - mean(&of(false))),
                number("mean/yes", mean(&of(true))),
                number("mean/no", mean(&of(false))),
            ]
        }
        "risk_ratio:dead:icu" => {
            let risk = |icu| {
                let exposed = within.iter().filter(|person| person.icu == icu);
                exposed.clone().filter(|person| person.dead).count() as f64 / exposed.count() as f64
            };
            vec![
                number("risk ratio", risk(true) / risk(false)),
                number("risk/yes", risk(true)),
                number("risk/no", risk(false)),
            ]
        }
        other => panic!("nothing is worked out for {other}"),
    }
}

/// The mean.
pub(crate) fn mean(values: &[f64]) -> f64 {
    values.iter().sum::<f64>() / values.len() as f64
}

/// The standard deviation, with n - 1.
pub(crate) fn sd(values: &[f64]) -> f64 {
    let mean = mean(values);
    (values.iter().map(|value| (value - mean).powi(2)).sum::<f64>() / (values.len() as f64 - 1.0)).sqrt()
}
