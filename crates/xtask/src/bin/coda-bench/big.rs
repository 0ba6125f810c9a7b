//! Three large sites against pooled polars.

use std::time::Duration;

use coda_client::Hub;

use crate::{
    ask::{ask, count, query, rest, study},
    cohort::Cohorts,
    data::{self, EXACT, USUAL},
    effort::Effort,
    network::Network,
    process,
    report::{Big, Case, cpu_of_sites, quantile},
};

/// The big query, of everybody and of new cohorts, perturbed and exact; counts of new cohorts.
pub(crate) async fn measure(effort: &Effort) -> anyhow::Result<(Big, Vec<Case>)> {
    let &Effort { people, runs, variables, counts, .. } = effort;
    let folder = tempfile::tempdir()?;
    eprintln!("writing and building 3 sites of {people} people");
    let files = data::write(folder.path(), people)?;
    let network = Network::start(folder.path(), &files, &[USUAL, EXACT])?;
    let hubs = network.hubs(1).await?;
    let [hub] = hubs.as_slice() else { anyhow::bail!("no researcher") };
    let of = study(variables);
    let everybody = query(USUAL, &of, None);

    let idle = network.usage()?;
    let cold = ask(hub, &everybody).await?;
    settle().await;
    let before = network.usage()?;
    let mut warm = Vec::with_capacity(runs);
    for _ in 0..runs {
        warm.push(ask(hub, &everybody).await?);
    }
    let after = network.usage()?;

    let mut cohorts = Cohorts::default();
    let list = cohorts.take(runs)?;
    let mut new = Vec::with_capacity(runs);
    for cohort in &list {
        rest(people).await;
        new.push(ask(hub, &query(USUAL, &of, Some(cohort))).await?);
    }
    settle().await;
    let usual = counted(&network, hub, USUAL, &cohorts.take(counts)?).await?;
    // The largest so far: columns of one data set, and all that new cohorts need.
    let loaded = network.usage()?;

    ask(hub, &query(EXACT, &of, None)).await?;
    settle().await;
    // Turn and turn about, the same new cohorts of both.
    let (mut perturbed, mut exact) = (Vec::with_capacity(runs), Vec::with_capacity(runs));
    for cohort in cohorts.take(runs)? {
        rest(people).await;
        perturbed.push(ask(hub, &query(USUAL, &of, Some(&cohort))).await?);
        rest(people).await;
        exact.push(ask(hub, &query(EXACT, &of, Some(&cohort))).await?);
    }
    settle().await;
    let pairs = cohorts.take(counts)?;
    let again = counted(&network, hub, USUAL, &pairs).await?;
    let without = counted(&network, hub, EXACT, &pairs).await?;
    drop(network);

    let polars = process::pooled(&files, runs, &list)?;
    let new = quantile(new, 0.5);
    let cases = vec![
        Case::new("big query, a new cohort each time: ms", ("polars", new, polars.new_ms), Some(1.0)),
        Case::new(
            "big query, a new cohort, perturbed: ms",
            ("exact", quantile(perturbed, 0.5), quantile(exact, 0.5)),
            Some(1.5),
        ),
        Case::new("count of a new cohort, all sites: CPU ms", ("polars", usual, polars.count_cpu_ms), Some(3.0)),
        Case::new("the same, perturbed: CPU ms", ("exact", again, without), Some(1.5)),
    ];
    let big = Big::new(people, (cold, warm), &polars, [&idle, &before, &after, &loaded]);
    Ok((big, cases))
}

/// What a count of new cohorts costs all sites together, in milliseconds of CPU a query; the watch after each included.
async fn counted(network: &Network, hub: &Hub, dataset: &str, cohorts: &[String]) -> anyhow::Result<f64> {
    let before = network.usage()?;
    for cohort in cohorts {
        ask(hub, &query(dataset, &count(), Some(cohort))).await?;
    }
    settle().await;
    Ok(cpu_of_sites(&before, &network.usage()?, cohorts.len()))
}

/// Until the watch has looked at what was answered.
async fn settle() {
    tokio::time::sleep(Duration::from_secs(1)).await;
}
