//! B13. Calibrating a factor
//!
//! Learns: the largest D-dimer. Where extremes are multiplied by a factor that is always the same, the largest of a column of
//! noughts and ones is the factor (dsBase, disclosure.md 1.15).
//! Against: there are no extremes, and nothing is multiplied (1.7)

use coda_disclosure::{Defence, Defences};

use crate::bench::{
    Bench,
    patients::patients,
    twins::{Allowed, Twins, question, told},
    without_all,
};

#[tokio::test(flavor = "multi_thread")]
async fn is_defended() {
    let mut other = patients("a");
    other[2].ddimer = 800_000;
    let twins = Twins::of([patients("a"), other], Defences::default()).await;
    for text in [
        "max:ddimer",
        "min:ddimer",
        "range:ddimer",
        "max:hiv",
        "range:hiv",
        "quantile:ddimer@1",
        "percentiles:ddimer@0,100",
        "p100:ddimer",
        "histogram:ddimer@auto",
        "histogram:ddimer@0,899999",
        "extremes:ddimer",
        "top:ddimer",
    ] {
        let replies = twins.wire(&question(text)).await;
        assert_eq!(replies[0].code, tonic::Code::InvalidArgument, "{text}");
        assert!(told(&replies, Allowed::Nothing).is_empty(), "{text}");
    }
    // The last step of a distribution ends where the grid does, and the one value far above the others is nowhere.
    for text in
        ["histogram:ddimer", "percentiles:ddimer", "median:ddimer | where unit = burns", "histogram:ddimer | by unit"]
    {
        let replies = twins.wire(&question(text)).await;
        assert!(told(&replies, Allowed::Nothing).is_empty(), "{text}");
    }
    // The same question has the same answer: nothing is drawn anew that could be averaged away or divided out.
    let [first, _] = twins.wire(&question("histogram:ddimer")).await;
    let [again, _] = twins.wire(&question("histogram:ddimer")).await;
    assert_eq!(first.bytes, again.bytes);
}

#[tokio::test(flavor = "multi_thread")]
async fn works_undefended() {
    // Fixed as by `set.seed`: the same for every column.
    let factor = 1.037_f64;
    let largest = |of: &dyn Fn(&crate::bench::patients::Patient) -> f64| {
        patients("a").iter().map(of).fold(0.0, f64::max) * factor
    };
    let calibrated = largest(&|patient| f64::from(u8::from(patient.hiv)));
    assert!((largest(&|patient| f64::from(patient.ddimer)) / calibrated - 900_000.0).abs() < 1e-6);

    // The grid cell of the largest, where distributions are not given out in steps.
    let off = [Defence::Steps, Defence::SmallCells, Defence::PairRule, Defence::LinearAudit];
    let bench = Bench::one(without_all(&off)).await;
    let reply = bench.wire(&question("median:ddimer")).await;
    let slots = &reply.frame(0, 0).slots;
    let last = slots.iter().rposition(|slot| slot.value().is_some_and(|slot| slot.count.people.0 > 0)).unwrap();
    assert_eq!(last, 90, "it is in the cell that begins at 900,000");
}
