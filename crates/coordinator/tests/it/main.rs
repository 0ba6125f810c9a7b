//! What the coordinator says of a site's answer against what the site knows: over random data and asks, every count that is
//! told is the true one, and every interval holds it.

use coda_disclosure::release;
use coda_model::{
    SiteId,
    dictionary::Dictionary,
    estimate::{AskEstimates, Quantity},
    frame::{Count, Shown, ShownFrame, ShownSlot, SiteFrames, Tabulated},
    plan::Plan,
    query::parse_file,
    variable::Missing,
};
use coda_stats::{Cells, Input, estimate, tabulate_plan, verify::verify};
use proptest::prelude::*;

const DICTIONARY: &str = r#"
version = "1"
title = "test"
[dataset.d]
people = "p"
[dataset.d.table.p]
rows = "one"
person = "id"
[dataset.d.table.p.variable]
ward = { type = "categorical", levels = ["a", "b", "c"], missing = "never" }
smoker = { type = "binary" }
crp = { type = "continuous", unit = "1", lower = 0, upper = 19, resolution = 1, bins = 4 }
age = { type = "continuous", unit = "1", lower = 0, upper = 19, resolution = 1, missing = "never" }
"#;

const ASKS: [&str; 14] = [
    "count",
    "count:crp",
    "count:smoker",
    "marginals:ward",
    "mode:ward",
    "marginals:smoker",
    "marginals:crp@5",
    "histogram:crp",
    "histogram:age",
    "mean:crp",
    "sd:age",
    "median:crp",
    "mean:age",
    "risk_difference:smoker:ward=a",
];

/// Everything a site knows, as if nothing had to be withheld.
fn truth(tabulated: &[Tabulated]) -> SiteFrames {
    let count = |slot: &coda_model::frame::Slot| Count { people: slot.people, rows: slot.rows };
    let frame = |ask: &Tabulated, frame: &coda_model::frame::Frame| ShownFrame {
        slots: frame.slots.iter().map(|s| Shown::Value(ShownSlot { count: count(s), sums: s.sums.clone() })).collect(),
        missing: (ask.missing == Missing::May).then(|| Shown::Value(count(&frame.missing))),
        rest: Shown::Withheld,
    };
    let asks = tabulated.iter().map(|ask| ask.frames.iter().map(|f| frame(ask, f)).collect());
    SiteFrames { threshold: 5, slack: 0, total: Shown::Withheld, asks: asks.collect() }
}

fn counts(asks: &[AskEstimates]) -> Vec<(String, &Quantity)> {
    let figures = asks.iter().flat_map(|ask| {
        ask.cells.iter().flat_map(move |cell| {
            cell.network.figures.iter().map(move |figure| (format!("{} {}", ask.ask, figure.name), &figure.quantity))
        })
    });
    figures.collect()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1500))]
    #[test]
    fn every_count_told_is_true_and_every_interval_holds_it(
        people in prop::collection::vec((0..40i32, -1..12i32, -1..40i32, 0..20i32), 0..70),
        asked in prop::collection::vec(0..ASKS.len(), 1..5),
    ) {
        let dictionary = Dictionary::parse(DICTIONARY).unwrap();
        let asks: Vec<_> = asked.iter().map(|index| format!("{:?}", ASKS[*index])).collect();
        let (query, _) = parse_file(&format!("dataset = \"d\"\nof = [{}]", asks.join(", "))).unwrap();
        let plan = Plan::of(&query, &dictionary).unwrap();
        // Rare levels and few missing, so that there is something to withhold.
        let of = |name: &str| -> Vec<i32> {
            people.iter().map(|(ward, smoker, crp, age)| match name {
                "ward" => match ward { 0..=2 => 1, 3..=5 => 2, _ => 0 },
                "smoker" => (*smoker).min(1),
                "crp" => if *crp >= 20 { crp - 20 } else { *crp },
                _ => *age,
            }).collect()
        };
        let columns: Vec<_> = plan.columns.iter().map(|column| of(column.variable.id.as_str())).collect();
        let slices: Vec<&[i32]> = columns.iter().map(Vec::as_slice).collect();
        let highest: Vec<_> = plan.columns.iter().map(|column| column.variable.kind.highest()).collect();
        let input = Input { columns: &slices, highest: &highest, cells: Cells::One(people.len()), persons: None };
        let tabulated = tabulate_plan(&plan, &input);
        let released = release(&tabulated, &coda_disclosure::Answer::default()).frames().clone();
        prop_assert_eq!(verify(&plan, &released), Ok(()));
        let site = SiteId::new("s").unwrap();
        let (told, known) = (estimate(&plan, &[(site.clone(), released)]), estimate(&plan, &[(site, truth(&tabulated))]));
        let known = counts(&known);
        for (name, quantity) in counts(&told) {
            let Some((_, Quantity::Count(true_count))) = known.iter().find(|(other, _)| *other == name) else { continue };
            match quantity {
                Quantity::Count(count) => prop_assert_eq!(count, true_count, "{}", name),
                Quantity::CountBetween(low, high) => {
                    prop_assert!((low..=high).contains(&true_count), "{name}: {true_count} not in {low} to {high}");
                }
                _ => {}
            }
        }
    }
}
