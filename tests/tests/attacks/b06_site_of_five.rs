//! b06. Quartiles of a site of five
//!
//! Learns: the ages of five people, who are the minimum, the quartiles and the maximum.
//! Against: a median needs ten people, quartiles twenty, and steps hold five each (1.7)

use coda_disclosure::{Defence, Defences};

use crate::bench::{
    Bench, PATIENT, U1, With as _, of,
    patients::{Patient, patients},
    without_all, without_build,
};

const ASKS: [&str; 6] =
    ["median:age", "quartiles:age", "percentiles:age", "sd:age", "ci:age", "mean_difference:age:sex"];

/// Five people of these ages.
fn five(ages: [u32; 5]) -> Vec<Patient> {
    let mut people = patients("d");
    people.truncate(5);
    people.iter_mut().zip(ages).for_each(|(patient, age)| patient.age = age);
    people
}

async fn network(ages: [u32; 5], defences: Defences) -> Bench {
    Bench::with(vec![("a", patients("a")), ("d", five(ages))], defences, PATIENT).await
}

#[tokio::test(flavor = "multi_thread")]
async fn is_defended() {
    let mut seen = Vec::new();
    // Another median, another maximum.
    for ages in [[31, 44, 52, 67, 90], [31, 44, 53, 66, 107]] {
        let bench = network(ages, Defences::default()).await;
        let query = of(&ASKS);
        let reply = bench.wire_of(U1, "d", &query).await;
        assert!(reply.is_withheld());
        let answer = bench.ask(U1, &query, &["a", "d"]).await;
        let alone = bench.ask(U1, &query, &["a"]).await;
        for (both, alone) in answer.asks.iter().zip(&alone.asks) {
            let (both, alone) = (&both.cells[0].network, &alone.cells[0].network);
            assert_eq!((&both.figures, &both.from), (&alone.figures, &alone.from), "d is in no figure");
        }
        // In groups and in parts they are fewer still.
        for query in [of(&["median:age", "histogram:age", "count"]).by("sex"), of(&ASKS).whose("age < 60")] {
            assert!(bench.wire_of(U1, "d", &query).await.frames.unwrap().asks.iter().flatten().all(|frame| {
                frame.slots.iter().all(|slot| slot.value().is_none_or(|slot| slot.count.people.0 >= 5))
            }));
        }
        seen.push((answer.asks, without_build(&reply.bytes)));
    }
    assert!(seen[0] == seen[1], "other ages, the same answer");
}

#[tokio::test(flavor = "multi_thread")]
async fn works_undefended() {
    let ages = [31, 44, 52, 67, 90];
    let off = [Defence::Samples, Defence::Steps, Defence::SmallCells, Defence::PairRule, Defence::LinearAudit];
    let bench = network(ages, without_all(&off)).await;
    let reply = bench.wire_of(U1, "d", &of(&["quartiles:age"])).await;
    let found = |slots: Vec<Option<u64>>| -> Vec<u32> {
        (0..).zip(slots).filter(|(_, people)| *people == Some(1)).map(|(age, _)| age).collect()
    };
    assert_eq!(found(reply.shown(0, 0)), ages);
}
