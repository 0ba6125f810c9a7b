//! The most frequent level.

use coda_model::{
    estimate::{Figure, Quantity},
    frame::Guard,
};

use crate::{
    merge::{Merged, MergedSlot},
    probability::NORMAL_975,
    shape::Shape,
    statistic::{Operands, Statistic, Takes},
};

/// The level with the largest told count; those that may be it as well, given the
/// perturbation of both counts, are named with it.
pub struct Mode;

impl Statistic for Mode {
    fn name(&self) -> &'static str {
        "mode"
    }

    fn summary(&self) -> &'static str {
        "the most frequent level, or those that may be it"
    }

    fn forms(&self) -> &'static [&'static [Takes]] {
        &[&[Takes::Classes]]
    }

    fn shape(&self, operands: &Operands<'_>) -> Shape {
        Shape::counts(operands.axis(0))
    }

    fn guard(&self) -> Guard {
        Guard::Each
    }

    fn figures(&self, merged: &Merged, operands: &Operands<'_>) -> Vec<Figure> {
        let axis = operands.axis(0);
        let Some(most) = merged.slots.iter().filter(|slot| slot.count.telling > 0).max_by_key(|slot| slot.count.rows) else {
            return vec![Figure::suppressed(self.name())];
        };
        let may_be = |(slot, label): (&MergedSlot, &String)| {
            // Of perturbed rows the variance is not known, and the most frequent level alone is named.
            let noise = NORMAL_975 * (slot.count.variance + most.count.variance).sqrt().max(0.0);
            let close = slot.count.rows as f64 + noise >= most.count.rows as f64;
            (slot.count.telling > 0 && close).then(|| label.clone())
        };
        let levels: Vec<String> = merged.slots.iter().zip(&axis.labels).filter_map(may_be).collect();
        vec![Figure::new(self.name(), Quantity::Level(levels.join(" or ")))]
    }
}
