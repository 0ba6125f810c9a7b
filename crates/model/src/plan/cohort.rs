//! Predicates of a query into conditions on codes. Constants must lie on the public grid (docs/disclosure.md, R12).

use std::{collections::HashSet, ops::Range};

use super::{Column, Condition, columns::Scope};
use crate::{
    calendar::{iso, parse_iso},
    query::{Comparison, Literal, Name, Predicate, QueryError},
    scale::OffScale,
    variable::{Binary, Continuous, DateRange, Kind},
};

/// Most levels in one `in (…)`; no variable has more.
const MOST_LITERALS: usize = 200;

/// How many comparisons a predicate makes.
pub(super) fn comparisons(predicate: &Predicate) -> usize {
    match predicate {
        // None at all is no predicate that can be written, and more work than it looks.
        Predicate::And(parts) | Predicate::Or(parts) if parts.is_empty() => super::MOST_COMPARISONS + 1,
        Predicate::And(parts) | Predicate::Or(parts) => parts.iter().map(comparisons).sum(),
        Predicate::In(_, literals) if literals.len() > MOST_LITERALS => super::MOST_COMPARISONS + 1,
        Predicate::Not(part) => comparisons(part),
        Predicate::Has { rows, .. } => 1 + rows.as_ref().map_or(0, |rows| comparisons(rows)),
        Predicate::Compare(..) | Predicate::In(..) | Predicate::Between(..) | Predicate::Missing(_) => 1,
    }
}

/// How many variables a predicate names; a table whose rows are asked for counts as one.
pub(super) fn variables(predicate: &Predicate) -> usize {
    let mut names = HashSet::new();
    collect(predicate, &mut names);
    names.len()
}

fn collect<'a>(predicate: &'a Predicate, names: &mut HashSet<(Option<&'a str>, &'a str)>) {
    match predicate {
        Predicate::And(parts) | Predicate::Or(parts) => parts.iter().for_each(|part| collect(part, names)),
        Predicate::Not(part) => collect(part, names),
        Predicate::Has { table, rows, .. } => {
            names.insert((None, table));
            if let Some(rows) = rows {
                collect(rows, names);
            }
        }
        Predicate::Compare(name, ..)
        | Predicate::In(name, _)
        | Predicate::Between(name, ..)
        | Predicate::Missing(name) => {
            names.insert((name.table.as_deref(), &name.name));
        }
    }
}

pub(super) fn condition(scope: &Scope<'_>, place: &str, predicate: &Predicate) -> Result<Condition, QueryError> {
    let all =
        |parts: &[Predicate]| parts.iter().map(|part| condition(scope, place, part)).collect::<Result<Vec<_>, _>>();
    Ok(match predicate {
        Predicate::And(parts) => Condition::All(all(parts)?),
        Predicate::Or(parts) => Condition::Any(all(parts)?),
        Predicate::Not(part) => Condition::Not(Box::new(condition(scope, place, part)?)),
        Predicate::Missing(name) => Condition::Missing(scope.column(place, name)?.source),
        Predicate::Compare(name, comparison, literal) => {
            compare(place, scope.column(place, name)?, name, *comparison, literal)?
        }
        Predicate::Between(name, from, to) => {
            let column = scope.column(place, name)?;
            let from = bounds(place, &column, name, Comparison::AtLeast, from)?;
            let to = bounds(place, &column, name, Comparison::Less, to)?;
            Condition::Within(column.source, from.start..to.end)
        }
        Predicate::In(name, literals) => {
            let column = scope.column(place, name)?;
            let codes =
                literals.iter().map(|literal| level(place, &column, name, literal)).collect::<Result<_, _>>()?;
            Condition::OneOf(column.source, codes)
        }
        Predicate::Has { table, rows, window } => {
            let (table, _) = scope.table(place, table)?;
            let inside = scope.inside(table);
            Condition::Has {
                table,
                rows: rows.as_ref().map(|rows| condition(&inside, place, rows).map(Box::new)).transpose()?,
                window: window.as_ref().map(|window| scope.window(place, table, window)).transpose()?,
            }
        }
    })
}

fn compare(
    place: &str,
    column: Column,
    name: &Name,
    comparison: Comparison,
    literal: &Literal,
) -> Result<Condition, QueryError> {
    if column.variable.kind.levels().is_none() {
        let range = bounds(place, &column, name, comparison, literal)?;
        if comparison == Comparison::Unequal {
            let present = Condition::Not(Box::new(Condition::Missing(column.source.clone())));
            let equal = Condition::Within(column.source, range);
            return Ok(Condition::All(vec![present, Condition::Not(Box::new(equal))]));
        }
        return Ok(Condition::Within(column.source, range));
    }
    let code = level(place, &column, name, literal)?;
    let codes = match comparison {
        Comparison::Equal => vec![code],
        Comparison::Unequal => (0..=column.variable.kind.highest()).filter(|other| *other != code).collect(),
        _ => {
            let problem = format!("{name} has levels, which are not larger or smaller");
            return Err(QueryError::misfit(place, problem, "compare it with =, != or in (…)"));
        }
    };
    Ok(Condition::OneOf(column.source, codes))
}

/// The code of a level.
pub(super) fn level(place: &str, column: &Column, name: &Name, literal: &Literal) -> Result<i32, QueryError> {
    let Some(levels) = column.variable.kind.levels() else {
        let problem = format!("{name} is {} and has no levels", column.variable.kind.word());
        return Err(QueryError::misfit(place, problem, "compare it with <, <=, >, >= or in [from, to)"));
    };
    if let Kind::Binary(binary) = &column.variable.kind
        && let Some(code) = Binary::default().code(&literal.text).or(binary.code(&literal.text))
    {
        return Ok(code);
    }
    let found = match &column.variable.kind {
        Kind::Categorical(categorical) => categorical.code(&literal.text),
        _ => levels.iter().position(|level| *level == literal.text).map(|code| code as i32),
    };
    found.ok_or_else(|| {
        let known = levels.iter().copied();
        QueryError::unknown(place, "level", &literal.text, known)
    })
}

/// The codes that compare so with a constant; a constant stands for the whole resolution it names.
fn bounds(
    place: &str,
    column: &Column,
    name: &Name,
    comparison: Comparison,
    literal: &Literal,
) -> Result<Range<i32>, QueryError> {
    let (from, to) = match &column.variable.kind {
        Kind::Continuous(continuous) => {
            let code = number(place, name, continuous, literal)?;
            (code, code + 1)
        }
        Kind::Date(range) => day(place, name, range, literal)?,
        Kind::Binary(_) | Kind::Categorical(_) => {
            let code = level(place, column, name, literal)?;
            (code, code + 1)
        }
    };
    let end = column.variable.kind.highest() + 1;
    let codes = match comparison {
        Comparison::Equal | Comparison::Unequal => from..to,
        Comparison::Less => 0..from,
        Comparison::AtMost => 0..to,
        Comparison::Greater => to..end,
        Comparison::AtLeast => from..end,
    };
    for edge in [codes.start, codes.end] {
        match &column.variable.kind {
            Kind::Continuous(continuous) => on_grid(place, name, continuous, edge)?,
            Kind::Date(range) => on_cuts(place, name, range, edge)?,
            Kind::Binary(_) | Kind::Categorical(_) => {}
        }
    }
    Ok(codes)
}

/// The code of a constant on the scale of a variable.
pub(super) fn number(place: &str, name: &Name, of: &Continuous, literal: &Literal) -> Result<i32, QueryError> {
    let Literal { text, unit } = literal;
    if let Some(unit) = unit
        && *unit != of.unit
    {
        let problem = format!("{name} is in {}, not in {unit}", of.unit);
        return Err(QueryError::misfit(place, problem, format!("give the value in {}", of.unit)));
    }
    let number: f64 = text.parse().map_err(|_| {
        QueryError::misfit(place, format!("{text:?} is no number"), format!("{name} is continuous, in {}", of.unit))
    })?;
    of.scale.exact(number).map_err(|off| {
        let (lower, upper) = (of.scale.value(0.0), of.scale.value(f64::from(of.scale.span())));
        let right = match off {
            OffScale::Bounds => format!("{name} goes from {lower} to {upper} {}", of.unit),
            OffScale::Resolution => format!("{name} is kept in steps of {} {}", of.scale.resolution(), of.unit),
        };
        QueryError::misfit(place, format!("{text} is {off}"), right)
    })
}

/// Refuses an edge that is not on the public grid, naming the nearest ones that are.
pub(super) fn on_grid(place: &str, name: &Name, of: &Continuous, edge: i32) -> Result<(), QueryError> {
    let end = of.scale.span() + 1;
    if edge == end || of.cuts.binary_search(&edge).is_ok() {
        return Ok(());
    }
    let after = of.cuts.partition_point(|cut| *cut < edge);
    let text = |code: Option<&i32>| {
        code.map_or("the upper bound".to_owned(), |code| of.scale.value(f64::from(*code)).to_string())
    };
    let near = format!("{} and {}", text(of.cuts.get(after.saturating_sub(1))), text(of.cuts.get(after)));
    Err(QueryError::misfit(
        place,
        format!("the boundary lies between the public grid points of {name}"),
        format!("the nearest are {near} {}, used with < or >=", of.unit),
    ))
}

/// Refuses an edge within a period by which the dictionary divides a date.
fn on_cuts(place: &str, name: &Name, range: &DateRange, edge: i32) -> Result<(), QueryError> {
    if edge == 0 || edge == range.days() || range.cuts.start(range.day(edge)) == range.day(edge) {
        return Ok(());
    }
    let problem = format!("the boundary lies within a {}", range.cuts);
    let right = format!("use the first day of a {} with < or >=; the dictionary divides {name} so", range.cuts);
    Err(QueryError::misfit(place, problem, right))
}

fn day(place: &str, name: &Name, range: &DateRange, literal: &Literal) -> Result<(i32, i32), QueryError> {
    let valid = format!("{name} goes from {} to {}, by {}", iso(range.from), iso(range.to), range.granularity);
    let Some(day) = parse_iso(&literal.text) else {
        return Err(QueryError::misfit(place, format!("{:?} is no day", literal.text), valid));
    };
    let Some(code) = range.code(day) else {
        return Err(QueryError::misfit(place, format!("{} is outside its bounds", literal.text), valid));
    };
    if range.day(code) != day {
        return Err(QueryError::misfit(
            place,
            format!("{} does not begin a {}", literal.text, range.granularity),
            valid,
        ));
    }
    let next =
        (code + 1..range.days()).find(|next| range.granularity.start(range.day(*next)) != range.granularity.start(day));
    Ok((code, next.unwrap_or_else(|| range.days())))
}
