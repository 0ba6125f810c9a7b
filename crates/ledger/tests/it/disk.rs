//! What is on the disk, and disks that are full or read-only.

use std::fs::{self, Permissions};
use std::os::unix::fs::PermissionsExt as _;

use coda_ledger::{Ledger, LedgerError, NewRelease, Options};

use crate::fixture::{Folder, build, digest, entry, lineage, person, release, said};

#[tokio::test]
async fn neither_people_nor_sets_nor_replies_are_on_the_disk_in_clear() {
    let folder = Folder::new();
    let ledger = folder.open().await.unwrap();
    let lineage_id = lineage(&ledger, 5000).await;
    let planted = (0..400_u32).map(|number| number * 7 + 3);
    let new = release(&ledger, lineage_id, 1).await;
    let new =
        NewRelease { reply: b"a reply to be looked for".repeat(3), entries: vec![entry(1, planted.clone())], ..new };
    let new = NewRelease { figures: vec![], ..new };
    let mut set = Vec::new();
    new.entries[0].set.serialize_into(&mut set).unwrap();
    let query = new.query;
    ledger.commit(new).await.unwrap();
    let members: Vec<u8> = planted.flat_map(|number| (number as u16).to_le_bytes()).collect();
    let mut looked = 0;
    for file in fs::read_dir(folder.path()).unwrap() {
        let path = file.unwrap().path();
        let bytes = fs::read(&path).unwrap();
        let has = |wanted: &[u8]| bytes.windows(wanted.len()).any(|window| window == wanted);
        for number in [0, 1, 77, 4999] {
            assert!(!has(&person(number, 1).key), "a key in {}", path.display());
        }
        assert!(!has(&person(0, 1).key[..12]), "the start of a key in {}", path.display());
        assert!(!has(&person(0, 1).digest), "a digest in {}", path.display());
        assert!(!has(b"to be looked for"), "the reply in {}", path.display());
        assert!(!has(&members[..16]) && !has(&members[400..416]), "the set in {}", path.display());
        assert!(!has(&set[..16]), "the set's head in {}", path.display());
        // The search does find what is there.
        looked += usize::from(has(&query)) + usize::from(has(b"diabetes"));
    }
    assert!(looked >= 2);
}

#[tokio::test]
async fn a_full_disk_refuses_whole_releases() {
    let folder = Folder::new();
    let ledger = folder.open().await.unwrap();
    let lineage = lineage(&ledger, 50).await;
    ledger.close().await;
    let pages = u32::try_from(fs::metadata(folder.database()).unwrap().len() / 4096).unwrap() + 60;
    let options = |max_pages| Options { max_pages, ..Options::default() };
    let ledger = Ledger::open(&folder.database(), options(Some(pages))).await.unwrap();
    let large = async |ledger: &Ledger, number: u64| {
        let entries = (0..10).map(|place| entry(number * 10 + place, (0..3000).map(|m| m * 13))).collect();
        NewRelease { entries, ..release(ledger, lineage, number).await }
    };
    let mut released = 0;
    let refused = loop {
        match ledger.commit(large(&ledger, released + 1).await).await {
            Ok(_) => released += 1,
            Err(refused) => break refused,
        }
        assert!(released < 50, "the disk is never full");
    };
    assert!(released > 0 && matches!(refused, LedgerError::Full { .. }), "{released}: {refused:?}");
    assert!(said(&refused).contains("free some on its disk"));
    // It goes on refusing, and goes on reading what it has.
    for _ in 0..3 {
        let again = ledger.commit(large(&ledger, released + 1).await).await;
        assert!(matches!(again, Err(LedgerError::Full { .. })), "{again:?}");
    }
    assert_eq!(ledger.load(lineage).await.unwrap().len() as u64, released * 10);
    assert_eq!(ledger.check().await.unwrap().releases, released);
    ledger.close().await;
    let ledger = Ledger::open(&folder.database(), options(None)).await.unwrap();
    assert_eq!(ledger.check().await.unwrap().releases, released);
    assert_eq!(ledger.cached(lineage, &build("b1"), digest(1), digest(released + 1)).await.unwrap(), None);
    ledger.commit(large(&ledger, released + 1).await).await.unwrap();
}

#[tokio::test]
async fn no_room_for_the_tables_leaves_a_first_use_to_be_taken_up() {
    let folder = Folder::new();
    let options = Options { max_pages: Some(5), ..Options::default() };
    let refused = Ledger::open(&folder.database(), options).await.unwrap_err();
    assert!(matches!(refused, LedgerError::Full { .. }), "{refused:?}");
    assert!(!folder.key().exists());
    let ledger = folder.open().await.unwrap();
    lineage(&ledger, 50).await;
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
