//! Log-ins by password and code beside small queries.

use std::time::{Duration, Instant};

use anyhow::Context;
use coda_client::{Front, Hub};
use coda_postbox::Postbox;

use crate::{
    ask::{ask, count, query},
    data::{self, USUAL},
    effort::Effort,
    network::{Network, PATIENCE},
    report::{Case, quantile},
};

/// 200 a minute.
const EVERY: Duration = Duration::from_millis(300);
/// So many codes are sent to a person in ten minutes.
const LOG_INS_EACH: usize = 5;

/// The median of small queries while nobody logs in, and beside 200 log-ins a minute.
pub(crate) async fn measure(&Effort { few, log_ins, .. }: &Effort) -> anyhow::Result<Vec<Case>> {
    eprintln!("logging {log_ins} people in");
    let folder = tempfile::tempdir()?;
    let postbox = Postbox::start().await?;
    let files = data::write(folder.path(), few)?;
    let network = Network::start_with_mail(folder.path(), &files, &[USUAL], postbox.address())?;
    let hubs = network.hubs(1).await?;
    let [hub] = hubs.as_slice() else { anyhow::bail!("no researcher") };
    let mut people = Vec::new();
    for number in 0..log_ins.div_ceil(LOG_INS_EACH) {
        let name = format!("person-{number}@hub.example");
        let password = network.open_account(&name).await?;
        people.push((name, password));
    }
    let front = network.front()?;
    // Once for the columns and the connections.
    ask(hub, &query(USUAL, &count(), None)).await?;

    let alone = quantile(asking(hub, tokio::time::sleep(EVERY * log_ins as u32)).await?, 0.5);
    let mut taken = Vec::new();
    let logging = async {
        let mut turns = tokio::time::interval(EVERY);
        for turn in 0..log_ins {
            turns.tick().await;
            let (name, password) = people.get(turn % people.len()).context("nobody")?;
            let start = Instant::now();
            log_in(&front, &postbox, name, password).await?;
            taken.push(start.elapsed().as_secs_f64() * 1e3);
        }
        Ok::<_, anyhow::Error>(())
    };
    let mut outcome = Ok(());
    let beside = quantile(asking(hub, async { outcome = logging.await }).await?, 0.5);
    outcome?;
    Ok(vec![
        Case::new("small query beside 200 log-ins a minute: ms", ("alone", beside, alone), Some(1.5)),
        Case::new(
            "a log-in by password and code with its mail: ms",
            ("300 ms", quantile(taken, 0.5), 300.0),
            Some(1.0),
        ),
    ])
}

/// Asks one small query after another until `end`; how long each took.
async fn asking(hub: &Hub, end: impl Future<Output = ()>) -> anyhow::Result<Vec<f64>> {
    let everybody = query(USUAL, &count(), None);
    let mut taken = Vec::new();
    let mut end = std::pin::pin!(end);
    loop {
        let question = async {
            taken.push(ask(hub, &everybody).await?);
            tokio::time::sleep(Duration::from_millis(20)).await;
            Ok::<_, anyhow::Error>(())
        };
        tokio::select! {
            () = &mut end => return Ok(taken),
            asked = question => asked?,
        }
    }
}

/// Password, the code from the mailbox, session.
async fn log_in(front: &Front, postbox: &Postbox, name: &str, password: &str) -> anyhow::Result<()> {
    let former = postbox.code(name);
    let challenge = front.begin(name, password).await?;
    let came = async {
        loop {
            match postbox.code(name) {
                Some(code) if former.as_ref() != Some(&code) => return code,
                _ => tokio::time::sleep(Duration::from_millis(2)).await,
            }
        }
    };
    let code = tokio::time::timeout(PATIENCE, came).await.context("no code came")?;
    front.finish(challenge, &code).await.map(drop)?;
    Ok(())
}
