//! A query as a message.

use coda_model::query::{Ask, Comparison, Derivation, Factor, Literal, Name, Over, Predicate, Query, Split, Window};

use crate::v1::{self, compare, factor, predicate::Kind};

/// The message of a query.
pub fn encode(query: &Query) -> v1::Query {
    let Query { dataset, rows, cohort, derived, asks, by, over } = query;
    v1::Query {
        dataset: dataset.clone(),
        rows: rows.clone().unwrap_or_default(),
        cohort: cohort.as_ref().map(predicate),
        derived: derived.iter().map(|(name, derivation)| derivation_of(name, derivation)).collect(),
        asks: asks.iter().map(ask).collect(),
        by: by.iter().map(factor_of).collect(),
        over: over
            .as_ref()
            .map(|Over { bucket, name }| v1::Over { bucket: bucket.to_string(), name: Some(name_of(name)) }),
    }
}

fn ask(ask: &Ask) -> v1::Ask {
    let Ask { statistic, operands, unit } = ask;
    v1::Ask {
        statistic: statistic.clone(),
        operands: operands.iter().map(factor_of).collect(),
        unit: unit.clone().unwrap_or_default(),
    }
}

fn factor_of(factor: &Factor) -> v1::Factor {
    let Factor { name, split } = factor;
    let split = match split {
        Split::Plain => None,
        Split::Level(level) => Some(factor::Split::Level(level.clone())),
        Split::Cuts(values) => Some(factor::Split::Cuts(v1::Cuts { values: values.clone() })),
    };
    v1::Factor { name: Some(name_of(name)), split }
}

fn name_of(name: &Name) -> v1::Name {
    let Name { table, name } = name;
    v1::Name { table: table.clone().unwrap_or_default(), name: name.clone() }
}

fn literal(literal: &Literal) -> v1::Literal {
    let Literal { text, unit } = literal;
    v1::Literal { text: text.clone(), unit: unit.clone().unwrap_or_default() }
}

fn window_of(window: &Window) -> v1::Window {
    let Window { from, to, of } = window;
    v1::Window { from: *from, to: *to, of: Some(name_of(of)) }
}

fn derivation_of(name: &str, derivation: &Derivation) -> v1::NamedDerivation {
    let Derivation { take, name: of, rows, window } = derivation;
    v1::NamedDerivation {
        name: name.to_owned(),
        take: take.to_string(),
        of: Some(name_of(of)),
        rows: rows.as_ref().map(predicate),
        window: window.as_ref().map(window_of),
    }
}

fn predicate(of: &Predicate) -> v1::Predicate {
    let all = |parts: &[Predicate]| v1::Predicates { parts: parts.iter().map(predicate).collect() };
    let kind = match of {
        Predicate::And(parts) => Kind::And(all(parts)),
        Predicate::Or(parts) => Kind::Or(all(parts)),
        Predicate::Not(part) => Kind::Not(Box::new(predicate(part))),
        Predicate::Compare(name, comparison, constant) => Kind::Compare(v1::Compare {
            name: Some(name_of(name)),
            comparison: comparison_of(*comparison).into(),
            literal: Some(literal(constant)),
        }),
        Predicate::In(name, literals) => {
            Kind::In(v1::In { name: Some(name_of(name)), literals: literals.iter().map(literal).collect() })
        }
        Predicate::Between(name, from, to) => {
            Kind::Between(v1::Between { name: Some(name_of(name)), from: Some(literal(from)), to: Some(literal(to)) })
        }
        Predicate::Missing(name) => Kind::Missing(name_of(name)),
        Predicate::Has { table, rows, window } => Kind::Has(Box::new(v1::Has {
            table: table.clone(),
            rows: rows.as_ref().map(|rows| Box::new(predicate(rows))),
            window: window.as_ref().map(window_of),
        })),
    };
    v1::Predicate { kind: Some(kind) }
}

fn comparison_of(comparison: Comparison) -> compare::Comparison {
    match comparison {
        Comparison::Equal => compare::Comparison::Equal,
        Comparison::Unequal => compare::Comparison::Unequal,
        Comparison::Less => compare::Comparison::Less,
        Comparison::AtMost => compare::Comparison::AtMost,
        Comparison::Greater => compare::Comparison::Greater,
        Comparison::AtLeast => compare::Comparison::AtLeast,
    }
}
