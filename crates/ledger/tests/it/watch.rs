//! The watch: twins are counted, and whoever asks for many of them is held.

use coda_disclosure::watch::{ALERT, HOLD, SetKind, WatchedSet};
use coda_ledger::{Ledger, LineageId, NewAsks, NotCounted, Party, Sighting};

use crate::fixture::{AMPLE, Folder, asks, count, lineage, record_keys, set, sightings, user};

/// Asks for a pair of cohorts that differ by one person, of whom the first has so many people.
async fn pair(ledger: &Ledger, lineage: LineageId, number: u64, kind: SetKind) -> Result<Vec<Sighting>, NotCounted> {
    let people = record_keys(400);
    let start = 3 * number as usize;
    let mut seen = Vec::new();
    for (side, from) in [(0, start), (1, start + 1)] {
        let new = asks(lineage, "p", &[(2 * number + side, 2 * number + side)]);
        let counted = count(ledger, &new, &AMPLE).await?;
        let mut watched = set(&people[from..start + 120], (2 * number + side + 1) as u8);
        watched.kind = kind;
        seen = sightings(ledger, &new, &counted, vec![watched]).await.unwrap();
    }
    Ok(seen)
}

#[tokio::test]
async fn who_asks_in_pairs_is_seen_alerted_and_held() {
    let folder = Folder::new();
    let ledger = folder.open().await.unwrap();
    let lineage = lineage(&ledger).await;
    let mut alerted = None;
    for number in 0..HOLD {
        let seen = pair(&ledger, lineage, number, SetKind::Cell).await.unwrap();
        let of = |party: &Party| seen.iter().find(|sighting| sighting.party == *party).unwrap().twins;
        assert_eq!(of(&Party::User(user("ana"))), number + 1);
        assert_eq!(of(&Party::Project("p".to_owned())), number + 1);
        if number + 1 >= ALERT && alerted.is_none() {
            alerted = Some(number + 1);
        }
    }
    assert_eq!(alerted, Some(ALERT));
    assert_eq!(pair(&ledger, lineage, 50, SetKind::Cell).await, Err(NotCounted::Held));
    // What was asked before is answered again, and somebody else's project is not held.
    assert!(count(&ledger, &asks(lineage, "p", &[(0, 0)]), &AMPLE).await.is_ok());
    let mut other = asks(lineage, "q", &[(900, 900)]);
    assert_eq!(count(&ledger, &other, &AMPLE).await, Err(NotCounted::Held));
    other = NewAsks { user: user("ben"), ..asks(lineage, "q", &[(900, 900)]) };
    assert!(count(&ledger, &other, &AMPLE).await.is_ok());

    let holds = ledger.holds().await.unwrap();
    assert_eq!(holds.len(), 2);
    for hold in &holds {
        assert!(ledger.release_hold(hold.id, "eva", "a teaching exercise").await.unwrap());
        assert!(!ledger.release_hold(hold.id, "eva", "again").await.unwrap());
    }
    assert_eq!(ledger.holds().await.unwrap()[0].released, Some(("eva".to_owned(), "a teaching exercise".to_owned())));
    let seen = pair(&ledger, lineage, 50, SetKind::Cell).await.unwrap();
    assert_eq!((seen[0].twins, seen[0].held), (1, false), "what was released does not count again");
}

#[tokio::test]
async fn a_pair_of_distributions_weighs_three() {
    let folder = Folder::new();
    let ledger = folder.open().await.unwrap();
    let lineage = lineage(&ledger).await;
    let seen = pair(&ledger, lineage, 0, SetKind::Distribution).await.unwrap();
    assert_eq!(seen[0].twins, 3);
}

/// A person is in one cell of an ask, but may have rows in all of them.
#[tokio::test]
async fn an_ask_counts_one_twin_of_people_and_every_one_of_rows() {
    for (kind, expected) in [(SetKind::Cell, 1), (SetKind::CellOfRows, 3)] {
        let folder = Folder::new();
        let ledger = folder.open().await.unwrap();
        let (lineage, people) = (lineage(&ledger).await, record_keys(400));
        let mut seen = Vec::new();
        for side in 0..2u64 {
            let new = asks(lineage, "p", &[(side, side)]);
            let counted = count(&ledger, &new, &AMPLE).await.unwrap();
            let cell = |cell: usize| {
                let first = 120 * cell + side as usize;
                let levels = [cell as u8; 32];
                WatchedSet { kind, levels, ..set(&people[first..120 * (cell + 1)], (10 * side) as u8 + cell as u8 + 1) }
            };
            seen = sightings(&ledger, &new, &counted, (0..3).map(cell).collect()).await.unwrap();
        }
        assert_eq!(seen[0].twins, expected, "{kind:?}");
    }
}

/// The wholes of two distributions may have been compared already, as counts.
#[tokio::test]
async fn a_pair_of_distributions_counts_beside_that_of_their_counts() {
    let folder = Folder::new();
    let ledger = folder.open().await.unwrap();
    let lineage = lineage(&ledger).await;
    pair(&ledger, lineage, 0, SetKind::Cell).await.unwrap();
    let people = record_keys(400);
    let mut seen = Vec::new();
    for (side, from) in [(0, 0), (1, 1)] {
        let new = asks(lineage, "p", &[(500 + side, side)]);
        let counted = count(&ledger, &new, &AMPLE).await.unwrap();
        let whole = WatchedSet { kind: SetKind::Distribution, ..set(&people[from..120], side as u8 + 1) };
        seen = sightings(&ledger, &new, &counted, vec![whole]).await.unwrap();
    }
    assert_eq!((seen[0].new_twins, seen[0].twins), (3, 4));
}

#[tokio::test]
async fn a_pair_is_counted_once_and_honest_cohorts_never() {
    let folder = Folder::new();
    let ledger = folder.open().await.unwrap();
    let lineage = lineage(&ledger).await;
    pair(&ledger, lineage, 0, SetKind::Cell).await.unwrap();
    // The same pair of statements under another ask, such as a mean of the same people.
    let people = record_keys(400);
    let new = asks(lineage, "p", &[(800, 0)]);
    let counted = count(&ledger, &new, &AMPLE).await.unwrap();
    assert_eq!(sightings(&ledger, &new, &counted, vec![set(&people[0..120], 1)]).await.unwrap(), Vec::new());
    // Cohorts that differ by many.
    for (ask, range) in [(801, 0..60), (802, 60..200), (803, 30..90), (804, 0..400)] {
        let new = asks(lineage, "p", &[(ask, ask)]);
        let counted = count(&ledger, &new, &AMPLE).await.unwrap();
        let seen = sightings(&ledger, &new, &counted, vec![set(&people[range], ask as u8)]).await.unwrap();
        assert_eq!(seen, Vec::new(), "{ask}");
    }
}
