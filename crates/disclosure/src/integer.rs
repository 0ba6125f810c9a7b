//! Whole-number arithmetic that is the same on every platform.

/// Whether a uniform `u64` lies in the first `part` of `whole` parts of its range.
pub(crate) fn below_share(uniform: u64, part: u64, whole: u64) -> bool {
    u128::from(whole) * u128::from(uniform) < u128::from(part) << 64
}

/// The quotient, rounded to the nearest whole number, halves away from zero.
pub(crate) fn rounded(numerator: i128, denominator: i128) -> i128 {
    let (whole, rest) = (numerator / denominator, numerator % denominator);
    let up = rest.unsigned_abs() >= denominator.unsigned_abs().div_ceil(2);
    if !up {
        whole
    } else if (numerator < 0) == (denominator < 0) {
        whole + 1
    } else {
        whole - 1
    }
}

/// `⌈numerator / denominator⌉` of numbers that are not negative.
pub(crate) fn ceiling(numerator: i128, denominator: i128) -> i128 {
    numerator / denominator + i128::from(numerator % denominator > 0)
}

/// Ten to a power; the largest number there is where it does not fit.
pub(crate) fn ten(power: u32) -> i128 {
    10i128.checked_pow(power).unwrap_or(i128::MAX)
}

/// `number / (2^-32 · of)` under a root: the square root of a quotient in 1/65,536.
pub(crate) fn root_in_65536(number: i128, of: i128) -> i128 {
    let (number, of) = (number.max(0), of.max(1));
    match number.checked_mul(1 << 32) {
        Some(scaled) => (scaled / of).isqrt(),
        None => (number / of).isqrt() << 16,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn halves_go_away_from_zero() {
        let cases = [(7, 2, 4), (-7, 2, -4), (5, 3, 2), (-5, 3, -2), (4, 3, 1), (-4, 3, -1), (7, -2, -4), (6, 3, 2)];
        for (numerator, denominator, expected) in cases {
            assert_eq!(rounded(numerator, denominator), expected, "{numerator}/{denominator}");
        }
    }

    #[test]
    fn a_share_is_reached_as_often_as_it_says() {
        assert!(!below_share(0, 0, 5));
        assert!(below_share(u64::MAX, 5, 5));
        let fifth = u64::MAX / 5;
        assert!(below_share(fifth, 1, 5) && !below_share(fifth + 1, 1, 5));
    }

    #[test]
    fn roots_are_those_of_whole_numbers() {
        assert_eq!(root_in_65536(9, 1), 3 << 16);
        assert_eq!(root_in_65536(1 << 120, 1), 1 << 76);
        assert_eq!(root_in_65536(-4, 1), 0);
    }
}
