//! The registry. A statistic is one file in this folder and one line below.

use coda_model::{
    frame::Guard,
    plan::{Plan, PlannedAsk, Unit},
    query::QueryError,
};

use crate::statistic::{Operands, Statistic, Takes};

/// Most counts in one answer.
const MOST_SLOTS: usize = 200_000;

macro_rules! registry {
    ($($module:ident :: $name:ident),* $(,)?) => {
        $(pub mod $module;)*

        /// Every statistic there is, in the order of help and documentation.
        pub static ALL: &[&dyn Statistic] = &[$(&$module::$name),*];
    };
}

registry!(
    count::Count,
    mean::Mean,
    sd::StandardDeviation,
    ci::ConfidenceInterval,
    median::Median,
    quartiles::Quartiles,
    percentiles::Percentiles,
    histogram::Histogram,
    marginals::Marginals,
    mode::Mode,
    mean_difference::MeanDifference,
    standardized_mean_difference::StandardizedMeanDifference,
    risk_ratio::RiskRatio,
    odds_ratio::OddsRatio,
    risk_difference::RiskDifference,
);

mod two_by_two;

/// The statistic of this name.
pub fn find(name: &str) -> Option<&'static dyn Statistic> {
    ALL.iter().copied().find(|statistic| statistic.name() == name)
}

/// Checks that every ask names a statistic and gives it operands that it takes, and that together they may be asked.
///
/// # Errors
/// [`QueryError`], with what would be right.
pub fn check(plan: &Plan) -> Result<(), QueryError> {
    fits(plan)?;
    people(plan)?;
    let slots =
        |ask: &PlannedAsk| find(&ask.statistic).map_or(0, |s| s.shape(&Operands::of(plan, &ask.operands)).slots() + 1);
    let size = plan.cells() * plan.asks.iter().map(slots).sum::<usize>();
    if size > MOST_SLOTS {
        let problem = format!("the answer would have {size} counts");
        return Err(QueryError::misfit(
            "of",
            problem,
            "at most 200000; use coarser groups, longer periods or fewer asks",
        ));
    }
    Ok(())
}

/// Checks each ask by itself: that it names a statistic and gives it operands that it takes.
///
/// # Errors
/// [`QueryError`], with what would be right.
pub fn fits(plan: &Plan) -> Result<(), QueryError> {
    for ask in &plan.asks {
        let place = format!("of {}", ask.text);
        let names = ALL.iter().map(|statistic| statistic.name());
        let statistic = find(&ask.statistic).ok_or_else(|| match ask.statistic.as_str() {
            "min" | "max" | "minimum" | "maximum" | "range" => QueryError::misfit(
                &place,
                "the smallest and the largest value are those of single people, and no site tells them",
                "ask for quartiles, or for a histogram",
            ),
            other => QueryError::unknown(&place, "statistic", other, names),
        })?;
        let fits = |form: &&[Takes]| {
            form.len() == ask.operands.len()
                && form.iter().zip(&ask.operands).all(|(takes, operand)| {
                    plan.column(operand.column).is_some_and(|column| takes.fits(operand, column))
                })
        };
        if !statistic.forms().iter().any(fits) {
            let form = |form: &&[Takes]| match form {
                [] => "no variable".to_owned(),
                takes => takes.iter().map(|takes| takes.words()).collect::<Vec<_>>().join(", then "),
            };
            let forms: Vec<_> = statistic.forms().iter().map(form).collect();
            let right = format!("{} takes {}", ask.statistic, forms.join("; or "));
            return Err(QueryError::misfit(&place, "these variables do not fit the statistic", right));
        }
    }
    Ok(())
}

/// A distribution is one of people: the rows of one person in several of its cells would be counted in each.
fn people(plan: &Plan) -> Result<(), QueryError> {
    let of_rows = plan.unit != Unit::People;
    for ask in plan.asks.iter().filter(|_| of_rows) {
        if find(&ask.statistic).is_some_and(|statistic| matches!(statistic.guard(), Guard::Distribution { .. })) {
            let problem = format!("{} is of people, not of rows", ask.statistic);
            let right = "derive one value a person, as in max(lab.crp), or ask marginals of classes, as in marginals:crp@10,100";
            return Err(QueryError::misfit(&format!("of {}", ask.text), problem, right));
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use coda_model::{dictionary::Dictionary, query::parse_file};

    use super::*;

    const DICTIONARY: &str = r#"
version = "1"
title = "test"
[dataset.d]
people = "p"
[dataset.d.table.p]
rows = "one"
person = "id"
[dataset.d.table.p.variable]
age = { type = "continuous", unit = "a", lower = 0, upper = 110, resolution = 1 }
ward = { type = "categorical", levels = ["a", "b", "c"] }
dead = { type = "binary" }
admission = { type = "date", granularity = "day", from = 2020-01-01, to = 2024-12-31 }
[dataset.d.table.lab]
rows = "many"
person = "id"
[dataset.d.table.lab.variable]
crp = { type = "continuous", unit = "1", lower = 0, upper = 100, resolution = 1 }
"#;

    fn refusal(rest: &str) -> String {
        let dictionary = Dictionary::parse(DICTIONARY).unwrap();
        let (query, _) = parse_file(&format!("dataset = \"d\"\n{rest}")).unwrap();
        let outcome = Plan::of(&query, &dictionary).and_then(|plan| check(&plan));
        outcome.err().map_or_else(|| "taken".to_owned(), |error| error.to_string())
    }

    #[test]
    fn a_distribution_is_of_people() {
        assert!(refusal("rows = \"lab\"\nof = [\"median:crp\"]").contains("of people, not of rows"));
        assert!(refusal("rows = \"lab\"\nof = [\"histogram:crp\"]").contains("of people, not of rows"));
        assert_eq!(refusal("rows = \"lab\"\nof = [\"mean:crp\", \"marginals:crp@50\"]"), "taken");
        assert_eq!(refusal("of = [\"median:age\", \"marginals:age@30\", \"risk_ratio:dead:age@65\"]"), "taken");
    }

    #[test]
    fn a_count_of_rows_is_not_summed_and_an_answer_has_its_limits() {
        let derived = |ask: &str, of: &str| refusal(&format!("of = [\"{ask}\"]\n[derive]\nx = \"{of}\""));
        assert!(derived("mean:x", "count(lab) where crp >= 50").contains("no derived count"));
        assert!(derived("median:x", "count(p)").contains("at most one row"));
        assert_eq!(derived("median:x", "count(lab)"), "taken");
        let many = vec!["\"percentiles:age\""; 64].join(", ");
        assert!(refusal(&format!("of = [{many}]\nover = \"month:admission\"")).contains("200000"));
    }
}
