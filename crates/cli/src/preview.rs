//! `coda preview`: what a query would cost, and what of it is bound to be withheld. It is not asked.

use std::{io::Write, path::Path};

use anyhow::Context;

use crate::{
    Ending,
    arguments::{Preview, PreviewFormat},
    question, render,
};

pub(crate) async fn run(config: Option<&Path>, of: &Preview, output: &mut dyn Write) -> anyhow::Result<Ending> {
    let (hub, query, sites) = question::prepare(config, &of.question).await?;
    let previews = hub.preview(query, sites, of.question.project.clone()).await?;
    match of.format {
        PreviewFormat::Table => write!(output, "{}", render::preview::text(&previews)),
        PreviewFormat::Json => render::preview::json(&previews, output),
    }
    .context("cannot write the preview")?;
    question::ending(previews.iter().map(|preview| &preview.outcome))
}
