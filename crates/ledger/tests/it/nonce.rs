//! Nonces.

use crate::fixture::{Folder, NOON};

fn nonce(number: u64) -> [u8; 16] {
    let mut nonce = [7; 16];
    nonce[..8].copy_from_slice(&number.to_le_bytes());
    nonce
}

#[tokio::test]
async fn an_envelope_is_good_once_also_after_reopening() {
    let folder = Folder::new();
    let ledger = folder.open().await.unwrap();
    assert!(ledger.take_nonce(nonce(1), NOON + 300, NOON).await.unwrap());
    assert!(!ledger.take_nonce(nonce(1), NOON + 300, NOON).await.unwrap());
    assert!(ledger.take_nonce(nonce(2), NOON + 300, NOON).await.unwrap());
    ledger.close().await;
    let ledger = folder.open().await.unwrap();
    assert!(!ledger.take_nonce(nonce(1), NOON + 300, NOON).await.unwrap());
    assert!(!ledger.take_nonce(nonce(2), NOON + 900, NOON + 400).await.unwrap(), "with a later end no less");
}

#[tokio::test]
async fn of_two_at_once_one_is_taken() {
    let folder = Folder::new();
    let ledger = folder.open().await.unwrap();
    let take = || ledger.take_nonce(nonce(1), NOON + 300, NOON);
    let (one, two, three, four) = tokio::join!(take(), take(), take(), take());
    let taken = [one, two, three, four].map(Result::unwrap);
    assert_eq!(taken.iter().filter(|taken| **taken).count(), 1);
}

#[tokio::test]
async fn a_clock_that_was_ahead_makes_no_envelope_good_again() {
    let folder = Folder::new();
    let ledger = folder.open().await.unwrap();
    // As if 10,000 others had come in between, without as many waits for the disk.
    assert!(ledger.take_nonce(nonce(1), NOON + 300, NOON).await.unwrap());
    assert!(ledger.take_nonce(nonce(2), NOON + 300, NOON).await.unwrap());
    ledger.close().await;
    folder.tamper("UPDATE nonces SET id = 10001 WHERE id = 2").await;
    let ledger = folder.open().await.unwrap();
    assert!(ledger.take_nonce(nonce(3), NOON + 300, NOON + 300).await.unwrap());
    assert_eq!(kept(&folder).await, 3, "its envelope is still good");
    let far = NOON + 1_000_000;
    assert!(ledger.take_nonce(nonce(4), far + 300, far).await.unwrap());
    assert_eq!(kept(&folder).await, 3, "the first is over and dropped; the others are among the last 10,000");
    ledger.accept_clock(NOON, "root").await.unwrap();
    for number in 1..=4 {
        assert!(!ledger.take_nonce(nonce(number), NOON + 300, NOON).await.unwrap(), "{number}");
    }
    assert!(!ledger.take_nonce(nonce(5), NOON + 300, NOON).await.unwrap(), "cannot be told from the one dropped");
    assert!(ledger.take_nonce(nonce(5), NOON + 301, NOON).await.unwrap());
}

async fn kept(folder: &Folder) -> i64 {
    sqlx::query_scalar("SELECT count(*) FROM nonces").fetch_one(&mut folder.raw().await).await.unwrap()
}
