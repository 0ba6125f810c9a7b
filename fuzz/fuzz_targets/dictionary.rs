//! A dictionary is read or refused, and everybody in each of its data sets can be asked about.
#![no_main]

use coda_model::{dictionary::Dictionary, plan::Plan};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &str| {
    let Ok(dictionary) = Dictionary::parse(text) else { return };
    for dataset in &dictionary.datasets {
        let _ = Plan::everybody(&dataset.id).cohort_text(dataset);
    }
});
