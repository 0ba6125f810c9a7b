use std::path::{Path, PathBuf};

use coda_model::dictionary::{Dataset, Table};

use crate::{IngestError, Rule};

/// Where a site's data is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Source {
    /// One CSV or Parquet file, for a data set of one table.
    File(PathBuf),
    /// A folder with a file `<table>.csv` or `<table>.parquet` for each table.
    Folder(PathBuf),
}

/// The file of one table.
pub(crate) struct TableFile {
    /// Its name, for the report.
    pub(crate) name: String,
    /// Where it is, or why it is not there.
    pub(crate) place: Result<(PathBuf, Format), Rule>,
}

/// How a file is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Format {
    Csv,
    Parquet,
}

impl Source {
    /// The file of each table of the data set, in its order.
    pub(crate) fn files(&self, dataset: &Dataset) -> Result<Vec<TableFile>, IngestError> {
        match self {
            Self::File(path) => Ok(vec![single(path, dataset)?]),
            Self::Folder(path) if path.is_dir() => {
                Ok(dataset.tables.iter().map(|table| in_folder(path, table)).collect())
            }
            Self::Folder(path) => Err(IngestError::NoSource { what: "folder", path: path.clone() }),
        }
    }
}

fn single(path: &Path, dataset: &Dataset) -> Result<TableFile, IngestError> {
    if dataset.tables.len() != 1 {
        let (dataset, tables) = (dataset.id.to_string(), dataset.tables.len());
        return Err(IngestError::SeveralTables { dataset, tables });
    }
    if !path.is_file() {
        return Err(IngestError::NoSource { what: "file", path: path.to_owned() });
    }
    let ends = |ending| path.extension().is_some_and(|found| found.eq_ignore_ascii_case(ending));
    let format = if ends("csv") {
        Format::Csv
    } else if ends("parquet") {
        Format::Parquet
    } else {
        return Err(IngestError::Format { path: path.to_owned() });
    };
    let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
    Ok(TableFile { name, place: Ok((path.to_owned(), format)) })
}

fn in_folder(folder: &Path, table: &Table) -> TableFile {
    let [csv, parquet] = ["csv", "parquet"].map(|ending| format!("{}.{ending}", table.id));
    let [csv_path, parquet_path] = [&csv, &parquet].map(|name| folder.join(name));
    match (csv_path.is_file(), parquet_path.is_file()) {
        (true, false) => TableFile { name: csv, place: Ok((csv_path, Format::Csv)) },
        (false, true) => TableFile { name: parquet, place: Ok((parquet_path, Format::Parquet)) },
        (true, true) => TableFile { name: csv, place: Err(Rule::TwoFiles) },
        (false, false) => TableFile { name: format!("{csv} or {parquet}"), place: Err(Rule::MissingFile) },
    }
}
