//! 17. With and without a site
//!
//! Learns: how many of three people a small site has, from the answer of all sites less the answer of the others.
//! Against: a site withholds before anything is merged (1.12 A)

use coda_disclosure::{Defence, Defences};
use coda_model::{estimate::{Answer, Quantity}, query::Query};

use crate::bench::{
    Bench, PATIENT, U1, U2, With as _, assert_same, network_figure, of,
    patients::{Patient, patients},
    truth, without_all,
};

const ALL: [&str; 4] = ["a", "b", "c", "d"];

/// An age that three of site d's people have reached.
pub(crate) fn age_of_three(people: &[Patient]) -> u32 {
    (20..110).find(|age| truth(people, |patient| patient.age >= *age) == 3).unwrap()
}

/// Sites a to d, where d's three have reached the age, or nobody has.
pub(crate) async fn network(three: bool, defences: Defences) -> (Bench, u32) {
    let age = age_of_three(&patients("d"));
    let site = |name: &'static str| {
        let mut people = patients(name);
        if name == "d" && !three {
            people.iter_mut().filter(|patient| patient.age >= age).for_each(|patient| patient.age = 20);
        }
        (name, people)
    };
    (Bench::with(ALL.map(site).into(), defences, PATIENT).await, age)
}

/// All kinds of questions about those who have reached an age.
pub(crate) fn questions(age: u32) -> Vec<Query> {
    let about = |asks: &[&str]| of(asks).whose(&format!("age >= {age}"));
    vec![
        about(&["count", "mean:ddimer", "sd:ddimer", "median:age", "percentiles:age"]),
        about(&["marginals:unit", "mode:unit", "histogram:age", "count:stay", "mean:stay"]),
        about(&["count", "mean:age"]).by("sex"),
        about(&["count"]).over("month:admission"),
        of(&["mean_difference:ddimer:sex", "risk_ratio:hiv:sex"]).whose(&format!("age >= {age}")),
        about(&["count", "mean:crp"]).rows("lab"),
    ]
}

/// The least and the most that a count may be.
pub(crate) fn bounds(answer: &Answer) -> (u64, u64) {
    match network_figure(answer, "count") {
        Quantity::Count(count) => (*count, *count),
        Quantity::CountBetween(low, high) => (*low, *high),
        other => panic!("{other:?}: {:?}", answer.sites),
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn is_defended() {
    let (bench, age) = network(true, Defences::default()).await;
    let (no_one, _) = network(false, Defences::default()).await;
    let count = of(&["count"]).whose(&format!("age >= {age}"));
    let with = bounds(&bench.ask(U1, &count, &ALL).await);
    let without = bounds(&bench.ask(U1, &count, &ALL[..3]).await);
    assert_eq!(with.0, without.0, "d adds nothing for certain");
    assert_eq!(with.1, without.1 + 12, "d may have none to twelve: few, or some who are close to few that were told of");
    for (number, query) in questions(age).iter().enumerate() {
        let three = bench.ask(U2, query, &ALL).await;
        let none = no_one.ask(U2, query, &ALL).await;
        // Which cells of a table a site withholds beside small ones is keyed, and so are only d's own alike.
        for (three, none) in three.asks.iter().zip(&none.asks) {
            assert!(three.cells.iter().zip(&none.cells).all(|(three, none)| three.sites[3] == none.sites[3]));
        }
        if number == 0 {
            assert_eq!(three.asks, none.asks, "three at d, and none");
        }
        let [three, none] = [bench.wire_of(U1, "d", query).await, no_one.wire_of(U1, "d", query).await];
        assert_same(&three, &none, &format!("question {number}: d's own answer"));
        assert!(three.is_withheld());
    }
}

/// Whatever is asked, the network with d says of the others what it says without.
#[tokio::test(flavor = "multi_thread")]
async fn the_others_answer_as_they_do_without() {
    let (bench, age) = network(true, Defences::default()).await;
    for query in questions(age) {
        let with = bench.ask(U1, &query, &ALL).await;
        let without = bench.ask(U1, &query, &ALL[..3]).await;
        for (with, without) in with.asks.iter().zip(&without.asks) {
            for (with, without) in with.cells.iter().zip(&without.cells) {
                assert_eq!(with.sites[..3], without.sites[..]);
                assert_eq!(with.network.from, without.network.from, "d is in no figure");
                let figures = with.network.figures.iter().zip(&without.network.figures);
                for (with, without) in figures {
                    match (&with.quantity, &without.quantity) {
                        (Quantity::Number(with), Quantity::Number(without)) => assert_eq!(with.to_bits(), without.to_bits()),
                        (Quantity::CountBetween(low, _), Quantity::Count(count) | Quantity::CountBetween(count, _)) => {
                            assert_eq!(low, count);
                        }
                        (with, without) => assert!(with == without || *with == Quantity::Withheld, "{with:?}"),
                    }
                }
            }
        }
    }
}

/// The hub leaves out what no honest site would say, so that even then its key is needed.
#[tokio::test(flavor = "multi_thread")]
async fn works_undefended() {
    let off = without_all(&[Defence::SmallCells, Defence::PairRule, Defence::LinearAudit]);
    let (bench, age) = network(true, off).await;
    let count = of(&["count"]).whose(&format!("age >= {age}"));
    let with = merged(&bench, &count, &ALL).await;
    let without = merged(&bench, &count, &ALL[..3]).await;
    assert_eq!(with - without, 3);
}

/// The sum of what sites say of a count to whoever has the coordinator's key.
pub(crate) async fn merged(bench: &Bench, count: &Query, sites: &[&str]) -> u64 {
    let mut sum = 0;
    for site in sites {
        sum += bench.wire_of(U1, site, count).await.count().unwrap();
    }
    sum
}
