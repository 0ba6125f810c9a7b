//! What a statistic is.

use coda_model::{
    estimate::Figure,
    frame::Guard,
    plan::{Axis, Classes, Column, Operand, Plan, Source},
    query::Take,
    scale::Scale,
    variable::{Continuous, Kind},
};

use crate::{merge::Merged, shape::Shape};

/// One entry of the whitelist.
pub trait Statistic: Sync {
    /// Its name in queries.
    fn name(&self) -> &'static str;

    /// What it is, in one line, for help and documentation.
    fn summary(&self) -> &'static str;

    /// The choices of operands it takes; most statistics have one.
    fn forms(&self) -> &'static [&'static [Takes]];

    /// The slots and sums it needs.
    fn shape(&self, operands: &Operands<'_>) -> Shape;

    /// What is told of its slots together.
    fn guard(&self) -> Guard;

    /// Its figures from merged frames of which at least one site's are in.
    fn figures(&self, merged: &Merged, operands: &Operands<'_>) -> Vec<Figure>;
}

/// What an operand must be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Takes {
    /// Any variable, undivided.
    Anything,
    /// A continuous variable, undivided.
    Continuous,
    /// A continuous variable whose values may be summed. A derived count may not: with one row a person, or few people
    /// that have any, its sum is a count of people.
    Measured,
    /// A variable with levels, or divided into classes.
    Classes,
    /// A variable with exactly two classes.
    TwoClasses,
}

/// The operands of an ask, with the plan that knows their columns.
#[derive(Clone, Copy)]
pub struct Operands<'a> {
    plan: &'a Plan,
    list: &'a [Operand],
}

impl Takes {
    /// In words, for help and refusals.
    pub fn words(self) -> &'static str {
        match self {
            Self::Anything => "any variable",
            Self::Continuous => "a continuous variable",
            Self::Measured => {
                "a continuous variable that is no derived count (take its median, or divide it as in tests@1,5)"
            }
            Self::Classes => "a binary or categorical variable, or one divided as in age@40,65",
            Self::TwoClasses => {
                "a variable of two classes: binary, or one level as in ward=icu, or one cut as in age@65"
            }
        }
    }

    /// Whether an operand is so.
    pub fn fits(self, operand: &Operand, column: &Column) -> bool {
        let kind = &column.variable.kind;
        match self {
            Self::Measured => Self::Continuous.fits(operand, column) && !is_count(&column.source),
            Self::Anything => operand.axis.is_none() || kind.levels().is_some(),
            Self::Continuous => operand.axis.is_none() && matches!(kind, Kind::Continuous(_)),
            Self::Classes => operand.axis.is_some(),
            Self::TwoClasses => operand.axis.as_ref().is_some_and(|axis| axis.len() == 2),
        }
    }
}

fn is_count(source: &Source) -> bool {
    matches!(source, Source::Derived(derived) if derived.take == Take::Count)
}

impl<'a> Operands<'a> {
    /// The operands of one ask of a plan.
    pub fn of(plan: &'a Plan, list: &'a [Operand]) -> Self {
        Self { plan, list }
    }

    /// How many there are.
    pub fn count(&self) -> usize {
        self.list.len()
    }

    /// Place of the operand's column in the plan.
    pub fn column(&self, index: usize) -> usize {
        self.list.get(index).map_or(0, |operand| operand.column)
    }

    /// The operand's classes; one class without a label when it has none.
    pub fn axis(&self, index: usize) -> Axis {
        self.list.get(index).and_then(|operand| operand.axis.clone()).unwrap_or_else(|| Axis {
            column: self.column(index),
            classes: Classes::Edges(vec![0]),
            labels: vec![String::new()],
        })
    }

    /// The operand's type.
    pub fn kind(&self, index: usize) -> Option<&'a Kind> {
        let operand = self.list.get(index)?;
        Some(&self.plan.column(operand.column)?.variable.kind)
    }

    /// The operand as a continuous variable.
    pub fn continuous(&self, index: usize) -> Option<&'a Continuous> {
        match self.kind(index)? {
            Kind::Continuous(continuous) => Some(continuous),
            _ => None,
        }
    }

    /// Scale of a continuous operand; of any other a scale of its codes.
    pub fn scale(&self, index: usize) -> Scale {
        let codes = || Scale::counts(self.kind(index).map_or(1, Kind::highest));
        self.continuous(index).map_or_else(codes, |continuous| continuous.scale)
    }

    /// The public grid of a continuous operand as classes.
    pub fn grid(&self, index: usize) -> Axis {
        self.edges(index, |continuous| &continuous.grid)
    }

    /// The histogram bins of a continuous operand as classes.
    pub fn bins(&self, index: usize) -> Axis {
        self.edges(index, |continuous| &continuous.bins)
    }

    fn edges(&self, index: usize, of: fn(&Continuous) -> &Vec<i32>) -> Axis {
        let edges = self.continuous(index).map_or_else(|| vec![0], |continuous| of(continuous).clone());
        let scale = self.scale(index);
        let value = |edge: i32| format!("{:.*}", scale.decimals(), scale.value(f64::from(edge)));
        let from_to = edges.iter().zip(edges.iter().skip(1));
        let mut labels: Vec<_> = from_to.map(|(from, to)| format!("{} to <{}", value(*from), value(*to))).collect();
        labels.extend(edges.last().map(|last| format!(">={}", value(*last))));
        Axis { column: self.column(index), classes: Classes::Edges(edges), labels }
    }

    /// Unit of a continuous operand.
    pub fn unit(&self, index: usize) -> Option<&'a str> {
        self.kind(index)?.unit()
    }
}
