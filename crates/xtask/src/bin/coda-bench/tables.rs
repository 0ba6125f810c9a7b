//! A query of many cells against polars' group-by.

use crate::{
    ask::{ask, query, rest},
    cohort::Cohorts,
    data::{self, USUAL, WARDS},
    effort::Effort,
    network::Network,
    process,
    report::{Case, quantile},
};

/// Count and mean by ward, of a new cohort each time.
pub(crate) async fn measure(&Effort { some, tables, .. }: &Effort) -> anyhow::Result<Case> {
    let folder = tempfile::tempdir()?;
    let files = data::write(folder.path(), some)?;
    let network = Network::start(folder.path(), &files, &[USUAL])?;
    let hubs = network.hubs(1).await?;
    let [hub] = hubs.as_slice() else { anyhow::bail!("no researcher") };
    let of = ["count".to_owned(), "mean:age".to_owned()];
    let by_ward = |cohort: Option<&str>| format!("{}\nby = [\"ward\"]", query(USUAL, &of, cohort));
    // Once for the columns.
    for variable in &data::VARIABLES {
        ask(hub, &query(USUAL, &[format!("mean:{}", variable.name)], None)).await?;
    }
    ask(hub, &by_ward(None)).await?;
    let cohorts = Cohorts::default().take(tables)?;
    let mut taken = Vec::with_capacity(tables);
    for cohort in &cohorts {
        rest(some).await;
        taken.push(ask(hub, &by_ward(Some(cohort))).await?);
    }
    drop(network);
    let polars = process::pooled(&files, 1, &cohorts)?;
    let what = format!("3 x {some} people, {WARDS} cells of a new cohort: ms");
    Ok(Case::new(&what, ("polars", quantile(taken, 0.5), polars.cells_ms), Some(5.0)))
}
