//! The database on its disk.

use coda_auth::accounts::By;
use coda_auth::grants::{GrantId, NewGrant};
use coda_auth::{AuthConfig, DatabaseError, Grants, GrantsError, ServeError, Stores};
use coda_model::SiteId;
use coda_pki::{Algorithm, Authority};
use coda_policy::{Claim, Permission, Project, Role};
use coda_postbox::Postbox;
use sqlx::{AnyConnection, Connection as _};
use tempfile::TempDir;
use time::Duration;

use crate::hub::{Hub, START, config, user};

struct Folder {
    _disk: TempDir,
    config: AuthConfig,
    _postbox: Postbox,
}

impl Folder {
    async fn new() -> Option<Self> {
        let folder = tempfile::tempdir().unwrap();
        let postbox = Postbox::start().await.unwrap();
        Authority::create(folder.path(), Algorithm::P256, START).unwrap();
        let config = config(folder.path(), &postbox)?;
        let stores = Stores::open(&config).await.unwrap();
        for name in ["max", "mia", "sara", "ana"] {
            stores.accounts.open(&user(name), None, &By::hub(START)).await.unwrap();
        }
        let project = coda_auth::projects::ProjectRecord {
            id: Project::new("study").unwrap(),
            title: "A study".to_owned(),
            approval: "A-1".to_owned(),
            sites: [SiteId::new("north").unwrap()].into(),
            until: (START + Duration::days(30)).unix_timestamp(),
            closed_at: None,
        };
        stores.projects.open(&project, START).await.unwrap();
        stores.close().await;
        Some(Self { _disk: folder, config, _postbox: postbox })
    }

    async fn open(&self) -> Result<Grants, ServeError> {
        Ok(Stores::open(&self.config).await?.grants)
    }

    /// Past all that the program checks.
    async fn raw(&self) -> AnyConnection {
        AnyConnection::connect(&self.config.database.url()).await.unwrap()
    }
}

fn administrator() -> NewGrant {
    let site = SiteId::new("north").unwrap();
    let claim = Claim::new(Role::SiteAdministrator, Some(site), vec![]).unwrap();
    NewGrant { user: user("sara"), claim, reason: Some("set-up: é".to_owned()), until: None }
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
    let Some(folder) = Folder::new().await else { return };
    let grants = folder.open().await.unwrap();
    grants.bootstrap_master(&user("max"), START).await.unwrap();
    grants.grant(administrator(), &user("max"), START).await.unwrap();
    let site = SiteId::new("north").unwrap();
    let claim = Claim::new(Role::SiteResearcher, Some(site), vec![Permission::AdvancedQueries]).unwrap();
    let until = Some((START + Duration::days(1)).unix_timestamp());
    let claim = claim.within(Some(Project::new("study").unwrap()));
    let new = NewGrant { user: user("ana"), claim: claim.clone(), reason: Some("tried".to_owned()), until };
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
    let Some(folder) = Folder::new().await else { return };
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
    let Some(folder) = Folder::new().await else { return };
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
async fn history_cannot_be_rewritten() {
    let Some(folder) = Folder::new().await else { return };
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
    let Some(folder) = Folder::new().await else { return };
    let grants = folder.open().await.unwrap();
    let mut raw = folder.raw().await;
    let sql = "INSERT INTO accounts (person, password, password_at, must_change, wrong, opened_at) \
               VALUES ('eve@hub.example', '', 0, 0, 0, 0)";
    sqlx::query(sql).execute(&mut raw).await.unwrap();
    let sql = "INSERT INTO grants (id, person, role, extra, granted_at) VALUES \
               ('00000000000000000000000000000000', 'eve@hub.example', 'site-administrator', '', 0)";
    sqlx::query(sql).execute(&mut raw).await.unwrap();
    let outcome = grants.of(&user("eve"), START).await;
    assert!(matches!(outcome, Err(GrantsError::Database(DatabaseError::Row { .. }))), "{outcome:?}");
}

#[tokio::test]
async fn a_database_of_a_later_program_is_left_alone() {
    let Some(folder) = Folder::new().await else { return };
    folder.open().await.unwrap().close().await;
    sqlx::query("INSERT INTO migrations (version) VALUES (99)").execute(&mut folder.raw().await).await.unwrap();
    assert!(matches!(folder.open().await, Err(ServeError::Database(DatabaseError::Newer(99)))));
}

#[tokio::test]
async fn a_server_that_stops_leaves_everything_in_order() {
    let Some(hub) = Hub::with_site_administrators().await else { return };
    hub.person("sara").grant("ana", "other-end-user", "north").await.unwrap();
    let config = hub.config.clone();
    let folder = hub.stop().await;
    let grants = Stores::open(&config).await.unwrap().grants;
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
