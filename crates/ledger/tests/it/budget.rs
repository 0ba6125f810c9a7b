//! Budgets.

use coda_ledger::{BudgetGrant, NewRelease};

use crate::fixture::{Folder, NOON, TODAY, digest, lineage, release, user};

#[tokio::test]
async fn what_was_spent_is_counted_for_all_and_for_each() {
    let folder = Folder::new();
    let ledger = folder.open().await.unwrap();
    let lineage = lineage(&ledger, 50).await;
    // Ana twice about one cohort and once yesterday, Ben once.
    for (number, name, cohort, time) in
        [(1, "ana", 1, NOON - 86_400), (2, "ana", 2, NOON), (3, "ana", 2, NOON), (4, "ben", 2, NOON)]
    {
        let new = release(&ledger, lineage, number).await;
        let new = NewRelease { user: user(name), cohort: digest(cohort), time, charge: number, ..new };
        ledger.commit(new).await.unwrap();
    }
    let ana = ledger.spent(lineage, &user("ana"), TODAY).await.unwrap();
    assert_eq!((ana.lineage, ana.user, ana.cohorts_today), (10, 6, 1));
    assert_eq!(ledger.spent(lineage, &user("ana"), TODAY - 1).await.unwrap().cohorts_today, 2);
    let eva = ledger.spent(lineage, &user("eva"), TODAY).await.unwrap();
    assert_eq!((eva.lineage, eva.user, eva.cohorts_today, eva.requests_today), (10, 0, 0, 0));
    let elsewhere = ledger.spent(coda_ledger::LineageId(9), &user("ana"), TODAY).await.unwrap();
    assert_eq!((elsewhere.lineage, elsewhere.user, elsewhere.cohorts_today), (0, 0, 1));
}

#[tokio::test]
async fn requests_are_counted_by_day_and_survive_reopening() {
    let folder = Folder::new();
    let ledger = folder.open().await.unwrap();
    let lineage = lineage(&ledger, 50).await;
    let midnight = TODAY * 86_400;
    for time in [midnight - 1, midnight, midnight + 86_399] {
        ledger.note_request(&user("ana"), time).await.unwrap();
    }
    ledger.close().await;
    let ledger = folder.open().await.unwrap();
    let requests = async |since| ledger.spent(lineage, &user("ana"), since).await.unwrap().requests_today;
    assert_eq!(requests(TODAY - 1).await, 3);
    assert_eq!(requests(TODAY).await, 2);
    assert_eq!(requests(TODAY + 1).await, 0);
}

#[tokio::test]
async fn an_auditor_adds_to_a_budget_and_it_is_listed() {
    let folder = Folder::new();
    let ledger = folder.open().await.unwrap();
    let lineage = lineage(&ledger, 50).await;
    ledger.commit(release(&ledger, lineage, 1).await).await.unwrap();
    ledger.grant(lineage, None, 100, "eva", NOON).await.unwrap();
    ledger.grant(lineage, Some(user("ana")), 10, "eva", NOON + 1).await.unwrap();
    ledger.grant(lineage, Some(user("ben")), 1, "eva", NOON + 2).await.unwrap();
    ledger.grant(lineage, Some(user("ana")), 10, "uli", NOON + 3).await.unwrap();
    assert!(ledger.grant(lineage, None, u64::MAX, "eva", NOON + 3).await.is_err());
    assert!(ledger.grant(coda_ledger::LineageId(9), None, 1, "eva", NOON + 3).await.is_err());
    ledger.close().await;
    let ledger = folder.open().await.unwrap();
    let ana = ledger.spent(lineage, &user("ana"), TODAY).await.unwrap();
    assert_eq!((ana.extra_lineage, ana.extra_user), (100, 20));
    let granted = ledger.granted(lineage).await.unwrap();
    let last = BudgetGrant { id: 4, user: Some(user("ana")), amount: 10, by: "uli".into(), time: NOON + 3 };
    assert_eq!((granted.len(), granted.last()), (4, Some(&last)));
    let status = ledger.status().await.unwrap();
    assert_eq!(status.len(), 1);
    assert_eq!((status[0].dataset.as_str(), status[0].builds, status[0].entries), ("diabetes", 1, 2));
    assert_eq!((status[0].users[0].releases, status[0].users[0].charge), (1, 3));
    assert_eq!(status[0].grants, granted);
}
