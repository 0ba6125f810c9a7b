//! Whether a site's answer is one that an honest site can give. An answer that is not is left out whole, and said so.

use coda_model::{
    frame::{Count, FINE, Guard, Shown, ShownFrame, ShownSlot, ShownSums, SiteFrames, Summed},
    plan::{Plan, PlannedAsk, Unit},
    rounding::{BASE, Rounding, Sensitivity},
    threshold::{FLOOR, Threshold},
    variable::Missing,
};

use crate::{
    shape::Shape,
    statistic::Operands,
    statistics::find,
    tabulation::{missing, summed},
};

/// More rows than any site has; keeps products of sums inside 128 bits.
const MOST_ROWS: u64 = 1 << 32;
/// No site tells counts from more people on; a site's threshold is at most 200. The work of an estimate goes by it.
const MOST_TOLD_FROM: u64 = 205;

/// Why an answer cannot be an honest site's.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Odd {
    /// The plan has other asks, cells, slots or sums.
    #[error("the answer has another shape than the query")]
    Shape,
    /// A way to tell counts that the network does not allow, or a count under the threshold.
    #[error("the answer shows a count under the threshold")]
    Threshold,
    /// More people than rows, more rows than there can be, or no multiple of the base.
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
    rounding(&answer.rounding)?;
    let count = Counts { rounding: answer.rounding, unit: plan.unit };
    answer.total.value().map_or(Ok(()), |total| count.check(*total))?;
    if answer.asks.len() != plan.asks.len() || answer.asks.iter().any(|cells| cells.len() != plan.cells()) {
        return Err(Odd::Shape);
    }
    for (planned, cells) in plan.asks.iter().zip(&answer.asks) {
        let statistic = find(&planned.statistic).ok_or(Odd::Shape)?;
        let shape = statistic.shape(&Operands::of(plan, &planned.operands));
        let ask = Ask {
            count,
            guard: statistic.guard(),
            summed: summed(plan, &shape),
            missing: missing(plan, &shape),
            shape,
        };
        cells.iter().try_for_each(|frame| ask.frame(frame))?;
    }
    Ok(())
}

/// How many slots and counts a site's answer to a plan has, with one for what is around each frame.
pub fn parts(plan: &Plan) -> usize {
    let of_ask = |planned: &PlannedAsk| {
        let statistic = find(&planned.statistic);
        let slots = statistic.map_or(0, |statistic| statistic.shape(&Operands::of(plan, &planned.operands)).slots());
        plan.cells() * (slots + 3)
    };
    1 + plan.asks.iter().map(of_ask).sum::<usize>()
}

fn rounding(rounding: &Rounding) -> Result<(), Odd> {
    // By the rule (R4) or as they are (R14), under some threshold that is not under the network's.
    let least = if rounding.is_exact() { FLOOR } else { FLOOR + BASE };
    let by_rule = Rounding { told_from: rounding.told_from, ..Rounding::random(Threshold::default()) };
    let ruled = rounding.is_exact() || *rounding == by_rule && rounding.told_from.is_multiple_of(BASE);
    let valid = ruled && (least..=MOST_TOLD_FROM).contains(&rounding.told_from);
    if valid { Ok(()) } else { Err(Odd::Threshold) }
}

/// How counts of an answer are told.
#[derive(Clone, Copy)]
struct Counts {
    rounding: Rounding,
    unit: Unit,
}

impl Counts {
    fn check(&self, count: Count) -> Result<(), Odd> {
        let Count { people, rows } = count;
        if people.0 < self.rounding.told_from {
            return Err(Odd::Threshold);
        }
        self.plausible(count).then_some(()).ok_or(Odd::Count)?;
        if rows.0 > MOST_ROWS { Err(Odd::Count) } else { Ok(()) }
    }

    /// At least as many rows as people, and both multiples of the base.
    fn plausible(&self, Count { people, rows }: Count) -> bool {
        let even = self.unit != Unit::People || people.0 == rows.0;
        people.0 <= rows.0 && even && [people.0, rows.0].iter().all(|count| count.is_multiple_of(self.rounding.base))
    }
}

struct Ask {
    count: Counts,
    guard: Guard,
    summed: Option<Summed>,
    missing: Missing,
    shape: Shape,
}

impl Ask {
    fn frame(&self, frame: &ShownFrame) -> Result<(), Odd> {
        if frame.slots.len() != self.shape.slots() || frame.missing.is_some() != (self.missing == Missing::May) {
            return Err(Odd::Shape);
        }
        for count in [frame.missing.as_ref().and_then(Shown::value), frame.valid.value()].into_iter().flatten() {
            self.count.check(*count)?;
        }
        match self.guard {
            Guard::Each | Guard::All => {
                frame.slots.iter().filter_map(Shown::value).try_for_each(|slot| self.slot(slot))
            }
            Guard::Distribution { least } => self.distribution(frame, least),
        }
    }

    /// All edges or none, adding up to everybody.
    fn distribution(&self, frame: &ShownFrame, least: u64) -> Result<(), Odd> {
        let told: Vec<&ShownSlot> = frame.slots.iter().filter_map(Shown::value).collect();
        let all = frame.valid.value().map_or(0, |valid| valid.people.0);
        if told.is_empty() {
            return if all >= least.max(1) { Err(Odd::Shape) } else { Ok(()) };
        }
        if all < least {
            return Err(Odd::Threshold);
        }
        let rounding = self.count.rounding;
        // Two told edges are far apart, by the smaller of the two rises; one edge is everybody.
        let rise = if rounding.is_exact() || told.len() == 1 { 0 } else { rounding.rise(all, Sensitivity::Plain) };
        let odd =
            |slot: &ShownSlot| slot.sums.is_some() || !self.count.plausible(slot.count) || slot.count.people.0 < rise;
        if told.iter().any(|slot| odd(slot)) {
            return Err(Odd::Count);
        }
        let people = told.iter().try_fold(0u64, |sum, slot| sum.checked_add(slot.count.people.0));
        let ends = frame.slots.last().is_some_and(|slot| slot.value().is_some());
        if people == Some(all) && ends { Ok(()) } else { Err(Odd::Shape) }
    }

    fn slot(&self, slot: &ShownSlot) -> Result<(), Odd> {
        self.count.check(slot.count)?;
        let (Some(summed), Some(ShownSums { x, q })) = (&self.summed, &slot.sums) else {
            return if self.summed.is_none() && slot.sums.is_none() { Ok(()) } else { Err(Odd::Shape) };
        };
        let (rows, span) = (i128::from(slot.count.rows.0), i128::from(summed.scale.span()) << FINE);
        if *x < 0 || *x > rows * span {
            return Err(Odd::Sums);
        }
        // Cauchy-Schwarz below, to the last digit. Above, values within the bounds; a perturbed SD may exceed them somewhat.
        let (mean, left) = (x / rows, x % rows);
        let least = mean * (x + left) + (left * left + rows - 1) / rows;
        let most = if self.count.rounding.is_exact() {
            x * span
        } else {
            5 * rows * (span / 2) * (span / 2) + span * rows * (span / rows.max(1) + 1)
        };
        if *q < least || *q > most {
            return Err(Odd::Sums);
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests;
