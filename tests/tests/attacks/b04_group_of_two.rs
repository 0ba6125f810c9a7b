//! b04. Mean of a group of two
//!
//! Learns: the values of two people from their mean and their standard deviation, or from the mean of all of which
//! they are the rest.
//! Against: no cell of fewer people than the threshold, and a large one withheld beside it (R1, 1.3, 1.4)

use coda_disclosure::{Defence, Defences};

use crate::bench::{Bench, With, of, patients::patients, without_all};

/// The two in burns who are older than the other six.
const TWO: &str = "unit = burns and age >= 47";

#[tokio::test(flavor = "multi_thread")]
async fn is_defended() {
    let mut twin = patients("a");
    (twin[0].age, twin[1].age) = (50, 48);
    let (bench, twin) = (Bench::one(Defences::default()).await, Bench::twin(twin, Defences::default()).await);
    let all = of(&["mean:age", "sd:age"]).whose("unit = burns");
    assert!(bench.wire(&all).await.is_like(&twin.wire(&all).await), "together they have the same mean");
    for query in [
        of(&["mean:age", "sd:age"]).whose(TWO),
        of(&["mean:age", "sd:age", "count"]).by("age@47").whose("unit = burns"),
        of(&["mean:age", "count"]).by("sex").by("age@47").whose("unit = burns"),
        of(&["mean_difference:age:age@47", "mean_difference:ddimer:age@47"]).whose("unit = burns"),
        of(&["marginals:age@47", "mode:age@47", "histogram:age"]).whose("unit = burns"),
        of(&["mean:age"]).whose("unit = burns and age < 47"),
        of(&["mean:age"]).whose(&format!("not ({TWO})")),
    ] {
        let (reply, twin) = (bench.wire(&query).await, twin.wire(&query).await);
        assert!(reply.is_like(&twin), "{query:?}");
    }
    let six = bench.wire(&of(&["mean:age"]).whose("unit = burns and age < 47")).await;
    assert!(six.is_withheld(), "eight are known, and six of them would tell of the two");
}

#[tokio::test(flavor = "multi_thread")]
async fn works_undefended() {
    let off = [Defence::SmallCells, Defence::Samples, Defence::PairRule, Defence::LinearAudit];
    let bench = Bench::one(without_all(&off)).await;
    let two = bench.wire(&of(&["sd:age"]).whose(TWO)).await;
    let slot = two.frame(0, 0).slots[0].value().unwrap();
    let [sum, squares] = slot.sums[..] else { panic!("two sums") };
    // Half the sum, and half the difference.
    let half = f64::sqrt((2 * squares - sum * sum) as f64) / 2.0;
    let mean = sum as f64 / 2.0;
    let ages = [mean - half, mean + half].map(|age| age.round() as u32);
    assert_eq!(ages, [patients("a")[0].age, patients("a")[1].age]);
}
