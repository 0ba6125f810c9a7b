//! What a release is decided with that does not depend on who is in the data: the axes of its tables, and the keyed order in which
//! their places are withheld.

use coda_disclosure::{Answer, Dimension, Release, Span, Table, history::Text, release};
use coda_model::{
    frame::{Standing, Tabulated},
    plan::{Axis, Plan},
};
use coda_stats::Shape;

use super::{Review, Terms, digest};

/// The axes of a plan's cells.
pub(super) fn dimensions(plan: &Plan) -> Vec<Dimension> {
    let span = |title: &str| if title.contains(':') { Span::Time } else { Span::Groups };
    plan.axes.iter().map(|axis| Dimension { length: axis.len(), span: span(&axis.title) }).collect()
}

impl<'a> Review<'a> {
    /// The orders of the tables of these shapes' asks.
    pub(super) fn orders<'s>(&self, shapes: impl Iterator<Item = &'s Shape>) -> Orders<'a> {
        let axes: Vec<&Axis> = self.question.plan.axes.iter().map(|axis| &axis.axis).collect();
        let texts = &self.texts;
        let of = |shape: &Shape| (texts.table(axes.iter().copied().chain(&shape.axes)), texts.table(shape.axes.iter()));
        Orders {
            secret: self.terms.secret,
            cells: texts.table(axes.iter().copied()),
            axes: axes.iter().map(|axis| texts.table(std::iter::once(*axis))).collect(),
            asks: shapes.map(of).collect(),
        }
    }
}

/// The keyed orders of the tables of a plan.
pub(super) struct Orders<'a> {
    secret: &'a [u8; 32],
    cells: Text,
    axes: Vec<Text>,
    /// Of each ask, over all cells and alone.
    asks: Vec<(Text, Text)>,
}

impl Orders<'_> {
    /// A number for a place of a table that depends on nothing but the secret, the table's text and the place.
    pub(super) fn at(&self, table: Table, place: usize) -> u64 {
        let text = match table {
            Table::Cells => Some(&self.cells),
            Table::Axis(axis) => self.axes.get(axis),
            Table::Ask(ask) => self.asks.get(ask).map(|(over_cells, _)| over_cells),
            Table::Slots(ask) => self.asks.get(ask).map(|(_, alone)| alone),
        };
        let digest = digest(&[self.secret, text.unwrap_or(&self.cells), &(place as u64).to_le_bytes()]);
        digest.first_chunk().map_or(0, |bytes| u64::from_le_bytes(*bytes))
    }
}

/// A release without a history: merged equals pooled, and nothing is compared.
pub(crate) fn unreviewed(plan: &Plan, tabulated: &[Tabulated], terms: &Terms<'_>) -> Release {
    let dimensions = dimensions(plan);
    let orders = Orders { secret: terms.secret, cells: digest(&[b"no history"]), axes: Vec::new(), asks: Vec::new() };
    let order = |table: Table, place: usize| orders.at(table, place);
    let standing: &[Standing] = &[];
    let rules = terms.rules;
    release(
        tabulated,
        &Answer {
            axes: &dimensions,
            empty: &[],
            cohort: None,
            base: &[],
            standing,
            rules,
            order: &order,
            earlier_builds: false,
            slack: 0,
        },
    )
}
