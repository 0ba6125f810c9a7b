//! Whole units: how a measured value becomes a whole number and back.
//!
//! A continuous variable is declared with a lower bound, an upper bound and a resolution. Its values are held as the
//! number of resolutions above the lower bound, so every value is a whole number from 0 to [`Scale::span`] and sums are
//! exact in any order.

/// The code of a value that is not there. Every real code is 0 or more.
pub const MISSING: i32 = -1;

/// The largest span a scale may have: a sum of fourth powers over 2^31 people then still fits an `i128` (docs/disclosure.md, R6).
const SPAN_LIMIT: f64 = 16_777_216.0;

/// A bound or resolution that cannot make a scale.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum ScaleError {
    /// Not a positive decimal of at most nine places.
    #[error("the resolution must be a positive number with at most 9 decimals")]
    Resolution,
    /// A bound is not on the resolution.
    #[error("a bound must be a whole multiple of the resolution")]
    Bound,
    /// Upper bound not above lower bound.
    #[error("the upper bound must be above the lower bound")]
    Order,
    /// More than 2^24 steps between the bounds.
    #[error("there are more than 2^24 resolutions between the bounds; declare a coarser resolution")]
    Span,
}

/// Why a number is no value of a scale.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum OffScale {
    /// Below the lower or above the upper bound, or not a number.
    #[error("outside its bounds")]
    Bounds,
    /// Between two multiples of the resolution.
    #[error("not a multiple of its resolution")]
    Resolution,
}

/// Lower bound, resolution and number of steps of a continuous variable.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Scale {
    /// The resolution is `mantissa / 10^decimals`.
    mantissa: i64,
    decimals: u32,
    /// The lower bound in resolutions.
    lower: i64,
    span: i32,
}

impl Scale {
    /// A scale from declared bounds and resolution, all in the variable's unit.
    ///
    /// # Errors
    /// [`ScaleError`] when the three do not fit together.
    pub fn new(lower: f64, upper: f64, resolution: f64) -> Result<Self, ScaleError> {
        let (mantissa, decimals) = decimal(resolution).ok_or(ScaleError::Resolution)?;
        let steps = |bound: f64| {
            let steps = bound * power_of_ten(decimals) / mantissa as f64;
            let near = (steps - steps.round()).abs() <= 1e-6 && steps.abs() < 1e15;
            near.then(|| steps.round() as i64).ok_or(ScaleError::Bound)
        };
        let (low, high) = (steps(lower)?, steps(upper)?);
        if high <= low {
            return Err(ScaleError::Order);
        }
        let span = (high - low) as f64;
        if span > SPAN_LIMIT {
            return Err(ScaleError::Span);
        }
        Ok(Self { mantissa, decimals, lower: low, span: span as i32 })
    }

    /// Counts from 0 to `most`, one by one.
    pub fn counts(most: i32) -> Self {
        Self { mantissa: 1, decimals: 0, lower: 0, span: most.max(1) }
    }

    /// The largest code, that of the upper bound.
    pub fn span(&self) -> i32 {
        self.span
    }

    /// The lower bound in resolutions: what to add to a code to get whole units counted from zero.
    pub fn offset(&self) -> i64 {
        self.lower
    }

    /// The resolution as a whole number of `10^-decimals` of the variable's unit.
    pub fn mantissa(&self) -> i128 {
        i128::from(self.mantissa)
    }

    /// The resolution in the variable's unit.
    pub fn resolution(&self) -> f64 {
        self.mantissa as f64 / power_of_ten(self.decimals)
    }

    /// Decimals that print any value of the scale exactly.
    pub fn decimals(&self) -> usize {
        self.decimals as usize
    }

    /// The value of a code in the variable's unit, correctly rounded. Also takes fractions and codes off the scale.
    pub fn value(&self, code: f64) -> f64 {
        (self.lower as f64 + code) * self.mantissa as f64 / power_of_ten(self.decimals)
    }

    /// A length in codes as a length in the variable's unit.
    pub fn length(&self, codes: f64) -> f64 {
        codes * self.mantissa as f64 / power_of_ten(self.decimals)
    }

    /// The code of a measured value: the nearest multiple of the resolution.
    ///
    /// # Errors
    /// [`OffScale::Bounds`] when the value is not a number or lies outside the bounds.
    pub fn nearest(&self, value: f64) -> Result<i32, OffScale> {
        let code = (value * power_of_ten(self.decimals) / self.mantissa as f64).round() - self.lower as f64;
        if code >= 0.0 && code <= f64::from(self.span) { Ok(code as i32) } else { Err(OffScale::Bounds) }
    }

    /// The code of a value that must lie on the scale, such as a constant in a query.
    ///
    /// # Errors
    /// [`OffScale`] when it does not.
    pub fn exact(&self, value: f64) -> Result<i32, OffScale> {
        let code = self.nearest(value)?;
        let steps = value * power_of_ten(self.decimals) / self.mantissa as f64;
        if (steps - steps.round()).abs() > 1e-6 {
            return Err(OffScale::Resolution);
        }
        Ok(code)
    }
}

fn power_of_ten(decimals: u32) -> f64 {
    10f64.powi(decimals as i32)
}

/// `number` as `mantissa / 10^decimals` with as few decimals as its shortest spelling has.
fn decimal(number: f64) -> Option<(i64, u32)> {
    if !number.is_finite() || number <= 0.0 || number > 1e9 {
        return None;
    }
    (0..=9).find_map(|decimals| {
        let scaled = number * power_of_ten(decimals);
        let whole = scaled.round();
        ((scaled - whole).abs() <= 1e-9 * whole && whole >= 1.0).then_some((whole as i64, decimals))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_value_comes_back_to_the_bit() {
        let scale = Scale::new(-5.0, 42.5, 0.1).unwrap();
        for tenths in -50..=425 {
            let value = f64::from(tenths) / 10.0;
            let code = scale.exact(value).unwrap();
            assert_eq!(scale.value(f64::from(code)).to_bits(), value.to_bits(), "{value}");
        }
    }

    #[test]
    fn bounds_and_resolution_are_kept() {
        let scale = Scale::new(0.0, 10.0, 0.5).unwrap();
        assert_eq!(scale.exact(10.5), Err(OffScale::Bounds));
        assert_eq!(scale.exact(f64::NAN), Err(OffScale::Bounds));
        assert_eq!(scale.exact(0.3), Err(OffScale::Resolution));
        assert_eq!(scale.nearest(0.3), Ok(1));
        assert_eq!(Scale::new(0.0, 10.0, 0.3), Err(ScaleError::Bound));
        assert_eq!(Scale::new(1.0, 1.0, 1.0), Err(ScaleError::Order));
        assert_eq!(Scale::new(0.0, 1e10, 1.0), Err(ScaleError::Span));
        assert_eq!(Scale::new(0.0, 1.0, 0.0), Err(ScaleError::Resolution));
    }
}
