use std::{
    fs::{self, File, TryLockError},
    path::{Path, PathBuf},
};

use coda_model::ids::{BuildId, Rows, TableId};

use crate::{
    digest::sha256,
    disk,
    error::BuildsError,
    manifest::{ColumnEntry, ColumnName, Facts, TableEntry, complete, file_name},
    text,
};

/// How the folder of an unfinished build begins; a dot, so that no build can have its name.
const PARTIAL: &str = ".partial-";

/// A build in the making, in a hidden folder. Dropped unpublished, it leaves nothing behind.
#[derive(Debug)]
pub struct Draft {
    store: PathBuf,
    folder: PathBuf,
    tables: Vec<TableEntry>,
    /// Held while the draft lives: the operating system releases it even when the process dies.
    _lock: File,
}

impl Draft {
    pub(crate) fn begin(store: &Path) -> Result<Self, BuildsError> {
        let path = store.join(".lock");
        let lock = disk::open_lock(&path)?;
        match lock.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => return Err(BuildsError::Busy { path: store.to_owned() }),
            Err(TryLockError::Error(cause)) => return Err(disk::failed("lock", &path)(cause)),
        }
        // Whoever holds the lock is alone, so every unfinished folder is that of a process that died.
        for name in disk::names(store)?.iter().filter(|name| name.starts_with(PARTIAL)) {
            let left = store.join(name);
            fs::remove_dir_all(&left).map_err(disk::failed("remove", &left))?;
        }
        let folder = store.join(format!("{PARTIAL}{}", std::process::id()));
        disk::make_folder(&folder)?;
        Ok(Self { store: store.to_owned(), folder, tables: Vec::new(), _lock: lock })
    }

    /// Starts a table with the rows it will have and the rows that were left out as unfit.
    ///
    /// # Errors
    /// [`BuildsError::Draft`] when it was started before, [`BuildsError::File`].
    pub fn table(&mut self, table: &TableId, rows: Rows, left_out: Rows) -> Result<(), BuildsError> {
        if self.tables.iter().any(|entry| entry.id == *table) {
            return Err(BuildsError::Draft { rule: "a table is started once" });
        }
        disk::make_folder(&self.folder.join(table.as_str()))?;
        self.tables.push(TableEntry { id: table.clone(), rows, left_out, columns: Vec::new() });
        Ok(())
    }

    /// Writes a column, or the keys, of a started table.
    ///
    /// # Errors
    /// [`BuildsError::Draft`] when the table was not started or has the column, [`BuildsError::File`].
    pub fn column(&mut self, table: &TableId, name: &ColumnName, bytes: &[u8]) -> Result<(), BuildsError> {
        let entry = self.tables.iter_mut().find(|entry| entry.id == *table);
        let entry = entry.ok_or(BuildsError::Draft { rule: "a table is started before its columns" })?;
        if entry.column(name).is_some() {
            return Err(BuildsError::Draft { rule: "a column is written once" });
        }
        disk::write_new(&self.folder.join(file_name(table, name)), bytes)?;
        entry.columns.push(ColumnEntry { name: name.clone(), bytes: bytes.len() as u64, sha256: sha256(bytes) });
        Ok(())
    }

    /// Makes the build visible, whole, and the current one of its data set. The same facts and columns give the same
    /// name; a build that is there already stays as it is and becomes current.
    ///
    /// # Errors
    /// [`BuildsError::Draft`] when a table has no person column, when not exactly one table has the keys of the people or
    /// when `made` is not a time; [`BuildsError::File`].
    pub fn publish(self, facts: &Facts) -> Result<BuildId, BuildsError> {
        complete(&self.tables).map_err(|rule| BuildsError::Draft { rule })?;
        let (id, text) = text::write(facts, &self.tables)?;
        disk::write_new(&self.folder.join(disk::MANIFEST), text.as_bytes())?;
        for entry in &self.tables {
            disk::sync_folder(&self.folder.join(entry.id.as_str()))?;
        }
        disk::sync_folder(&self.folder)?;
        let folder = self.store.join(id.as_str());
        if !disk::is_manifest_there(&folder) {
            disk::rename(&self.folder, &folder)?;
        }
        let pointer = disk::pointer(&self.store, &facts.dataset);
        let temporary = self.store.join(format!(".current-{}", facts.dataset));
        disk::replace(&pointer, &temporary, format!("{id}\n").as_bytes())?;
        Ok(id)
    }
}

impl Drop for Draft {
    fn drop(&mut self) {
        // After publication the folder has another name. What cannot be removed now, the next draft removes.
        let _ = fs::remove_dir_all(&self.folder);
    }
}
