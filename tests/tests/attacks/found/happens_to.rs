//! What happens to follow
//!
//! Learns: whether X has HIV, from whether a question is answered that follows from earlier ones if X has, and would tell of X
//! if not: "A and not B" where all of B but X is made sure to lie in A, and the levels of a table.
//! Against: only what follows by the words stands in or is answered (2.4)

use coda_disclosure::Defences;
use coda_model::query::Query;

use crate::bench::{
    patients::{Patient, X, patients},
    twins::{Allowed, Twins, question, told},
};

/// What differs between the replies where X has HIV and where X has not, and how much of the last is out.
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
