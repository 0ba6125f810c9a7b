//! The database as a file of SQLite.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;

use coda_auth::{Database, DatabaseAt};

#[tokio::test]
async fn the_database_is_its_owners_alone() {
    let folder = tempfile::tempdir().unwrap();
    // A name that no URL has as it is.
    let path = folder.path().join("a b%41?c#d.sqlite");
    let at = DatabaseAt::File(path.clone());
    let database = Database::open(&at).await.unwrap();
    let files: Vec<_> = fs::read_dir(folder.path()).unwrap().map(Result::unwrap).collect();
    for entry in &files {
        let mode = entry.metadata().unwrap().permissions().mode() & 0o777;
        assert_eq!(mode, 0o600, "{}", entry.path().display());
    }
    assert!(files.iter().any(|entry| entry.path() == path));
    database.close().await;
    fs::set_permissions(&path, fs::Permissions::from_mode(0o644)).unwrap();
    let message = Database::open(&at).await.unwrap_err().to_string();
    assert!(message.contains("chmod 600"), "{message}");
}
