//! `audit`

use std::fs;
use std::num::NonZeroUsize;
use std::path::{Path, PathBuf};

use anyhow::Context as _;
use clap::{Args, Subcommand};
use coda_audit::{
    Coverage, LogVerifier, Policy, RecordProof, Removal, SignedCheckpoint, Snapshot, WitnessVerifier, certified, tiles,
    time_of, verify_cosigned,
};
use coda_model::plain::plain;
use coda_pki::Roots;
use coda_runtime::{Clock as _, SystemClock};

use serde_json::{Map, Value};
use time::{Date, format_description::well_known::Rfc3339, macros::format_description};

use crate::output::{print, write_or_print};

#[cfg(test)]
mod tests;

/// Look at an audit log.
#[derive(Debug, Subcommand)]
pub enum Audit {
    /// Check that no line of a log was changed, taken out, put in or moved.
    Verify {
        /// The log.
        file: PathBuf,
        /// What else to check it against.
        #[command(flatten)]
        against: Against,
    },
    /// Show the lines of a log as a table, the last 50 unless told otherwise.
    Show {
        /// The log.
        file: PathBuf,
        /// Only lines that contain this text: the name of a person, a site or an event, or a digest.
        #[arg(long, value_name = "TEXT")]
        with: Option<String>,
        /// Only lines from this day on (UTC), as in 2026-11-30.
        #[arg(long, value_name = "DAY", value_parser = day)]
        since: Option<Date>,
        /// At most so many, the newest.
        #[arg(long, value_name = "NUMBER", default_value_t = 50)]
        last: usize,
    },
    /// Write the proof that one line is in a log, for whoever has the public keys but not the log (C2SP tlog-proof).
    Prove {
        /// The log.
        file: PathBuf,
        /// The line's number.
        sequence: u64,
        /// The checkpoint under which to prove it: `audit.jsonl.cosigned`, or as text.
        #[arg(long, value_name = "FILE")]
        checkpoint: PathBuf,
        /// Where to write the proof; otherwise it is printed.
        #[arg(long, value_name = "FILE")]
        out: Option<PathBuf>,
    },
    /// Write a log as files that other tools read (C2SP tlog-tiles).
    Export {
        /// The log.
        file: PathBuf,
        /// The checkpoint up to which to write it: `audit.jsonl.cosigned`, or as text.
        #[arg(long, value_name = "FILE")]
        checkpoint: PathBuf,
        /// The folder, made when there is none.
        folder: PathBuf,
    },
}

/// Also check the log against a checkpoint, which other sites cosigned: that finds a log that was written anew or cut.
#[derive(Debug, Args)]
pub struct Against {
    /// The network's trust anchors: checks against the last checkpoint that the service keeps beside its log, and that the sites
    /// whose keys cosigned it are of this network.
    #[arg(long, value_name = "FILE", conflicts_with = "checkpoint")]
    roots: Option<PathBuf>,
    /// How many sites may cosign the log: all of the network for a log of the hub, all others for a log of a site. More than half must
    /// have; one when left out.
    #[arg(long, value_name = "NUMBER", requires = "roots")]
    sites: Option<NonZeroUsize>,
    /// A cosigned checkpoint of the log.
    #[arg(long, value_name = "FILE", requires_all = ["log_key", "witness_key"])]
    checkpoint: Option<PathBuf>,
    /// The log's public key.
    #[arg(long, value_name = "KEY", requires = "checkpoint")]
    log_key: Option<LogVerifier>,
    /// The public key of a witness. May be given several times.
    #[arg(long, value_name = "KEY", requires = "checkpoint")]
    witness_key: Vec<WitnessVerifier>,
    /// How many of the witnesses must have cosigned; all when left out.
    #[arg(long, value_name = "NUMBER", requires = "checkpoint")]
    quorum: Option<NonZeroUsize>,
}

impl Audit {
    /// Runs the command.
    ///
    /// # Errors
    /// When the log cannot be read, or was changed, or is not that of the checkpoint.
    pub fn run(self) -> anyhow::Result<()> {
        match self {
            Self::Verify { file, against } => print(&verify(&file, against)?),
            Self::Show { file, with, since, last } => print(&show(&file, with.as_deref(), since, last)?),
            Self::Prove { file, sequence, checkpoint, out } => {
                let checkpoint = read(&checkpoint)?;
                let proof = RecordProof::new(&Snapshot::open(&file)?, sequence, &checkpoint)?;
                write_or_print(out.as_deref(), &proof.to_string())
            }
            Self::Export { file, checkpoint, folder } => {
                let checkpoint = read(&checkpoint)?;
                Ok(tiles::export(&Snapshot::open(&file)?, &checkpoint, &folder)?)
            }
        }
    }
}

/// Number, time and event of each line, and what else it has, as `key=value`.
fn show(file: &Path, with: Option<&str>, since: Option<Date>, last: usize) -> anyhow::Result<String> {
    let is_since = |line: &[u8]| since.is_none_or(|since| time_of(line).is_none_or(|time| time.date() >= since));
    let wanted = |line: &[u8]| with.is_none_or(|text| String::from_utf8_lossy(line).contains(text)) && is_since(line);
    let mut table = String::new();
    for (_, line) in Snapshot::open(file)?.find(last, wanted)? {
        let mut line: Map<String, Value> = serde_json::from_slice(&line).context("a line cannot be read")?;
        let first = ["sequence", "time", "event"].iter().filter_map(|key| line.remove(*key));
        let mut words: Vec<_> = first.map(|value| shown(&value)).collect();
        let rest = line.iter().filter(|(_, value)| !value.is_null());
        words.extend(rest.map(|(key, value)| format!("{key}={}", shown(value))));
        table += &plain(&words.join("  "), usize::MAX);
        table.push('\n');
    }
    Ok(table)
}

/// A value bare where it is one word, and as JSON where it could be taken for more.
fn shown(value: &Value) -> String {
    match value {
        Value::String(text) if !text.is_empty() && !text.contains([' ', '=', '"']) => text.clone(),
        value => value.to_string(),
    }
}

/// A day as it is written on the command line.
fn day(text: &str) -> Result<Date, String> {
    let form = format_description!("[year]-[month]-[day]");
    Date::parse(text, form).map_err(|_| format!("{text:?} is not a date; write it as 2026-11-30"))
}

fn verify(file: &Path, against: Against) -> anyhow::Result<String> {
    let (checkpoint, policy) = match against {
        Against { roots: Some(roots), sites, .. } => kept(file, &roots, sites)?,
        Against { checkpoint: Some(checkpoint), log_key: Some(log), witness_key, quorum, .. } => {
            let quorum = quorum.map_or(witness_key.len(), NonZeroUsize::get);
            (read(&checkpoint)?, Policy::new(log, witness_key, quorum)?)
        }
        _ => {
            let log = Snapshot::open(file)?;
            return Ok(format!("unbroken, lines: {}\n{}", log.head().size, gone(&log)?));
        }
    };
    let Coverage { trusted, uncovered } = verify_cosigned(file, &checkpoint, &policy)?;
    let mut said = format!("unbroken, lines under the checkpoint: {}, after it: {uncovered}\n", trusted.head.size);
    for (witness, time) in trusted.cosigned {
        said += &format!("cosigned by {witness} at {}\n", time.format(&Rfc3339)?);
    }
    said += &gone(&Snapshot::open(file)?)?;
    Ok(said)
}

/// What is said of records that are no longer kept.
fn gone(log: &Snapshot) -> anyhow::Result<String> {
    let Some(Removal { through, record, time }) = log.removal() else { return Ok(String::new()) };
    let time = time.format(&Rfc3339)?;
    Ok(format!("lines 1 to {through} are no longer kept, says line {record} of {time}; compare audit_years\n"))
}

fn kept(file: &Path, roots: &Path, sites: Option<NonZeroUsize>) -> anyhow::Result<(SignedCheckpoint, Policy)> {
    let text = fs::read_to_string(roots).with_context(|| format!("cannot read {}", roots.display()))?;
    let roots = Roots::from_pem(&text).with_context(|| format!("{} has no trust anchors", roots.display()))?;
    let wanted = sites.map_or(1, |sites| certified::majority(sites.get()));
    let kept = coda_service::log::kept(file, &roots, wanted, SystemClock.now())?;
    let (checkpoint, policy, _) = kept.context("no checkpoint is kept beside the log yet")?;
    Ok((checkpoint, policy))
}

fn read(checkpoint: &Path) -> anyhow::Result<SignedCheckpoint> {
    let bytes = fs::read(checkpoint).with_context(|| format!("cannot read {}", checkpoint.display()))?;
    // As text (C2SP tlog-checkpoint), or as a service keeps it beside its log.
    let read = match std::str::from_utf8(&bytes).ok().and_then(|text| text.parse().ok()) {
        Some(read) => Ok(read),
        None => coda_service::log::kept_checkpoint(checkpoint),
    };
    read.with_context(|| format!("cannot take {}", checkpoint.display()))
}
