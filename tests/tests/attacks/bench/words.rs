//! The dictionary of the ward, and words about its people.

/// A variable of the ward that people are described by.
#[derive(Clone, Copy)]
pub(crate) struct Variable {
    /// Its name.
    pub(crate) name: &'static str,
    /// Its place in the table.
    pub(crate) place: usize,
    /// How many levels it has; a level is its name's first letter and a number.
    pub(crate) levels: i32,
}

/// What an attacker knows of everybody, beside the age.
pub(crate) const VARIABLES: [Variable; 5] = [
    Variable { name: "sex", place: 0, levels: 2 },
    Variable { name: "unit", place: 2, levels: 10 },
    Variable { name: "month", place: 3, levels: 12 },
    Variable { name: "origin", place: 4, levels: 6 },
    Variable { name: "smoking", place: 5, levels: 3 },
];

impl Variable {
    /// A level.
    pub(crate) fn level(&self, code: i32) -> String {
        format!("{}{code}", &self.name[..1])
    }

    /// One of these levels.
    pub(crate) fn among(&self, codes: &[i32]) -> String {
        let levels: Vec<String> = codes.iter().map(|code| self.level(*code)).collect();
        format!("{} in ({})", self.name, levels.join(", "))
    }
}

/// The dictionary; `hiv` is sensitive or not.
pub(crate) fn dictionary(sensitive: bool) -> String {
    let levels = |variable: Variable| {
        let levels: Vec<String> = (0..variable.levels).map(|code| format!("{:?}", variable.level(code))).collect();
        format!("{} = {{ type = \"categorical\", levels = [{}], missing = \"never\" }}", variable.name, levels.join(", "))
    };
    let [sex, unit, month, origin, smoking] = VARIABLES.map(levels);
    format!(
        r#"
version = "1"
title = "people under attack"
[dataset.ward]
people = "patient"
[dataset.ward.table.patient]
rows = "one"
person = "id"
[dataset.ward.table.patient.variable]
{sex}
age = {{ type = "continuous", unit = "a", lower = 0, upper = 110, resolution = 1, missing = "never" }}
{unit}
{month}
{origin}
{smoking}
hiv = {{ type = "binary", missing = "never", sensitive = {sensitive} }}
stay = {{ type = "continuous", unit = "d", lower = 0, upper = 400, resolution = 1 }}
cured = {{ type = "continuous", unit = "1", lower = 0, upper = 1, resolution = 1, missing = "never" }}
[dataset.ward.table.lab]
rows = "many"
person = "id"
rows_at_most = 20
[dataset.ward.table.lab.variable]
crp = {{ type = "continuous", unit = "mg/L", lower = 0, upper = 400, resolution = 1 }}
"#
    )
}
