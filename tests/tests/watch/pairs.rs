//! An attack by pairs: a cohort, and the cohort less one person whom a fine filter chooses.

use coda_disclosure::watch::{ALERT, HOLD};
use coda_ledger::NotCounted;

use crate::{clinic, seen::SIZES, watcher::Watcher};

/// Chooses hardly anybody. Whether the person is in the cohort is what the attacker wants to know: both count.
const FILTER: &str = "hiv = yes and unit = burns";

/// The cohorts of the pairs, each far from the others.
fn cohorts() -> Vec<String> {
    let of_sex =
        |sex| ["winter", "spring", "summer", "autumn"].map(|season| format!("season = {season} and sex = {sex}"));
    let of_tension = |yes| ["a", "b"].map(|origin| format!("hypertension = {yes} and origin = {origin}"));
    let of_smoking = ["never", "former", "current"].map(|smoking| format!("smoking = {smoking} and hypertension = no"));
    let of_age = [20, 50, 60, 65, 75].map(|age| format!("age >= {age} and diabetes = no"));
    [&of_sex("female")[..], &of_sex("male"), &of_tension("yes"), &of_tension("no"), &of_smoking, &of_age].concat()
}

#[tokio::test]
async fn whoever_asks_in_pairs_is_alerted_and_held() {
    for people in SIZES {
        let (dictionary, site) = (clinic::dictionary(), clinic::site(people, 1));
        let mut watcher = Watcher::of(&site, &dictionary).await;
        let mut alerted = None;
        for (pair, cohort) in (1..).zip(cohorts()) {
            watcher.ask(&format!("where = '{cohort}'\nof = ['count']")).await.unwrap();
            watcher.ask(&format!("where = '{cohort} and not ({FILTER})'\nof = ['count']")).await.unwrap();
            assert_eq!(watcher.seen.twins, pair, "{people} people, {cohort}");
            alerted = alerted.or((watcher.seen.twins >= ALERT).then_some(pair));
            assert_eq!(watcher.seen.held, pair >= HOLD);
        }
        assert_eq!(alerted, Some(ALERT));
        assert_eq!(watcher.ask("where = 'stay >= 4'\nof = ['count']").await, Err(NotCounted::Held));
    }
}

/// By groups so fine that no cell is told, the cohorts are compared: what their totals tell is no way round the watch.
#[tokio::test]
async fn pairs_of_which_no_cell_is_told_are_seen_by_their_cohorts() {
    let (dictionary, site) = (clinic::dictionary(), clinic::site(300, 1));
    let mut watcher = Watcher::of(&site, &dictionary).await;
    let edges = |from: i32, to: i32| (from..to).map(|place| (5 * place).to_string()).collect::<Vec<_>>().join(",");
    let by = format!("by = ['age@{}', 'weight@{}']\nof = ['count']", edges(1, 22), edges(1, 40));
    for (pair, cohort) in (1..).zip(cohorts()) {
        watcher.ask(&format!("where = '{cohort}'\n{by}")).await.unwrap();
        watcher.ask(&format!("where = '{cohort} and not ({FILTER})'\n{by}")).await.unwrap();
        assert_eq!(watcher.seen.twins, pair, "{cohort}");
    }
}
