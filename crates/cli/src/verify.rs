//! `coda verify`: whether a kept answer is what its sites signed. It needs the network's trust anchors and no network.

use std::{io::Write, path::Path};

use anyhow::{Context, bail};
use base64::{Engine as _, engine::general_purpose::STANDARD};
use coda_client::{Evidence, Verified};
use coda_model::{
    calendar::iso,
    estimate::{AskEstimates, SiteOutcome},
    plain::plain,
};
use coda_pki::Roots;
use serde_json::Value;
use time::OffsetDateTime;

use crate::{config, render};

/// Longest words shown of a file, in characters.
const LONGEST_WORDS: usize = 500;

pub(crate) fn run(config: Option<&Path>, file: &Path, output: &mut dyn Write) -> anyhow::Result<()> {
    let roots = config::roots(config)?;
    let text = std::fs::read_to_string(file).with_context(|| format!("cannot read {}", file.display()))?;
    let read = evidence(&text).with_context(|| {
        format!("{} is no answer that can be verified; coda query --format json writes such a file", file.display())
    })?;
    let verified = verify(&text, &read, &roots)?;
    say(&verified, output).context("cannot write")
}

/// That the file which was read from `text` is the one that follows from its evidence.
fn verify(text: &str, (found, evidence): &(Value, Evidence), roots: &Roots) -> anyhow::Result<Verified> {
    let verified = evidence.answer(roots)?;
    // Worked out anew and written anew: every figure of the file is one that follows from the receipts, or they differ.
    let mut anew = Vec::new();
    render::json(&verified.answer, &verified.cohort, evidence, &mut anew)?;
    let anew = String::from_utf8(anew)?;
    if let Some(place) = difference(found, &serde_json::from_str(&anew)?, String::new()) {
        let place = plain(&place, LONGEST_WORDS);
        bail!("{place} does not follow from the evidence: the file was changed, or another version of coda wrote it");
    }
    // The same values may be written twice under one name, of which a reader may take either.
    if without_blanks(text) != without_blanks(&anew) {
        bail!("the file is not written as coda writes it, such as with a name that stands twice; do not use it");
    }
    Ok(verified)
}

fn evidence(text: &str) -> anyhow::Result<(Value, Evidence)> {
    let found: Value = serde_json::from_str(text)?;
    let evidence = found.get("evidence").and_then(Value::as_str).context("it has no evidence")?;
    let evidence = Evidence::decode(&STANDARD.decode(evidence)?)?;
    Ok((found, evidence))
}

fn say(verified: &Verified, output: &mut dyn Write) -> std::io::Result<()> {
    let Verified { answer, envelope, cohort, receipts } = verified;
    let moment = |seconds: i64| {
        let moment = OffsetDateTime::from_unix_timestamp(seconds).unwrap_or(OffsetDateTime::UNIX_EPOCH);
        format!("{} {:02}:{:02} UTC", iso(moment.date()), moment.hour(), moment.minute())
    };
    let project =
        if envelope.project.is_empty() { String::new() } else { format!(" for project {}", envelope.project) };
    writeln!(output, "asked by {}{project}, {}; signature valid", envelope.user, moment(envelope.not_before))?;
    let asks: Vec<&str> = answer.asks.iter().map(|AskEstimates { ask, .. }| ask.as_str()).collect();
    let by = if answer.axes.is_empty() { String::new() } else { format!(" by {}", answer.axes.join(", ")) };
    writeln!(output, "{}{by}, of {cohort}", asks.join(", "))?;
    for SiteOutcome { site, status, .. } in &answer.sites {
        match receipts.iter().find(|receipt| receipt.site == *site) {
            Some(receipt) => {
                writeln!(output, "{site}: build {}, {}; receipt valid", receipt.build, moment(receipt.time))?;
            }
            None => writeln!(output, "{site}: {}, says the coordinator; nothing signed", render::status(*status))?,
        }
    }
    writeln!(output, "every figure of the file follows from these receipts")
}

/// A JSON text without the blanks between its words.
fn without_blanks(text: &str) -> String {
    let (mut inside, mut escaped) = (false, false);
    let mut keep = |c: char| {
        let kept = inside || !c.is_ascii_whitespace();
        inside ^= c == '"' && !escaped;
        escaped = inside && c == '\\' && !escaped;
        kept
    };
    text.chars().filter(|c| keep(*c)).collect()
}

/// Where two documents first differ, as a path.
fn difference(found: &Value, expected: &Value, place: String) -> Option<String> {
    match (found, expected) {
        (Value::Object(found), Value::Object(expected)) => {
            let names = found.keys().chain(expected.keys().filter(|name| !found.contains_key(*name)));
            names.into_iter().find_map(|name| {
                let place = format!("{place}/{name}");
                match (found.get(name), expected.get(name)) {
                    (Some(found), Some(expected)) => difference(found, expected, place),
                    _ => Some(place),
                }
            })
        }
        (Value::Array(found), Value::Array(expected)) if found.len() == expected.len() => {
            let mut pairs = found.iter().zip(expected).enumerate();
            pairs.find_map(|(number, (found, expected))| difference(found, expected, format!("{place}/{number}")))
        }
        (found, expected) => (found != expected).then_some(place),
    }
}

#[cfg(test)]
mod tests {
    use coda_mutations::{Network, Question, run};
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;

    /// The evidence of a question, and the file with it, as `coda query --format json` writes it.
    fn file(network: &Network, question: &Question) -> (Vec<u8>, String) {
        let asked = network.evidence(question);
        let evidence = Evidence::new(asked.envelope.unwrap(), asked.dictionary, asked.answer.unwrap());
        let Verified { answer, cohort, .. } = evidence.answer(network.roots()).unwrap();
        let mut written = Vec::new();
        render::json(&answer, &cohort, &evidence, &mut written).unwrap();
        (evidence.encode(), String::from_utf8(written).unwrap())
    }

    /// What is said of a file, if it is believed.
    fn said(text: &str, network: &Network) -> Option<String> {
        let verified = verify(text, &evidence(text).ok()?, network.roots()).ok()?;
        let mut said = Vec::new();
        say(&verified, &mut said).unwrap();
        Some(String::from_utf8(said).unwrap())
    }

    /// Figures are read by people who have seen no evidence: nothing may differ but the blanks between words.
    #[test]
    fn a_changed_file_is_refused_or_the_same() {
        let network = Network::default();
        let [(_, valid), (_, other)] = [Question::FIRST, Question::OTHER].map(|question| file(&network, &question));
        assert!(said(&valid, &network).is_some());
        run(valid.as_bytes(), other.as_bytes(), |bytes| {
            let Some(text) = std::str::from_utf8(bytes).ok().filter(|text| *text != valid) else { return Ok(false) };
            let believed = said(text, &network).is_some();
            prop_assert!(!believed || without_blanks(text) == without_blanks(&valid));
            Ok(believed)
        });
    }

    /// The same figures with other evidence: what is said of them must not differ.
    #[test]
    fn changed_evidence_is_refused_or_the_same() {
        let network = Network::default();
        let [(valid, text), (other, _)] = [Question::FIRST, Question::OTHER].map(|question| file(&network, &question));
        let expected = said(&text, &network);
        let accepted = run(&valid, &other, |bytes| {
            let text = text.replace(&STANDARD.encode(&valid), &STANDARD.encode(bytes));
            let Some(said) = said(&text, &network) else { return Ok(false) };
            prop_assert_eq!(Some(&said), expected.as_ref());
            Ok(true)
        });
        assert!(accepted < 2_000, "{accepted} were accepted");
    }

    #[test]
    fn the_first_place_that_differs_is_named() {
        let of = |found: Value, expected: Value| difference(&found, &expected, String::new());
        assert_eq!(of(json!({"a": [1, 2.5]}), json!({"a": [1, 2.5]})), None);
        assert_eq!(of(json!({"a": [1, 2.5]}), json!({"a": [1, 2.6]})).as_deref(), Some("/a/1"));
        assert_eq!(of(json!({"a": [1]}), json!({"a": [1, 2]})).as_deref(), Some("/a"));
        assert_eq!(of(json!({"a": 1, "b": 2}), json!({"a": 1})).as_deref(), Some("/b"));
        assert_eq!(of(json!({"a": 1}), json!({"a": 1, "b": 2})).as_deref(), Some("/b"));
        assert_eq!(of(json!({"a": null}), json!({"a": 0})).as_deref(), Some("/a"));
    }

    #[test]
    fn blanks_count_within_texts_alone() {
        assert_eq!(without_blanks("{ \"a b\" : [1,\n 2] }\n"), r#"{"a b":[1,2]}"#);
        assert_eq!(without_blanks(r#"{"a\" b": "c\\" , "d":1}"#), r#"{"a\" b":"c\\","d":1}"#);
        // Both parse to the same values.
        let (once, twice) = (r#"{"a":1}"#, r#"{"a":2,"a":1}"#);
        assert_eq!(serde_json::from_str::<Value>(once).unwrap(), serde_json::from_str::<Value>(twice).unwrap());
        assert_ne!(without_blanks(once), without_blanks(twice));
    }
}
