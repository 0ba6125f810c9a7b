//! A query and a dictionary into a plan.

use super::{
    Axis, AxisKind, CellAxis, Classes, Column, MOST_ASKS, MOST_CELLS, MOST_COMPARISONS, MOST_DERIVED, MOST_GROUPS,
    MOST_VARIABLES, Operand, Plan, PlannedAsk, Unit, cohort, columns::Scope, sensitivity,
};
use crate::{
    dictionary::Dictionary,
    ids::{DatasetId, VariableId},
    query::{Ask, Factor, Literal, Predicate, Query, QueryError, Split},
    rounding::Sensitivity,
    variable::Kind,
};

impl Plan {
    /// Looks every word of a query up in the dictionary.
    ///
    /// # Errors
    /// [`QueryError`]: where it is wrong, what is wrong, and what would be right. Depends on nothing but the arguments.
    pub fn of(query: &Query, dictionary: &Dictionary) -> Result<Self, QueryError> {
        let known = || dictionary.datasets.iter().map(|dataset| dataset.id.as_str());
        let unknown = || QueryError::unknown("dataset", "data set", &query.dataset, known());
        let id = DatasetId::new(&query.dataset).map_err(|_| unknown())?;
        let dataset = dictionary.dataset(&id).ok_or_else(unknown)?;
        limits(query)?;

        let mut derived: Vec<(String, Column)> = Vec::new();
        for (name, derivation) in &query.derived {
            let place = format!("derive.{name}");
            let valid =
                VariableId::new(name).map_err(|error| QueryError::misfit(&place, error.to_string(), "rename it"))?;
            if derived.iter().any(|(other, _)| other == name) || dataset.variables().any(|(_, _, v)| v.id == valid) {
                return Err(QueryError::misfit(&place, "the name is taken", "choose another name"));
            }
            let column = Scope { dataset, derived: &derived, rows: None }.derive(&place, valid, derivation)?;
            derived.push((name.clone(), column));
        }
        let (unit, records_per_person) = match &query.rows {
            None => (Unit::People, 1),
            Some(name) => {
                let (place, table) = Scope { dataset, derived: &derived, rows: None }.table("rows", name)?;
                (Unit::Rows(place), table.rows.most())
            }
        };
        let scope = Scope::of(dataset, &derived, unit);
        let cohort = query.cohort.as_ref().map(|cohort| cohort::condition(&scope, "where", cohort)).transpose()?;
        let mut columns = Vec::new();
        let axes = axes(&scope, query, &mut columns)?;
        let asks = query.asks.iter().map(|ask| planned(&scope, ask, &mut columns)).collect::<Result<_, _>>()?;
        let of_cohort = |cohort| sensitivity::of_condition(dataset, cohort);
        let cohort_sensitivity = cohort.as_ref().map_or(Sensitivity::Plain, of_cohort);
        let plan = Self { dataset: id, unit, records_per_person, columns, cohort, cohort_sensitivity, asks, axes };
        if plan.cells() > MOST_CELLS {
            let problem = format!("the answer would have {} cells", plan.cells());
            return Err(QueryError::misfit("by", problem, "at most 2000; use coarser groups or longer periods"));
        }
        Ok(plan)
    }
}

fn limits(query: &Query) -> Result<(), QueryError> {
    let most = |place: &str, count: usize, most: usize| {
        let problem = format!("{count} are given");
        if count <= most { Ok(()) } else { Err(QueryError::misfit(place, problem, format!("at most {most}"))) }
    };
    if query.asks.is_empty() {
        return Err(QueryError::misfit(
            "of",
            "nothing is asked",
            "ask at least one statistic, such as count or mean:age",
        ));
    }
    most("of", query.asks.len(), MOST_ASKS)?;
    most("by", query.by.len(), MOST_GROUPS)?;
    most("derive", query.derived.len(), MOST_DERIVED)?;
    let predicate = |place: &str, predicate: Option<&Predicate>| {
        most(&format!("{place} (comparisons)"), predicate.map_or(0, cohort::comparisons), MOST_COMPARISONS)?;
        most(&format!("{place} (variables)"), predicate.map_or(0, cohort::variables), MOST_VARIABLES)
    };
    predicate("where", query.cohort.as_ref())?;
    for (name, derivation) in &query.derived {
        predicate(&format!("derive.{name}"), derivation.rows.as_ref())?;
    }
    Ok(())
}

fn axes(scope: &Scope<'_>, query: &Query, columns: &mut Vec<Column>) -> Result<Vec<CellAxis>, QueryError> {
    let mut found = Vec::new();
    for factor in &query.by {
        let place = format!("by {factor}");
        let (operand, column) = operand(scope, &place, factor, columns)?;
        let axis = operand.axis.ok_or_else(|| {
            let right = format!("divide it, as in {}@40,65", factor.name);
            QueryError::misfit(&place, format!("{} is {}", factor.name, column.variable.kind.word()), right)
        })?;
        let (title, kind) = (factor.to_string(), AxisKind::Group);
        found.push(CellAxis { title, kind, axis, missing: column.variable.missing });
    }
    if let Some(over) = &query.over {
        let column = scope.column("over", &over.name)?;
        let Kind::Date(range) = &column.variable.kind else {
            let problem = format!("{} is {}", over.name, column.variable.kind.word());
            return Err(QueryError::misfit("over", problem, "give a date variable, as in month:admission"));
        };
        if over.bucket < range.cuts {
            let problem = format!("the dictionary divides {} by {}", over.name, range.cuts);
            return Err(QueryError::misfit("over", problem, format!("ask by {} or longer", range.cuts)));
        }
        let (edges, labels) = range.buckets(over.bucket).into_iter().unzip();
        let missing = column.variable.missing;
        let place = intern(columns, column);
        let axis = Axis { column: place, classes: Classes::Edges(edges), labels };
        let (title, kind) = (format!("{}:{}", over.bucket, over.name), AxisKind::Time(over.bucket));
        found.push(CellAxis { title, kind, axis, missing });
    }
    Ok(found)
}

fn planned(scope: &Scope<'_>, ask: &Ask, columns: &mut Vec<Column>) -> Result<PlannedAsk, QueryError> {
    let place = format!("of {ask}");
    let mut operands = Vec::new();
    for (index, factor) in ask.operands.iter().enumerate() {
        let (operand, column) = operand(scope, &place, factor, columns)?;
        if index == 0
            && let Some(unit) = &ask.unit
            && column.variable.kind.unit() != Some(unit)
        {
            let has = column.variable.kind.unit().unwrap_or("no unit");
            let problem = format!("{} is in {has}, not in {unit}", factor.name);
            return Err(QueryError::misfit(&place, problem, format!("ask for it in {has}")));
        }
        operands.push(operand);
    }
    Ok(PlannedAsk { text: ask.to_string(), statistic: ask.statistic.clone(), operands })
}

fn operand(
    scope: &Scope<'_>,
    place: &str,
    factor: &Factor,
    columns: &mut Vec<Column>,
) -> Result<(Operand, Column), QueryError> {
    let column = scope.column(place, &factor.name)?;
    let at = intern(columns, column.clone());
    let classes = match &factor.split {
        Split::Plain => column
            .variable
            .kind
            .levels()
            .map(|levels| (Classes::Codes, levels.iter().map(|level| (*level).to_owned()).collect())),
        Split::Level(level) => {
            let literal = Literal { text: level.clone(), unit: None };
            let code = cohort::level(place, &column, &factor.name, &literal)?;
            Some((Classes::Is(code), vec![format!("not {level}"), level.clone()]))
        }
        Split::Cuts(cuts) => Some(cut(place, &column, factor, cuts)?),
    };
    let axis = classes.map(|(classes, labels)| Axis { column: at, classes, labels });
    Ok((Operand { column: at, axis }, column))
}

fn cut(place: &str, column: &Column, factor: &Factor, cuts: &[String]) -> Result<(Classes, Vec<String>), QueryError> {
    let Kind::Continuous(continuous) = &column.variable.kind else {
        let problem = format!("{} is {} and cannot be cut", factor.name, column.variable.kind.word());
        return Err(QueryError::misfit(place, problem, "cut continuous variables, as in age@40,65"));
    };
    let mut edges = vec![0];
    for cut in cuts {
        let literal = Literal { text: cut.clone(), unit: None };
        let code = cohort::number(place, &factor.name, continuous, &literal)?;
        cohort::on_grid(place, &factor.name, continuous, code)?;
        if edges.last().is_none_or(|last| code <= *last) {
            return Err(QueryError::misfit(
                place,
                "the cuts do not ascend",
                "give ascending values above the lower bound",
            ));
        }
        edges.push(code);
    }
    // From the values, not from the text: a number can be written as long as one likes.
    let value = |edge: &i32| continuous.scale.value(f64::from(*edge)).to_string();
    let inner = edges.get(1..).unwrap_or_default();
    let mut labels = vec![format!("<{}", inner.first().map(value).unwrap_or_default())];
    labels
        .extend(inner.iter().zip(inner.iter().skip(1)).map(|(from, to)| format!("{} to <{}", value(from), value(to))));
    labels.push(format!(">={}", inner.last().map(value).unwrap_or_default()));
    Ok((Classes::Edges(edges), labels))
}

/// The place of a column, which is added if it is new.
fn intern(columns: &mut Vec<Column>, column: Column) -> usize {
    columns.iter().position(|known| known.source == column.source).unwrap_or_else(|| {
        columns.push(column);
        columns.len() - 1
    })
}
