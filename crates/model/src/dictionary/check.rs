//! From the file's text to a dictionary that cannot be wrong.

use time::Date;

use super::{Dataset, Dictionary, ReleaseMode, RowsPer, Table, file};
use crate::{
    calendar::{Bucket, parse_iso},
    ids::{DatasetId, NameError, TableId, VariableId},
    plain::{self as text, is_plain},
    rounding::Sensitivity,
    scale::{OffScale, Scale, ScaleError},
    variable::{Binary, Categorical, Continuous, DateRange, GRID_LIMIT, Kind, Missing, Variable, even_grid, multiples},
};

/// How many histogram bins a continuous variable gets when its dictionary entry is silent.
const DEFAULT_BINS: usize = 20;
/// The most histogram bins a continuous variable may have.
const MOST_BINS: usize = 40;
/// How many rows a person may have in a table of several rows when its entry is silent.
const DEFAULT_ROWS: u32 = 1000;
/// The most rows a person may be allowed.
const MOST_ROWS: u32 = 1_000_000;
const TOO_FINE: &str = "so many steps between the bounds, in so many rows of a person, are too much for exact sums; take a \
                        coarser resolution, or lower rows_at_most";
/// The square of the steps between the bounds, times the rows of a person, is at most this: then the fourth powers that the
/// noise of a sum of squares needs stay within 128 bits, up to four million people.
const MOST_SQUARES: u64 = 1 << 51;
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
    #[error("{place}: the name is not valid")]
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

/// No text of a dictionary, names of keys included, moves the cursor of whoever reads it.
pub(super) fn texts(toml: &str) -> Result<(), DictionaryError> {
    fn plain(value: &toml::Value) -> bool {
        match value {
            toml::Value::String(text) => is_plain(text),
            toml::Value::Array(values) => values.iter().all(plain),
            toml::Value::Table(table) => table.iter().all(|(key, value)| is_plain(key) && plain(value)),
            _ => true,
        }
    }
    let table: toml::Table = toml::from_str(toml).map_err(|error| syntax(toml, &error))?;
    match table.iter().find(|(key, value)| !is_plain(key) || !plain(value)) {
        None => Ok(()),
        Some((key, _)) => Err(DictionaryError::Rule {
            place: text::plain(key, 60),
            rule: "a text has a control character, or one that turns text round; take it out".to_owned(),
        }),
    }
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
    let file::Dataset { label, people, release, table } = raw;
    let release = match release {
        Some(file::Release::Exact) => ReleaseMode::Exact,
        Some(file::Release::Perturbed) | None => ReleaseMode::Perturbed,
    };
    let tables = table.0.into_iter().map(|(name, raw)| one_table(&place, &name, raw)).collect::<Result<Vec<_>, _>>()?;
    let people_at = tables.iter().position(|table| table.id.as_str() == people && table.rows == RowsPer::One);
    let people = people_at.ok_or_else(|| {
        rule(&place, format!("people = {people:?} must name a table of this data set that has rows = \"one\""))
    })?;
    Ok(Dataset { label: label.unwrap_or_else(|| name.to_owned()), id, release, people, tables })
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
    for variable in &variables {
        let Kind::Continuous(continuous) = &variable.kind else { continue };
        let finest = u64::from(continuous.scale.span().unsigned_abs()).pow(2) * u64::from(rows.most());
        require(finest <= MOST_SQUARES, &format!("{place}, variable {}", variable.id), TOO_FINE)?;
    }
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
    let (label, column, missing, sensitive, kind) = match raw {
        file::Variable::Continuous {
            label,
            column,
            missing,
            unit,
            lower,
            upper,
            resolution,
            grid,
            bins,
            cuts,
            sensitive,
        } => {
            let scale = Scale::new(lower, upper, resolution)
                .map_err(|cause| DictionaryError::Scale { place: place.clone(), cause })?;
            let grid = grid.map(|grid| edges(&place, scale, &grid)).transpose()?;
            let bins = bins.unwrap_or(DEFAULT_BINS);
            require((2..=MOST_BINS).contains(&bins), &place, "bins must be 2 to 40")?;
            require(!unit.is_empty(), &place, "unit must be a UCUM unit; \"1\" for a pure number")?;
            let mut continuous = Continuous::new(&unit, scale, grid, bins);
            if let Some(cuts) = cuts {
                continuous.cuts = self::cuts(&place, scale, &cuts)?;
            }
            (label, column, missing, sensitive, Kind::Continuous(continuous))
        }
        file::Variable::Binary { label, column, missing, yes, no, sensitive } => {
            require(yes.is_empty() == no.is_empty(), &place, "declare both yes and no, or neither")?;
            require(yes.iter().all(|word| !no.contains(word)), &place, "a spelling cannot mean both yes and no")?;
            (label, column, missing, sensitive, Kind::Binary(Binary { yes, no }))
        }
        file::Variable::Categorical { label, column, missing, levels, sensitive } => {
            (label, column, missing, sensitive, Kind::Categorical(categorical(&place, levels)?))
        }
        file::Variable::Date { label, column, missing, granularity, from, to, cuts, sensitive } => {
            let (from, to) = (day(&place, "from", &from)?, day(&place, "to", &to)?);
            require(from <= to, &place, "from must not be after to")?;
            let granularity = match granularity {
                file::Granularity::Day => Bucket::Day,
                file::Granularity::Month => Bucket::Month,
                file::Granularity::Year => Bucket::Year,
            };
            let cuts = match cuts {
                Some(file::Cuts::Day) => Bucket::Day,
                Some(file::Cuts::Week) => Bucket::Week,
                Some(file::Cuts::Month) => Bucket::Month,
                Some(file::Cuts::Quarter) => Bucket::Quarter,
                Some(file::Cuts::Year) => Bucket::Year,
                None => Bucket::Month.max(granularity),
            };
            require(cuts >= granularity, &place, "cuts must not be finer than the granularity")?;
            (label, column, missing, sensitive, Kind::Date(DateRange { granularity, cuts, from, to }))
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
        sensitivity: if sensitive { Sensitivity::Sensitive } else { Sensitivity::Plain },
    })
}

/// The levels, each with the residual levels that are counted with it in its name: "several or other".
fn categorical(place: &str, levels: Vec<file::Level>) -> Result<Categorical, DictionaryError> {
    require((1..=MOST_LEVELS).contains(&levels.len()), place, "levels must list 1 to 200 levels")?;
    let name = |level: &file::Level| match level {
        file::Level::Own(name) => name.clone(),
        file::Level::Residual(residual) => residual.name.clone(),
    };
    let names: Vec<String> = levels.iter().map(name).collect();
    let unique = names.iter().enumerate().all(|(i, level)| !names.iter().take(i).any(|other| other == level));
    require(unique, place, "levels must differ from each other")?;
    let valid = |l: &String| !l.trim().is_empty() && l.trim() == l && l != "missing" && !l.contains('\'');
    require(names.iter().all(valid), place, "a level must not be empty, padded, quoted or \"missing\"")?;
    let own = |level: &file::Level| match level {
        file::Level::Own(name) => Some(name.clone()),
        file::Level::Residual(_) => None,
    };
    let own: Vec<String> = levels.iter().filter_map(own).collect();
    let mut shown = own.clone();
    let mut residual = Vec::new();
    for level in levels {
        let file::Level::Residual(file::Residual { name, residual_of }) = level else { continue };
        let found = own.iter().position(|own| *own == residual_of);
        let of = found.ok_or_else(|| rule(place, format!("residual_of = {residual_of:?} must name another level")))?;
        if let Some(shown) = shown.get_mut(of) {
            shown.push_str(&format!(" or {name}"));
        }
        residual.push((name, of));
    }
    // The bare name of a level that residual levels are counted with still finds it.
    let bare = own.iter().enumerate().filter(|(place, name)| shown.get(*place) != Some(*name));
    residual.extend(bare.map(|(place, name)| (name.clone(), place)));
    Ok(Categorical { levels: shown, residual })
}

/// The values that a query may name.
fn cuts(place: &str, scale: Scale, cuts: &file::Grid) -> Result<Vec<i32>, DictionaryError> {
    match cuts {
        file::Grid::Step(step) => multiples(scale, *step)
            .ok_or_else(|| rule(place, "cuts step must be a whole multiple of the resolution, and coarse")),
        file::Grid::Edges(edges) => {
            let code = |edge: &f64| {
                scale.exact(*edge).map_err(|cause: OffScale| rule(place, format!("the cut {edge} is {cause}")))
            };
            let mut codes = edges.iter().map(code).collect::<Result<Vec<_>, _>>()?;
            require(codes.is_sorted_by(|a, b| a < b), place, "cuts must ascend")?;
            if codes.first() != Some(&0) {
                codes.insert(0, 0);
            }
            Ok(codes)
        }
    }
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
