use std::{
    fs::{self, File},
    io::Read,
    path::{Path, PathBuf},
};

use coda_model::ids::BuildId;

use crate::{
    digest::sha256,
    disk,
    error::BuildsError,
    manifest::{ColumnEntry, Manifest, TableEntry, file_name},
    text,
};

/// A published build.
#[derive(Debug, Clone)]
pub struct Build {
    folder: PathBuf,
    manifest: Manifest,
}

impl Build {
    pub(crate) fn load(folder: &Path, id: &BuildId) -> Result<Option<Self>, BuildsError> {
        let Some(content) = disk::read_text(&folder.join(disk::MANIFEST))? else { return Ok(None) };
        Ok(Some(Self { folder: folder.to_owned(), manifest: text::read(id, &content)? }))
    }

    /// Its name.
    pub fn id(&self) -> &BuildId {
        &self.manifest.build
    }

    /// What it holds.
    pub fn manifest(&self) -> &Manifest {
        &self.manifest
    }

    /// Where the file of a column is; `column` is a variable's name, `_person` or `_keys`.
    ///
    /// # Errors
    /// [`BuildsError::NoColumn`].
    pub fn column_path(&self, table: &str, column: &str) -> Result<PathBuf, BuildsError> {
        let (table, column) = self.find(table, column)?;
        Ok(self.folder.join(file_name(&table.id, &column.name)))
    }

    /// The bytes of a column's file, as they were published.
    ///
    /// # Errors
    /// [`BuildsError::NoColumn`], [`BuildsError::Tampered`] when length or digest differ, [`BuildsError::File`].
    pub fn read(&self, table: &str, column: &str) -> Result<Vec<u8>, BuildsError> {
        let (table, column) = self.find(table, column)?;
        let name = file_name(&table.id, &column.name);
        let path = self.folder.join(&name);
        let length = fs::metadata(&path).map_err(disk::failed("read", &path))?.len();
        let tampered = || BuildsError::Tampered { build: self.id().clone(), file: name.clone() };
        if length != column.bytes {
            return Err(tampered());
        }
        let mut bytes = Vec::with_capacity(length as usize);
        // A file that grows while it is read shall not fill the memory.
        let file = File::open(&path).map_err(disk::failed("open", &path))?;
        file.take(length + 1).read_to_end(&mut bytes).map_err(disk::failed("read", &path))?;
        if sha256(&bytes) == column.sha256 { Ok(bytes) } else { Err(tampered()) }
    }

    fn find(&self, table: &str, column: &str) -> Result<(&TableEntry, &ColumnEntry), BuildsError> {
        let found = self.manifest.table(table);
        found.and_then(|entry| Some((entry, entry.column_named(column)?))).ok_or_else(|| BuildsError::NoColumn {
            build: self.id().clone(),
            table: table.chars().take(80).collect(),
            column: column.chars().take(80).collect(),
        })
    }
}
