//! `coda grant`, `coda revoke`, `coda grants`.

use std::{io::Write, path::Path};

use anyhow::Context;
use coda_client::{Grant as Record, NewGrant};
use coda_model::calendar;
use time::{OffsetDateTime, Time};

use crate::{arguments::Grant, config, render::table};

pub(crate) async fn grant(config: Option<&Path>, grant: Grant, output: &mut dyn Write) -> anyhow::Result<()> {
    let Grant { user, role, site, extra, project, reason, until } = grant;
    let until = match until {
        None => 0,
        Some(day) => {
            let last = calendar::parse_iso(&day).with_context(|| format!("{day:?} is no day; write YYYY-MM-DD"))?;
            // The last day is included: the grant ends when the next one begins.
            last.next_day()
                .context("the last day is out of range")?
                .with_time(Time::MIDNIGHT)
                .assume_utc()
                .unix_timestamp()
        }
    };
    let made = config::hub(config)?.grant(NewGrant { user, role, site, extra, project, until, reason }).await?;
    eprintln!("{}", sentence(&made));
    writeln!(output, "{}", made.id).context("cannot write")
}

pub(crate) async fn revoke(config: Option<&Path>, id: String) -> anyhow::Result<()> {
    config::hub(config)?.revoke(id).await?;
    eprintln!("revoked");
    Ok(())
}

/// What was granted, as one would say it.
fn sentence(grant: &Record) -> String {
    let Record { user, role, site, extra, project, until, .. } = grant;
    let also = if extra.is_empty() { String::new() } else { format!(" with {}", extra.join(" and ")) };
    let at = if site.is_empty() { " of the network".to_owned() } else { format!(" at {site}") };
    let for_project = if project.is_empty() { String::new() } else { format!(", for the project {project}") };
    let until = if *until == 0 { String::new() } else { format!(", until {} UTC", moment(*until)) };
    format!("{user} is {role}{also}{at}{for_project}{until}; reason: {}", grant.reason)
}

pub(crate) async fn projects(config: Option<&Path>, output: &mut dyn Write) -> anyhow::Result<()> {
    let row = |project: coda_client::Project| {
        let coda_client::Project { id, title, approval, sites, until, closed_at } = project;
        let until = if closed_at == 0 { moment(until) } else { format!("closed {}", moment(closed_at)) };
        vec![id, title, approval, sites.join(" "), until]
    };
    let rows = config::hub(config)?.projects().await?.into_iter().map(row).collect();
    let header = ["project", "title", "approval", "sites", "until"];
    writeln!(output, "{}", table::plain(&header, rows)).context("cannot write")
}

pub(crate) async fn list(config: Option<&Path>, output: &mut dyn Write) -> anyhow::Result<()> {
    let grants = config::hub(config)?.grants().await?;
    let header =
        ["id", "user", "role", "site", "extra", "project", "reason", "granted by", "granted", "until", "revoked"];
    let row = |grant: Record| {
        let Record {
            id,
            user,
            role,
            site,
            extra,
            project,
            granted_by,
            granted_at,
            until,
            revoked_at,
            revoked_by,
            reason,
        } = grant;
        let revoked = if revoked_at == 0 { String::new() } else { format!("{} by {revoked_by}", moment(revoked_at)) };
        let until = if until == 0 { String::new() } else { moment(until) };
        vec![id, user, role, site, extra.join(" "), project, reason, granted_by, moment(granted_at), until, revoked]
    };
    let rows = grants.into_iter().map(row).collect();
    writeln!(output, "{}", table::plain(&header, rows)).context("cannot write")
}

pub(crate) fn moment(seconds: i64) -> String {
    OffsetDateTime::from_unix_timestamp(seconds).map_or_else(
        |_| String::new(),
        |moment| format!("{} {:02}:{:02}", calendar::iso(moment.date()), moment.hour(), moment.minute()),
    )
}
