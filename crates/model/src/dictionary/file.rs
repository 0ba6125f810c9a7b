//! The dictionary as it stands in its file: text and numbers that nobody has checked.

use std::{fmt, marker::PhantomData};

use serde::{
    Deserialize, Deserializer,
    de::{MapAccess, Visitor},
};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Dictionary {
    pub(super) version: String,
    pub(super) title: String,
    pub(super) dataset: Ordered<Dataset>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Dataset {
    pub(super) label: Option<String>,
    pub(super) people: String,
    pub(super) release: Option<Release>,
    pub(super) table: Ordered<Table>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Table {
    pub(super) label: Option<String>,
    pub(super) rows: Rows,
    pub(super) rows_at_most: Option<u32>,
    pub(super) person: String,
    pub(super) time: Option<String>,
    pub(super) variable: Ordered<Variable>,
}

#[derive(Deserialize, Clone, Copy)]
#[serde(rename_all = "lowercase")]
pub(super) enum Release {
    Perturbed,
    Exact,
}

#[derive(Deserialize, Clone, Copy, PartialEq)]
#[serde(rename_all = "lowercase")]
pub(super) enum Rows {
    One,
    Many,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, tag = "type", rename_all = "lowercase")]
pub(super) enum Variable {
    Continuous {
        label: Option<String>,
        column: Option<String>,
        missing: Option<Missing>,
        unit: String,
        lower: f64,
        upper: f64,
        resolution: f64,
        grid: Option<Grid>,
        bins: Option<usize>,
        cuts: Option<Grid>,
        #[serde(default)]
        sensitive: bool,
    },
    Binary {
        label: Option<String>,
        column: Option<String>,
        missing: Option<Missing>,
        #[serde(default)]
        yes: Vec<String>,
        #[serde(default)]
        no: Vec<String>,
        #[serde(default)]
        sensitive: bool,
    },
    Categorical {
        label: Option<String>,
        column: Option<String>,
        missing: Option<Missing>,
        levels: Vec<Level>,
        #[serde(default)]
        sensitive: bool,
    },
    Date {
        label: Option<String>,
        column: Option<String>,
        missing: Option<Missing>,
        granularity: Granularity,
        from: toml::value::Datetime,
        to: toml::value::Datetime,
        cuts: Option<Cuts>,
        #[serde(default)]
        sensitive: bool,
    },
}

/// A level, or a residual level with the one it is counted with.
#[derive(Deserialize)]
#[serde(untagged, expecting = "a level is a text, or { name = \"other\", residual_of = \"several\" }")]
pub(super) enum Level {
    Own(String),
    Residual(Residual),
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Residual {
    pub(super) name: String,
    pub(super) residual_of: String,
}

/// How finely a query may name a date.
#[derive(Deserialize, Clone, Copy)]
#[serde(rename_all = "lowercase")]
pub(super) enum Cuts {
    Day,
    Week,
    Month,
    Quarter,
    Year,
}

#[derive(Deserialize, Clone, Copy)]
#[serde(rename_all = "lowercase")]
pub(super) enum Missing {
    Never,
    May,
}

#[derive(Deserialize, Clone, Copy)]
#[serde(rename_all = "lowercase")]
pub(super) enum Granularity {
    Day,
    Month,
    Year,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "lowercase")]
pub(super) enum Grid {
    Step(f64),
    Edges(Vec<f64>),
}

/// A TOML table with its keys in the order of the file.
pub(super) struct Ordered<T>(pub(super) Vec<(String, T)>);

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Ordered<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Entries<T>(PhantomData<T>);
        impl<'de, T: Deserialize<'de>> Visitor<'de> for Entries<T> {
            type Value = Ordered<T>;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a table")
            }
            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
                let mut entries = Vec::new();
                while let Some(entry) = map.next_entry()? {
                    entries.push(entry);
                }
                Ok(Ordered(entries))
            }
        }
        deserializer.deserialize_map(Entries(PhantomData))
    }
}
