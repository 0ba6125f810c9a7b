//! `coda account`, `coda certificate`, `coda password`, `coda log-out`.

use std::{io::Write, path::Path, sync::Arc};

use anyhow::Context as _;
use coda_client::{Account, Front};
use coda_model::UserId;
use coda_pki::Now;
use coda_runtime::{Clock as _, SystemClock};

use crate::{
    arguments::{AccountCommand, CertificateCommand},
    ask::{Ask, Prompt},
    config,
    grants::moment,
    init,
    render::table,
};

pub(crate) async fn account(
    config: Option<&Path>,
    command: AccountCommand,
    output: &mut dyn Write,
) -> anyhow::Result<()> {
    let hub = config::hub(config)?;
    match command {
        AccountCommand::Open { user, phone } => {
            let password = hub.open_account(user.clone(), phone).await?;
            handed_over(&user);
            writeln!(output, "{password}").context("cannot write")
        }
        AccountCommand::Reset { user } => {
            let password = hub.reset_password(user.clone()).await?;
            handed_over(&user);
            writeln!(output, "{password}").context("cannot write")
        }
        AccountCommand::Close { user } => {
            hub.close_account(user.clone()).await?;
            eprintln!("the account {user} is closed: its sessions are over, its certificates revoked");
            Ok(())
        }
        AccountCommand::Unlock { user } => {
            hub.unlock_account(user.clone()).await?;
            eprintln!("the account {user} is unlocked");
            Ok(())
        }
        AccountCommand::Phone { user, phone } => {
            hub.set_phone(user.clone(), phone.clone()).await?;
            let to = if phone.is_empty() { "by e-mail" } else { "by text message" };
            eprintln!("codes for {user} go out {to} from now on");
            Ok(())
        }
        AccountCommand::List => {
            let rows = hub.list_accounts().await?.into_iter().map(row).collect();
            let header = ["user", "codes by", "state", "opened", "opened by"];
            writeln!(output, "{}", table::plain(&header, rows)).context("cannot write")
        }
    }
}

pub(crate) async fn certificate(
    config: Option<&Path>,
    command: CertificateCommand,
    output: &mut dyn Write,
) -> anyhow::Result<()> {
    let hub = config::hub(config)?;
    match command {
        CertificateCommand::List => {
            let row = |certificate: coda_client::Certificate| {
                let coda_client::Certificate { thumbprint, issued_at, until, revoked_at } = certificate;
                let revoked = if revoked_at == 0 { String::new() } else { moment(revoked_at) };
                vec![thumbprint, moment(issued_at), moment(until), revoked]
            };
            let rows = hub.own_account().await?.1.into_iter().map(row).collect();
            let header = ["SHA-256", "issued", "until", "revoked"];
            writeln!(output, "{}", table::plain(&header, rows)).context("cannot write")
        }
        CertificateCommand::Revoke { thumbprint } => {
            hub.revoke_certificate(thumbprint).await?;
            eprintln!("revoked; every site refuses it within a minute");
            Ok(())
        }
    }
}

pub(crate) async fn password(config: Option<&Path>, ask: &mut dyn Ask) -> anyhow::Result<()> {
    let path = config::place(config)?;
    let known = config::known(&path)?;
    let hub = known.log_in.context("the configuration has no log_in (host:port); coda init writes it")?;
    let user = UserId::new(&known.user.context("the configuration has no user; coda init writes it")?)?;
    let now: Now = Arc::new(|| SystemClock.now());
    let front = Front::of(&hub, known.roots, now)?;
    let current = ask.ask(Prompt::Password)?;
    let challenge = front.begin(user.as_str(), &current).await?;
    let code = ask.ask(Prompt::Code)?;
    let session = front.finish(challenge, code.trim()).await?;
    init::changed(session, &current, ask).await?.log_out(true).await?;
    eprintln!("the password is changed, and every session is over");
    Ok(())
}

pub(crate) async fn log_out(config: Option<&Path>) -> anyhow::Result<()> {
    config::hub(config)?.log_out_everywhere().await?;
    eprintln!("every session of yours is over");
    Ok(())
}

fn handed_over(user: &str) {
    eprintln!(
        "tell {user} this first password in person or by telephone, not by e-mail; it must be changed at the first log-in:"
    );
}

fn row(account: Account) -> Vec<String> {
    let Account { user, by_phone, must_change, locked_at, closed_at, opened_at, opened_by } = account;
    let state = match (closed_at, locked_at) {
        (0, 0) if must_change => "has a first password".to_owned(),
        (0, 0) => "open".to_owned(),
        (0, locked) => format!("locked since {}", moment(locked)),
        (closed, _) => format!("closed since {}", moment(closed)),
    };
    let by = if by_phone { "telephone" } else { "e-mail" };
    vec![user, by.to_owned(), state, moment(opened_at), opened_by]
}
