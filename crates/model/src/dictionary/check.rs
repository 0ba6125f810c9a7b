//! From the file's text to a dictionary that cannot be wrong.

use time::Date;

use super::{Dataset, Dictionary, RowsPer, Table, file};
use crate::{
    calendar::{Bucket, parse_iso},
    ids::{DatasetId, NameError, TableId, VariableId},
    scale::{OffScale, Scale, ScaleError},
    variable::{Binary, Continuous, DateRange, GRID_LIMIT, Kind, Missing, Tail, Variable, even_grid},
};

/// How many histogram bins a continuous variable gets when its dictionary entry is silent.
const DEFAULT_BINS: usize = 20;
/// The most histogram bins a continuous variable may have (disclosure.md 1.10).
const MOST_BINS: usize = 40;
/// How many rows a person may have in a table of several rows when its entry is silent.
const DEFAULT_ROWS: u32 = 1000;
/// The most rows a person may be allowed.
const MOST_ROWS: u32 = 1_000_000;
/// The most levels a categorical variable may have.
const MOST_LEVELS: usize = 200;
/// Words that would read as something else in a query.
const RESERVED: [&str; 14] =
    ["and", "or", "not", "in", "is", "has", "missing", "present", "within", "days", "of", "where", "to", "count"];

/// What is wrong with a dictionary, and where.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum DictionaryError {
    /// Not TOML, or an unknown or missing key.
    #[error("line {line}, column {column}: {message}")]
    Syntax {
        /// Line, from 1.
        line: usize,
        /// Column, from 1.
        column: usize,
        /// What the reader expected.
        message: String,
    },
    /// A name breaks the rule for names.
    #[error("{place}: the name is not lawful")]
    Name {
        /// Data set, table, variable.
        place: String,
        /// The rule.
        #[source]
        cause: NameError,
    },
    /// A scale cannot be made of the bounds and the resolution.
    #[error("{place}: lower, upper and resolution do not fit together")]
    Scale {
        /// Data set, table, variable.
        place: String,
        /// The rule.
        #[source]
        cause: ScaleError,
    },
    /// Any other broken rule.
    #[error("{place}: {rule}")]
    Rule {
        /// Data set, table, variable.
        place: String,
        /// What must hold.
        rule: String,
    },
}

pub(super) fn syntax(text: &str, error: &toml::de::Error) -> DictionaryError {
    let before = text.get(..error.span().map_or(0, |span| span.start)).unwrap_or_default();
    let line = before.matches('\n').count() + 1;
    let column = before.rsplit('\n').next().unwrap_or_default().chars().count() + 1;
    DictionaryError::Syntax { line, column, message: error.message().replace('\n', " ") }
}

pub(super) fn dictionary(raw: file::Dictionary) -> Result<Dictionary, DictionaryError> {
    let file::Dictionary { version, title, dataset } = raw;
    require(!version.is_empty() && version.len() <= 64, "version", "must have 1 to 64 characters")?;
    require(!dataset.0.is_empty(), "dataset", "at least one data set must be declared")?;
    let datasets = dataset.0.into_iter().map(|(name, raw)| one_dataset(&name, raw)).collect::<Result<_, _>>()?;
    Ok(Dictionary { version, title, datasets })
}

fn one_dataset(name: &str, raw: file::Dataset) -> Result<Dataset, DictionaryError> {
    let place = format!("data set {name}");
    let id = DatasetId::new(name).map_err(named(&place))?;
    let file::Dataset { label, people, table } = raw;
    let tables = table.0.into_iter().map(|(name, raw)| one_table(&place, &name, raw)).collect::<Result<Vec<_>, _>>()?;
    let people_at = tables.iter().position(|table| table.id.as_str() == people && table.rows == RowsPer::One);
    let people = people_at.ok_or_else(|| {
        rule(&place, format!("people = {people:?} must name a table of this data set that has rows = \"one\""))
    })?;
    Ok(Dataset { label: label.unwrap_or_else(|| name.to_owned()), id, people, tables })
}

fn one_table(dataset: &str, name: &str, raw: file::Table) -> Result<Table, DictionaryError> {
    let place = format!("{dataset}, table {name}");
    let id = TableId::new(name).map_err(named(&place))?;
    let file::Table { label, rows, rows_at_most, person, time, variable } = raw;
    let rows = match (rows, rows_at_most) {
        (file::Rows::One, None) => RowsPer::One,
        (file::Rows::One, Some(_)) => return Err(rule(&place, "rows_at_most goes with rows = \"many\"")),
        (file::Rows::Many, most) => RowsPer::Many(most.unwrap_or(DEFAULT_ROWS)),
    };
    require((1..=MOST_ROWS).contains(&rows.most()), &place, "rows_at_most must be 1 to 1000000")?;
    let variables =
        variable.0.into_iter().map(|(name, raw)| one_variable(&place, &name, raw)).collect::<Result<Vec<_>, _>>()?;
    let time = match time {
        None => None,
        Some(name) => {
            let dated = |v: &Variable| v.id.as_str() == name && matches!(v.kind, Kind::Date(_));
            let found = variables.iter().position(dated);
            Some(
                found
                    .ok_or_else(|| rule(&place, format!("time = {name:?} must name a date variable of this table")))?,
            )
        }
    };
    Ok(Table { label: label.unwrap_or_else(|| name.to_owned()), id, rows, person, time, variables })
}

fn one_variable(table: &str, name: &str, raw: file::Variable) -> Result<Variable, DictionaryError> {
    let place = format!("{table}, variable {name}");
    let id = VariableId::new(name).map_err(named(&place))?;
    require(!RESERVED.contains(&name), &place, "this word means something in queries; choose another name")?;
    let (label, column, missing, kind) = match raw {
        file::Variable::Continuous { label, column, missing, unit, lower, upper, resolution, grid, bins, bounded } => {
            let scale = Scale::new(lower, upper, resolution)
                .map_err(|cause| DictionaryError::Scale { place: place.clone(), cause })?;
            let grid = grid.map(|grid| edges(&place, scale, &grid)).transpose()?;
            let bins = bins.unwrap_or(DEFAULT_BINS);
            require((2..=MOST_BINS).contains(&bins), &place, "bins must be 2 to 40")?;
            require(!unit.is_empty(), &place, "unit must be a UCUM unit; \"1\" for a pure number")?;
            let tail = if bounded { Tail::Bounded } else { Tail::Open };
            let continuous = Continuous { tail, ..Continuous::new(&unit, scale, grid, bins) };
            (label, column, missing, Kind::Continuous(continuous))
        }
        file::Variable::Binary { label, column, missing, yes, no } => {
            require(yes.is_empty() == no.is_empty(), &place, "declare both yes and no, or neither")?;
            require(yes.iter().all(|word| !no.contains(word)), &place, "a spelling cannot mean both yes and no")?;
            (label, column, missing, Kind::Binary(Binary { yes, no }))
        }
        file::Variable::Categorical { label, column, missing, levels } => {
            require((1..=MOST_LEVELS).contains(&levels.len()), &place, "levels must list 1 to 200 levels")?;
            let unique = levels.iter().enumerate().all(|(i, level)| !levels.iter().take(i).any(|l| l == level));
            require(unique, &place, "levels must differ from each other")?;
            let lawful = |l: &String| !l.trim().is_empty() && l.trim() == l && l != "missing" && !l.contains('\'');
            require(levels.iter().all(lawful), &place, "a level must not be empty, padded, quoted or \"missing\"")?;
            (label, column, missing, Kind::Categorical { levels })
        }
        file::Variable::Date { label, column, missing, granularity, from, to } => {
            let (from, to) = (day(&place, "from", &from)?, day(&place, "to", &to)?);
            require(from <= to, &place, "from must not be after to")?;
            let granularity = match granularity {
                file::Granularity::Day => Bucket::Day,
                file::Granularity::Month => Bucket::Month,
                file::Granularity::Year => Bucket::Year,
            };
            (label, column, missing, Kind::Date(DateRange { granularity, from, to }))
        }
    };
    Ok(Variable {
        id,
        label: label.unwrap_or_else(|| name.to_owned()),
        column: column.unwrap_or_else(|| name.to_owned()),
        kind,
        missing: match missing {
            Some(file::Missing::Never) => Missing::Never,
            Some(file::Missing::May) | None => Missing::May,
        },
    })
}

fn edges(place: &str, scale: Scale, grid: &file::Grid) -> Result<Vec<i32>, DictionaryError> {
    let edges = match grid {
        file::Grid::Step(step) => {
            let steps = step / scale.resolution();
            let whole = steps.is_finite() && steps >= 0.999 && (steps - steps.round()).abs() < 1e-6 && steps < 2e9;
            require(whole, place, "grid step must be a whole multiple of the resolution")?;
            even_grid(scale.span(), steps.round() as i32)
        }
        file::Grid::Edges(edges) => {
            let code = |edge: &f64| {
                scale.exact(*edge).map_err(|cause: OffScale| rule(place, format!("grid edge {edge} is {cause}")))
            };
            edges.iter().map(code).collect::<Result<Vec<_>, _>>()?
        }
    };
    require(edges.first() == Some(&0), place, "the first grid edge must be the lower bound")?;
    require(edges.is_sorted_by(|a, b| a < b), place, "grid edges must ascend")?;
    require(edges.len() <= GRID_LIMIT, place, "the grid must have at most 256 cells; use a larger step")?;
    Ok(edges)
}

fn day(place: &str, key: &str, value: &toml::value::Datetime) -> Result<Date, DictionaryError> {
    parse_iso(&value.to_string()).ok_or_else(|| rule(place, format!("{key} must be a day, such as 2020-03-01")))
}

fn require(holds: bool, place: &str, text: &str) -> Result<(), DictionaryError> {
    if holds { Ok(()) } else { Err(rule(place, text)) }
}

fn rule(place: &str, rule: impl Into<String>) -> DictionaryError {
    DictionaryError::Rule { place: place.to_owned(), rule: rule.into() }
}

fn named(place: &str) -> impl FnOnce(NameError) -> DictionaryError + '_ {
    move |cause| DictionaryError::Name { place: place.to_owned(), cause }
}
