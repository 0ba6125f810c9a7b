//! Sums over sites, and what the perturbation does to their mean.

use coda_model::{
    frame::{FINE, ShownSlot, ShownSums},
    plan::Unit,
    rounding::{NOISE, Rounding, Sensitivity, least_spread},
    scale::Scale,
};

use super::step;
use crate::moments::Moments;

/// Sums of a slot over the sites that told it.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct MergedSums {
    rows: u64,
    /// Sum of the values.
    x: i128,
    /// Sum of their squares.
    q: i128,
    /// Variance that the perturbation gives the mean, in codes squared; not a number of perturbed rows.
    noise: f64,
}

/// One site's mean and spread in codes.
struct Site {
    rows: f64,
    people: f64,
    mean: f64,
    sd: f64,
    count_variance: f64,
    is_exact: bool,
}

impl MergedSums {
    pub(super) fn of<'a>(
        sites: impl Iterator<Item = (&'a Rounding, &'a ShownSlot, &'a ShownSums)>,
        span: i32,
        sensitivity: Sensitivity,
        unit: Unit,
    ) -> Self {
        let (mut merged, mut all) = (Self::default(), Vec::new());
        for (rounding, slot, ShownSums { x, q }) in sites {
            let rows = slot.count.rows.0;
            (merged.rows, merged.x, merged.q) = (merged.rows + rows, merged.x + x, merged.q + q);
            let n = rows as f64;
            let fine = f64::from(1u32 << FINE);
            let mean = *x as f64 / fine / n;
            let sd = ((*q as f64 / fine / fine - n * mean * mean) / (n - 1.0)).max(0.0).sqrt();
            all.push(Site {
                rows: n,
                people: slot.count.people.0 as f64,
                mean,
                sd,
                count_variance: rounding.variance(sensitivity),
                is_exact: rounding.is_exact(),
            });
        }
        merged.noise = match unit {
            Unit::People => noise(&all, span),
            Unit::Rows(_) if all.iter().all(|site| site.is_exact) => 0.0,
            // It goes by how rows and values are spread over people, which no site tells.
            Unit::Rows(_) => f64::NAN,
        };
        merged
    }

    pub(crate) fn blank() -> Self {
        Self { rows: 20, x: 20 << FINE, q: 40 << (2 * FINE), noise: 0.0 }
    }

    /// Number, sum and squares.
    pub fn moments(&self, scale: Scale) -> Moments {
        Moments::new(scale, self.rows, self.x, self.q)
    }

    /// Variance that the perturbation gives the mean, in the variable's unit squared.
    pub fn noise(&self, scale: Scale) -> f64 {
        self.noise * scale.resolution() * scale.resolution()
    }
}

/// Variance of the network's mean, in codes squared: each site's sum has noise of w·s, its mean is told in steps, and sites are
/// weighted by told counts (R9).
fn noise(sites: &[Site], span: i32) -> f64 {
    let all: f64 = sites.iter().map(|site| site.rows).sum();
    let mean = sites.iter().map(|site| site.rows * site.mean).sum::<f64>() / all;
    let (w, least) = (f64::from(NOISE), f64::from(least_spread(span)));
    // What sites have each for itself, and the error that they have in common.
    let (mut own, mut common) = (0.0, 0.0);
    for site in sites.iter().filter(|site| !site.is_exact) {
        let Site { rows, people, mean: of_site, sd, count_variance, is_exact: _ } = site;
        let weight = rows / all;
        let noise = w * sd.max(least) / people;
        own += (weight * noise).powi(2)
            + (of_site - mean).powi(2) * count_variance * (rows / people).powi(2) / (all * all);
        // A variance of up to three SDs of noise may be that of equal values (R7), and a tenth more with two digits of the SD. Their
        // means are rounded to the same step at all sites, to the same side.
        if sd * sd <= 3.3 * w * least * least / rows {
            common += weight * step((w * least).min(f64::from(span) / people.sqrt() / 4.0)) / 12f64.sqrt();
        } else {
            own += (weight * step(sd / people.sqrt())).powi(2) / 12.0;
        }
    }
    own + common * common
}
