//! The key file and the modes of the files.

use std::fs::{self, Permissions};
use std::os::unix::fs::PermissionsExt as _;

use coda_ledger::{Ledger, LedgerError, Options};

use crate::fixture::{Folder, ask, lineage, said};

async fn used() -> Folder {
    let folder = Folder::new();
    let ledger = folder.open().await.unwrap();
    let lineage = lineage(&ledger).await;
    ask(&ledger, lineage, 1).await.unwrap();
    ledger.close().await;
    folder
}

#[tokio::test]
async fn the_first_use_makes_private_files() {
    let folder = Folder::new();
    let ledger = folder.open().await.unwrap();
    lineage(&ledger).await;
    for file in fs::read_dir(folder.path()).unwrap() {
        let file = file.unwrap();
        assert_eq!(file.metadata().unwrap().permissions().mode() & 0o777, 0o600, "{}", file.path().display());
    }
    let text = fs::read_to_string(folder.key()).unwrap();
    assert_eq!(hex::decode(text.trim()).unwrap().len(), 32);
    assert!(!folder.path().join("ledger.sqlite.key.new").exists());
}

#[tokio::test]
async fn the_key_may_be_elsewhere() {
    let (folder, elsewhere) = (Folder::new(), Folder::new());
    let options = Options { key: Some(elsewhere.key()), ..Options::default() };
    Ledger::open(&folder.database(), options.clone()).await.unwrap().close().await;
    assert!(elsewhere.key().exists() && !folder.key().exists());
    Ledger::open(&folder.database(), options).await.unwrap();
    assert!(matches!(folder.open().await, Err(LedgerError::KeyMissing { .. })));
}

#[tokio::test]
async fn a_database_without_its_key_is_refused_and_no_key_is_made() {
    let folder = used().await;
    fs::remove_file(folder.key()).unwrap();
    let refused = folder.open().await.unwrap_err();
    assert!(matches!(refused, LedgerError::KeyMissing { .. }));
    assert!(said(&refused).contains("put the key file back from its backup"));
    assert!(!folder.key().exists());
}

#[tokio::test]
async fn a_key_without_its_database_is_refused() {
    let folder = used().await;
    let before = fs::read(folder.database()).unwrap();
    fs::remove_file(folder.database()).unwrap();
    assert!(matches!(folder.open().await, Err(LedgerError::Lost { .. })));
    fs::write(folder.database(), "").unwrap();
    fs::set_permissions(folder.database(), Permissions::from_mode(0o600)).unwrap();
    assert!(matches!(folder.open().await, Err(LedgerError::Lost { .. })));
    fs::write(folder.database(), before).unwrap();
    folder.open().await.unwrap();
}

#[tokio::test]
async fn an_empty_database_in_the_place_of_the_right_one_is_refused() {
    let (folder, other) = (used().await, Folder::new());
    sqlx::raw_sql("CREATE TABLE other (id)").execute(&mut other.raw_new().await).await.unwrap();
    fs::write(folder.database(), fs::read(other.database()).unwrap()).unwrap();
    assert!(matches!(folder.open().await, Err(LedgerError::Lost { .. })));
}

#[tokio::test]
async fn another_key_is_refused() {
    let (folder, other) = (used().await, used().await);
    fs::copy(other.key(), folder.key()).unwrap();
    let refused = folder.open().await.unwrap_err();
    assert!(matches!(refused, LedgerError::KeyWrong { .. }), "{refused:?}");
    for text in ["", "ab", "not hexadecimal at all, but as long as it should be, so far as that", "\u{e9}"] {
        fs::write(folder.key(), text).unwrap();
        assert!(matches!(folder.open().await, Err(LedgerError::KeyText(_))));
    }
}

#[tokio::test]
async fn files_open_to_others_are_refused() {
    for pick in [Folder::key, Folder::database] {
        let folder = used().await;
        fs::set_permissions(pick(&folder), Permissions::from_mode(0o640)).unwrap();
        let refused = folder.open().await.unwrap_err();
        assert!(matches!(refused, LedgerError::Open { mode: 0o640, .. }));
        assert!(said(&refused).contains("run: chmod 600"));
    }
}

#[tokio::test]
async fn an_interrupted_first_use_is_taken_up() {
    // The key was written and nothing else.
    let folder = used().await;
    let text = fs::read(folder.key()).unwrap();
    let new = folder.path().join("ledger.sqlite.key.new");
    let private = |content: &[u8]| {
        fs::write(&new, content).unwrap();
        fs::set_permissions(&new, Permissions::from_mode(0o600)).unwrap();
    };
    let database = fs::read(folder.database()).unwrap();
    fs::remove_file(folder.key()).unwrap();
    fs::remove_file(folder.database()).unwrap();
    private(&text);
    folder.open().await.unwrap().close().await;
    assert_eq!(fs::read(folder.key()).unwrap(), text);

    // The database was made too, and the key only not yet named.
    fs::remove_file(folder.key()).unwrap();
    fs::write(folder.database(), database).unwrap();
    private(&text);
    assert_eq!(folder.open().await.unwrap().check().await.unwrap().asks, 1);

    // It was named, and not yet removed under its passing name.
    private(&text);
    folder.open().await.unwrap();

    // A passing key that fits nothing is not taken.
    fs::remove_file(folder.key()).unwrap();
    private(b"");
    assert!(matches!(folder.open().await, Err(LedgerError::KeyText(_))));
    private(&[b'0'; 64]);
    assert!(matches!(folder.open().await, Err(LedgerError::KeyWrong { .. })));
    assert!(!folder.key().exists());
}

#[tokio::test(flavor = "multi_thread")]
async fn many_may_be_the_first() {
    let folder = Folder::new();
    let path = folder.database();
    let openers = [(); 24].map(|()| {
        let path = path.clone();
        tokio::spawn(async move { Ledger::open(&path, Options::default()).await.unwrap().secret("orders") })
    });
    let mut secrets = Vec::new();
    for opener in openers {
        secrets.push(opener.await.unwrap());
    }
    assert!(secrets.iter().all(|secret| *secret == secrets[0]));
}

/// Whatever becomes of the ledger, the perturbation key stays: another one would give every figure fresh noise.
#[tokio::test]
async fn a_ledger_begun_anew_keeps_the_perturbation_key() {
    let folder = used().await;
    let path = folder.path().join("ledger.sqlite.perturbation-key");
    let before = fs::read(&path).unwrap();
    for file in [folder.database(), folder.key()] {
        fs::remove_file(file).unwrap();
    }
    folder.open().await.unwrap().close().await;
    assert_eq!(fs::read(&path).unwrap(), before);
}

#[tokio::test]
async fn a_lost_or_changed_perturbation_key_is_refused() {
    let (folder, other) = (used().await, used().await);
    let path = |folder: &Folder| folder.path().join("ledger.sqlite.perturbation-key");
    let own = fs::read(path(&folder)).unwrap();
    fs::remove_file(path(&folder)).unwrap();
    assert!(matches!(folder.open().await, Err(LedgerError::KeyMissing { .. })));
    assert!(!path(&folder).exists(), "no other one is made");
    fs::copy(path(&other), path(&folder)).unwrap();
    assert!(matches!(folder.open().await, Err(LedgerError::KeyWrong { .. })));
    fs::write(path(&folder), own).unwrap();
    folder.open().await.unwrap();
}
