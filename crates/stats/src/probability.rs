//! Quantiles and tails of the normal and Student's t distribution, from statrs, polished by Newton's method.

use statrs::distribution::{Continuous, ContinuousCDF, Normal, StudentsT};

/// The 97.5 % quantile of the standard normal distribution (Abramowitz and Stegun 1972, table 26.1, to double precision).
pub const NORMAL_975: f64 = 1.959_963_984_540_054;

/// The smallest p-value that is told.
pub const P_FLOOR: f64 = 1e-4;

/// Degrees of freedom beyond which Student's t is taken by its distance from the normal (Abramowitz and Stegun 1972,
/// 26.7.5; the next term is under 1e-14), because the incomplete beta function there loses digits.
const MANY: f64 = 1e5;

/// Quantile of Student's t distribution; not a number when the degrees of freedom are not positive.
pub fn student_quantile(p: f64, freedom: f64) -> f64 {
    if freedom > MANY {
        let z = Normal::standard().inverse_cdf(p);
        let (first, second) = ((z.powi(3) + z) / 4.0, (5.0 * z.powi(5) + 16.0 * z.powi(3) + 3.0 * z) / 96.0);
        return z + first / freedom + second / freedom.powi(2);
    }
    let Ok(student) = StudentsT::new(0.0, 1.0, freedom) else { return f64::NAN };
    let mut x = student.inverse_cdf(p);
    for _ in 0..3 {
        x -= (student.cdf(x) - p) / student.pdf(x);
    }
    x
}

/// Two-sided p-value of a t statistic, to two significant digits and not under [`P_FLOOR`]; not a number when there is no
/// such statistic.
pub fn student_p(t: f64, freedom: f64) -> f64 {
    if !t.is_finite() {
        return f64::NAN;
    }
    StudentsT::new(0.0, 1.0, freedom).map_or(f64::NAN, |student| told(2.0 * student.sf(t.abs())))
}

/// Wilson's 95 % interval of a share of `count` in `total` (Wilson 1927, JASA 22, 209-212).
pub fn wilson(count: f64, total: f64) -> (f64, f64) {
    let (p, square) = (count / total, NORMAL_975 * NORMAL_975);
    let centre = p + square / (2.0 * total);
    let half = NORMAL_975 * (p * (1.0 - p) / total + square / (4.0 * total * total)).sqrt();
    let scale = 1.0 + square / total;
    // By rounding, an end may otherwise lie beyond 0 or 1.
    (((centre - half) / scale).max(0.0).min(p), ((centre + half) / scale).min(1.0).max(p))
}

/// A p-value as it is told.
fn told(p: f64) -> f64 {
    if p.is_nan() {
        return p;
    }
    if p <= P_FLOOR {
        return P_FLOOR;
    }
    let digits = 10f64.powi(1 - p.log10().floor() as i32);
    (p * digits).round() / digits
}

#[cfg(test)]
mod tests {
    use super::*;

    /// scipy 1.x: `scipy.stats.t.ppf(0.975, df)`.
    #[test]
    fn quantiles_agree_with_scipy() {
        for (freedom, quantile) in [
            (4.0, 2.776_445_105_197_793_4),
            (9.0, 2.262_157_162_798_205),
            (30.0, 2.042_272_456_301_237_8),
            (1199.0, 1.961_944_490_839_438_1),
        ] {
            let found = student_quantile(0.975, freedom);
            assert!((found / quantile - 1.0).abs() < 1e-10, "{freedom}: {found}");
        }
    }

    #[test]
    fn a_p_value_is_told_coarsely() {
        let told = [0.012_345, 0.5678, 1e-9].map(|p| told(p).to_string());
        assert_eq!(told, ["0.012", "0.57", "0.0001"]);
    }
}
