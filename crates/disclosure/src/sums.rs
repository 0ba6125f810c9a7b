//! R6 and R7 for a slot whose count is told: its mean and SD with noise and in their digits, as sums scaled to the told rows,
//! so that merging stays addition.

use coda_model::{
    frame::{Contributions, FINE, ShownSums, Slot, Summed},
    rounding::least_spread as least,
    scale::Scale,
};

use crate::{
    Digits, StatementKey,
    digits::{Decimal, shifted, step, two_digits},
    integer::{ceiling, root_in_65536, rounded},
    noise::{FRACTION, Sum},
    rounding::Perturbation,
};

/// A slot that is told with so many people and rows, and the statement it is told under.
#[derive(Clone, Copy)]
pub(crate) struct Told<'a> {
    pub(crate) slot: &'a Slot,
    pub(crate) statement: &'a StatementKey,
    pub(crate) people: u64,
    pub(crate) rows: u64,
}

impl Perturbation<'_> {
    /// The number of rows of a told slot: perturbed like a sum over its people, scaled to their told number, rounded to the
    /// base; never fewer than people.
    pub(crate) fn rows(&self, slot: &Slot, people: u64, statement: &StatementKey) -> u64 {
        if self.rules.is_exact() {
            return slot.rows.0;
        }
        let of = i128::from(slot.people.0).max(1);
        let rows = i128::from(slot.rows.0);
        let sd = sd(rows, slot.sums.nn, of).max(1 << 16);
        let noisy = self.sum(&Sum { power: 0, exact: rows, sd, source: "rows" }, slot.key, statement);
        let base = i128::from(self.rules.rounding.base);
        let scaled = rounded(noisy * i128::from(people), (of * base) << FRACTION) * base;
        u64::try_from(scaled).unwrap_or_default().max(people)
    }

    /// The sums of a told slot.
    pub(crate) fn sums(&self, told: Told<'_>, summed: &Summed, source: &str) -> ShownSums {
        let Contributions { x, q, .. } = told.slot.sums;
        if self.rules.is_exact() {
            return ShownSums { x: x << FINE, q: q << (2 * FINE) };
        }
        let Moments { n, sum, about, centre } = self.noisy(told, summed.scale, source);
        // Over n(n - 1): the variance with denominator n - 1, times n. Both with twice the digits of a noisy sum.
        let excess = sum - ((centre * n) << FRACTION);
        let under = (n * (n - 1).max(1)) << (2 * FRACTION);
        // Whether an SD is told depends on the count alone: a variance that the noise made negative is told without its sign. It
        // is at least that of the noise of equal values, by the told count: by the exact one, it would tell that. No SD is larger
        // than the bounds are wide.
        let (noise, least) = (i128::from(self.rules.noise), i128::from(least(summed.scale.span())));
        let of_equal_values = noise * least * least * under / i128::from(told.rows).max(1);
        let widest = i128::from(summed.scale.span()).pow(2) * under;
        let over = ((about << FRACTION) * n - excess * excess).abs().max(of_equal_values).min(widest);
        if self.rules.digits == Digits::All {
            return in_full(told, summed.scale, (sum, n << FRACTION), (over, under));
        }
        // Three SDs of noise: these values may all be equal, and a mean in fine steps would be their value.
        let fineness = if over <= 3 * of_equal_values {
            Fineness::OfEqualValues { noise: noise * least }
        } else {
            Fineness::OfSpread
        };
        in_digits(told, summed.scale, (sum, n << FRACTION), (over, under), fineness)
    }

    /// Sum and sum of squares with their noise. Squares are about the whole code nearest to the noisy mean.
    fn noisy(&self, told: Told<'_>, scale: Scale, source: &str) -> Moments {
        let Told { slot, statement, .. } = told;
        let (people, n) = (i128::from(slot.people.0).max(1), i128::from(slot.rows.0).max(1));
        let Contributions { x, q, nn, nx, nq, xx, xq, qq } = slot.sums;
        let least = i128::from(least(scale.span()));
        let noisy = |power, exact, sd| self.sum(&Sum { power, exact, sd, source }, slot.key, statement);
        let span = i128::from(scale.span());
        let sum = noisy(1, x, sd(x, xx, people).max(least << 16)).clamp(0, (n * span) << FRACTION);
        let c = rounded(sum, n << FRACTION);
        let squares = q - 2 * c * x + c * c * n;
        // The same shift of each person's contribution, squared and added up.
        let products = qq + 4 * c * c * xx + c * c * c * c * nn - 4 * c * xq + 2 * c * c * nq - 4 * c * c * c * nx;
        let about = noisy(2, squares, sd(squares, products, people).max((least * least) << 16));
        Moments { n, sum, about, centre: c }
    }
}

/// A noisy sum of `n` rows, and the noisy sum of squares about a code, both in 2^-[`FRACTION`].
struct Moments {
    n: i128,
    sum: i128,
    about: i128,
    centre: i128,
}

/// SD of contributions from their sum and their sum of squares, in 1/65,536.
fn sd(sum: i128, squares: i128, people: i128) -> i128 {
    // About the whole part of the mean first: no product that could outgrow 128 bits.
    let (whole, rest) = (sum / people, sum % people);
    let about = squares - whole * (sum + rest) - rest * rest / people;
    root_in_65536(about, people)
}

/// What the steps of a mean go by.
#[derive(Clone, Copy)]
enum Fineness {
    /// The standard error.
    OfSpread,
    /// w·s of R6, in codes: the spread does not show above it.
    OfEqualValues { noise: i128 },
}

/// Mean in steps, SD with two digits.
fn in_digits(
    told: Told<'_>,
    scale: Scale,
    (sum, n): (i128, i128),
    (over, under): (i128, i128),
    fineness: Fineness,
) -> ShownSums {
    let (unit, decimals, people) = (scale.mantissa(), scale.decimals() as i32, i128::from(told.people));
    let sd = two_digits(root_in_65536(over, under).max(1) * unit, 1 << 16, decimals);
    let bounds = i128::from(scale.span());
    let Decimal { mantissa, exponent } = match fineness {
        Fineness::OfSpread => step(sd.mantissa * sd.mantissa, sd.exponent, people),
        // No coarser than half of the largest standard error there is: a column of 0 and 1.
        Fineness::OfEqualValues { noise } if bounds * bounds > 16 * people * noise * noise => {
            step(noise * unit * noise * unit, -decimals, 1)
        }
        Fineness::OfEqualValues { .. } => step(bounds * unit * bounds * unit, -decimals, 16 * people),
    };
    let lower = i128::from(scale.offset());
    let (over, under) = shifted((lower * n + sum) * unit, n * mantissa, -decimals - exponent);
    let steps = rounded(over, under);
    // Back into codes: steps of the unit over the resolution, above the lower bound.
    let (over, under) = shifted(steps * mantissa, unit, exponent + decimals);
    let x = x_of(told, scale, over - lower * under, under);
    let (over, under) = shifted(sd.mantissa * sd.mantissa, unit * unit, 2 * (sd.exponent + decimals));
    ShownSums { x, q: q_of(told, x, over, under) }
}

/// Mean and SD with all their digits.
fn in_full(told: Told<'_>, scale: Scale, (sum, n): (i128, i128), (over, under): (i128, i128)) -> ShownSums {
    let x = x_of(told, scale, sum, n);
    ShownSums { x, q: q_of(told, x, over, under) }
}

/// The told rows times a mean in codes, within the bounds.
fn x_of(told: Told<'_>, scale: Scale, over: i128, under: i128) -> i128 {
    let rows = i128::from(told.rows);
    // The whole part apart, so that the fine part does not outgrow 128 bits.
    let (whole, rest) = (over.div_euclid(under), over.rem_euclid(under));
    let (rest, under) = if under > 1 << 60 { (rest >> 40, under >> 40) } else { (rest, under) };
    let x = ((whole * rows) << FINE) + rounded((rest * rows) << FINE, under);
    x.clamp(0, (rows * i128::from(scale.span())) << FINE)
}

/// The sum of squares that has this variance in codes squared beside a sum.
fn q_of(told: Told<'_>, x: i128, over: i128, under: i128) -> i128 {
    let rows = i128::from(told.rows);
    let (whole, rest) = (over / under, over % under);
    let (rest, under) = if under > 1 << 60 { (rest >> 40, under >> 40) } else { (rest, under) };
    let spread = (((rows - 1) * whole) << (2 * FINE)) + ceiling(((rows - 1) * rest) << (2 * FINE), under.max(1));
    let (mean, left) = (x / rows.max(1), x % rows.max(1));
    spread + mean * (x + left) + ceiling(left * left, rows.max(1))
}

#[cfg(test)]
mod tests;
