//! The query as a researcher writes it: typed, but its names not yet looked up in a dictionary.

mod file;
mod grammar;
mod lexer;

use std::fmt;

use crate::calendar::Bucket;

pub use file::parse_file;
pub use grammar::{parse_ask, parse_derivation, parse_factor, parse_over, parse_predicate};

/// What a researcher asks. The sites to ask stand in the envelope, not here.
///
/// `Debug` is silent: a cohort's constants may describe a person.
#[derive(Clone, PartialEq, Default)]
pub struct Query {
    /// The data set.
    pub dataset: String,
    /// The table whose rows are counted; people when `None`.
    pub rows: Option<String>,
    /// Which people; everybody when `None`.
    pub cohort: Option<Predicate>,
    /// Derived variables by name.
    pub derived: Vec<(String, Derivation)>,
    /// What is asked, at least one.
    pub asks: Vec<Ask>,
    /// Groups.
    pub by: Vec<Factor>,
    /// Time buckets.
    pub over: Option<Over>,
}

/// One figure asked for: a statistic and the variables it takes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ask {
    /// Name of the statistic.
    pub statistic: String,
    /// Its variables, in the order the statistic takes them.
    pub operands: Vec<Factor>,
    /// The unit the asker expects of the first variable; refused if it is another.
    pub unit: Option<String>,
}

/// A variable, possibly divided into classes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Factor {
    /// The variable.
    pub name: Name,
    /// How it is divided.
    pub split: Split,
}

/// How a variable is divided into classes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Split {
    /// By its own levels, or not at all.
    Plain,
    /// One level against all others: `ward=icu`.
    Level(String),
    /// At these values: `age@40,65`. Kept as text until the variable's scale is known.
    Cuts(Vec<String>),
}

/// A variable's or table's name, with its table where that is needed: `crp` or `lab.crp`.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Name {
    /// The table.
    pub table: Option<String>,
    /// The variable.
    pub name: String,
}

/// Time buckets of a date variable.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Over {
    /// Width of a bucket.
    pub bucket: Bucket,
    /// The date variable.
    pub name: Name,
}

/// Which people, or which rows.
#[derive(Clone, PartialEq)]
pub enum Predicate {
    /// All hold.
    And(Vec<Predicate>),
    /// At least one holds.
    Or(Vec<Predicate>),
    /// It does not hold. A comparison with a missing value does not hold, so its negation does.
    Not(Box<Predicate>),
    /// A comparison with a constant.
    Compare(Name, Comparison, Literal),
    /// One of these levels.
    In(Name, Vec<Literal>),
    /// From the first (included) to the second (excluded).
    Between(Name, Literal, Literal),
    /// No value.
    Missing(Name),
    /// The person has a row in the table such that.
    Has {
        /// The table.
        table: String,
        /// What holds of the row.
        rows: Option<Box<Predicate>>,
        /// When the row is.
        window: Option<Window>,
    },
}

/// How two values compare.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Comparison {
    /// `=`
    Equal,
    /// `!=`; a missing value is not unequal.
    Unequal,
    /// `<`
    Less,
    /// `<=`
    AtMost,
    /// `>`
    Greater,
    /// `>=`
    AtLeast,
}

/// A constant: a number with or without its unit, a level, a day.
#[derive(Clone, PartialEq, Eq)]
pub struct Literal {
    /// As written.
    pub text: String,
    /// The unit written after it.
    pub unit: Option<String>,
}

/// A stretch of days relative to a person's index event, both ends included.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Window {
    /// First day; negative is before the event.
    pub from: i32,
    /// Last day.
    pub to: i32,
    /// The date variable of the event.
    pub of: Name,
}

/// How one value per person is made from rows.
#[derive(Clone, PartialEq)]
pub struct Derivation {
    /// What is taken of the rows.
    pub take: Take,
    /// The variable; for count and exists a table.
    pub name: Name,
    /// Which rows, by the declared variables of their own table; only of a table with several rows a person.
    pub rows: Option<Predicate>,
    /// When the rows are; only of a table with several rows a person.
    pub window: Option<Window>,
}

/// What is taken of a person's rows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Take {
    /// The value of the earliest row that has one.
    First,
    /// The value of the latest row that has one.
    Last,
    /// The smallest value.
    Min,
    /// The largest value.
    Max,
    /// The mean of the values, on the variable's resolution (halves upwards).
    Mean,
    /// The number of rows.
    Count,
    /// Whether there is a row.
    Exists,
}

impl Take {
    /// All of them, with their words.
    pub const ALL: [(Self, &'static str); 7] = [
        (Self::First, "first"),
        (Self::Last, "last"),
        (Self::Min, "min"),
        (Self::Max, "max"),
        (Self::Mean, "mean"),
        (Self::Count, "count"),
        (Self::Exists, "exists"),
    ];
}

impl fmt::Display for Name {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.table {
            Some(table) => write!(f, "{table}.{}", self.name),
            None => f.write_str(&self.name),
        }
    }
}

impl fmt::Display for Factor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.split {
            Split::Plain => write!(f, "{}", self.name),
            Split::Level(level) => write!(f, "{}={level}", self.name),
            Split::Cuts(cuts) => write!(f, "{}@{}", self.name, cuts.join(",")),
        }
    }
}

impl fmt::Display for Ask {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.statistic)?;
        self.operands.iter().try_for_each(|operand| write!(f, ":{operand}"))
    }
}

impl fmt::Display for Take {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let word = Self::ALL.iter().find(|(take, _)| take == self).map_or("", |(_, word)| word);
        f.write_str(word)
    }
}

macro_rules! silent {
    ($($name:ident),*) => {$(
        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(concat!(stringify!($name), "(…)"))
            }
        }
    )*};
}
silent!(Query, Predicate, Literal, Derivation);

/// What is wrong with a query: where, what, and what would be right.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum QueryError {
    /// The text does not read.
    #[error("{place}: {problem} at character {at}; {right}")]
    Syntax {
        /// The part of the query.
        place: String,
        /// Character, from 1.
        at: usize,
        /// What is wrong.
        problem: String,
        /// What would be right.
        right: String,
    },
    /// A name that is not declared.
    #[error("{place}: there is no {kind} {name:?}; {right}")]
    Unknown {
        /// The part of the query.
        place: String,
        /// What was looked for.
        kind: &'static str,
        /// The name.
        name: String,
        /// What would be right.
        right: String,
    },
    /// Names are known but do not fit together.
    #[error("{place}: {problem}; {right}")]
    Misfit {
        /// The part of the query.
        place: String,
        /// What is wrong.
        problem: String,
        /// What would be right.
        right: String,
    },
}

impl QueryError {
    /// A name that is not declared, with the declared ones nearest to it.
    pub fn unknown<'a>(place: &str, kind: &'static str, name: &str, known: impl IntoIterator<Item = &'a str>) -> Self {
        let right = crate::nearest::suggestion(name, known);
        Self::Unknown { place: place.to_owned(), kind, name: name.chars().take(80).collect(), right }
    }

    /// Known names that do not fit together.
    pub fn misfit(place: &str, problem: impl Into<String>, right: impl Into<String>) -> Self {
        Self::Misfit { place: place.to_owned(), problem: problem.into(), right: right.into() }
    }
}

#[cfg(test)]
mod tests;
