//! 19. Insider subtraction
//!
//! Learns: how many of a few people site c has, when somebody of site b takes b's own count from that of both.
//! Against: c withholds before anything is merged, and what c tells it would tell alone (1.12 A)

use coda_disclosure::{Defence, Defences};

use crate::{
    a17_with_and_without_a_site::{bounds, merged},
    bench::{
        Bench, PATIENT, U1, U2, With as _, of,
        patients::{Patient, patients},
        truth, without_all, without_build,
    },
};

/// Those whom b's insider counts at home.
fn is_counted(patient: &Patient) -> bool {
    patient.unit != "maternity" && patient.hiv
}

/// Sites b and c, where so many of c's are counted.
async fn network(at_c: u64, defences: Defences) -> Bench {
    let mut of_c = patients("c");
    for patient in &mut of_c {
        patient.hiv = false;
    }
    of_c.iter_mut().filter(|patient| patient.unit != "maternity").take(at_c as usize).for_each(|patient| patient.hiv = true);
    assert_eq!(truth(&of_c, is_counted), at_c);
    Bench::with(vec![("b", patients("b")), ("c", of_c)], defences, PATIENT).await
}

const COHORT: &str = "unit != maternity and hiv = yes";

#[tokio::test(flavor = "multi_thread")]
async fn is_defended() {
    let own = truth(&patients("b"), is_counted);
    assert!(own >= 5);
    let query = of(&["count", "mean:age", "mean:ddimer", "median:age", "marginals:sex"]).whose(COHORT);
    let mut answers = Vec::new();
    for at_c in [3, 0] {
        let bench = network(at_c, Defences::default()).await;
        let answer = bench.ask(U1, &query, &["b", "c"]).await;
        let (low, high) = bounds(&answer);
        assert_eq!((low - own, high - own), (0, 12), "none to twelve at c: few, or close to few that were told of");
        let of_c: Vec<_> = answer.asks.iter().map(|ask| ask.cells[0].sites[1].clone()).collect();
        answers.push((of_c, without_build(&bench.wire_of(U1, "c", &query).await.bytes)));
    }
    assert!(answers[0] == answers[1], "three at c, and none");
    // Enough at c: the difference is what c tells anybody.
    let bench = network(6, Defences::default()).await;
    let both = bounds(&bench.ask(U1, &of(&["count"]).whose(COHORT), &["b", "c"]).await);
    let alone = bounds(&bench.ask(U2, &of(&["count"]).whose(COHORT), &["c"]).await);
    assert_eq!((both.0 - own, both.1 - own), alone);
}

#[tokio::test(flavor = "multi_thread")]
async fn works_undefended() {
    let own = truth(&patients("b"), is_counted);
    let bench = network(3, without_all(&[Defence::SmallCells, Defence::PairRule, Defence::LinearAudit])).await;
    let both = merged(&bench, &of(&["count"]).whose(COHORT), &["b", "c"]).await;
    assert_eq!(both - own, 3);
}
