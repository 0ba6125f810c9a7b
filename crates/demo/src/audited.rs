//! The audit log's record of a question, and the proof that it stands there.

use std::{io, path::Path, time::Duration};

use anyhow::{bail, ensure};
use coda_cli::Ending;

use crate::coda;

/// Waits until the sites have cosigned what was asked, then shows it.
pub(crate) async fn show(config: &Path) -> anyhow::Result<()> {
    let audit = |word: &str| ["audit".to_owned(), word.to_owned()];
    println!("\nWhat was asked is in an audit log that the sites cosign, so that nobody rewrites it unnoticed:");
    for _ in 0..100 {
        let mut said = Vec::new();
        ensure!(coda(config, &audit("verify"), &mut said).await == Ending::Done, "the audit log does not hold");
        let said = String::from_utf8(said)?;
        if said.lines().count() == 1 && said.split_whitespace().next() == said.split_whitespace().nth(2) {
            println!("$ coda audit verify\n{}", said.trim_end());
            let show = ["audit", "show", "--last", "8"].map(str::to_owned);
            println!("$ coda {}", show.join(" "));
            ensure!(coda(config, &show, &mut io::stdout()).await == Ending::Done, "the records are not shown");
            return Ok(());
        }
        tokio::time::sleep(Duration::from_millis(700)).await;
    }
    bail!("the sites have not cosigned the audit log")
}
