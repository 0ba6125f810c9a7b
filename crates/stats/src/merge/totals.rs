//! How much a site's withheld counts can be at most, from what its own answer says of them together.

use coda_model::{
    frame::{Count, Shown, ShownFrame, SiteFrames},
    plan::Plan,
};

/// How much the withheld parts of one frame can be at most.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Totals {
    /// A slot.
    pub slot: Most,
    /// The missing.
    pub missing: Most,
    /// All slots that are withheld, in rows.
    pub together: u64,
}

/// At most so many people and rows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Most {
    /// Distinct people.
    pub people: u64,
    /// Rows.
    pub rows: u64,
}

impl Totals {
    /// For every cell of one ask of a site's answer.
    ///
    /// What is withheld beside something that is out adds up to the frame's rest. Of a cell that is withheld whole only this
    /// is known: it holds no more than the cohort less what is out of all the ask's cells, as far as that is of the cohort and
    /// not of others who stand in for a part of it. Without any of these totals
    /// all are under the threshold, or as many more as the site's answers may be off; anything where it says so.
    pub fn of(plan: &Plan, site: &SiteFrames, ask: usize) -> Vec<Self> {
        let least = site.threshold.saturating_sub(1);
        let records = u64::from(plan.records_per_person.max(1));
        let small = Most { people: least, rows: least * records };
        // So many people, with all rows that these may have.
        let slack = Most { people: site.slack / records, rows: site.slack };
        let cells = site.asks.get(ask).map_or(&[][..], Vec::as_slice);
        let told: u64 = cells.iter().map(rows_told).sum();
        // A site that lets others stand in says no rest beside them; each of them may have been told of with so many too many.
        let stand_ins = if site.slack > 0 { cells.iter().map(perhaps_stand_ins).sum() } else { 0 };
        let elsewhere = match &site.total {
            Shown::Value(total) => {
                let untold = total.rows.0.saturating_sub(told).saturating_add(small.rows.saturating_mul(stand_ins));
                let rows = untold.min(total.rows.0) + slack.rows;
                Most { people: rows.min(total.people.0 + slack.people), rows }
            }
            // Few people, or some that come close to few who were told of before.
            Shown::Withheld => {
                Most { people: small.people.saturating_add(slack.people), rows: small.rows.saturating_add(slack.rows) }
            }
        };
        // Beside a history those who miss a value may be withheld for what was told before, however many they are.
        let missing = if site.slack > 0 { elsewhere } else { small };
        // They are different people of the cohort. Where nothing is said of that, only each by itself is known to be small.
        let together = if site.total.value().is_some() { elsewhere.rows } else { u64::MAX };
        let one = |frame| one(frame, small, elsewhere, missing);
        cells.iter().map(one).map(|(slot, missing)| Self { slot, missing, together }).collect()
    }
}

/// A slot, and the missing.
fn one(frame: &ShownFrame, small: Most, elsewhere: Most, missing: Most) -> (Most, Most) {
    let rest = frame.rest.value().map(|rest| most(rest.rows.0));
    let anything = frame.slots.iter().any(|slot| slot.value().is_some());
    match rest {
        Some(rest) => {
            let missing = Most { people: rest.people.max(small.people), rows: rest.rows.max(small.rows) };
            (rest, missing)
        }
        None if anything => (elsewhere, missing),
        None => (elsewhere, elsewhere),
    }
}

/// As many people as rows: each person has one at least.
fn most(rows: u64) -> Most {
    Most { people: rows, rows }
}

/// How many of the parts of a frame may be answered for others.
fn perhaps_stand_ins(frame: &ShownFrame) -> u64 {
    if frame.rest.value().is_some() {
        return 0;
    }
    let missing = frame.missing.as_ref().and_then(Shown::value).is_some();
    frame.slots.iter().filter(|slot| slot.value().is_some()).count() as u64 + u64::from(missing)
}

fn rows_told(frame: &ShownFrame) -> u64 {
    let slots = frame.slots.iter().filter_map(Shown::value).map(|slot| slot.count.rows.0).sum::<u64>();
    let apart = [frame.missing.as_ref().and_then(Shown::value), frame.rest.value()];
    slots + apart.into_iter().flatten().map(|Count { rows, .. }| rows.0).sum::<u64>()
}
