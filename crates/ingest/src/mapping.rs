//! A site's mapping: how its own files hold what the dictionary declares.
//!
//! ```toml
//! format = "coda-mapping/1"
//! [dataset.icu.table.patient]
//! file = "Patienten.csv"
//! decimal = ","
//! person = "Pat-Nr"
//! [dataset.icu.table.patient.variable]
//! sex = { column = "Geschlecht", levels = { male = ["1", "m"], female = ["2", "w"] } }
//! crp = { column = "CRP", missing = ["999"], unit = "mg/dL", factor = 10 }
//! ventilated = { collected = false }
//! ```
//!
//! Everything has a default. What is left out is recognised from the file, and said; where two readings are possible, it must be declared.

use std::collections::BTreeMap;

use coda_model::{
    dictionary::{Dataset, Dictionary, Table},
    nearest::suggestion,
    scale::MISSING,
    variable::{Kind, Missing, Variable},
};
use serde::Deserialize;

use crate::{
    form::{DateOrder, Evidence, Form, Mark},
    value::{Reader, normal},
};

/// What the first key of a mapping says.
const FORMAT: &str = "coda-mapping/1";

/// How a site's files hold what a dictionary declares.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Mapping {
    datasets: BTreeMap<String, DatasetMapping>,
    /// The text it was read from; its digest goes into the manifest.
    text: String,
}

/// Why a text is no mapping of a dictionary.
#[derive(Debug, thiserror::Error)]
pub enum MappingError {
    /// It is no TOML of this form.
    #[error("{0}")]
    Text(#[from] Box<toml::de::Error>),
    /// It has another first key.
    #[error("the mapping begins with format = {FORMAT:?}")]
    Format,
    /// It names what the dictionary does not have, or does not fit it.
    #[error("{at}: {what}")]
    Fit {
        /// Where in the mapping.
        at: String,
        /// What is wrong.
        what: String,
    },
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    format: String,
    #[serde(default)]
    dataset: BTreeMap<String, DatasetMapping>,
}

#[derive(Debug, Clone, PartialEq, Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct DatasetMapping {
    #[serde(default)]
    table: BTreeMap<String, TableMapping>,
}

/// How a file holds a table.
#[derive(Debug, Clone, PartialEq, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct TableMapping {
    /// Its name in the folder; the table's with `.csv`, `.tsv` or `.parquet` when absent.
    pub(crate) file: Option<String>,
    /// A label of the WHATWG Encoding Standard, such as `windows-1252`.
    pub(crate) encoding: Option<String>,
    /// Between fields.
    pub(crate) separator: Option<char>,
    /// Between a number's whole part and the rest.
    pub(crate) decimal: Option<Mark>,
    /// The order of day, month and year.
    pub(crate) dates: Option<DateOrder>,
    /// The line with the names of the columns, from 1.
    pub(crate) header: Option<u64>,
    /// How many lines at the end are no rows.
    pub(crate) footer: Option<usize>,
    /// The column of the person's key.
    pub(crate) person: Option<String>,
    #[serde(default)]
    variable: BTreeMap<String, VariableMapping>,
}

/// How a file holds a variable.
#[derive(Debug, Clone, PartialEq, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct VariableMapping {
    /// Its column, where it has another name than the dictionary says.
    pub(crate) column: Option<String>,
    /// Texts that stand for no value.
    #[serde(default)]
    pub(crate) missing: Vec<String>,
    /// Spellings of each level; of a binary variable of `yes` and `no`.
    #[serde(default)]
    pub(crate) levels: BTreeMap<String, Vec<String>>,
    /// The UCUM unit of the file.
    pub(crate) unit: Option<String>,
    /// By what a number of the file is multiplied.
    pub(crate) factor: Option<f64>,
    /// The same value for everybody, as the dictionary would have it in a file.
    pub(crate) value: Option<String>,
    /// `false` where the site does not have it.
    pub(crate) collected: Option<bool>,
}

impl Mapping {
    /// Reads a mapping of this dictionary.
    ///
    /// # Errors
    /// [`MappingError`].
    pub fn parse(text: &str, dictionary: &Dictionary) -> Result<Self, MappingError> {
        let File { format, dataset: datasets } = toml::from_str(text).map_err(Box::new)?;
        if format != FORMAT {
            return Err(MappingError::Format);
        }
        for (id, mapping) in &datasets {
            let known = || dictionary.datasets.iter().map(|dataset| dataset.id.as_str());
            let dataset = dictionary.datasets.iter().find(|dataset| dataset.id.as_str() == id);
            let dataset = dataset.ok_or_else(|| unknown("the mapping", "data set", id, known()))?;
            mapping.check(dataset)?;
        }
        Ok(Self { datasets, text: text.to_owned() })
    }

    /// Its text; empty where a site has none.
    pub fn text(&self) -> &str {
        &self.text
    }

    pub(crate) fn table(&self, dataset: &Dataset, table: &Table) -> Option<&TableMapping> {
        self.datasets.get(dataset.id.as_str())?.table.get(table.id.as_str())
    }
}

impl DatasetMapping {
    fn check(&self, dataset: &Dataset) -> Result<(), MappingError> {
        for (id, mapping) in &self.table {
            let at = format!("data set {}", dataset.id);
            let known = || dataset.tables.iter().map(|table| table.id.as_str());
            let table = dataset.tables.iter().find(|table| table.id.as_str() == id);
            let table = table.ok_or_else(|| unknown(&at, "table", id, known()))?;
            let at = format!("{at}, table {id}");
            if mapping.separator.is_some_and(|separator| !separator.is_ascii() || "\"\r\n".contains(separator)) {
                let what =
                    "separator is one ASCII character, and neither a quotation mark nor the end of a line".to_owned();
                return Err(MappingError::Fit { at, what });
            }
            if mapping.header == Some(0) {
                return Err(MappingError::Fit { at, what: "header is the number of a line, from 1".to_owned() });
            }
            for (name, mapping) in &mapping.variable {
                let known = || table.variables.iter().map(|variable| variable.id.as_str());
                let variable = table.variables.iter().find(|variable| variable.id.as_str() == name);
                let variable = variable.ok_or_else(|| unknown(&at, "variable", name, known()))?;
                let fit = |what: String| MappingError::Fit { at: format!("{at}, variable {name}"), what };
                mapping.check(variable).map_err(fit)?;
            }
        }
        Ok(())
    }
}

impl TableMapping {
    pub(crate) fn variable(&self, variable: &Variable) -> Option<&VariableMapping> {
        self.variable.get(variable.id.as_str())
    }
}

impl VariableMapping {
    /// Whether nothing is read from the file.
    pub(crate) fn is_fixed(&self) -> bool {
        self.value.is_some() || self.collected == Some(false)
    }

    fn check(&self, variable: &Variable) -> Result<(), String> {
        let Self { levels, missing, unit, factor, value, collected, column: _ } = self;
        let known = variable.kind.levels();
        match (&known, levels.is_empty()) {
            (None, false) => return Err(format!("a {} variable has no levels", variable.kind.word())),
            (Some(known), false) => {
                if let Some(other) = levels.keys().find(|level| !known.contains(&level.as_str())) {
                    return Err(format!("there is no level {other:?}; {}", suggestion(other, known.iter().copied())));
                }
            }
            _ => {}
        }
        let mut spelled = BTreeMap::new();
        for (level, text) in
            levels.iter().flat_map(|(level, texts)| texts.iter().map(move |text| (level, normal(text))))
        {
            if let Some(other) = spelled.insert(text.clone(), level).filter(|other| *other != level) {
                return Err(format!("{text:?} is a spelling of {other:?} and of {level:?}"));
            }
        }
        for text in spelled.keys() {
            let own = known.iter().flatten().any(|level| normal(level) == *text);
            if own && spelled.get(text).is_some_and(|level| normal(level) != *text) {
                return Err(format!("{text:?} is the name of a level and a spelling of another one"));
            }
        }
        if let Some(text) = missing.iter().find(|text| spelled.contains_key(&normal(text))) {
            return Err(format!("{text:?} is a spelling of a level and stands for no value"));
        }
        if let Some(value) = value {
            let (reader, mut evidence) = (Reader::new(variable, None, Form::default()), Evidence::default());
            reader.look(value, &mut evidence);
            let (_, open) = evidence.form(None, None);
            if !open.is_empty() || !reader.code(value).is_ok_and(|code| code != MISSING) {
                return Err(format!("{value:?} is no value of it; write it as the dictionary has it"));
            }
        }
        match (&variable.kind, unit, factor) {
            (Kind::Continuous(own), Some(unit), None) if *unit != own.unit => {
                return Err(format!("the dictionary has {}: say by what {unit} is multiplied (factor)", own.unit));
            }
            (Kind::Continuous(_), _, Some(factor)) if !(factor.is_finite() && *factor != 0.0) => {
                return Err("factor is a number other than 0".to_owned());
            }
            (Kind::Continuous(_), ..) | (_, None, None) => {}
            _ => return Err(format!("a {} variable has no unit", variable.kind.word())),
        }
        if *collected == Some(false) && variable.missing == Missing::Never {
            return Err("the dictionary promises that it is never missing; every site must have it".to_owned());
        }
        if value.is_some() && (*collected == Some(false) || self.column.is_some()) {
            return Err("a value for everybody goes with no column and with nothing that is not collected".to_owned());
        }
        Ok(())
    }
}

fn unknown<'a>(at: &str, what: &str, name: &str, known: impl Iterator<Item = &'a str> + Clone) -> MappingError {
    MappingError::Fit { at: at.to_owned(), what: format!("there is no {what} {name:?}; {}", suggestion(name, known)) }
}
