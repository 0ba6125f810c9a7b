use std::path::{Path, PathBuf};

use coda_model::dictionary::{Dataset, Table};

use crate::{IngestError, Mapping, Rule};

/// Where a site's data is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Source {
    /// One text or Parquet file, for a data set of one table.
    File(PathBuf),
    /// A folder with a file `<table>.csv`, `.tsv` or `.parquet` for each table, or the one that the mapping names.
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
    pub(crate) fn files(&self, dataset: &Dataset, mapping: &Mapping) -> Result<Vec<TableFile>, IngestError> {
        match self {
            Self::File(path) => Ok(vec![single(path, dataset)?]),
            Self::Folder(path) if path.is_dir() => {
                let names = names(path)?;
                let named = |table| mapping.table(dataset, table).and_then(|mapping| mapping.file.as_deref());
                Ok(dataset.tables.iter().map(|table| in_folder(path, table, named(table), &names)).collect())
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
    let Some(format) = format(path) else { return Err(IngestError::Format { path: path.to_owned() }) };
    let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
    Ok(TableFile { name, place: Ok((path.to_owned(), format)) })
}

/// By the ending, in any case.
fn format(path: &Path) -> Option<Format> {
    let ends = |ending| path.extension().is_some_and(|found| found.eq_ignore_ascii_case(ending));
    if ends("csv") || ends("tsv") || ends("txt") {
        Some(Format::Csv)
    } else {
        ends("parquet").then_some(Format::Parquet)
    }
}

fn names(folder: &Path) -> Result<Vec<String>, IngestError> {
    let failed = |cause| IngestError::File { path: folder.to_owned(), cause };
    let mut names = Vec::new();
    for entry in std::fs::read_dir(folder).map_err(failed)? {
        names.push(entry.map_err(failed)?.file_name().to_string_lossy().into_owned());
    }
    names.sort();
    Ok(names)
}

/// The file that the mapping names, or the one that is called as the table, with any of the endings in any case.
fn in_folder(folder: &Path, table: &Table, named: Option<&str>, names: &[String]) -> TableFile {
    let missing = |name: String| TableFile { name, place: Err(Rule::MissingFile) };
    if let Some(named) = named {
        let path = folder.join(named);
        return match format(&path).filter(|_| path.is_file()) {
            Some(format) => TableFile { name: named.to_owned(), place: Ok((path, format)) },
            None => missing(named.to_owned()),
        };
    }
    let is_own = |name: &&String| {
        let path = Path::new(name.as_str());
        path.file_stem().is_some_and(|stem| stem.eq_ignore_ascii_case(table.id.as_str())) && format(path).is_some()
    };
    let mut own = names.iter().filter(is_own);
    match (own.next(), own.next()) {
        (Some(name), None) => {
            let path = folder.join(name);
            let place = format(&path).map(|format| (path, format)).ok_or(Rule::MissingFile);
            TableFile { name: name.clone(), place }
        }
        (Some(name), Some(_)) => TableFile { name: name.clone(), place: Err(Rule::TwoFiles) },
        (None, _) => missing(format!("{0}.csv, {0}.tsv or {0}.parquet", table.id)),
    }
}
