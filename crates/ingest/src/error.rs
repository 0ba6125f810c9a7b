use std::{io, path::PathBuf};

use coda_builds::BuildsError;
use coda_engine::{columns::ColumnError, parquet_text::ParquetTextError};
use coda_model::ids::BuildId;

use crate::{Known, PseudonymKeyError, Report};

/// Why there is no build. No variant carries a value of the data.
#[derive(Debug, thiserror::Error)]
pub enum IngestError {
    /// The data breaks rules of the dictionary; nothing was published.
    #[error("the data breaks the dictionary's rules; nothing was published")]
    Refused(Box<Report>),
    /// More people would be left out than may be; nothing was published.
    #[error(
        "{} of {} people would be left out, and rows of others, where {at_most} % may be: mend the data or the mapping, or say how many \
         may be (--skip-at-most PERCENT)",
        report.left_out, report.people.0 + report.left_out
    )]
    ManyLeftOut {
        /// Per cent of the people.
        at_most: u8,
        /// What was found.
        report: Box<Report>,
    },
    /// The source is not there.
    #[error("there is no {what} {}", path.display())]
    NoSource {
        /// File or folder.
        what: &'static str,
        /// Where it should be.
        path: PathBuf,
    },
    /// One file was given for several tables.
    #[error("the data set {dataset} has {tables} tables; give a folder that holds a file for each")]
    SeveralTables {
        /// The data set.
        dataset: String,
        /// How many tables it has.
        tables: usize,
    },
    /// An encoding that there is not.
    #[error("the mapping has the encoding {label:?} for {}, which is none; windows-1252 is one", path.display())]
    Encoding {
        /// The file.
        path: PathBuf,
        /// What the mapping says.
        label: String,
    },
    /// A separator that is none.
    #[error("the mapping has a separator for {} that is no ASCII character", path.display())]
    Separator {
        /// The file.
        path: PathBuf,
    },
    /// A file of another kind.
    #[error("{} is neither a .csv, a .tsv nor a .parquet file", path.display())]
    Format {
        /// The file.
        path: PathBuf,
    },
    /// A file cannot be read.
    #[error("cannot read {}", path.display())]
    File {
        /// The file.
        path: PathBuf,
        /// Why not.
        #[source]
        cause: io::Error,
    },
    /// A Parquet file cannot be read.
    #[error("cannot read {}", path.display())]
    Parquet {
        /// The file.
        path: PathBuf,
        /// Why not.
        #[source]
        cause: ParquetTextError,
    },
    /// More people or rows than codes.
    #[error("there are more than 2147483647 people or rows in a table")]
    TooLarge,
    /// The pseudonym key cannot be read or made.
    #[error("the pseudonym key of the people's keys cannot be used")]
    PseudonymKey(#[from] PseudonymKeyError),
    /// The current build was made with another pseudonym key: nobody of it would be recognised in the new one, and what was
    /// released about them before would count for nothing.
    #[error(
        "the current build {build} was made with another pseudonym key: use that one, or begin anew in another folder of builds"
    )]
    OtherPseudonymKey {
        /// The current build.
        build: BuildId,
    },
    /// Most people of the current build are not in this one. What was released about them before would count for nothing.
    #[error(
        "{} of the {} people of the current build {build} are in this one: compare how the keys are written (zeros before a number, \
         spaces, upper and lower case), or say that it is meant (--new-people)",
        known.again, known.of
    )]
    NewPeople {
        /// The current build.
        build: BuildId,
        /// How many are known.
        known: Known,
    },
    /// The time given is not one of the common calendar.
    #[error("the time of the build cannot be written")]
    Made,
    /// A column cannot be made into a file.
    #[error("a column cannot be written")]
    Column(#[source] ColumnError),
    /// The store cannot be written.
    #[error("the build cannot be stored")]
    Builds(#[source] BuildsError),
}
