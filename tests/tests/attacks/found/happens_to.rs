//! What happens to follow
//!
//! Learns: whether X has HIV, from whether a question is answered that follows from earlier ones if X has, and would tell of X
//! if not: "A and not B" where all of B but X is made sure to lie in A, and the levels of a table.
//! Against: only what follows by the words stands in or is answered (2.4)

use coda_disclosure::Defences;
use coda_model::query::Query;

use crate::bench::{
    Bench,
    patients::{Patient, X, patients},
    twins::{Allowed, Twins, question, told},
};

/// What differs between the replies where X has HIV and where X has not, and which of them have a total where X has.
async fn asked(people: impl Fn() -> Vec<Patient>, queries: &[Query]) -> (Vec<String>, Vec<bool>) {
    let people = [true, false].map(|hiv| {
        let mut people = people();
        people[0].hiv = hiv;
        people
    });
    let twins = Twins::of(people, Defences::default()).await;
    let (mut differs, mut out) = (Vec::new(), Vec::new());
    for query in queries {
        let replies = twins.wire(query).await;
        differs.extend(told(&replies, Allowed::One));
        out.push(replies[0].total().is_some());
    }
    (differs, out)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_difference_is_defended() {
    let queries = [
        question(&format!("count | where hiv = yes or unit = burns and not ({X})")),
        question("count | where unit = burns"),
        question("count | where hiv = yes and not unit = burns"),
    ];
    let (differs, out) = asked(|| patients("a"), &queries).await;
    assert_eq!(differs, Vec::<String>::new());
    assert_eq!(out, [true, true, false]);
}

#[tokio::test(flavor = "multi_thread")]
async fn levels_of_one_answer_are_defended() {
    let queries = [
        question(
            "count | where unit = medicine or unit = burns and (hiv = yes or not (sex = f and age >= 47 and age < 48))",
        ),
        question("count, marginals:unit"),
    ];
    let (differs, out) = asked(|| patients("a"), &queries).await;
    assert_eq!(differs, Vec::<String>::new());
    assert_eq!(out, [true, true]);
    let bench = Bench::one(Defences::default()).await;
    bench.wire(&queries[0]).await;
    // What the first set and everybody leave of the other two is withheld, and one of these two beside it.
    let shown = bench.wire(&queries[1]).await.shown(1, 0);
    assert!(shown[2].is_none() && shown[3].is_none() && shown[0].is_some() != shown[1].is_some(), "{shown:?}");
}

/// What follows by its words is answered.
#[tokio::test(flavor = "multi_thread")]
async fn what_follows_by_words_is_answered() {
    let queries = [
        question("count | where sex = f"),
        question("count | where sex = f and unit = medicine"),
        question("count | where sex = f and not unit = medicine"),
        question("count | where unit = medicine"),
        question("count | where unit = medicine or sex = f"),
        question("count | where unit = medicine and sex = m"),
    ];
    let (differs, out) = asked(|| patients("a"), &queries).await;
    assert_eq!(differs, Vec::<String>::new());
    assert_eq!(out, [true; 6]);
}

/// So are the parts of what follows by its words: of all but some, and of what some leave of others.
#[tokio::test(flavor = "multi_thread")]
async fn parts_of_what_follows_by_words_are_answered() {
    let bench = Bench::one(Defences::default()).await;
    for (first, then) in [
        (vec!["unit = medicine"], "not unit = medicine"),
        (vec!["age >= 40", "age >= 40 and unit = surgery"], "age >= 40 and not unit = surgery"),
    ] {
        for cohort in first {
            assert!(bench.wire(&question(&format!("count | where {cohort}"))).await.total().is_some());
        }
        let parts = bench.wire(&question(&format!("count, marginals:sex | by hiv | where {then}"))).await;
        let shown: Vec<_> = (0..2).flat_map(|cell| parts.shown(1, cell)).collect();
        assert_eq!(shown.iter().flatten().sum::<u64>(), parts.total().unwrap(), "{then}: {shown:?}");
    }
}
