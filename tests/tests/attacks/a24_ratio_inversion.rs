//! 24. Inversion of a ratio
//!
//! Learns: a cell of three people, as the only one of whose tables the odds ratio comes out.
//! Against: all four cells of a 2x2 table are large enough, or nothing of it leaves (1.8)

use coda_disclosure::{Defence, Defences};
use coda_model::{estimate::Quantity, query::Query};

use crate::bench::{
    Bench, U1, With, of,
    patients::{Patient, patients},
    without_all,
};

/// So many of the 32 who came in March who have HIV are women; of all of them ten have, and of the women there are 16.
fn march(with: usize) -> Vec<Patient> {
    let mut people = patients("a");
    let of_march = people.iter_mut().filter(|patient| patient.admission.starts_with("03-"));
    for (place, patient) in of_march.enumerate() {
        patient.sex = if place < 16 { "f" } else { "m" };
        patient.hiv = place < with || (16..26 - with).contains(&place);
    }
    people
}

const MARCH: &str = "admission >= 2024-03-01 and admission < 2024-04-01";
const RATIOS: [&str; 3] = ["odds_ratio:hiv:sex=f", "risk_ratio:hiv:sex=f", "risk_difference:hiv:sex=f"];

/// Whether all answer each of these alike.
async fn are_alike(benches: &[Bench], questions: Vec<Query>) -> bool {
    let mut alike = true;
    for question in questions {
        let first = benches[0].wire(&question).await;
        for bench in benches {
            alike &= bench.wire(&question).await.is_like(&first);
        }
    }
    alike
}

#[tokio::test(flavor = "multi_thread")]
async fn is_defended() {
    let mut benches = Vec::new();
    for with in [0, 3, 4] {
        benches.push(Bench::twin(march(with), Defences::default()).await);
    }
    let mut questions: Vec<_> = RATIOS.iter().map(|ratio| of(&[ratio]).whose(MARCH)).collect();
    questions.push(of(&RATIOS).whose(MARCH));
    // The margins are out, and what is known of them makes no difference.
    questions.push(of(&["marginals:hiv", "marginals:sex"]).whose(MARCH));
    assert!(are_alike(&benches, questions).await, "none, three or four");
    // No figure at all is made of what is withheld.
    for ratio in RATIOS {
        let answer = benches[1].ask(U1, &of(&[ratio]).whose(MARCH), &["a"]).await;
        let figures = &answer.asks[0].cells[0].network.figures;
        let numbers = figures.iter().filter(|figure| matches!(figure.quantity, Quantity::Number(_)));
        assert_eq!(numbers.count(), 0, "{ratio}: {figures:?}");
    }
}

/// The same table by other words, when its margins are known.
#[tokio::test(flavor = "multi_thread")]
async fn is_defended_as_a_table() {
    let mut benches = Vec::new();
    for with in [0, 3, 4] {
        benches.push(Bench::twin(march(with), Defences::default()).await);
    }
    let questions = vec![
        of(&["marginals:hiv", "marginals:sex"]).whose(MARCH),
        of(&["risk_ratio:sex:hiv", "mode:hiv"]).whose(MARCH),
        of(&["count"]).by("hiv").by("sex").whose(MARCH),
        of(&["marginals:hiv"]).by("sex").whose(MARCH),
    ];
    assert!(are_alike(&benches, questions).await, "none, three or four");
}

#[tokio::test(flavor = "multi_thread")]
async fn works_undefended() {
    let bench = Bench::twin(march(3), without_all(&[Defence::SmallCells, Defence::PairRule, Defence::LinearAudit])).await;
    let reply = bench.wire(&of(&["odds_ratio:hiv:sex=f"]).whose(MARCH)).await;
    let [d, c, b, a] = [0, 1, 2, 3].map(|slot| reply.people(slot).unwrap() as f64);
    let ratio = a * d / (b * c);
    let two_decimals = |ratio: f64| format!("{ratio:.2}");
    // With the margins known, one table fits two decimals.
    let fits = |a: &u32| {
        let [a, b, c, d] = [*a, 16 - a, 10 - a, 6 + a].map(f64::from);
        two_decimals(a * d / (b * c)) == two_decimals(ratio)
    };
    assert_eq!((1..10).filter(fits).collect::<Vec<_>>(), [3]);
}
