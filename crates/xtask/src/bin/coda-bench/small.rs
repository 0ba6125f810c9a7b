//! Three small sites against a bare echo, with nothing and with much in their ledgers.

use std::{
    path::{Path, PathBuf},
    time::{Duration, Instant},
};

use anyhow::Context;
use coda_client::Hub;

use crate::{
    ask::{ask, count, query, rest, study},
    cohort::Cohorts,
    data::{self, USUAL},
    echo::{Echo, sizes},
    effort::{ASKS, Effort},
    network::Network,
    report::{Case, Small, quantile},
};

/// Earlier questions of one researcher: as many asks as the network's limit of a project allows.
const QUESTIONS_EACH: usize = 1000 / ASKS;
/// How long a restarted site is waited for.
const AT_MOST: Duration = Duration::from_mins(2);

/// A network in whose ledgers there are earlier asks.
struct Asked {
    network: Network,
    hub: Hub,
    asks: usize,
}

/// The small query, of new cohorts and repeated, in networks with more and more earlier asks; a restart of a site.
pub(crate) async fn measure(effort: &Effort) -> anyhow::Result<(Small, Vec<Case>)> {
    let &Effort { few, warming, calls, .. } = effort;
    let folder = tempfile::tempdir()?;
    let files = data::write(folder.path(), few)?;
    let mut cohorts = Cohorts::default();
    let earlier = cohorts.take(effort.earlier.iter().max().context("no network")? / ASKS)?;
    let mut networks = Vec::new();
    for asks in effort.earlier {
        networks.push(Asked::start(folder.path(), &files, &earlier, asks).await?);
    }
    let [none, ..] = networks.as_slice() else { anyhow::bail!("no network") };
    let bytes = sizes(&query(USUAL, &count(), None))?;
    let echo = Echo::start(&none.network, bytes.answer)?;

    let everybody = query(USUAL, &count(), None);
    let (mut repeated, mut bare) = (Vec::with_capacity(calls), Vec::with_capacity(calls));
    let mut new = vec![Vec::with_capacity(calls); networks.len()];
    // Turn and turn about, so that whatever else the machine does falls on all.
    for call in 0..warming + calls {
        let cohort = cohorts.next()?;
        let text = query(USUAL, &count(), Some(&cohort));
        rest(few).await;
        let start = Instant::now();
        echo.call(bytes.request).await?;
        let echoed = start.elapsed().as_secs_f64() * 1e3;
        let again = ask(&none.hub, &everybody).await?;
        for (Asked { hub, .. }, times) in networks.iter().zip(&mut new) {
            rest(few).await;
            let taken = ask(hub, &text).await?;
            if call >= warming {
                times.push(taken);
            }
        }
        if call >= warming {
            bare.push(echoed);
            repeated.push(again);
        }
    }
    let medians: Vec<f64> = new.into_iter().map(|times| quantile(times, 0.5)).collect();
    let first = medians.first().copied().unwrap_or_default();
    let what = format!("3 x {few} people, count of a new cohort: ms");
    let mut cases = vec![Case::new(&what, ("echo", first, quantile(bare.clone(), 0.5)), Some(5.0))];
    for (Asked { asks, .. }, median) in networks.iter().zip(medians).skip(1) {
        let what = format!("the same with {asks} earlier asks in the ledger: ms");
        cases.push(Case::new(&what, ("none", median, first), Some(1.1)));
    }
    cases.extend(restarts(&mut networks).await?);
    Ok((Small::new(few, repeated, bare, &bytes), cases))
}

impl Asked {
    /// Starts a network and asks so much of it, in questions of 25 asks about a cohort each.
    async fn start(folder: &Path, files: &[PathBuf], cohorts: &[String], asks: usize) -> anyhow::Result<Self> {
        eprintln!("asking 3 sites {asks} asks beforehand");
        let folder = folder.join(format!("after-{asks}"));
        std::fs::create_dir_all(&folder)?;
        let network = Network::start(&folder, files, &[USUAL])?;
        let questions = asks / ASKS;
        let mut hubs = network.hubs(questions.div_ceil(QUESTIONS_EACH).max(1)).await?;
        let of = study(data::VARIABLES.len());
        for (number, cohort) in cohorts.iter().take(questions).enumerate() {
            let hub = hubs.get(number / QUESTIONS_EACH).context("no researcher")?;
            ask(hub, &query(USUAL, &of, Some(cohort))).await?;
        }
        // Who asks from now on is one of those who have asked.
        Ok(Self { network, hub: hubs.swap_remove(0), asks })
    }
}

/// How long a computation node takes from its start until it listens, and until the first answer of all sites.
async fn restarts(networks: &mut [Asked]) -> anyhow::Result<Vec<Case>> {
    let mut taken = Vec::new();
    for Asked { network, hub, asks } in networks {
        let start = Instant::now();
        let listening = network.restart("a-compute")?;
        // What it took to stop is left out.
        let stopping = start.elapsed().as_secs_f64() - listening;
        while let Err(error) = ask(hub, &query(USUAL, &count(), None)).await {
            anyhow::ensure!(start.elapsed() < AT_MOST, "no answer after a restart: {error}");
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        taken.push((*asks, listening, start.elapsed().as_secs_f64() - stopping));
    }
    let Some(&(_, bare_listening, bare_answering)) = taken.first() else { return Ok(Vec::new()) };
    let Some(&(asks, listening, answering)) = taken.last() else { return Ok(Vec::new()) };
    Ok(vec![
        Case::new(
            &format!("restart until it listens, {asks} earlier asks: s"),
            ("none", listening, bare_listening),
            None,
        ),
        Case::new(
            &format!("restart until the first answer, {asks} asks: s"),
            ("none", answering, bare_answering),
            Some(2.0),
        ),
    ])
}
