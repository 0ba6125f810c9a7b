//! The text of a query is read or refused; what was read is the same at the other end, and is planned or refused.
#![no_main]

use std::sync::LazyLock;

use coda_model::{
    dictionary::Dictionary,
    plan::Plan,
    query::{parse_ask, parse_derivation, parse_factor, parse_file, parse_over, parse_predicate},
};
use coda_mutations::DICTIONARY;
use libfuzzer_sys::fuzz_target;
use prost::Message as _;

static PARSED: LazyLock<Dictionary> = LazyLock::new(|| Dictionary::parse(DICTIONARY).unwrap());

fuzz_target!(|text: &str| {
    let _ =
        (parse_ask("of", text), parse_factor("by", text), parse_over("over", text), parse_derivation("derive", text));
    let of_cohort = parse_predicate("where", text).map(|cohort| coda_model::query::Query {
        dataset: "d".to_owned(),
        cohort: Some(cohort),
        asks: vec![parse_ask("of", "count").unwrap()],
        ..Default::default()
    });
    for query in [parse_file(text).map(|(query, _)| query), of_cohort].into_iter().flatten() {
        let message = coda_wire::query::encode(&query);
        assert!(coda_wire::query::decode(message.clone()).as_ref() == Ok(&query), "another query at the other end");
        // A site reads no deeper than this library does.
        let _ = coda_wire::v1::Query::decode(message.encode_to_vec().as_slice());
        let Ok(plan) = Plan::of(&query, &PARSED) else { continue };
        let _ = (coda_stats::check(&plan), plan.cohort_text(&PARSED.datasets[0]));
    }
});
