//! The registry. A statistic is one file in this folder and one line below.

use coda_model::{plan::Plan, query::QueryError};

use crate::statistic::{Statistic, Takes};

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

/// Checks that every ask names a statistic and gives it operands that it takes.
///
/// # Errors
/// [`QueryError`], with what would be right.
pub fn check(plan: &Plan) -> Result<(), QueryError> {
    for ask in &plan.asks {
        let place = format!("of {}", ask.text);
        let names = ALL.iter().map(|statistic| statistic.name());
        let statistic =
            find(&ask.statistic).ok_or_else(|| QueryError::unknown(&place, "statistic", &ask.statistic, names))?;
        let fits = |form: &&[Takes]| {
            form.len() == ask.operands.len()
                && form.iter().zip(&ask.operands).all(|(takes, operand)| {
                    plan.column(operand.column).is_some_and(|column| takes.fits(operand, &column.variable.kind))
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
