//! An answer that is kept: verified, then changed in one figure, and found out.

use std::path::Path;

use anyhow::{Context, ensure};
use coda_cli::Ending;
use serde_json::Value;

use crate::coda;

/// The figure that somebody changes: the number of patients in the network.
const FIGURE: &str = "/asks/0/cells/0/network/figures/0/count/value";

/// Each step under the command that a person would type.
pub(crate) async fn show(config: &Path) -> anyhow::Result<()> {
    let file = config.with_file_name("answer.json");
    let query = ["query", "--of", "count", "--format", "json"].map(str::to_owned);
    let verify = ["verify".to_owned(), file.display().to_string()];
    let mut answer = Vec::new();
    println!("\n$ coda {} > answer.json", query.join(" "));
    ensure!(coda(config, &query, &mut answer).await == Ending::Done, "the query above was not answered");
    std::fs::write(&file, &answer)?;
    println!("$ coda verify answer.json");
    ensure!(coda(config, &verify, &mut std::io::stdout()).await == Ending::Done, "the answer does not hold");

    let mut changed: Value = serde_json::from_slice(&answer)?;
    *changed.pointer_mut(FIGURE).context("the answer has no count")? = 1_000_000.into();
    std::fs::write(&file, serde_json::to_vec_pretty(&changed)?)?;
    println!("\nthe same file, in which somebody has written 1000000 for the number of patients:");
    println!("$ coda verify answer.json");
    let ending = coda(config, &verify, &mut std::io::stdout()).await;
    ensure!(ending == Ending::Failed, "the changed figure was not found");
    Ok(())
}
