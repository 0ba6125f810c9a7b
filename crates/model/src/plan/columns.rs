//! Names of a query into columns of a plan.

use super::{Column, Condition, Derived, Source, Unit, WindowOf, cohort, sensitivity};
use crate::{
    calendar::Bucket,
    dictionary::{Dataset, Place, RowsPer, Table},
    ids::VariableId,
    query::{Derivation, Name, Predicate, QueryError, Take, Window},
    scale::Scale,
    variable::{Binary, Continuous, Kind, Missing, Variable},
};

/// Most derivations that one value may rest on, one inside the other. A canonical text holds that of a window's date
/// twice, so it doubles with each: 0.6 kB for four of them, 2.6 MB for the sixteen that a query may derive.
const MOST_DEPTH: usize = 4;

/// Where names are looked up: the data set, the derived variables found so far, and whose values are wanted.
pub(super) struct Scope<'a> {
    pub(super) dataset: &'a Dataset,
    pub(super) derived: &'a [(String, Column)],
    /// The table whose rows are being looked at; people when `None`.
    pub(super) rows: Option<usize>,
}

impl<'a> Scope<'a> {
    pub(super) fn of(dataset: &'a Dataset, derived: &'a [(String, Column)], unit: Unit) -> Self {
        let rows = match unit {
            Unit::People => None,
            Unit::Rows(table) => Some(table),
        };
        Self { dataset, derived, rows }
    }

    /// The same names, seen from the rows of a table.
    pub(super) fn inside(&self, table: usize) -> Self {
        Self { dataset: self.dataset, derived: self.derived, rows: Some(table) }
    }

    /// The column of this name that has one value for each person, or row, looked at.
    pub(super) fn column(&self, place: &str, name: &Name) -> Result<Column, QueryError> {
        if name.table.is_none()
            && let Some((_, column)) = self.derived.iter().find(|(derived, _)| *derived == name.name)
        {
            return Ok(column.clone());
        }
        let (at, table, variable) = self.declared(place, name)?;
        if table.rows != RowsPer::One && self.rows != Some(at.table) {
            let id = &table.id;
            let way = if matches!(variable.kind, Kind::Continuous(_)) { "max" } else { "last" };
            return Err(QueryError::misfit(
                place,
                format!("{name} may have several rows a person"),
                format!(
                    "derive one value, as in own = \"{way}({id}.{})\", or use has {id} (…) in the cohort, or rows = {id:?}",
                    name.name,
                    id = id.as_str()
                ),
            ));
        }
        let mut variable = variable.clone();
        if at.table != self.dataset.people && self.rows != Some(at.table) {
            // A person need not have a row in the table, whatever the table promises of its rows.
            variable.missing = Missing::May;
        }
        Ok(Column { source: Source::Declared(at), variable })
    }

    /// The declared variable of this name: with its table, or of the table looked at, or unique.
    fn declared(&self, place: &str, name: &Name) -> Result<(Place, &'a Table, &'a Variable), QueryError> {
        if let Some(table) = &name.table {
            let known = self.dataset.tables.iter().map(|table| table.id.as_str());
            self.dataset.table(table).ok_or_else(|| QueryError::unknown(place, "table", table, known))?;
        }
        let valid = VariableId::new(&name.name).ok();
        let fits = |table: &Table| name.table.as_ref().is_none_or(|wanted| table.id.as_str() == wanted);
        let mut found: Vec<_> = self
            .dataset
            .variables()
            .filter(|(_, table, variable)| fits(table) && Some(&variable.id) == valid.as_ref())
            .collect();
        // The table looked at comes first: a row's own, or the one that lists the people.
        let near = self.rows.unwrap_or(self.dataset.people);
        if found.len() > 1 && found.iter().any(|(at, ..)| at.table == near) {
            found.retain(|(at, ..)| at.table == near);
        }
        match found.as_slice() {
            [one] => Ok(*one),
            [] => {
                let derived = self.derived.iter().map(|(name, _)| name.as_str());
                let declared = self.dataset.variables().filter(|(_, t, _)| fits(t)).map(|(_, _, v)| v.id.as_str());
                Err(QueryError::unknown(place, "variable", &name.name, declared.chain(derived)))
            }
            several => {
                let names: Vec<_> = several.iter().map(|(_, table, _)| format!("{}.{}", table.id, name.name)).collect();
                Err(QueryError::misfit(
                    place,
                    format!("{name} is in several tables"),
                    format!("write {}", names.join(" or ")),
                ))
            }
        }
    }

    /// A table by name.
    pub(super) fn table(&self, place: &str, name: &str) -> Result<(usize, &'a Table), QueryError> {
        let known = self.dataset.tables.iter().map(|table| table.id.as_str());
        self.dataset.table(name).ok_or_else(|| QueryError::unknown(place, "table", name, known))
    }

    /// A window on the rows of a table, relative to a date that each person has once.
    pub(super) fn window(&self, place: &str, table: usize, window: &Window) -> Result<WindowOf, QueryError> {
        let Some(rows) = self.dataset.tables.get(table) else {
            return Err(QueryError::unknown(place, "table", "", []));
        };
        let time = rows.time.and_then(|time| rows.variables.get(time)).map(|variable| &variable.kind);
        let Some(Kind::Date(time)) = time else {
            return Err(QueryError::misfit(
                place,
                format!("the rows of {} have no time", rows.id),
                "leave the window out; the dictionary names a table's date variable under time",
            ));
        };
        if window.from > window.to || window.from < -36_500 || window.to > 36_500 {
            return Err(QueryError::misfit(
                place,
                "the window is empty or longer than a century",
                "write within 0..2 days of …",
            ));
        }
        let people = Self { dataset: self.dataset, derived: self.derived, rows: None };
        let index = people.column(place, &window.of)?;
        let Kind::Date(range) = &index.variable.kind else {
            return Err(QueryError::misfit(
                place,
                format!("{} is no date", window.of),
                "give a window relative to a date variable",
            ));
        };
        if [range.granularity, time.granularity] != [Bucket::Day; 2] {
            return Err(QueryError::misfit(
                place,
                "the dates are not kept by day",
                "windows in days need dates of granularity day",
            ));
        }
        let shift = (range.from - time.from).whole_days() as i32;
        Ok(WindowOf { from: window.from, to: window.to, index: index.source, shift })
    }

    /// Refuses a condition on rows of a table that looks at anything but the table's own declared variables: by a
    /// person's other values it could leave out that person alone.
    fn own(&self, place: &str, table: usize, of: &Table, rows: &Predicate) -> Result<(), QueryError> {
        let refuse = |what: String| {
            let problem = format!("{what}, and where chooses rows of {} by their own variables alone", of.id);
            Err(QueryError::misfit(place, problem, "put it into the cohort, or group by it"))
        };
        match rows {
            Predicate::And(parts) | Predicate::Or(parts) => {
                parts.iter().try_for_each(|part| self.own(place, table, of, part))
            }
            Predicate::Not(part) => self.own(place, table, of, part),
            Predicate::Compare(name, ..)
            | Predicate::In(name, _)
            | Predicate::Between(name, ..)
            | Predicate::Missing(name) => {
                if name.table.is_none() && self.derived.iter().any(|(derived, _)| *derived == name.name) {
                    return refuse(format!("{name} is derived"));
                }
                let (at, other, _) = self.declared(place, name)?;
                if at.table == table { Ok(()) } else { refuse(format!("{name} is a variable of {}", other.id)) }
            }
            Predicate::Has { table: other, .. } => refuse(format!("has {other} looks at the person's rows")),
        }
    }

    /// The column that a derivation makes.
    pub(super) fn derive(&self, place: &str, id: VariableId, derivation: &Derivation) -> Result<Column, QueryError> {
        let Derivation { take, name, rows, window } = derivation;
        let (table, variable) = match (take, &name.table) {
            (Take::Count | Take::Exists, None) => (self.table(place, &name.name)?.0, None),
            (Take::Count | Take::Exists, Some(_)) => {
                return Err(QueryError::misfit(
                    place,
                    format!("{take} takes a table"),
                    format!("write {take}(lab) where … is present"),
                ));
            }
            _ => {
                let (at, ..) = self.declared(place, name)?;
                (at.table, Some(at))
            }
        };
        let Some(of) = self.dataset.tables.get(table) else {
            return Err(QueryError::unknown(place, "table", "", []));
        };
        // A derived variable that leaves one person out, asked for beside one that does not, tells the person's value:
        // disclosure control compares cohorts and groups as sets of people, but not what is left out of a variable.
        if of.rows.most() == 1 && (rows.is_some() || window.is_some()) {
            let problem = format!("{} has at most one row a person, so where and within would choose people", of.id);
            return Err(QueryError::misfit(place, problem, "leave them out and choose people in the cohort"));
        }
        let inside = self.inside(table);
        if let Some(rows) = rows {
            inside.own(place, table, of, rows)?;
        }
        let rows: Option<Condition> = rows.as_ref().map(|rows| cohort::condition(&inside, place, rows)).transpose()?;
        let window = window.as_ref().map(|window| self.window(place, table, window)).transpose()?;
        let (kind, missing) = match variable.and_then(|at| self.dataset.variable(at)) {
            None if *take == Take::Count && of.rows == RowsPer::One => {
                let right = format!("ask whether there is one, as in exists({})", of.id);
                return Err(QueryError::misfit(place, format!("{} has at most one row a person", of.id), right));
            }
            None if *take == Take::Count => {
                let scale = Scale::counts(i32::try_from(of.rows.most()).unwrap_or(i32::MAX));
                (Kind::Continuous(Continuous::new("{rows}", scale, None, 20)), Missing::Never)
            }
            None => (Kind::Binary(Binary::default()), Missing::Never),
            Some(variable) => {
                let fits = match take {
                    Take::Mean => matches!(variable.kind, Kind::Continuous(_)),
                    Take::Min | Take::Max => matches!(variable.kind, Kind::Continuous(_) | Kind::Date(_)),
                    Take::First | Take::Last => of.time.is_some() || of.rows == RowsPer::One,
                    Take::Count | Take::Exists => false,
                };
                if !fits {
                    return Err(QueryError::misfit(
                        place,
                        format!("{take} does not fit {name}, which is {}", variable.kind.word()),
                        "mean takes continuous variables, min and max continuous ones and dates, first and last tables with a time",
                    ));
                }
                (variable.kind.clone(), Missing::May)
            }
        };
        let derived = Derived {
            take: *take,
            table,
            variable: variable.map(|at| at.variable),
            rows,
            window,
            highest: kind.highest(),
        };
        let sensitivity = sensitivity::of_derived(self.dataset, &derived);
        let variable = Variable { label: id.to_string(), column: id.to_string(), id, kind, missing, sensitivity };
        let source = Source::Derived(Box::new(derived));
        if depth(&source) > MOST_DEPTH {
            let problem = "it builds on too many other derived variables";
            return Err(QueryError::misfit(place, problem, "give its window relative to a declared date"));
        }
        Ok(Column { source, variable })
    }
}

/// How many derivations a value rests on, one inside the other: a window's date may itself be derived.
fn depth(source: &Source) -> usize {
    match source {
        Source::Declared(_) => 0,
        Source::Derived(derived) => 1 + derived.window.as_ref().map_or(0, |window| depth(&window.index)),
    }
}
