//! People over the builds of a lineage.

use coda_ledger::{LedgerError, Person};
use coda_model::DatasetId;

use crate::fixture::{Folder, build, person};

#[tokio::test]
async fn a_person_keeps_the_ordinal_over_builds_and_reopening() {
    let folder = Folder::new();
    let ledger = folder.open().await.unwrap();
    let diabetes = DatasetId::new("diabetes").unwrap();
    let lineage = ledger.lineage(&diabetes, [1; 16]).await.unwrap();
    let people = |numbers: &[u32]| numbers.iter().map(|number| person(*number, 1)).collect::<Vec<_>>();
    assert_eq!(ledger.people(lineage, &build("b1"), &people(&[30, 10, 20])).await.unwrap(), [0, 1, 2]);
    assert_eq!(ledger.people(lineage, &build("b2"), &people(&[20, 40, 30])).await.unwrap(), [2, 3, 0]);
    ledger.close().await;
    let ledger = folder.open().await.unwrap();
    assert_eq!(ledger.lineage(&diabetes, [1; 16]).await.unwrap(), lineage);
    assert_eq!(ledger.people(lineage, &build("b3"), &people(&[10, 50])).await.unwrap(), [1, 4], "10 is back");
    assert_eq!(ledger.people(lineage, &build("b2"), &people(&[20, 40, 30])).await.unwrap(), [2, 3, 0], "again");
    assert_eq!(ledger.check().await.unwrap().builds, 3);
}

#[tokio::test]
async fn lineages_know_nothing_of_each_other() {
    let folder = Folder::new();
    let ledger = folder.open().await.unwrap();
    let name = |name| DatasetId::new(name).unwrap();
    let one = ledger.lineage(&name("diabetes"), [1; 16]).await.unwrap();
    let two = ledger.lineage(&name("diabetes"), [2; 16]).await.unwrap();
    let three = ledger.lineage(&name("stroke"), [1; 16]).await.unwrap();
    assert!(one != two && two != three && one != three);
    ledger.people(one, &build("b1"), &[person(1, 1), person(2, 1)]).await.unwrap();
    assert_eq!(ledger.people(two, &build("b1"), &[person(2, 1)]).await.unwrap(), [0]);
    assert!(matches!(ledger.changed(three, &build("b1"), &build("b1")).await, Err(LedgerError::UnknownBuild(_))));
    let nowhere = coda_ledger::LineageId(9);
    let refused = ledger.people(nowhere, &build("b1"), &[]).await;
    assert!(matches!(refused, Err(LedgerError::Unknown("a lineage"))));
}

#[tokio::test]
async fn who_changed_came_or_went_is_known() {
    let folder = Folder::new();
    let ledger = folder.open().await.unwrap();
    let lineage = ledger.lineage(&DatasetId::new("diabetes").unwrap(), [1; 16]).await.unwrap();
    let old: Vec<Person> = (0..10).map(|number| person(number, 1)).collect();
    // 3 went, 5 changed, 100 came; the order is another.
    let new: Vec<Person> = (0..10)
        .rev()
        .filter(|number| *number != 3)
        .map(|number| person(number, if number == 5 { 2 } else { 1 }))
        .chain([person(100, 1)])
        .collect();
    ledger.people(lineage, &build("b1"), &old).await.unwrap();
    ledger.people(lineage, &build("b2"), &new).await.unwrap();
    let changed = ledger.changed(lineage, &build("b1"), &build("b2")).await.unwrap();
    assert_eq!(changed.iter().collect::<Vec<_>>(), [3, 5, 10]);
    assert_eq!(ledger.changed(lineage, &build("b2"), &build("b1")).await.unwrap(), changed);
    assert!(ledger.changed(lineage, &build("b1"), &build("b1")).await.unwrap().is_empty());
}

#[tokio::test]
async fn a_build_never_changes_and_has_nobody_twice() {
    let folder = Folder::new();
    let ledger = folder.open().await.unwrap();
    let lineage = ledger.lineage(&DatasetId::new("diabetes").unwrap(), [1; 16]).await.unwrap();
    let twice = ledger.people(lineage, &build("b1"), &[person(1, 1), person(1, 2)]).await;
    assert!(matches!(twice, Err(LedgerError::SameKey(_))));
    ledger.people(lineage, &build("b1"), &[person(1, 1), person(2, 1)]).await.unwrap();
    for other in [&[person(1, 1)][..], &[person(2, 1), person(1, 1)], &[person(1, 1), person(2, 2)]] {
        let refused = ledger.people(lineage, &build("b1"), other).await;
        assert!(matches!(refused, Err(LedgerError::BuildChanged(_))));
    }
    assert_eq!(
        ledger.people(lineage, &build("b2"), &[person(9, 1)]).await.unwrap(),
        [2],
        "a refused build leaves none"
    );
}
