//! Ledgers that were changed or broken behind the program's back.

use std::fs;
use std::path::Path;

use coda_ledger::{Ledger, LedgerError, LineageId};

use crate::fixture::{Folder, NOON, TODAY, build, digest, lineage, person, release, said, user};

const ONE: LineageId = LineageId(1);

async fn used() -> Folder {
    let folder = Folder::new();
    let ledger = folder.open().await.unwrap();
    let lineage = lineage(&ledger, 50).await;
    assert_eq!(lineage, ONE);
    ledger.people(lineage, &build("b2"), &[person(3, 9), person(70, 1)]).await.unwrap();
    for number in 1..=3 {
        ledger.commit(release(&ledger, lineage, number).await).await.unwrap();
    }
    ledger.grant(lineage, None, 5, "eva", NOON).await.unwrap();
    ledger.close().await;
    folder
}

async fn load(ledger: &Ledger) -> Result<(), LedgerError> {
    ledger.load(ONE).await.map(|_| ())
}

async fn cached(ledger: &Ledger) -> Result<(), LedgerError> {
    ledger.cached(ONE, &build("b1"), digest(1), digest(1)).await.map(|_| ())
}

async fn spent(ledger: &Ledger) -> Result<(), LedgerError> {
    ledger.spent(ONE, &user("ana"), TODAY).await.map(|_| ())
}

async fn changed(ledger: &Ledger) -> Result<(), LedgerError> {
    ledger.changed(ONE, &build("b1"), &build("b2")).await.map(|_| ())
}

async fn series(ledger: &Ledger) -> Result<(), LedgerError> {
    ledger.series(ONE, &digest(1), &digest(7)).await.map(|_| ())
}

async fn people(ledger: &Ledger) -> Result<(), LedgerError> {
    ledger.people(ONE, &build("b3"), &[person(1, 1)]).await.map(|_| ())
}

/// After `statements` the reader, and the check of everything, name the row.
macro_rules! found {
    ($statements:expr, $reader:ident, $table:literal) => {{
        let folder = used().await;
        folder.tamper($statements).await;
        let ledger = folder.open().await.unwrap();
        for refused in [$reader(&ledger).await, ledger.check().await.map(|_| ())] {
            let refused = refused.expect_err($statements);
            assert!(matches!(&refused, LedgerError::Corrupt { table: $table, .. }), "{}: {refused:?}", $statements);
            assert!(said(&refused).contains("put it back from a backup"));
        }
    }};
}

const FLIP: &str = "SET sealed = CAST(substr(sealed, 1, 20) || x'00' || substr(sealed, 22) AS BLOB)";

#[tokio::test]
async fn a_flipped_byte_is_found() {
    found!(&format!("UPDATE entries {FLIP} WHERE id = 2"), load, "entries");
    found!(&format!("UPDATE figures {FLIP} WHERE entry = 4"), load, "figures");
    found!(&format!("UPDATE releases {FLIP} WHERE id = 1"), cached, "releases");
    found!(&format!("UPDATE builds {FLIP} WHERE build = 'b1'"), changed, "builds");
    found!(&format!("UPDATE people {FLIP}"), people, "people");
    found!(&format!("UPDATE grants {FLIP}"), spent, "grants");
    found!(&format!("UPDATE series {FLIP}"), series, "series");
}

#[tokio::test]
async fn a_cut_or_missing_text_is_found() {
    found!("UPDATE entries SET sealed = substr(sealed, 1, 40) WHERE id = 1", load, "entries");
    found!("UPDATE entries SET sealed = x'' WHERE id = 1", load, "entries");
}

#[tokio::test]
async fn texts_swapped_between_rows_are_found() {
    let swap = "CREATE TEMP TABLE two AS SELECT id, sealed FROM entries WHERE id IN (1, 3); \
         UPDATE entries SET sealed = (SELECT sealed FROM two WHERE id = 4 - entries.id) WHERE id IN (1, 3)";
    found!(swap, load, "entries");
    found!("UPDATE entries SET sealed = (SELECT sealed FROM releases WHERE id = 1) WHERE id = 1", load, "entries");
    found!("UPDATE releases SET sealed = (SELECT sealed FROM releases WHERE id = 2) WHERE id = 1", cached, "releases");
    found!("UPDATE builds SET sealed = (SELECT sealed FROM builds WHERE build = 'b2')", changed, "builds");
}

#[tokio::test]
async fn a_changed_column_is_found_though_it_is_in_clear() {
    found!("UPDATE entries SET text = (SELECT text FROM entries WHERE id = 1) WHERE id = 2", load, "entries");
    found!("UPDATE entries SET build = 'b2' WHERE id = 1", load, "entries");
    found!("UPDATE entries SET row_table = 'visits', row_build = 'b1' WHERE id = 1", load, "entries");
    found!("UPDATE figures SET entry = 1 WHERE entry = 2", load, "figures");
    found!("UPDATE releases SET charge = 0 WHERE id = 1", cached, "releases");
    found!("UPDATE releases SET user = 'ben' WHERE id = 1", cached, "releases");
    found!(
        "UPDATE series SET cohort = zeroblob(32) WHERE release = 2; UPDATE series SET cohort = (SELECT cohort FROM \
         releases WHERE id = 2) WHERE release = 1; UPDATE series SET cohort = (SELECT cohort FROM releases WHERE id = 1) \
         WHERE release = 2",
        series,
        "series"
    );
    found!("UPDATE grants SET amount = 5000", spent, "grants");
    found!("UPDATE grants SET user = 'ana'", spent, "grants");
}

#[tokio::test]
async fn rows_taken_out_or_put_in_are_found_before_anything_is_read() {
    for (statements, gone) in [
        ("DELETE FROM figures; DELETE FROM entries WHERE id = 6", "entries"),
        ("DELETE FROM figures WHERE entry = 2", "figures"),
        ("DELETE FROM series WHERE release = 2", "series"),
        ("DELETE FROM grants", "grants"),
        ("DELETE FROM builds WHERE build = 'b2'", "builds"),
        ("PRAGMA foreign_keys = OFF; DELETE FROM releases WHERE id = 3", "releases"),
        ("INSERT INTO lineages VALUES (2, 'stroke', x'01')", "lineages"),
    ] {
        let folder = used().await;
        let ledger = folder.open().await.unwrap();
        folder.tamper(statements).await;
        for refused in [load(&ledger).await, spent(&ledger).await, changed(&ledger).await] {
            assert!(matches!(refused, Err(LedgerError::Rows { table, .. }) if table == gone), "{statements}");
        }
        let commit = ledger.commit(release(&ledger, ONE, 4).await).await;
        assert!(matches!(commit, Err(LedgerError::Rows { .. })), "{statements}");
        assert!(matches!(folder.open().await, Err(LedgerError::Rows { .. })), "{statements}");
    }
}

#[tokio::test]
async fn a_head_of_before_is_found() {
    let folder = used().await;
    let ledger = folder.open().await.unwrap();
    let mut raw = folder.raw().await;
    let head: Vec<u8> = sqlx::query_scalar("SELECT sealed FROM head").fetch_one(&mut raw).await.unwrap();
    ledger.commit(release(&ledger, ONE, 4).await).await.unwrap();
    sqlx::query("UPDATE head SET sealed = $1").bind(head).execute(&mut raw).await.unwrap();
    assert!(matches!(load(&ledger).await, Err(LedgerError::Rows { .. })));
    sqlx::query("DELETE FROM head").execute(&mut raw).await.unwrap();
    assert!(matches!(load(&ledger).await, Err(LedgerError::Corrupt { table: "head", .. })));
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

fn remove_log(database: &Path) {
    for end in ["-wal", "-shm"] {
        let mut name = database.as_os_str().to_owned();
        name.push(end);
        fs::remove_file(name).ok();
    }
}
