//! CSV and Parquet files into a build.
//!
//! Every value is checked against the dictionary and becomes a whole number or is refused; the keys of people become
//! 0, 1, 2, …. Neither the keys of the source nor text are stored; under the site's pseudonym key ([`PseudonymKey`]) a person becomes a
//! pseudonym (ISO 25237), by which a later build's people are recognised. A [`Report`] says where the data breaks which rule, and never what
//! stands there.

mod error;
mod form;
mod keys;
mod lineage;
mod mapping;
mod people;
mod pseudonym_key;
mod report;
mod rule;
mod sheet;
mod source;
mod table;
mod value;
mod write;

use coda_builds::Builds;
use coda_model::{
    dictionary::{Dataset, Dictionary},
    ids::SiteId,
};
use time::OffsetDateTime;

pub use error::IngestError;
pub use mapping::{Mapping, MappingError};
pub use pseudonym_key::{PseudonymKey, PseudonymKeyError};
pub use report::{Finding, Known, Report, TableReport, Total};
pub use rule::Rule;
pub use source::Source;

/// What is to be built.
#[derive(Debug, Clone, Copy)]
pub struct Order<'a> {
    /// The text that `dictionary` was read from; its digest goes into the manifest.
    pub dictionary_text: &'a str,
    /// The dictionary.
    pub dictionary: &'a Dictionary,
    /// The data set of it.
    pub dataset: &'a Dataset,
    /// The site whose data it is.
    pub site: &'a SiteId,
    /// How the site's files hold what the dictionary declares; empty where they do it in the dictionary's own words.
    pub mapping: &'a Mapping,
    /// What to do with rows that break a rule.
    pub tolerance: Tolerance,
    /// Whether it is meant that most people of the current build are not in this one.
    pub new_people: bool,
    /// The site's pseudonym key, the same for all builds.
    pub pseudonym_key: &'a PseudonymKey,
    /// The time now.
    pub made: OffsetDateTime,
}

/// What to do with rows that break a rule.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Tolerance {
    /// Refuse the data.
    #[default]
    Strict,
    /// Leave them out, count them in the report and the manifest, and publish the rest, unless more per cent of the people, or of the rows of
    /// a table, would be left out. A file that is not as it should be as a whole is refused all the same.
    SkipRows {
        /// Per cent, 0 to 100.
        at_most: u8,
    },
}

/// Reads the source, checks it and publishes a build of it as the current one of its data set.
///
/// # Errors
/// [`IngestError::Refused`] with the report when the data breaks a rule, [`IngestError::ManyLeftOut`] when more people would be left out than
/// may be: then nothing was published.
/// [`IngestError::OtherPseudonymKey`] when the current build was made with another pseudonym key, [`IngestError::NewPeople`] when most of
/// its people are not in this one. Other variants when the source cannot be
/// read or the store cannot be written.
pub fn build(order: &Order<'_>, source: &Source, builds: &Builds) -> Result<Report, IngestError> {
    lineage::check(order, builds)?;
    let files = source.files(order.dataset, order.mapping)?;
    let (tables, people, mut report) = table::read_all(order, &files)?;
    let refused = match order.tolerance {
        Tolerance::Strict => !report.totals.is_empty(),
        Tolerance::SkipRows { .. } => report.totals.iter().any(|total| total.rule.is_structural()),
    };
    if refused {
        return Err(IngestError::Refused(Box::new(report)));
    }
    if let Tolerance::SkipRows { at_most } = order.tolerance
        && (100 * report.left_out > u64::from(at_most) * (report.people.0 + report.left_out)
            || report.tables.iter().any(|table| 100 * table.left_out().0 > u64::from(at_most) * table.read.0))
    {
        return Err(IngestError::ManyLeftOut { at_most, report: Box::new(report) });
    }
    let (build, known) = write::write(order, &tables, &people, builds)?;
    (report.build, report.known) = (Some(build), known);
    Ok(report)
}
