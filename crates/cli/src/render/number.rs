//! Figures as text.

use coda_model::estimate::{Figure, Interval, IntervalKind, Quantity};
use coda_stats::probability::P_FLOOR;

/// Significant digits of a number in a table (disclosure.md 0.2, `sig_digits`).
const DIGITS: i32 = 4;

/// A figure in a table: its value, and its interval if it has one.
pub(crate) fn figure(figure: &Figure) -> String {
    let value = match figure.quantity {
        // No smaller one is told (disclosure.md 1.8).
        Quantity::Number(p) if figure.name.starts_with("p ") && p <= P_FLOOR => format!("<{P_FLOOR}"),
        _ => quantity(&figure.quantity),
    };
    match figure.interval {
        Some(Interval { low, high, kind: IntervalKind::Certain }) if low.to_bits() == high.to_bits() => value,
        // A number in so wide an interval would look like more than is known.
        Some(Interval { low, high, kind: IntervalKind::Certain }) if is_wide(&figure.quantity, high - low) => {
            format!("[{} to {}]", rounded(low), rounded(high))
        }
        Some(Interval { low, high, kind: IntervalKind::Certain }) => {
            format!("{value} [{} to {}]", rounded(low), rounded(high))
        }
        Some(Interval { low, high, kind: IntervalKind::Confidence95 }) => {
            format!("{value} ({} to {})", rounded(low), rounded(high))
        }
        None => value,
    }
}

/// Whether an interval is wider than the number in it is large.
fn is_wide(quantity: &Quantity, width: f64) -> bool {
    matches!(quantity, Quantity::Number(number) if width > number.abs())
}

/// A value in a table.
pub(crate) fn quantity(quantity: &Quantity) -> String {
    match quantity {
        Quantity::Number(number) => rounded(*number),
        Quantity::Count(count) => count.to_string(),
        Quantity::CountBetween(0, high) => format!("<{}", high.saturating_add(1)),
        Quantity::CountBetween(low, high) => format!("{low} to {high}"),
        Quantity::Level(level) => level.clone(),
        Quantity::Withheld => "withheld".to_owned(),
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
    fn withheld_counts_are_intervals() {
        assert_eq!(quantity(&Quantity::CountBetween(0, 4)), "<5");
        assert_eq!(quantity(&Quantity::CountBetween(10, 14)), "10 to 14");
    }
}
