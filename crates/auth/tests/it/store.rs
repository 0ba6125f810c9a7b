//! The database on its disk.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::PathBuf;
use std::sync::Arc;

use coda_audit::AuditLog;
use coda_auth::grants::{GrantId, NewGrant, Project};
use coda_auth::{Grants, GrantsError};
use coda_model::SiteId;
use coda_policy::{Claim, Permission, Role};
use sqlx::sqlite::SqliteConnectOptions;
use sqlx::{ConnectOptions as _, SqliteConnection};
use tempfile::TempDir;
use time::Duration;

use crate::hub::{Hub, START, user};

struct Folder(TempDir);

impl Folder {
    fn new() -> Self {
        Self(tempfile::tempdir().unwrap())
    }

    fn database(&self) -> PathBuf {
        self.0.path().join("grants.sqlite")
    }

    async fn open(&self) -> Result<Grants, GrantsError> {
        let audit = AuditLog::open(&self.0.path().join("audit.jsonl")).unwrap();
        Grants::open(&self.database(), Arc::new(audit)).await
    }

    /// Past all that the program checks.
    async fn raw(&self) -> SqliteConnection {
        SqliteConnectOptions::new().filename(self.database()).connect().await.unwrap()
    }
}

fn administrator() -> NewGrant {
    let site = SiteId::new("north").unwrap();
    let claim = Claim::new(Role::SiteAdministrator, Some(site), vec![]).unwrap();
    NewGrant { user: user("sara"), claim, project: Some(Project::new("set-up: é").unwrap()), until: None }
}

/// A query that names a project with such a character is refused, so that no grant may name one.
#[test]
fn a_project_is_plain_text() {
    assert!(Project::new(&"é".repeat(200)).is_ok());
    for refused in ["", "a\nb", "\u{1b}[2J", "A1\u{202e}", &"é".repeat(201)] {
        assert!(Project::new(refused).is_err(), "{refused:?}");
    }
}

#[tokio::test]
async fn grants_survive_reopening_with_all_they_say() {
    let folder = Folder::new();
    let grants = folder.open().await.unwrap();
    grants.bootstrap_master(&user("max"), START).await.unwrap();
    grants.grant(administrator(), &user("max"), START).await.unwrap();
    let site = SiteId::new("north").unwrap();
    let claim = Claim::new(Role::SiteResearcher, Some(site), vec![Permission::AdvancedQueries]).unwrap();
    let until = Some((START + Duration::days(1)).unix_timestamp());
    let new = NewGrant { user: user("ana"), claim: claim.clone(), project: None, until };
    let given = grants.grant(new, &user("sara"), START).await.unwrap();
    let before = grants.list(&user("sara"), START).await.unwrap();
    grants.close().await;

    let grants = folder.open().await.unwrap();
    assert_eq!(grants.list(&user("sara"), START).await.unwrap(), before);
    assert_eq!(grants.standing(&user("ana"), START).await.unwrap(), std::slice::from_ref(&given));
    grants.revoke(&given.id, &user("sara"), START).await.unwrap();
    grants.close().await;

    let grants = folder.open().await.unwrap();
    assert_eq!(grants.of(&user("ana"), START).await.unwrap(), []);
    let history = grants.list(&user("ana"), START).await.unwrap();
    assert_eq!(history.len(), 1);
    assert_eq!(history[0].claim, claim);
    assert_eq!(history[0].ended.as_ref().and_then(|ended| ended.by.clone()), Some(user("sara")));
}

#[tokio::test]
async fn two_may_open_a_new_database_at_once() {
    let folder = Folder::new();
    let (one, two) = tokio::join!(folder.open(), folder.open());
    let (one, two) = (one.unwrap(), two.unwrap());
    one.bootstrap_master(&user("max"), START).await.unwrap();
    assert_eq!(two.of(&user("max"), START).await.unwrap().len(), 1);
    assert!(matches!(two.bootstrap_master(&user("max"), START).await, Err(GrantsError::Standing)));
    two.bootstrap_master(&user("mia"), START).await.unwrap();
    one.remove_master(&user("max"), START).await.unwrap();
    assert!(matches!(one.remove_master(&user("max"), START).await, Err(GrantsError::Unknown)));
    assert_eq!(two.of(&user("max"), START).await.unwrap(), []);
}

#[tokio::test]
async fn of_many_who_end_the_same_grant_one_does() {
    let folder = Folder::new();
    let grants = folder.open().await.unwrap();
    grants.bootstrap_master(&user("max"), START).await.unwrap();
    let given = grants.grant(administrator(), &user("max"), START).await.unwrap();
    let tries: Vec<_> = (0..8)
        .map(|_| {
            let grants = grants.clone();
            tokio::spawn(async move { grants.revoke(&given.id, &user("max"), START).await })
        })
        .collect();
    let mut ended = 0;
    for attempt in tries {
        match attempt.await.unwrap() {
            Ok(()) => ended += 1,
            Err(error) => assert!(matches!(error, GrantsError::Unknown), "{error}"),
        }
    }
    assert_eq!(ended, 1);
}

#[tokio::test]
async fn the_database_is_its_owners_alone() {
    let folder = Folder::new();
    let grants = folder.open().await.unwrap();
    grants.bootstrap_master(&user("max"), START).await.unwrap();
    for entry in fs::read_dir(folder.0.path()).unwrap() {
        let entry = entry.unwrap();
        let mode = entry.metadata().unwrap().permissions().mode() & 0o777;
        assert_eq!(mode, 0o600, "{}", entry.path().display());
    }
    grants.close().await;
    fs::set_permissions(folder.database(), fs::Permissions::from_mode(0o644)).unwrap();
    let message = folder.open().await.unwrap_err().to_string();
    assert!(message.contains("chmod 600"), "{message}");
}

#[tokio::test]
async fn history_cannot_be_rewritten() {
    let folder = Folder::new();
    let grants = folder.open().await.unwrap();
    grants.bootstrap_master(&user("max"), START).await.unwrap();
    grants.remove_master(&user("max"), START).await.unwrap();
    let mut raw = folder.raw().await;
    for sql in [
        "DELETE FROM grants",
        "UPDATE grants SET revoked_at = NULL",
        "UPDATE grants SET person = 'eve'",
        "UPDATE grants SET until = 1",
    ] {
        let error = sqlx::query(sql).execute(&mut raw).await.unwrap_err().to_string();
        assert!(error.contains("a grant is ended"), "{sql}: {error}");
    }
}

#[tokio::test]
async fn a_row_of_another_hand_is_not_believed() {
    let folder = Folder::new();
    let grants = folder.open().await.unwrap();
    let mut raw = folder.raw().await;
    let sql = "INSERT INTO grants (id, person, role, extra, granted_at) VALUES \
               ('00000000000000000000000000000000', 'eve', 'site-administrator', '', 0)";
    sqlx::query(sql).execute(&mut raw).await.unwrap();
    let outcome = grants.of(&user("eve"), START).await;
    assert!(matches!(outcome, Err(GrantsError::Row { .. })), "{outcome:?}");
}

#[tokio::test]
async fn a_database_of_a_later_program_is_left_alone() {
    let folder = Folder::new();
    folder.open().await.unwrap().close().await;
    sqlx::query("INSERT INTO migrations (version) VALUES (99)").execute(&mut folder.raw().await).await.unwrap();
    assert!(matches!(folder.open().await, Err(GrantsError::Newer(99))));
}

#[tokio::test]
async fn a_server_that_stops_leaves_everything_in_order() {
    let hub = Hub::with_site_administrators().await;
    hub.person("sara").grant("ana", "other-end-user", "north").await.unwrap();
    let (database, audit) = (hub.database(), hub.config.audit.clone());
    let folder = hub.stop().await;
    let log = Arc::new(AuditLog::open(&audit).unwrap());
    let grants = Grants::open(&database, log).await.unwrap();
    assert_eq!(grants.of(&user("ana"), START).await.unwrap().len(), 1);
    drop(folder);
}

#[test]
fn an_id_has_one_text() {
    let text = "00ff".repeat(8);
    assert_eq!(GrantId::parse(&text).unwrap().to_string(), text);
    for bad in ["", "00", &text.to_uppercase(), &format!("{text}00"), &"zz".repeat(16)] {
        assert!(GrantId::parse(bad).is_err(), "{bad}");
    }
}
