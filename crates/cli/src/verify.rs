//! `coda verify`: whether a kept answer is what its sites signed. It needs the network's trust anchors and no network.

use std::{
    io::Write,
    path::{Path, PathBuf},
};

use anyhow::{Context, bail};
use base64::{Engine as _, engine::general_purpose::STANDARD};
use coda_client::{Evidence, Proven, When};
use coda_model::{
    calendar::iso,
    estimate::{SiteOutcome, SiteStatus},
};
use serde_json::Value;
use time::OffsetDateTime;

use crate::{config, render};

/// A file that is no kept answer.
#[derive(Debug, thiserror::Error)]
#[error("{} is no answer that can be verified; coda query --format json writes such a file", .0.display())]
pub(crate) struct NoAnswer(PathBuf);

pub(crate) fn run(config: Option<&Path>, file: &Path, output: &mut dyn Write) -> anyhow::Result<()> {
    let roots = config::roots(config)?;
    let text = std::fs::read(file).with_context(|| format!("cannot read {}", file.display()))?;
    let no_answer = || NoAnswer(file.to_owned());
    let found: Value = serde_json::from_slice(&text).map_err(|_| no_answer())?;
    let evidence = found.get("evidence").and_then(Value::as_str).ok_or_else(no_answer)?;
    let evidence = STANDARD.decode(evidence).map_err(|_| no_answer())?;
    let evidence = Evidence::decode(&evidence)?;
    let Proven { answer, envelope, receipts } = evidence.answer(&roots, When::Then)?;

    // Worked out anew and written anew: every figure of the file is one that follows from the receipts, or they differ.
    let mut anew = Vec::new();
    render::json(&answer, &evidence, &mut anew)?;
    let anew: Value = serde_json::from_slice(&anew)?;
    if let Some(place) = difference(&found, &anew, String::new()) {
        bail!("{place} is not what the sites signed; do not use this file");
    }
    let moment = |seconds: i64| {
        OffsetDateTime::from_unix_timestamp(seconds).map_or_else(
            |_| seconds.to_string(),
            |moment| format!("{} {:02}:{:02}", iso(moment.date()), moment.hour(), moment.minute()),
        )
    };
    let project =
        if envelope.project.is_empty() { String::new() } else { format!(" for project {}", envelope.project) };
    writeln!(output, "asked by {}{project}, {} UTC; signature good", envelope.user, moment(envelope.not_before))?;
    for SiteOutcome { site, status, .. } in &answer.sites {
        match receipts.iter().find(|receipt| receipt.site == *site) {
            Some(receipt) => {
                let (build, time) = (&receipt.build, moment(receipt.time));
                writeln!(output, "{site}: answered from build {build}, {time} UTC; receipt good")?;
            }
            None if *status == SiteStatus::Answered => {}
            None => writeln!(output, "{site}: {}, as the coordinator says; nothing signed", render::status(*status))?,
        }
    }
    writeln!(output, "every figure of the file follows from these receipts")?;
    Ok(())
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
    use serde_json::json;

    use super::*;

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
}
