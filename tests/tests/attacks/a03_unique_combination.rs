//! 3. Unique combination
//!
//! Learns: any value of X, of whom sex, age and unit are known, and who is the only one such.
//! Against: no statistic of fewer people than the threshold, whatever it is (R1, R3, 1.3)

use coda_disclosure::{Defence, Defences};
use coda_model::query::Query;

use crate::bench::{
    Bench, With, of,
    patients::{NOBODY, X, Y, patients},
    without_all,
};

/// Everything that can be asked about one group of people.
fn questions(who: &str) -> Vec<Query> {
    let asks = [
        "mean:ddimer",
        "sd:ddimer",
        "ci:age",
        "median:ddimer",
        "percentiles:age",
        "histogram:stay",
        "marginals:hiv",
        "mode:origin",
        "mean_difference:ddimer:hiv",
        "smd:age:hiv",
        "risk_ratio:hiv:sex",
    ];
    let mut questions = vec![
        of(&asks).whose(who),
        of(&["mean:ddimer", "marginals:hiv"]).by("hiv").whose(who),
        of(&["mean:stay"]).over("month:admission").whose(who),
        of(&["mean:crp", "count"]).rows("lab").whose(who),
        of(&["mean:peak", "marginals:any"]).derive("peak", "max(lab.crp)").derive("any", "exists(lab)").whose(who),
    ];
    // The same people by rows of their own.
    questions.extend(asks.map(|ask| of(&[ask]).whose(&format!("not (not ({who}))"))));
    questions
}

#[tokio::test(flavor = "multi_thread")]
async fn is_defended() {
    let mut twin = patients("a");
    (twin[0].ddimer, twin[0].hiv, twin[0].stay, twin[0].origin) = (77_777, false, None, "abroad");
    twin[0].crp = vec![150; 12];
    let (bench, twin) = (Bench::one(Defences::default()).await, Bench::twin(twin, Defences::default()).await);
    for ((x, y), nobody) in questions(X).iter().zip(&questions(Y)).zip(&questions(NOBODY)) {
        let reply = bench.wire(x).await;
        assert!(reply.is_withheld());
        assert!(reply.is_like(&twin.wire(x).await), "whatever X's values are");
        assert!(reply.is_like(&bench.wire(y).await), "X or Y");
        assert!(reply.is_like(&bench.wire(nobody).await), "X or nobody");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn works_undefended() {
    let off = [Defence::SmallCells, Defence::Dominance, Defence::PairRule, Defence::LinearAudit];
    let bench = Bench::one(without_all(&off)).await;
    let x = bench.wire(&of(&["mean:ddimer"]).whose(X)).await;
    assert_eq!((x.count(), x.sum()), (Some(1), Some(i128::from(patients("a")[0].ddimer))));
}
