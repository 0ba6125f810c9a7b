//! R7: how many digits of a mean and an SD leave. An SD has two; a mean leaves in steps of at most one standard error, or of
//! w·s where the values may all be equal.

use crate::integer::{rounded, ten};

/// `mantissa · 10^exponent`, in the unit of the variable.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Decimal {
    pub(crate) mantissa: i128,
    pub(crate) exponent: i32,
}

/// Two significant digits of `numerator / (denominator · 10^decimals)`, which is positive.
pub(crate) fn two_digits(numerator: i128, denominator: i128, decimals: i32) -> Decimal {
    let mut exponent = 12;
    loop {
        let (over, under) = shifted(numerator, denominator, -exponent);
        // Under the smallest exponent there is nothing but 0.
        if over / under >= 10 || exponent < -12 {
            let mantissa = rounded(over, under);
            let whole = if mantissa == 100 { (10, exponent + 1) } else { (mantissa, exponent) };
            return Decimal { mantissa: whole.0, exponent: whole.1 - decimals };
        }
        exponent -= 1;
    }
}

/// The largest of 1, 2, 5 × 10^j that is at most √(square · 10^(2·exponent) / of).
pub(crate) fn step(square: i128, exponent: i32, of: i128) -> Decimal {
    for power in (-14i32..=14).rev() {
        for mantissa in [5, 2, 1] {
            let own: i128 = mantissa * mantissa * of;
            let fits = if power >= 0 {
                own.checked_mul(ten(2 * power.unsigned_abs())).is_some_and(|own| own <= square)
            } else {
                square.checked_mul(ten(2 * power.unsigned_abs())).is_none_or(|square| own <= square)
            };
            if fits {
                return Decimal { mantissa, exponent: exponent + power };
            }
        }
    }
    Decimal { mantissa: 1, exponent: exponent - 14 }
}

/// A quotient times a power of ten, as a numerator and a denominator.
pub(crate) fn shifted(numerator: i128, denominator: i128, power: i32) -> (i128, i128) {
    let factor = ten(power.unsigned_abs());
    if power >= 0 {
        (numerator.saturating_mul(factor), denominator)
    } else {
        (numerator, denominator.saturating_mul(factor))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_sd_has_two_digits() {
        let cases =
            [(12_345, 1_000, 0, 12, 0), (996, 1, 1, 10, 1), (1, 3, 0, 33, -2), (18, 1, 0, 18, 0), (95, 1, 1, 95, -1)];
        for (over, under, decimals, mantissa, exponent) in cases {
            assert_eq!(two_digits(over, under, decimals), Decimal { mantissa, exponent }, "{over}/{under}");
        }
    }

    #[test]
    fn a_step_is_at_most_one_standard_error() {
        // SD 12 of 20 people: 2.68.
        assert_eq!(step(144, 0, 20), Decimal { mantissa: 2, exponent: 0 });
        // SD 1.2 of 3,600 people: 0.02 to the digit.
        assert_eq!(step(144, -1, 3_600), Decimal { mantissa: 2, exponent: -2 });
        // SD 950 of 10 people: 300.4.
        assert_eq!(step(95 * 95, 1, 10), Decimal { mantissa: 2, exponent: 2 });
    }
}
