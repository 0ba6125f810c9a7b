//! Ledgers that were changed or broken behind the program's back.

use std::fs;
use std::path::Path;

use coda_ledger::{Ledger, LedgerError, LineageId, Party};

use crate::fixture::{AMPLE, Folder, NOON, ask, asks, lineage, said};

const ONE: LineageId = LineageId(1);

async fn used() -> Folder {
    let folder = Folder::new();
    let ledger = folder.open().await.unwrap();
    let lineage = lineage(&ledger).await;
    assert_eq!(lineage, ONE);
    for number in 1..=3 {
        ask(&ledger, lineage, number).await.unwrap();
    }
    ledger.renew(lineage, &Party::Project("p".to_owned()), "eva", NOON).await.unwrap();
    ledger.close().await;
    folder
}

async fn checked(ledger: &Ledger) -> Result<(), LedgerError> {
    ledger.check().await.map(|_| ())
}

async fn counted(ledger: &Ledger) -> Result<(), LedgerError> {
    ledger.count(&asks(ONE, "p", &[(9, 9)]), &AMPLE).await.map(|_| ())
}

/// The same set under another statement: a candidate that has to be read.
async fn watched(ledger: &Ledger) -> Result<(), LedgerError> {
    ask(ledger, ONE, 1).await?;
    let new = asks(ONE, "q", &[(1, 1)]);
    let counted = ledger.count(&new, &AMPLE).await?.unwrap();
    let keys: Vec<u64> = crate::fixture::record_keys(40).iter().map(|key| key.wrapping_mul(5)).collect();
    crate::fixture::watch(ledger, &new, &counted, vec![crate::fixture::set(&keys, 77)]).await
}

/// After `statements` the reader, and the check of everything, name the row.
macro_rules! found {
    ($statements:expr, $reader:ident, $table:literal) => {{
        let folder = used().await;
        folder.tamper($statements).await;
        let ledger = folder.open().await.unwrap();
        for refused in [$reader(&ledger).await, checked(&ledger).await] {
            let refused = refused.expect_err($statements);
            assert!(matches!(&refused, LedgerError::Corrupt { table: $table, .. }), "{}: {refused:?}", $statements);
            assert!(said(&refused).contains("put it back from a backup"));
        }
    }};
}

/// Changes byte 21, whatever it is.
const FLIP: &str = "SET sealed = CAST(substr(sealed, 1, 20) || CASE substr(sealed, 21, 1) WHEN x'00' THEN x'01' ELSE x'00' END \
     || substr(sealed, 22) AS BLOB)";

#[tokio::test]
async fn a_flipped_byte_is_found() {
    found!(&format!("UPDATE sets {FLIP} WHERE id = 1"), watched, "sets");
    found!(&format!("UPDATE renewals {FLIP}"), counted, "renewals");
}

#[tokio::test]
async fn a_cut_or_missing_text_is_found() {
    found!("UPDATE sets SET sealed = substr(sealed, 1, 40) WHERE id = 1", watched, "sets");
    found!("UPDATE sets SET sealed = x'' WHERE id = 1", watched, "sets");
}

#[tokio::test]
async fn texts_swapped_between_rows_are_found() {
    let swap = "CREATE TEMP TABLE two AS SELECT id, sealed FROM sets WHERE id IN (1, 3); \
         UPDATE sets SET sealed = (SELECT sealed FROM two WHERE id = 4 - sets.id) WHERE id IN (1, 3)";
    found!(swap, watched, "sets");
}

#[tokio::test]
async fn a_changed_column_is_found_though_it_is_in_clear() {
    found!("UPDATE sets SET ask = 3 WHERE id = 1", watched, "sets");
    found!("UPDATE renewals SET after = 3000", counted, "renewals");
    found!("UPDATE renewals SET renewed_by = 'adam'", counted, "renewals");
}

#[tokio::test]
async fn rows_taken_out_or_put_in_are_found_when_it_is_opened() {
    for (statements, gone) in [
        ("DELETE FROM sets WHERE id = 2", "sets"),
        ("PRAGMA foreign_keys = OFF; DELETE FROM asks WHERE id = 3", "asks"),
        ("DELETE FROM renewals", "renewals"),
        ("INSERT INTO lineages VALUES (2, 'stroke', x'01')", "lineages"),
    ] {
        let folder = used().await;
        let ledger = folder.open().await.unwrap();
        folder.tamper(statements).await;
        let refused = checked(&ledger).await;
        assert!(matches!(refused, Err(LedgerError::Rows { table, .. }) if table == gone), "{statements}");
        assert!(matches!(folder.open().await, Err(LedgerError::Rows { .. })), "{statements}");
    }
}

#[tokio::test]
async fn a_head_of_before_is_found() {
    let folder = used().await;
    let ledger = folder.open().await.unwrap();
    let mut raw = folder.raw().await;
    let head: Vec<u8> = sqlx::query_scalar("SELECT sealed FROM head").fetch_one(&mut raw).await.unwrap();
    ask(&ledger, ONE, 4).await.unwrap();
    sqlx::query("UPDATE head SET sealed = $1").bind(head).execute(&mut raw).await.unwrap();
    assert!(matches!(checked(&ledger).await, Err(LedgerError::Rows { .. })));
    sqlx::query("DELETE FROM head").execute(&mut raw).await.unwrap();
    assert!(matches!(counted(&ledger).await, Err(LedgerError::Corrupt { table: "head", .. })));
    assert!(matches!(folder.open().await, Err(LedgerError::Lost { .. })));
}

#[tokio::test]
async fn a_truncated_file_is_refused() {
    let folder = used().await;
    let whole = fs::read(folder.database()).unwrap();
    for length in [1, 50, 100, 4096, 8192, whole.len() / 2, whole.len() - 4096, whole.len() - 1] {
        fs::write(folder.database(), &whole[..length]).unwrap();
        let refused = folder.open().await.unwrap_err();
        let known =
            matches!(refused, LedgerError::Damaged { .. } | LedgerError::Lost { .. } | LedgerError::Disk { .. });
        assert!(known, "{length} of {}: {refused:?}", whole.len());
        remove_log(&folder.database());
    }
    fs::write(folder.database(), &whole).unwrap();
    folder.open().await.unwrap().check().await.unwrap();
}

#[tokio::test]
async fn no_page_can_be_overwritten_unseen() {
    let folder = used().await;
    let whole = fs::read(folder.database()).unwrap();
    for page in 0..whole.len() / 4096 {
        let mut broken = whole.clone();
        broken[page * 4096..(page + 1) * 4096].fill(0xa5);
        fs::write(folder.database(), &broken).unwrap();
        let outcome = match folder.open().await {
            Ok(ledger) => ledger.check().await.map(|_| ()),
            Err(refused) => Err(refused),
        };
        assert!(outcome.is_err(), "page {page}");
        remove_log(&folder.database());
    }
}

#[tokio::test]
async fn tables_of_a_later_program_are_refused() {
    let folder = used().await;
    folder.tamper("INSERT INTO migrations (version) VALUES (99)").await;
    let refused = folder.open().await.unwrap_err();
    assert!(matches!(refused, LedgerError::Newer { version: 99, .. }));
}

#[tokio::test]
async fn a_ledger_of_an_earlier_version_is_refused_with_what_to_do() {
    let folder = used().await;
    folder.tamper("CREATE TABLE releases (id INTEGER)").await;
    let refused = folder.open().await.unwrap_err();
    assert!(matches!(refused, LedgerError::Former(_)) && said(&refused).contains("move it and its key file away"));
}

fn remove_log(database: &Path) {
    for end in ["-wal", "-shm"] {
        let mut name = database.as_os_str().to_owned();
        name.push(end);
        fs::remove_file(name).ok();
    }
}
