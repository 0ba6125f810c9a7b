//! A person of the network from the first password to the certificate, and the end of it: each step under the command that a person
//! would type.

use std::{
    io,
    path::{Path, PathBuf},
};

use anyhow::{Context, ensure};
use coda_cli::{Ask, Ending, Prompt};
use coda_model::{SiteId, UserId};
use coda_testkit::{Network, PROJECT, administrator};

use crate::{coda, coda_asked, script};

/// What the person of this demo chooses.
const CHOSEN: &str = "four brown kettles sing";

/// The person at the keyboard: shows what is typed.
struct Person<'a> {
    network: &'a Network,
    user: &'a UserId,
    first: String,
}

impl Ask for Person<'_> {
    fn ask(&mut self, prompt: Prompt) -> io::Result<String> {
        let (answer, remark) = match prompt {
            Prompt::Password => (self.first.clone(), ""),
            Prompt::Code => {
                let code = self.network.postbox.code(self.user.as_str()).ok_or(io::ErrorKind::NotFound)?;
                (code, "   (from the mail that the demo's own mail server was given)")
            }
            Prompt::NewPassword | Prompt::Again => (CHOSEN.to_owned(), "   (not shown at a terminal)"),
        };
        println!("{}{answer}{remark}", prompt.words());
        Ok(answer)
    }
}

/// An account, a certificate, and a role at each site. Returns the person's configuration.
pub(crate) async fn enrol(network: &Network, user: &UserId, sites: &[SiteId]) -> anyhow::Result<PathBuf> {
    let home = sites.first().context("a network has a site")?;
    let at_home = network.write_client(&administrator(home)?)?;
    println!("\n{}, who administers {home}, opens an account:", administrator(home)?);
    let mut first = Vec::new();
    run(&at_home, &["account", "open", "--user", user.as_str()], &mut first).await?;
    let first = String::from_utf8(first)?.trim().to_owned();
    println!("{first}");

    println!("\nand {user} logs in on their own machine:");
    let config = network.folder().join("people").join(user.as_str()).join("config.toml");
    let (hub, fingerprint) = (network.log_in.to_string(), network.fingerprint());
    let own = ["init", "--hub", &hub, "--fingerprint", &fingerprint, "--user", user.as_str(), "--algorithm", "p256"];
    let own = own.map(str::to_owned);
    println!("$ coda {}", script::shown(&own));
    let mut person = Person { network, user, first };
    let ending = coda_asked(&config, &own, &mut io::stdout(), &mut person).await;
    ensure!(ending == Ending::Done, "{user} could not log in");

    println!("\nThe administrator of each site grants a role:");
    for site in sites {
        let of_site = network.write_client(&administrator(site)?)?;
        let site = site.as_str();
        let role = ["grant", "--user", user.as_str(), "--role", "site-researcher", "--site", site];
        let why = ["--extra", "basic-queries", "--project", PROJECT, "--reason", "asks for the study"];
        let grant = [&role[..], &why].concat();
        run(&of_site, &grant, &mut io::stdout()).await?;
    }
    println!();
    run(&config, &["whoami"], &mut io::stdout()).await?;
    Ok(config)
}

/// The person revokes the certificate, as after the loss of a laptop, and it opens nothing any more.
pub(crate) async fn revoke(config: &Path) -> anyhow::Result<()> {
    println!("\nThe laptop is lost; its certificate is revoked:");
    let mut list = Vec::new();
    run(config, &["certificate", "list"], &mut list).await?;
    let list = String::from_utf8(list)?;
    println!("{}", list.trim_end());
    let is_thumbprint = |word: &&str| word.len() == 64 && word.chars().all(|c| c.is_ascii_hexdigit());
    let thumbprint = list.split_whitespace().find(is_thumbprint).context("the list has no certificate")?;
    run(config, &["certificate", "revoke", thumbprint], &mut io::stdout()).await?;
    // Every service asks the hub at short intervals; here ten times a second.
    let describe = ["describe".to_owned()];
    for _ in 0..100 {
        if coda(config, &describe, &mut io::sink()).await != Ending::Done {
            println!("$ coda describe\n(refused, as above)");
            return Ok(());
        }
        tokio::time::sleep(std::time::Duration::from_millis(100)).await;
    }
    anyhow::bail!("a revoked certificate is still taken");
}

async fn run(config: &Path, arguments: &[&str], output: &mut dyn io::Write) -> anyhow::Result<()> {
    let arguments: Vec<String> = arguments.iter().map(|word| (*word).to_owned()).collect();
    println!("$ coda {}", script::shown(&arguments));
    ensure!(coda(config, &arguments, output).await == Ending::Done, "the command above was not done");
    Ok(())
}
