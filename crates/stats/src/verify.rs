//! Whether a site's answer is one that an honest site can give. An answer that is not is left out whole, and said so.

use coda_model::{
    frame::{Count, Guard, Shown, ShownFrame, ShownSlot, SiteFrames, UNBOUNDED},
    plan::{Plan, Unit},
    scale::Scale,
    threshold::FLOOR,
    variable::Missing,
};

use crate::{shape::Shape, statistic::Operands, statistics::find, tabulation::missing};

/// More rows than any site has; keeps products of sums inside 128 bits.
const MOST_ROWS: u64 = 1 << 32;

/// Why an answer cannot be an honest site's.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Odd {
    /// The plan has other asks, cells, slots or sums.
    #[error("the answer has another shape than the query")]
    Shape,
    /// A threshold under the network's floor or beyond all reason, or a count under the threshold.
    #[error("the answer shows a count under the threshold")]
    Threshold,
    /// More people than rows, or more rows than there can be.
    #[error("the answer counts what cannot be counted")]
    Count,
    /// Sums that no values within the declared bounds have.
    #[error("the answer has sums that no values within their bounds have")]
    Sums,
}

/// Checks an answer against the plan.
///
/// # Errors
/// [`Odd`], the first that is found.
pub fn verify(plan: &Plan, answer: &SiteFrames) -> Result<(), Odd> {
    if !(FLOOR..=MOST_ROWS).contains(&answer.threshold) {
        return Err(Odd::Threshold);
    }
    if let Shown::Value(Count { people, rows }) = answer.total
        && (people.0 < answer.threshold || rows.0 < people.0 || rows.0 > MOST_ROWS)
    {
        return Err(Odd::Count);
    }
    let is_unbounded = answer.slack == UNBOUNDED && answer.total.value().is_none();
    if !is_unbounded && answer.slack > 2 * answer.threshold * u64::from(plan.records_per_person.max(1)) {
        return Err(Odd::Threshold);
    }
    if answer.asks.len() != plan.asks.len() || answer.asks.iter().any(|cells| cells.len() != plan.cells()) {
        return Err(Odd::Shape);
    }
    for (planned, cells) in plan.asks.iter().zip(&answer.asks) {
        let statistic = find(&planned.statistic).ok_or(Odd::Shape)?;
        let operands = Operands::of(plan, &planned.operands);
        let shape = statistic.shape(&operands);
        let rule = Rule {
            plan,
            threshold: answer.threshold,
            guard: statistic.guard(),
            scale: shape
                .value
                .and_then(|value| (0..operands.count()).find(|i| operands.column(*i) == value))
                .map(|i| operands.scale(i)),
            missing: missing(plan, &shape),
            shape,
        };
        cells.iter().try_for_each(|frame| rule.frame(frame))?;
    }
    Ok(())
}

struct Rule<'a> {
    plan: &'a Plan,
    threshold: u64,
    guard: Guard,
    scale: Option<Scale>,
    missing: Missing,
    shape: Shape,
}

impl Rule<'_> {
    fn frame(&self, frame: &ShownFrame) -> Result<(), Odd> {
        if frame.slots.len() != self.shape.slots() || frame.missing.is_some() != (self.missing == Missing::May) {
            return Err(Odd::Shape);
        }
        frame.slots.iter().filter_map(Shown::value).try_for_each(|slot| self.slot(slot))?;
        for count in [frame.missing.as_ref().and_then(Shown::value), frame.rest.value()].into_iter().flatten() {
            self.count(*count)?;
        }
        let out: Vec<&ShownSlot> = frame.slots.iter().filter_map(Shown::value).collect();
        let ends = frame.slots.last().is_some_and(|slot| slot.value().is_some());
        match self.guard {
            Guard::Table => Ok(()),
            _ if out.is_empty() => Ok(()),
            Guard::Sample { .. } | Guard::Together { .. } if out.len() != frame.slots.len() => Err(Odd::Shape),
            Guard::Sample { .. } | Guard::Together { .. } => Ok(()),
            // The last step ends where the grid ends.
            Guard::Distribution { .. } if !ends => Err(Odd::Shape),
            Guard::Distribution { least } => {
                let people: u64 = out.iter().map(|slot| slot.count.people.0).sum();
                if people < least { Err(Odd::Threshold) } else { Ok(()) }
            }
        }
    }

    fn count(&self, count: Count) -> Result<(), Odd> {
        let Count { people, rows } = count;
        if people.0 < self.threshold || rows.0 < self.threshold {
            return Err(Odd::Threshold);
        }
        let even = self.plan.unit != Unit::People || people.0 == rows.0;
        if people.0 > rows.0 || rows.0 > MOST_ROWS || !even { Err(Odd::Count) } else { Ok(()) }
    }

    fn slot(&self, slot: &ShownSlot) -> Result<(), Odd> {
        self.count(slot.count)?;
        let least = match self.guard {
            Guard::Sample { least } | Guard::Together { least } => least,
            Guard::Table | Guard::Distribution { .. } => 0,
        };
        if slot.count.people.0 < least {
            return Err(Odd::Threshold);
        }
        if slot.sums.len() != usize::from(self.shape.powers) {
            return Err(Odd::Shape);
        }
        let (rows, span) = (i128::from(slot.count.rows.0), i128::from(self.scale.map_or(0, |scale| scale.span())));
        let first = slot.sums.first().copied().unwrap_or_default();
        if first < 0 || first > rows * span {
            return Err(Odd::Sums);
        }
        // Cauchy-Schwarz below, and no square larger than the value times the largest value above.
        if let Some(second) = slot.sums.get(1)
            && (*second < 0 || *second > span * first || first * first > rows * second)
        {
            return Err(Odd::Sums);
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests;
