//! The most frequent level.

use coda_model::{
    estimate::{Figure, Quantity},
    frame::Guard,
};

use crate::{
    merge::Merged,
    shape::Shape,
    statistic::{Operands, Statistic, Takes},
};

/// The most frequent level, where it leads by at least the threshold and at least so many have another
/// (disclosure.md 1.10: a lead of one person would tell that person's level).
pub struct Mode;

impl Statistic for Mode {
    fn name(&self) -> &'static str {
        "mode"
    }

    fn summary(&self) -> &'static str {
        "the most frequent level, where it leads clearly"
    }

    fn forms(&self) -> &'static [&'static [Takes]] {
        &[&[Takes::Classes]]
    }

    fn shape(&self, operands: &Operands<'_>) -> Shape {
        Shape::counts(operands.axis(0))
    }

    fn guard(&self) -> Guard {
        Guard::Table
    }

    fn figures(&self, merged: &Merged, operands: &Operands<'_>) -> Vec<Figure> {
        let axis = operands.axis(0);
        let ranked = merged.slots.iter().zip(&axis.labels);
        let Some((first, label)) = ranked.max_by_key(|(slot, _)| slot.count.people.low) else {
            return vec![Figure::withheld(self.name())];
        };
        let others = || merged.slots.iter().filter(|slot| !std::ptr::eq(*slot, first)).map(|slot| slot.count.people);
        let leads = others().all(|other| first.count.people.low >= other.high.saturating_add(merged.threshold));
        let others: u64 = others().map(|other| other.low).sum();
        if merged.threshold == 0 || !leads || others < merged.threshold {
            return vec![Figure::withheld(self.name())];
        }
        vec![Figure::count(self.name(), Quantity::Level(label.clone()))]
    }
}
