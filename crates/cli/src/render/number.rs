//! Figures as text.

use coda_model::{
    estimate::{CountFigure, Figure, Interval, Quantity},
    frame::Guard,
};
use coda_stats::{find, probability::P_FLOOR};

/// Significant digits of a number in a table.
const DIGITS: i32 = 4;

/// A figure of an ask in a table: its value, and its interval if it has one. `told_from` is the smallest count that is told.
pub(crate) fn figure(ask: &str, figure: &Figure, told_from: u64) -> String {
    let value = match &figure.quantity {
        Quantity::Number(p) if figure.name.starts_with("p ") && *p <= P_FLOOR => format!("<{P_FLOOR}"),
        Quantity::Number(number) => rounded(*number),
        Quantity::Count(count) => self::count(count),
        Quantity::Level(level) => level.clone(),
        Quantity::Suppressed => format!("n<{}", least(ask).max(told_from)),
        Quantity::Undefined => "undefined".to_owned(),
    };
    match figure.confidence {
        Some(Interval { low, high }) => format!("{value} ({} to {})", rounded(low), rounded(high)),
        None => value,
    }
}

/// A count in a table.
fn count(count: &CountFigure) -> String {
    match (count.value, count.estimate, count.certain) {
        (_, Some(estimate), _) => format!("~{:.0}", estimate.value),
        (Some(value), None, _) => value.to_string(),
        (None, None, Some((_, high))) => format!("<{}", high.saturating_add(1)),
        (None, None, None) => "suppressed".to_owned(),
    }
}

/// Fewest people of a statistic, beyond those of any count.
fn least(ask: &str) -> u64 {
    let statistic = ask.split(':').next().unwrap_or_default().trim();
    match find(statistic).map(coda_stats::Statistic::guard) {
        Some(Guard::Distribution { least }) => least,
        _ => 0,
    }
}

/// A number without the noise of its last digits: with twelve that count, of some sixteen it is computed with.
pub(crate) fn exact(number: f64) -> f64 {
    format!("{number:.11e}").parse().unwrap_or(number)
}

/// A number with four significant digits, whole digits kept.
fn rounded(number: f64) -> String {
    if !number.is_finite() {
        return "undefined".to_owned();
    }
    if number == 0.0 {
        return "0".to_owned();
    }
    let magnitude = number.abs().log10().floor() as i32;
    if magnitude < -4 {
        return format!("{number:.3e}");
    }
    let decimals = (DIGITS - 1 - magnitude).clamp(0, 8) as usize;
    let text = format!("{number:.decimals$}");
    if text.contains('.') { text.trim_end_matches('0').trim_end_matches('.').to_owned() } else { text }
}

#[cfg(test)]
mod tests {
    use coda_model::estimate::EstimatedCount;

    use super::*;

    #[test]
    fn numbers_have_four_significant_digits() {
        let text = [66.123_45, 0.012_345_6, 12_345.678, -3.0, 0.0, 0.5, f64::NAN].map(rounded);
        assert_eq!(text, ["66.12", "0.01235", "12346", "-3", "0", "0.5", "undefined"]);
    }

    #[test]
    fn noise_is_left_out() {
        let told = [174.050_000_000_171_45, 61.789_123_456_789, 0.0, -1e-7, 3000.0].map(exact);
        assert_eq!(told.map(f64::to_bits), [174.05, 61.789_123_456_8, 0.0, -1e-7, 3000.0].map(f64::to_bits));
        assert!(exact(f64::INFINITY).is_infinite());
    }

    #[test]
    fn a_count_is_told_suppressed_or_estimated_in_part() {
        let estimate = EstimatedCount { value: 1326.8, interval: None };
        let told = CountFigure { value: Some(1320), certain: Some((1304, 1345)), estimate: None };
        assert_eq!(count(&told), "1320");
        assert_eq!(count(&CountFigure { estimate: Some(estimate), ..told }), "~1327");
        assert_eq!(count(&CountFigure { value: None, certain: Some((0, 9)), estimate: None }), "<10");
    }

    #[test]
    fn what_is_suppressed_says_how_many_people_are_needed() {
        let suppressed = Figure::suppressed("x");
        assert_eq!(figure("mean:age", &suppressed, 10), "n<10");
        assert_eq!(figure("median:age", &suppressed, 10), "n<40");
        assert_eq!(figure("quartiles:age", &suppressed, 10), "n<100");
    }
}
