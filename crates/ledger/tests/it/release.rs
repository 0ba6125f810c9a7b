//! Releases, and what is found of them later.

use coda_ledger::{LedgerError, NewRelease, Subject, UniverseName};

use crate::fixture::{Folder, NOON, TODAY, build, digest, entry, figure, lineage, release, user};

#[tokio::test]
async fn everything_survives_reopening() {
    let folder = Folder::new();
    let ledger = folder.open().await.unwrap();
    let lineage_id = lineage(&ledger, 50).await;
    let mut first = release(&ledger, lineage_id, 1).await;
    first.entries[0].universe = UniverseName::Rows { table: "visits".into(), build: build("b1") };
    ledger.commit(first.clone()).await.unwrap();
    ledger.commit(release(&ledger, lineage_id, 2).await).await.unwrap();
    let secret = ledger.secret("orders");
    let before = ledger.load(lineage_id).await.unwrap();
    ledger.close().await;

    let ledger = folder.open().await.unwrap();
    assert_eq!(lineage(&ledger, 50).await, lineage_id);
    assert_eq!(ledger.secret("orders"), secret);
    let entries = ledger.load(lineage_id).await.unwrap();
    assert!(entries == before && entries.len() == 4);
    assert_eq!(entries[0].universe, first.entries[0].universe);
    assert_eq!(entries[0].text, digest(2));
    assert_eq!(entries[0].build, build("b1"));
    assert_eq!(entries[0].set, first.entries[0].set);
    assert!(entries[0].words.is_some() && entries[0].words == first.entries[0].words);
    assert_eq!(entries[1].set, first.entries[1].set);
    assert_eq!(entries[1].figures.len(), 1);
    assert_eq!(entries[1].figures[0].column, digest(7));
    assert_eq!(entries[1].figures[0].powers, [i128::MAX, i128::MIN, 0, -5]);
    assert_eq!(entries[2].universe, UniverseName::People);
    assert_eq!(ledger.series(lineage_id, &digest(2), &digest(7)).await.unwrap().unwrap(), "month");
    assert_eq!(ledger.series(lineage_id, &digest(2), &digest(8)).await.unwrap(), None);
    let cached = ledger.cached(lineage_id, &build("b1"), digest(1), digest(2)).await.unwrap();
    assert_eq!(cached.unwrap(), b"the reply number 2");
    let spent = ledger.spent(lineage_id, &user("ana"), TODAY).await.unwrap();
    assert_eq!((spent.lineage, spent.user, spent.cohorts_today), (6, 6, 2));
    let checked = ledger.check().await.unwrap();
    assert_eq!((checked.lineages, checked.builds, checked.releases), (1, 1, 2));
    assert_eq!((checked.entries, checked.figures), (4, 2));
}

#[tokio::test]
async fn a_reply_is_found_for_its_build_its_policy_and_its_query_only() {
    let folder = Folder::new();
    let ledger = folder.open().await.unwrap();
    let lineage = lineage(&ledger, 50).await;
    ledger.commit(release(&ledger, lineage, 1).await).await.unwrap();
    for (on, policy, query) in [("b2", 1, 1), ("b1", 2, 1), ("b1", 1, 2)] {
        let found = ledger.cached(lineage, &build(on), digest(policy), digest(query)).await.unwrap();
        assert_eq!(found, None);
    }
    let again = release(&ledger, lineage, 1).await;
    assert!(matches!(ledger.commit(again).await, Err(LedgerError::Contradiction("reply"))));
}

#[tokio::test]
async fn a_history_is_kept_up_to_date_by_what_changed() {
    let folder = Folder::new();
    let ledger = folder.open().await.unwrap();
    let lineage = lineage(&ledger, 50).await;
    for number in 1..=3 {
        ledger.commit(release(&ledger, lineage, number).await).await.unwrap();
    }
    let seen = ledger.newest(lineage).await.unwrap();
    assert!(ledger.load_since(lineage, seen).await.unwrap().is_empty());
    let all = ledger.load(lineage).await.unwrap();
    let mut fourth = release(&ledger, lineage, 4).await;
    fourth.entries.truncate(1);
    fourth.figures = vec![figure(Subject::Stored(all[2].id), 9, &[1])];
    ledger.commit(fourth).await.unwrap();
    let since = ledger.load_since(lineage, seen).await.unwrap();
    let ids: Vec<_> = since.iter().map(|entry| entry.id.0).collect();
    assert_eq!(ids, [3, 7]);
    assert_eq!(since[0].figures.len(), 1, "whole, with what was told before");
    assert!(ledger.load(lineage).await.unwrap()[2] == since[0]);
}

#[tokio::test]
async fn what_was_told_of_an_entry_may_be_told_again_or_more_but_not_otherwise() {
    let folder = Folder::new();
    let ledger = folder.open().await.unwrap();
    let lineage = lineage(&ledger, 50).await;
    ledger.commit(release(&ledger, lineage, 1).await).await.unwrap();
    let id = ledger.load(lineage).await.unwrap()[0].id;
    for (number, powers, kept) in
        [(2, &[5][..], &[5][..]), (3, &[5, 25], &[5, 25]), (4, &[5], &[5, 25]), (5, &[5, 25, 125], &[5, 25, 125])]
    {
        let mut more = release(&ledger, lineage, number).await;
        more.figures = vec![figure(Subject::Stored(id), 8, powers)];
        ledger.commit(more).await.unwrap();
        assert_eq!(ledger.load(lineage).await.unwrap()[0].figures[0].powers, kept);
    }
    let before = ledger.load(lineage).await.unwrap();
    let mut other = release(&ledger, lineage, 6).await;
    other.figures = vec![figure(Subject::Stored(id), 8, &[6])];
    assert!(matches!(ledger.commit(other).await, Err(LedgerError::Contradiction("figure"))));
    let mut other = release(&ledger, lineage, 6).await;
    other.series[0].cohort = digest(1);
    other.series[0].bucket = "week".into();
    assert!(matches!(ledger.commit(other).await, Err(LedgerError::Contradiction("series"))));
    assert!(ledger.load(lineage).await.unwrap() == before, "nothing of it was written");
    ledger.check().await.unwrap();
}

#[tokio::test]
async fn a_release_speaks_of_what_is_there() {
    let folder = Folder::new();
    let ledger = folder.open().await.unwrap();
    let lineage = lineage(&ledger, 50).await;
    let good = release(&ledger, lineage, 1).await;
    let bad = NewRelease { build: build("b9"), ..good.clone() };
    assert!(matches!(ledger.commit(bad).await, Err(LedgerError::UnknownBuild(_))));
    for subject in [Subject::New(2), Subject::Stored(coda_ledger::EntryId(9))] {
        let bad = NewRelease { figures: vec![figure(subject, 7, &[1])], ..good.clone() };
        assert!(matches!(ledger.commit(bad).await, Err(LedgerError::Unknown(_))));
    }
    let bad = NewRelease { charge: u64::MAX, ..good.clone() };
    assert!(matches!(ledger.commit(bad).await, Err(LedgerError::Number)));
    assert!(ledger.load(lineage).await.unwrap().is_empty());
    ledger.commit(good).await.unwrap();
}

#[tokio::test]
async fn of_two_decisions_on_the_same_history_one_is_released() {
    let folder = Folder::new();
    let ledger = folder.open().await.unwrap();
    let lineage = lineage(&ledger, 50).await;
    let one = release(&ledger, lineage, 1).await;
    let two = release(&ledger, lineage, 2).await;
    let (one, two) = tokio::join!(ledger.commit(one), ledger.commit(two));
    let refused: Vec<_> = [one, two].into_iter().filter_map(Result::err).collect();
    assert!(matches!(refused[..], [LedgerError::Stale]), "{refused:?}");
    assert_eq!(ledger.load(lineage).await.unwrap().len(), 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn many_writers_who_decide_again_all_get_through() {
    let folder = Folder::new();
    let first = folder.open().await.unwrap();
    let lineage = lineage(&first, 50).await;
    let writers = (1..=8).map(|number| {
        let path = folder.database();
        tokio::spawn(async move {
            let ledger = coda_ledger::Ledger::open(&path, coda_ledger::Options::default()).await.unwrap();
            loop {
                match ledger.commit(release(&ledger, lineage, number).await).await {
                    Ok(_) => return,
                    Err(LedgerError::Stale) => {}
                    Err(other) => panic!("{other}"),
                }
            }
        })
    });
    for writer in writers.collect::<Vec<_>>() {
        writer.await.unwrap();
    }
    let entries = first.load(lineage).await.unwrap();
    assert_eq!(entries.len(), 16);
    assert_eq!(first.check().await.unwrap().releases, 8);
}

#[tokio::test]
async fn the_clock_does_not_go_back() {
    let folder = Folder::new();
    let ledger = folder.open().await.unwrap();
    let lineage = lineage(&ledger, 50).await;
    ledger.commit(release(&ledger, lineage, 1).await).await.unwrap();
    let at = |time, release| NewRelease { time, ..release };
    ledger.commit(at(NOON - 60, release(&ledger, lineage, 2).await)).await.unwrap();
    ledger.close().await;
    let ledger = folder.open().await.unwrap();
    let before = release(&ledger, lineage, 3).await;
    let refused = ledger.commit(at(NOON - 61, before.clone())).await.unwrap_err();
    assert!(matches!(refused, LedgerError::Clock { .. }));
    let text = refused.to_string();
    assert!(text.contains("the clock says 2026-09-21T11:58:59Z"), "{text}");
    assert!(text.contains("was written at 2026-09-21T12:00:00Z") && text.contains("ledger.sqlite"), "{text}");
    assert_eq!(ledger.load(lineage).await.unwrap().len(), 4);
    assert!(matches!(ledger.note_request(&user("ana"), NOON - 61).await, Err(LedgerError::Clock { .. })));
    assert!(matches!(ledger.take_nonce([1; 16], NOON, NOON - 61).await, Err(LedgerError::Clock { .. })));
    let grant = ledger.grant(lineage, None, 1, "eva", NOON - 61).await;
    assert!(matches!(grant, Err(LedgerError::Clock { .. })));
    ledger.accept_clock(NOON - 3600, "root on the console").await.unwrap();
    ledger.commit(at(NOON - 61, before)).await.unwrap();
}

#[test]
fn nothing_is_said_of_people_by_debug() {
    let release = entry(1, [1, 2, 3]);
    assert_eq!(format!("{release:?}"), "NewEntry");
    assert_eq!(format!("{:?}", crate::fixture::person(1, 1)), "Person");
    let figure = figure(Subject::New(0), 1, &[77]);
    assert_eq!(format!("{figure:?} {:?}", figure.figure), "NewFigure FigureStored");
}
