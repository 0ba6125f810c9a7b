//! Sums over sites, and what the perturbation does to their mean.

use coda_model::{
    frame::{FINE, ShownSlot, ShownSums},
    plan::Unit,
    rounding::{NOISE, PARTS_OF_BOUNDS, Rounding, Sensitivity},
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
            Unit::People => noise(&all, f64::from(span)),
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

/// Each site's sum has noise of w·s, its mean is told in steps, and sites are weighted by told counts (R9).
fn noise(sites: &[Site], span: f64) -> f64 {
    let all: f64 = sites.iter().map(|site| site.rows).sum();
    let mean = sites.iter().map(|site| site.rows * site.mean).sum::<f64>() / all;
    let one = |site: &Site| {
        let Site { rows, people, mean: own, sd, count_variance, is_exact } = site;
        if *is_exact {
            return 0.0;
        }
        let least = (span / f64::from(PARTS_OF_BOUNDS)).max(1.0);
        let noise = f64::from(NOISE) * sd.max(least) / people;
        let own_mean = (rows / all).powi(2) * (noise.powi(2) + step(sd / people.sqrt()).powi(2) / 12.0);
        own_mean + (own - mean).powi(2) * count_variance * (rows / people).powi(2) / (all * all)
    };
    sites.iter().map(one).sum()
}
