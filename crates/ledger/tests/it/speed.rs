//! How long things take at the size of a large site. The limits are those of the design, measured without optimisation.

use std::time::{Duration, Instant};

use coda_ledger::NewRelease;
use coda_model::DatasetId;

use crate::fixture::{Folder, build, digest, entry, person, release};

/// Different sets of `size` of 50,000 people.
fn members(number: u64, size: u32) -> impl Iterator<Item = u32> {
    let step = 50_000 / size;
    (0..size).map(move |place| place * step + (number as u32 + place * place) % step)
}

#[tokio::test]
async fn a_site_of_50_000_people_and_10_000_entries_is_quick() {
    let folder = Folder::new();
    let ledger = folder.open().await.unwrap();
    let lineage = ledger.lineage(&DatasetId::new("diabetes").unwrap(), [1; 16]).await.unwrap();
    let people: Vec<_> = (0..50_000).map(|number| person(number, 1)).collect();
    let start = Instant::now();
    ledger.people(lineage, &build("b1"), &people).await.unwrap();
    let first_build = start.elapsed();
    let start = Instant::now();
    ledger.people(lineage, &build("b2"), &people[10..]).await.unwrap();
    let second_build = start.elapsed();
    let start = Instant::now();
    assert_eq!(ledger.changed(lineage, &build("b1"), &build("b2")).await.unwrap().len(), 10);
    let changed = start.elapsed();

    let small = NewRelease { entries: vec![], figures: vec![], ..release(&ledger, lineage, 9999).await };
    let start = Instant::now();
    ledger.commit(small).await.unwrap();
    println!("a release without entries {:?}", start.elapsed());
    let mut commits = Vec::new();
    for number in 1..=200 {
        let entries = (0..50).map(|place| entry(number * 100 + place, members(place, 1000))).collect();
        let new = NewRelease { entries, ..release(&ledger, lineage, number).await };
        let start = Instant::now();
        ledger.commit(new).await.unwrap();
        commits.push(start.elapsed());
    }
    commits.sort();
    let start = Instant::now();
    assert_eq!(ledger.load(lineage).await.unwrap().len(), 10_000);
    let load = start.elapsed();
    let start = Instant::now();
    ledger.cached(lineage, &build("b1"), digest(1), digest(100)).await.unwrap().unwrap();
    let cached = start.elapsed();
    let start = Instant::now();
    ledger.check().await.unwrap();
    let check = start.elapsed();
    ledger.close().await;
    let start = Instant::now();
    let ledger = folder.open().await.unwrap();
    let open = start.elapsed();
    ledger.close().await;
    let size = std::fs::metadata(folder.database()).unwrap().len() / 1_000_000;
    println!(
        "people {first_build:?}, again {second_build:?}, changed {changed:?}, commit median {:?}, longest {:?}, load {load:?}, \
         cached {cached:?}, check {check:?}, open {open:?}, {size} MB",
        commits[100], commits[199]
    );
    assert!(first_build < Duration::from_secs(1) && second_build < Duration::from_secs(1));
    assert!(changed < Duration::from_secs(1));
    assert!(load < Duration::from_secs(2));
}
