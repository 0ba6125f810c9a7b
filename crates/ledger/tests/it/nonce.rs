//! Nonces.

use coda_ledger::{Ledger, LineageId, NewAsks, Nonce, NotCounted};
use coda_model::estimate::Limits;

use crate::fixture::{AMPLE, Folder, NOON, asks, lineage};

/// Whether an envelope that asks nothing is taken.
async fn take(ledger: &Ledger, number: u64, until: i64, time: i64) -> bool {
    let mut bytes = [7; 16];
    bytes[..8].copy_from_slice(&number.to_le_bytes());
    let new = NewAsks { nonce: Nonce { bytes, until }, time, ..asks(LineageId(1), "p", &[]) };
    match ledger.count(&new, &AMPLE).await.unwrap() {
        Ok(_) => true,
        Err(why) => {
            assert_eq!(why, NotCounted::Replay);
            false
        }
    }
}

#[tokio::test]
async fn an_envelope_is_good_once_also_after_reopening() {
    let folder = Folder::new();
    let ledger = folder.open().await.unwrap();
    assert!(take(&ledger, 1, NOON + 300, NOON).await);
    assert!(!take(&ledger, 1, NOON + 300, NOON).await);
    assert!(take(&ledger, 2, NOON + 300, NOON).await);
    ledger.close().await;
    let ledger = folder.open().await.unwrap();
    assert!(!take(&ledger, 1, NOON + 300, NOON).await);
    assert!(!take(&ledger, 2, NOON + 900, NOON + 400).await, "with a later end no less");
}

#[tokio::test]
async fn of_two_at_once_one_is_taken() {
    let folder = Folder::new();
    let ledger = folder.open().await.unwrap();
    let take = || take(&ledger, 1, NOON + 300, NOON);
    let (one, two, three, four) = tokio::join!(take(), take(), take(), take());
    let taken = [one, two, three, four];
    assert_eq!(taken.iter().filter(|taken| **taken).count(), 1);
}

#[tokio::test]
async fn an_envelope_is_good_once_also_where_its_asks_are_not_counted() {
    let folder = Folder::new();
    let ledger = folder.open().await.unwrap();
    let lineage = lineage(&ledger).await;
    let refused = asks(lineage, "p", &[(1, 1)]);
    let none = Limits { asks_left: 0, ..AMPLE };
    assert_eq!(ledger.count(&refused, &none).await.unwrap(), Err(NotCounted::Asks));
    assert_eq!(ledger.count(&refused, &AMPLE).await.unwrap(), Err(NotCounted::Replay));
    let again = ledger.count(&asks(lineage, "p", &[(1, 1)]), &AMPLE).await.unwrap().unwrap();
    assert_eq!(again.new, [Some(1)], "none was counted before");
    let too_small = asks(lineage, "p", &[]).nonce;
    assert!(ledger.spend(too_small, NOON).await.unwrap());
    assert!(!ledger.spend(too_small, NOON).await.unwrap());
}

#[tokio::test]
async fn a_clock_that_was_ahead_makes_no_envelope_good_again() {
    let folder = Folder::new();
    let ledger = folder.open().await.unwrap();
    // As if 10,000 others had come in between, without as many waits for the disk.
    assert!(take(&ledger, 1, NOON + 300, NOON).await);
    assert!(take(&ledger, 2, NOON + 300, NOON).await);
    ledger.close().await;
    folder.tamper("UPDATE nonces SET id = 10001 WHERE id = 2").await;
    let ledger = folder.open().await.unwrap();
    assert!(take(&ledger, 3, NOON + 300, NOON + 300).await);
    assert_eq!(kept(&folder).await, 3, "its envelope is still good");
    let far = NOON + 1_000_000;
    assert!(take(&ledger, 4, far + 300, far).await);
    assert_eq!(kept(&folder).await, 3, "the first is over and dropped; the others are among the last 10,000");
    ledger.accept_clock(NOON, "root").await.unwrap();
    for number in 1..=4 {
        assert!(!take(&ledger, number, NOON + 300, NOON).await, "{number}");
    }
    assert!(!take(&ledger, 5, NOON + 300, NOON).await, "cannot be told from the one dropped");
    assert!(take(&ledger, 5, NOON + 301, NOON).await);
}

async fn kept(folder: &Folder) -> i64 {
    sqlx::query_scalar("SELECT count(*) FROM nonces").fetch_one(&mut folder.raw().await).await.unwrap()
}
