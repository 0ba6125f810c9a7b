//! A message as a query. Every field is taken apart by name, so that a new one does not compile until it is handled.

use coda_model::{
    calendar::Bucket,
    query::{Ask, Comparison, Derivation, Factor, Literal, Name, Over, Predicate, Query, Split, Take, Window},
};

use super::QueryMessageError;
use crate::v1::{self, compare, factor, predicate::Kind};

/// The query of a message.
///
/// # Errors
/// [`QueryMessageError`] when a part is absent or a word unknown.
pub fn decode(message: v1::Query) -> Result<Query, QueryMessageError> {
    let v1::Query { dataset, rows, cohort, derived, asks, by, over } = message;
    Ok(Query {
        dataset,
        rows: some(rows),
        cohort: cohort.map(predicate).transpose()?,
        derived: derived.into_iter().map(derivation).collect::<Result<_, _>>()?,
        asks: asks.into_iter().map(ask).collect::<Result<_, _>>()?,
        by: by.into_iter().map(factor_of).collect::<Result<_, _>>()?,
        over: over.map(over_of).transpose()?,
    })
}

fn some(text: String) -> Option<String> {
    (!text.is_empty()).then_some(text)
}

fn need<T>(part: Option<T>, what: &'static str) -> Result<T, QueryMessageError> {
    part.ok_or(QueryMessageError::Absent(what))
}

fn over_of(v1::Over { bucket, name: of }: v1::Over) -> Result<Over, QueryMessageError> {
    let bucket = Bucket::parse(&bucket).ok_or(QueryMessageError::Word("time bucket"))?;
    Ok(Over { bucket, name: name(of)? })
}

fn ask(v1::Ask { statistic, operands, unit }: v1::Ask) -> Result<Ask, QueryMessageError> {
    let operands = operands.into_iter().map(factor_of).collect::<Result<_, _>>()?;
    Ok(Ask { statistic, operands, unit: some(unit) })
}

fn factor_of(v1::Factor { name: of, split }: v1::Factor) -> Result<Factor, QueryMessageError> {
    let split = match split {
        None => Split::Plain,
        Some(factor::Split::Level(level)) => Split::Level(level),
        Some(factor::Split::Cuts(v1::Cuts { values })) => Split::Cuts(values),
    };
    Ok(Factor { name: name(of)?, split })
}

fn name(message: Option<v1::Name>) -> Result<Name, QueryMessageError> {
    let v1::Name { table, name } = need(message, "name")?;
    Ok(Name { table: some(table), name })
}

fn literal(message: Option<v1::Literal>) -> Result<Literal, QueryMessageError> {
    let v1::Literal { text, unit } = need(message, "constant")?;
    Ok(Literal { text, unit: some(unit) })
}

fn window_of(v1::Window { from, to, of }: v1::Window) -> Result<Window, QueryMessageError> {
    Ok(Window { from, to, of: name(of)? })
}

fn derivation(message: v1::NamedDerivation) -> Result<(String, Derivation), QueryMessageError> {
    let v1::NamedDerivation { name: id, take, of, rows, window } = message;
    let take = Take::ALL.into_iter().find(|(_, word)| *word == take).map(|(take, _)| take);
    Ok((
        id,
        Derivation {
            take: take.ok_or(QueryMessageError::Word("way to derive"))?,
            name: name(of)?,
            rows: rows.map(predicate).transpose()?,
            window: window.map(window_of).transpose()?,
        },
    ))
}

fn predicate(v1::Predicate { kind }: v1::Predicate) -> Result<Predicate, QueryMessageError> {
    let all = |v1::Predicates { parts }| parts.into_iter().map(predicate).collect::<Result<Vec<_>, _>>();
    Ok(match need(kind, "predicate")? {
        Kind::And(parts) => Predicate::And(all(parts)?),
        Kind::Or(parts) => Predicate::Or(all(parts)?),
        Kind::Not(part) => Predicate::Not(Box::new(predicate(*part)?)),
        Kind::Compare(v1::Compare { name: of, comparison, literal: constant }) => {
            Predicate::Compare(name(of)?, comparison_of(comparison)?, literal(constant)?)
        }
        Kind::In(v1::In { name: of, literals }) => {
            let literals = literals.into_iter().map(|constant| literal(Some(constant)));
            Predicate::In(name(of)?, literals.collect::<Result<_, _>>()?)
        }
        Kind::Between(v1::Between { name: of, from, to }) => {
            Predicate::Between(name(of)?, literal(from)?, literal(to)?)
        }
        Kind::Missing(of) => Predicate::Missing(name(Some(of))?),
        Kind::Has(has) => {
            let v1::Has { table, rows, window } = *has;
            Predicate::Has {
                table,
                rows: rows.map(|rows| predicate(*rows).map(Box::new)).transpose()?,
                window: window.map(window_of).transpose()?,
            }
        }
    })
}

fn comparison_of(comparison: i32) -> Result<Comparison, QueryMessageError> {
    match compare::Comparison::try_from(comparison) {
        Ok(compare::Comparison::Equal) => Ok(Comparison::Equal),
        Ok(compare::Comparison::Unequal) => Ok(Comparison::Unequal),
        Ok(compare::Comparison::Less) => Ok(Comparison::Less),
        Ok(compare::Comparison::AtMost) => Ok(Comparison::AtMost),
        Ok(compare::Comparison::Greater) => Ok(Comparison::Greater),
        Ok(compare::Comparison::AtLeast) => Ok(Comparison::AtLeast),
        Ok(compare::Comparison::Unspecified) | Err(_) => Err(QueryMessageError::Word("comparison")),
    }
}
