//! `coda whoami`: the certificate, and the roles that stand.

use std::{io::Write, path::Path};

use anyhow::Context;
use coda_client::Grant;

use crate::{config, grants::moment, render::table};

pub(crate) async fn run(config: Option<&Path>, output: &mut dyn Write) -> anyhow::Result<()> {
    let hub = config::hub(config)?;
    let (user, until) = hub.certificate()?;
    let grants = hub.grants().await?;
    let own = grants.into_iter().filter(|grant| grant.user == user.as_str() && grant.revoked_at == 0);
    let row = |grant: Grant| {
        let until = if grant.until == 0 { String::new() } else { moment(grant.until) };
        vec![grant.role, grant.site, grant.extra.join(" "), grant.project, grant.granted_by, until]
    };
    let rows: Vec<_> = own.map(row).collect();
    let mut text = format!("{user}\ncertificate good until {} UTC\n", moment(until.unix_timestamp()));
    if rows.is_empty() {
        text.push_str("no role; ask a site's administrator for one\n");
    } else {
        text.push_str(&table::plain(&["role", "site", "extra", "project", "granted by", "until"], rows));
        text.push('\n');
    }
    output.write_all(text.as_bytes()).context("cannot write")
}
