//! Cohorts of two conditions, each asked about once. Their constants lie at about the sixths of what people have, so that
//! any two differ by some thirtieth of the people: the watch finds no twins among them, and holds nobody.

use anyhow::Context;

use crate::data::{STEPS, VARIABLES};

/// Steps of the grid at the sixths of bell-shaped values, those in the middle first, and of skewed ones.
const BELL: [f64; 5] = [60.0, 52.0, 68.0, 41.0, 79.0];
const SKEWED: [f64; 5] = [15.0, 10.0, 22.0, 5.0, 34.0];

/// Cohorts in a fixed order, none twice.
#[derive(Default)]
pub(crate) struct Cohorts {
    made: usize,
}

impl Cohorts {
    /// The next one, as a predicate: `age >= 60 and bmi < 40`.
    pub(crate) fn next(&mut self) -> anyhow::Result<String> {
        let number = self.made;
        self.made += 1;
        let pairs: Vec<_> = (0..VARIABLES.len()).flat_map(|b| (0..b).map(move |a| (a, b))).collect();
        let (pair, rest) = (number % pairs.len(), number / pairs.len());
        let (signs, places) = (rest % 4, rest / 4);
        let &(first, second) = pairs.get(pair).context("no pair of variables")?;
        let first = condition(first, signs % 2, places % BELL.len());
        let second = condition(second, signs / 2, places / BELL.len());
        let (first, second) = first.zip(second).context("every cohort of the benchmark was asked about")?;
        Ok(format!("{first} and {second}"))
    }

    /// So many of the next ones.
    pub(crate) fn take(&mut self, count: usize) -> anyhow::Result<Vec<String>> {
        (0..count).map(|_| self.next()).collect()
    }
}

/// `None` where there is no such variable or place.
fn condition(variable: usize, sign: usize, place: usize) -> Option<String> {
    let variable = VARIABLES.get(variable)?;
    let places = if variable.is_skewed() { SKEWED } else { BELL };
    let bound = variable.lower + places.get(place)? * (variable.upper - variable.lower) / STEPS;
    Some(format!("{} {} {bound}", variable.name, if sign == 0 { ">=" } else { "<" }))
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use coda_model::{dictionary::Dictionary, plan::Plan, query::parse_file};

    use super::*;
    use crate::{
        ask::{query, study},
        data::{EXACT, USUAL, dictionary},
    };

    #[test]
    fn every_cohort_can_be_asked_about_and_none_stands_twice() {
        let dictionary = Dictionary::parse(&dictionary()).unwrap();
        let cohorts = Cohorts::default().take(1000).unwrap();
        assert_eq!(cohorts.iter().collect::<HashSet<_>>().len(), 1000);
        for (cohort, dataset) in cohorts.iter().flat_map(|cohort| [(cohort, USUAL), (cohort, EXACT)]) {
            let text = query(dataset, &study(VARIABLES.len()), Some(cohort));
            let plan = Plan::of(&parse_file(&text).unwrap().0, &dictionary).unwrap();
            assert_eq!(plan.asks.len(), crate::effort::ASKS, "{cohort}");
        }
    }

    #[test]
    fn there_is_an_end_of_cohorts() {
        assert!(Cohorts::default().take(1001).is_err());
    }
}
