//! What may leave a site. [`release`] is the only door: it turns raw frames into a [`Release`], and the wire takes
//! nothing else. [`history`] holds the rules over several answers, [`suppress`] those over the cells of one table. Pure.
//!
//! A release cannot be made by hand:
//!
//! ```compile_fail,E0451
//! let frames = coda_disclosure::release(&[], &coda_disclosure::Answer::default()).frames().clone();
//! let release = coda_disclosure::Release { frames, powers: vec![] };
//! ```

mod ask;
mod cells;
mod defences;
mod distribution;
pub mod history;
mod rules;
pub mod suppress;

use coda_model::frame::{ShownFrame, SiteFrames, Slot, Standing, Tabulated};

pub use cells::{Dimension, Span};
pub use defences::{Defence, Defences};
pub use rules::{Dominance, FewMissing, Rules};

/// What a site lets out of a query's frames. Only [`release`] makes one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Release {
    frames: SiteFrames,
    powers: Vec<u8>,
}

/// What an answer is like, and what the site asks of it.
#[derive(Clone, Copy)]
pub struct Answer<'a> {
    /// The axes of the cells; the last changes fastest.
    pub axes: &'a [Dimension],
    /// Cells that the query's own words leave empty, which everybody can see; none when the list is short.
    pub empty: &'a [bool],
    /// Everybody in the cohort; worked out from the cells when absent, where of rows the people of several are not known.
    pub cohort: Option<&'a Slot>,
    /// Everybody in each cell, before anything took another's place; worked out from the first ask when the list is short.
    pub base: &'a [Slot],
    /// How the people of each cell stand to what was released before; free when the list is short.
    pub standing: &'a [Standing],
    /// The site's rules.
    pub rules: &'a Rules,
    /// A number for each place of a table, keyed with a secret of the site: which large cells are withheld beside small ones
    /// must not depend on any count (disclosure.md 1.4). The table is that of an ask's slots, or of the cells.
    pub order: &'a dyn Fn(Table, usize) -> u64,
    /// Whether something was told on an earlier build. What a cell withholds is then not told together: it would be that of this
    /// build beside numbers of the other.
    pub earlier_builds: bool,
    /// See [`SiteFrames::slack`].
    pub slack: u64,
}

/// Which table of an answer is meant.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Table {
    /// The people of the cells.
    Cells,
    /// The slots of an ask over all cells.
    Ask(usize),
    /// The classes of an axis of cells alone.
    Axis(usize),
    /// The slots of an ask alone.
    Slots(usize),
}

/// The order of a table as [`suppress::pattern`] takes it: the numbers of the cells, then those that the levels of each axis
/// have where that axis is a table alone.
fn keyed<'a>(
    answer: &'a Answer<'_>,
    table: Table,
    cells: usize,
    axes: &'a [(Table, usize)],
) -> impl Fn(usize) -> u64 + use<'a> {
    move |place| {
        let Some(mut level) = place.checked_sub(cells) else { return (answer.order)(table, place) };
        for (axis, length) in axes {
            match level.checked_sub(*length) {
                None => return (answer.order)(*axis, level),
                Some(rest) => level = rest,
            }
        }
        0
    }
}

/// Decides for every frame of a query what may leave (disclosure.md 1.1 to 1.8).
///
/// The cells are decided first, from the people in them and for all asks alike: what one ask withholds another must not
/// give away. Then the slots of each ask, as one table over all cells. All margins count as known, because anybody may ask
/// for them at any time.
pub fn release(tabulated: &[Tabulated], answer: &Answer<'_>) -> Release {
    let cells = cells::decide(tabulated, answer);
    let asks: Vec<Vec<ShownFrame>> =
        tabulated.iter().enumerate().map(|(index, ask)| ask::release(index, ask, &cells, answer)).collect();
    let threshold = answer.rules.threshold.least();
    let powers = tabulated.iter().map(|ask| ask.powers).collect();
    Release { frames: SiteFrames { threshold, slack: answer.slack, total: cells.total, asks }, powers }
}

/// Everybody in each cell of an ask, whether they have a value or not.
pub fn everybody(ask: &Tabulated) -> Vec<Slot> {
    ask.frames.iter().map(|frame| cells::everybody(frame, ask.unit)).collect()
}

/// Which cells of an answer leave as far as the people in them go: of these everybody learns how many people they have.
pub fn cells(tabulated: &[Tabulated], answer: &Answer<'_>) -> Vec<bool> {
    cells::decide(tabulated, answer).out
}

impl Release {
    /// What is let out.
    pub fn frames(&self) -> &SiteFrames {
        &self.frames
    }

    /// How many sums a slot of each ask has, withheld or not.
    pub fn powers(&self) -> &[u8] {
        &self.powers
    }
}

impl Default for Answer<'_> {
    /// One cell, the network's rules, and no secret.
    fn default() -> Self {
        static NETWORK: std::sync::LazyLock<Rules> = std::sync::LazyLock::new(Rules::default);
        Self {
            axes: &[],
            empty: &[],
            cohort: None,
            base: &[],
            standing: &[],
            rules: &NETWORK,
            order: &|_, place| place as u64,
            earlier_builds: false,
            slack: 0,
        }
    }
}

#[cfg(test)]
mod tests;
