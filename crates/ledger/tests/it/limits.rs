//! Limits of asks, and renewals.

use coda_ledger::{Counted, LedgerError, NotCounted, Party};
use coda_model::estimate::Limits;

use crate::fixture::{AMPLE, Folder, NOON, asks, count, lineage, user};

#[tokio::test]
async fn a_repeated_ask_is_free() {
    let folder = Folder::new();
    let ledger = folder.open().await.unwrap();
    let lineage = lineage(&ledger).await;
    let limits = Limits { asks_left: 3, ..AMPLE };
    let first = count(&ledger, &asks(lineage, "p", &[(1, 1), (2, 1)]), &limits).await.unwrap();
    assert_eq!((first.left.asks_left, first.left.cohorts_left), (1, AMPLE.cohorts_left - 1));
    assert_eq!(first.new, [Some(1), Some(2)]);
    let again = count(&ledger, &asks(lineage, "p", &[(2, 1), (1, 1)]), &limits).await.unwrap();
    assert_eq!((again.left, again.new), (first.left, vec![None, None]));
    // At the limit, and over it: what was asked before is still answered.
    count(&ledger, &asks(lineage, "p", &[(3, 2)]), &limits).await.unwrap();
    assert_eq!(count(&ledger, &asks(lineage, "p", &[(4, 2)]), &limits).await, Err(NotCounted::Asks));
    assert!(count(&ledger, &asks(lineage, "p", &[(1, 1)]), &limits).await.is_ok());
}

#[tokio::test]
async fn all_asks_of_a_query_are_counted_or_none() {
    let folder = Folder::new();
    let ledger = folder.open().await.unwrap();
    let lineage = lineage(&ledger).await;
    let limits = Limits { asks_left: 2, ..AMPLE };
    assert_eq!(count(&ledger, &asks(lineage, "p", &[(1, 1), (2, 1), (3, 1)]), &limits).await, Err(NotCounted::Asks));
    let Counted { left, new } = count(&ledger, &asks(lineage, "p", &[(1, 1), (2, 1)]), &limits).await.unwrap();
    assert_eq!((left.asks_left, new), (0, vec![Some(1), Some(2)]));
}

#[tokio::test]
async fn each_limit_is_its_own() {
    let folder = Folder::new();
    let ledger = folder.open().await.unwrap();
    let lineage = lineage(&ledger).await;
    let cohorts = Limits { cohorts_left: 2, ..AMPLE };
    count(&ledger, &asks(lineage, "p", &[(1, 1), (2, 2), (3, 2)]), &cohorts).await.unwrap();
    assert_eq!(count(&ledger, &asks(lineage, "p", &[(4, 3)]), &cohorts).await, Err(NotCounted::Cohorts));
    assert!(count(&ledger, &asks(lineage, "p", &[(4, 2)]), &cohorts).await.is_ok());
    let today = Limits { asks_left_today: 5, ..AMPLE };
    count(&ledger, &asks(lineage, "p", &[(5, 2)]), &today).await.unwrap();
    assert_eq!(count(&ledger, &asks(lineage, "p", &[(6, 2)]), &today).await, Err(NotCounted::Today));
    let mut tomorrow = asks(lineage, "p", &[(6, 2)]);
    tomorrow.time += 86_400;
    assert!(count(&ledger, &tomorrow, &today).await.is_ok());
}

/// Projects are named by whoever asks, so a new name is no way round the limits.
#[tokio::test]
async fn another_project_gives_a_person_no_more() {
    let folder = Folder::new();
    let ledger = folder.open().await.unwrap();
    let lineage = lineage(&ledger).await;
    let limits = Limits { asks_left: 2, ..AMPLE };
    count(&ledger, &asks(lineage, "p", &[(1, 1)]), &limits).await.unwrap();
    count(&ledger, &asks(lineage, "q", &[(1, 1)]), &limits).await.unwrap();
    assert_eq!(count(&ledger, &asks(lineage, "r", &[(1, 1)]), &limits).await, Err(NotCounted::Asks));
    // And another person gives a project no more.
    let mut ben = asks(lineage, "p", &[(2, 1), (3, 1)]);
    ben.user = user("ben");
    assert_eq!(count(&ledger, &ben, &limits).await, Err(NotCounted::Asks));
}

#[tokio::test]
async fn a_renewed_party_counts_anew() {
    let folder = Folder::new();
    let ledger = folder.open().await.unwrap();
    let lineage = lineage(&ledger).await;
    let limits = Limits { asks_left: 1, ..AMPLE };
    count(&ledger, &asks(lineage, "p", &[(1, 1)]), &limits).await.unwrap();
    for party in [Party::Project("p".to_owned()), Party::User(user("ana"))] {
        assert_eq!(count(&ledger, &asks(lineage, "p", &[(2, 1)]), &limits).await, Err(NotCounted::Asks));
        ledger.renew(lineage, &party, "eva", NOON).await.unwrap();
    }
    assert!(count(&ledger, &asks(lineage, "p", &[(2, 1)]), &limits).await.is_ok());
    let status = ledger.status().await.unwrap();
    let told: Vec<_> = status[0].parties.iter().map(|party| (party.party.to_string(), party.asks)).collect();
    assert_eq!(told, [("project p".to_owned(), 1), ("ana".to_owned(), 1)]);
    let unknown = ledger.renew(coda_ledger::LineageId(9), &Party::Project("p".to_owned()), "eva", NOON).await;
    assert!(matches!(unknown, Err(LedgerError::Unknown(_))));
}

#[tokio::test]
async fn a_clock_that_goes_back_stops_the_counting() {
    let folder = Folder::new();
    let ledger = folder.open().await.unwrap();
    let lineage = lineage(&ledger).await;
    count(&ledger, &asks(lineage, "p", &[(1, 1)]), &AMPLE).await.unwrap();
    let mut yesterday = asks(lineage, "p", &[(2, 1)]);
    yesterday.time -= 86_400;
    assert!(matches!(ledger.count(&yesterday, &AMPLE).await, Err(LedgerError::Clock { .. })));
    ledger.accept_clock(NOON - 86_400, "root").await.unwrap();
    assert!(ledger.count(&yesterday, &AMPLE).await.unwrap().is_ok());
}
