//! `coda audit`: what the network's audit log has of one's own queries, or of those to one's own site, with the proof.

use std::{io::Write, path::Path};

use anyhow::{Context as _, bail};
use coda_client::{AccessRecord, Accesses};
use serde_json::Value;

use crate::{
    arguments::{Audit, AuditCommand},
    config,
    grants::moment,
    render::table,
};

/// As many records as the coordinator shows.
const MOST: usize = 100;

pub(crate) async fn run(config: Option<&Path>, command: Audit, output: &mut dyn Write) -> anyhow::Result<()> {
    let hub = config::hub(config)?;
    let sites = match command.sites {
        Some(sites) => sites.get(),
        // The coordinator's own word, for which two must stand at the least.
        None => hub.describe().await?.sites.len().max(2),
    };
    let Accesses { records, cosigned } = hub.accesses(sites).await?;
    match command.what {
        AuditCommand::Show { last } => {
            let left_out = last.map_or(0, |last| records.len().saturating_sub(last));
            let rows = records.iter().skip(left_out).map(row).collect();
            let header = ["record", "time", "what", "who", "site", "statistics", "in the log"];
            writeln!(output, "{}", table::plain(&header, rows))?;
        }
        AuditCommand::Verify => {
            let proved = records.iter().filter(|record| record.proof.is_some()).count();
            writeln!(output, "{proved} of {} records stand in the log that was cosigned", records.len())?;
            let new = records.len() - proved;
            if new > 0 {
                writeln!(output, "{new} are newer than that; verify again in a minute")?;
            }
        }
        AuditCommand::Prove { record, out } => {
            let found = records.iter().find(|found| number(&parsed(found)) == record.to_string());
            let found =
                found.with_context(|| format!("record {record} is none of yours; coda audit show lists them"))?;
            let Some(proof) = &found.proof else { bail!("record {record} is too new; try again in a minute") };
            match out {
                Some(path) => {
                    let line = path.with_extension("line");
                    std::fs::write(&path, proof).with_context(|| format!("cannot write {}", path.display()))?;
                    std::fs::write(&line, &found.line).with_context(|| format!("cannot write {}", line.display()))?;
                    eprintln!("the proof is in {}, the record in {}", path.display(), line.display());
                }
                None => output.write_all(proof.as_bytes())?,
            }
        }
    }
    if records.len() >= MOST {
        eprintln!("these are the newest {MOST}; the coordinator shows no older ones");
    }
    let by: Vec<_> = cosigned
        .iter()
        .map(|(identity, time)| format!("{identity} at {} UTC", moment(time.unix_timestamp())))
        .collect();
    let by = if by.is_empty() { "no site yet".to_owned() } else { by.join(" and ") };
    eprintln!("the log was cosigned by {by}");
    Ok(())
}

fn row(record: &AccessRecord) -> Vec<String> {
    let line = parsed(record);
    let text = |key: &str| line.get(key).and_then(Value::as_str).unwrap_or_default().to_owned();
    let statistics: Vec<_> = line.get("statistics").and_then(Value::as_array).into_iter().flatten().collect();
    let statistics: Vec<_> = statistics.into_iter().filter_map(Value::as_str).collect();
    let what = match text("outcome") {
        outcome if outcome.is_empty() => text("event"),
        outcome => format!("{}: {outcome}", text("event")),
    };
    let proved = if record.proof.is_some() { "proved" } else { "too new" };
    let time = text("time").chars().take(19).collect::<String>().replace('T', " ");
    vec![number(&line), time, what, text("user"), text("site"), statistics.join(" "), proved.to_owned()]
}

fn parsed(record: &AccessRecord) -> Value {
    serde_json::from_str(&record.line).unwrap_or_default()
}

fn number(line: &Value) -> String {
    line.get("sequence").and_then(Value::as_u64).map(|number| number.to_string()).unwrap_or_default()
}
