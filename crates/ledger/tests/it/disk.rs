//! What is on the disk, and disks that are full or read-only.

use std::fs::{self, Permissions};
use std::os::unix::fs::PermissionsExt as _;

use coda_ledger::{Ledger, LedgerError, Options};

use crate::fixture::{Folder, ask, asks, digest, lineage, record_keys, said, set};

#[tokio::test]
async fn neither_set_keys_nor_statements_are_on_the_disk_in_clear() {
    let folder = Folder::new();
    let ledger = folder.open().await.unwrap();
    let lineage = lineage(&ledger).await;
    let planted = set(&record_keys(300), 0xa7);
    let new = asks(lineage, "p", &[(1, 1)]);
    let counted = ledger.count(&new, &crate::fixture::AMPLE).await.unwrap().unwrap();
    crate::fixture::watch(&ledger, &new, &counted, vec![planted.clone()]).await.unwrap();
    let set_key = planted.buckets.iter().fold(0u64, |sum, bucket| sum.wrapping_add(*bucket));
    let mut looked = 0;
    for file in fs::read_dir(folder.path()).unwrap() {
        let path = file.unwrap().path();
        let bytes = fs::read(&path).unwrap();
        let has = |wanted: &[u8]| bytes.windows(wanted.len()).any(|window| window == wanted);
        for bucket in [planted.buckets[0], planted.buckets[40], set_key] {
            assert!(!has(&bucket.to_le_bytes()) && !has(&bucket.to_be_bytes()), "a key in {}", path.display());
        }
        assert!(!has(&[0xa7; 32]), "a statement key in {}", path.display());
        assert!(!has(ledger.secret("policy").as_slice()), "a secret in {}", path.display());
        // The search does find what is there.
        looked += usize::from(has(&digest(1))) + usize::from(has(b"diabetes"));
    }
    assert!(looked >= 2);
}

#[tokio::test]
async fn a_full_disk_counts_whole_asks() {
    let folder = Folder::new();
    let ledger = folder.open().await.unwrap();
    let lineage = lineage(&ledger).await;
    ledger.close().await;
    let pages = u32::try_from(fs::metadata(folder.database()).unwrap().len() / 4096).unwrap() + 6;
    let options = |max_pages| Options { max_pages, ..Options::default() };
    let ledger = Ledger::open(&folder.database(), options(Some(pages))).await.unwrap();
    let mut asked = 0;
    let refused = loop {
        match ask(&ledger, lineage, asked + 1).await {
            Ok(()) => asked += 1,
            Err(refused) => break refused,
        }
        assert!(asked < 500, "the disk is never full");
    };
    assert!(asked > 0 && matches!(refused, LedgerError::Full { .. }), "{asked}: {refused:?}");
    assert!(said(&refused).contains("free some on its disk"));
    // It goes on refusing, and goes on reading what it has.
    for number in 1000..1003 {
        let many: Vec<_> = (0..200).map(|ask| (1000 * number + ask, number)).collect();
        let again = ledger.count(&asks(lineage, "p", &many), &crate::fixture::AMPLE).await;
        assert!(matches!(again, Err(LedgerError::Full { .. })), "{again:?}");
    }
    let checked = ledger.check().await.unwrap();
    assert!(checked.asks == asked || checked.asks == asked + 1, "the ask, or the ask and not its set");
    ledger.close().await;
    let ledger = Ledger::open(&folder.database(), options(None)).await.unwrap();
    assert_eq!(ledger.check().await.unwrap(), checked);
    ask(&ledger, lineage, 5000).await.unwrap();
}

#[tokio::test]
async fn no_room_for_the_tables_leaves_a_first_use_to_be_taken_up() {
    let folder = Folder::new();
    let options = Options { max_pages: Some(5), ..Options::default() };
    let refused = Ledger::open(&folder.database(), options).await.unwrap_err();
    assert!(matches!(refused, LedgerError::Full { .. }), "{refused:?}");
    assert!(!folder.key().exists());
    let ledger = folder.open().await.unwrap();
    lineage(&ledger).await;
    assert!(folder.key().exists());
}

#[tokio::test]
async fn a_read_only_file_is_refused() {
    let folder = Folder::new();
    folder.open().await.unwrap().close().await;
    fs::set_permissions(folder.database(), Permissions::from_mode(0o400)).unwrap();
    let refused = folder.open().await.unwrap_err();
    assert!(matches!(refused, LedgerError::File { .. }), "{refused:?}");
    assert!(said(&refused).contains("may read and write it"));
    fs::set_permissions(folder.database(), Permissions::from_mode(0o600)).unwrap();
    folder.open().await.unwrap();
}
