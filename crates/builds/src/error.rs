use std::{io, path::PathBuf};

use coda_model::ids::BuildId;

/// A store that cannot be read or written, or holds something else than was put there.
#[derive(Debug, thiserror::Error)]
pub enum BuildsError {
    /// The folder of the store is not there.
    #[error("there is no folder {}", path.display())]
    NoFolder {
        /// The folder.
        path: PathBuf,
    },
    /// The file system says no.
    #[error("cannot {what} {}", path.display())]
    File {
        /// What was tried, as a verb.
        what: &'static str,
        /// The file or folder.
        path: PathBuf,
        /// Why not.
        #[source]
        cause: io::Error,
    },
    /// Somebody else is building in this store.
    #[error("another build is under way in {}", path.display())]
    Busy {
        /// The folder of the store.
        path: PathBuf,
    },
    /// The pointer does not name a build of its data set in this store.
    #[error("{} does not name a build of its data set", path.display())]
    Pointer {
        /// The pointer file.
        path: PathBuf,
    },
    /// The manifest is not TOML of the known format.
    #[error("build {build}: the manifest cannot be read")]
    Syntax {
        /// The build.
        build: BuildId,
        /// Where and why.
        #[source]
        cause: Box<toml::de::Error>,
    },
    /// The build was made by another version of this program.
    #[error("build {build} is of format {format}, which this program does not read; build again")]
    Format {
        /// The build.
        build: BuildId,
        /// Its format.
        format: u32,
    },
    /// The manifest breaks a rule.
    #[error("build {build}: the manifest is invalid: {rule}")]
    Manifest {
        /// The build.
        build: BuildId,
        /// What must hold.
        rule: &'static str,
    },
    /// The manifest is not the one that gave the build its name.
    #[error("build {build}: the manifest was changed after it was published")]
    Changed {
        /// The build.
        build: BuildId,
    },
    /// The build has no such column.
    #[error("build {build} has no column {column} in a table {table}")]
    NoColumn {
        /// The build.
        build: BuildId,
        /// The table asked for.
        table: String,
        /// The column asked for.
        column: String,
    },
    /// A file of a column is not the one that was published.
    #[error("build {build}: {file} is not the file that was published")]
    Tampered {
        /// The build.
        build: BuildId,
        /// The file, relative to the build.
        file: String,
    },
    /// A draft is used against its order.
    #[error("a draft cannot do this: {rule}")]
    Draft {
        /// What must hold.
        rule: &'static str,
    },
    /// The manifest cannot be written as TOML.
    #[error("the manifest cannot be written")]
    Write(#[source] Box<toml::ser::Error>),
}
