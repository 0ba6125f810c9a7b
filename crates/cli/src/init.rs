//! `coda init`: from a first password to a certificate for a key that was made here, and again before it ends.

use std::{
    fs::{self, OpenOptions},
    io::Write as _,
    os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _},
    path::{Path, PathBuf},
    sync::Arc,
};

use anyhow::{Context as _, bail, ensure};
use coda_client::{Enrolment, Front, Session};
use coda_model::{Identity, UserId};
use coda_pki::{Algorithm, Credentials, Now, PrivateKey};
use coda_runtime::{Clock as _, SystemClock};

use crate::{
    arguments::Init,
    ask::{Ask, Prompt},
    browser, config,
};

/// New passwords are tried so often before the program gives up.
const TRIES: u32 = 5;

pub(crate) async fn run(path: Option<&Path>, init: Init, ask: &mut dyn Ask) -> anyhow::Result<()> {
    let Init { hub, fingerprint, user, algorithm, browser: in_browser } = init;
    let now: Now = Arc::new(|| SystemClock.now());
    let path = config::place(path)?;
    let known = if path.exists() { Some(config::known(&path)?) } else { None };
    let (hub, user, front) = match (known, hub, fingerprint, user) {
        (None, Some(hub), Some(fingerprint), Some(user)) => {
            let front = Front::pinned(&hub, parsed(&fingerprint)?, now.clone())?;
            (hub, user, front)
        }
        (None, ..) => bail!(
            "there is no configuration at {} yet; give --hub, --fingerprint and --user, as your network's administrator says them",
            path.display()
        ),
        (Some(known), hub, None, user) => {
            let hub = hub.or(known.log_in).context("the configuration has no log_in; give --hub")?;
            let user = user.or(known.user).context("the configuration has no user; give --user")?;
            let front = Front::of(&hub, known.roots, now.clone())?;
            (hub, user, front)
        }
        (Some(_), ..) => bail!(
            "{} has the network's root already, and --fingerprint would be another's; move the file away to begin anew",
            path.display()
        ),
    };
    let user = UserId::new(&user)?;
    let session = if in_browser { browser::log_in(&front, &user).await? } else { log_in(&front, &user, ask).await? };

    let key = tokio::task::spawn_blocking(move || PrivateKey::generate(algorithm)).await??;
    let enrolment = session.enrol(key.request(&Identity::User(user.clone()))?).await?;
    let until = save(&path, &hub, &user, key, &enrolment, &now)?;
    eprintln!("{user} has a certificate until {until}; the key was made here and is in {}", folder(&path).display());
    eprintln!("coda init again, before that day, renews it; coda whoami says what you may do");
    Ok(())
}

/// Password, code, and another password where the first one must be changed.
pub(crate) async fn log_in(front: &Front, user: &UserId, ask: &mut dyn Ask) -> anyhow::Result<Session> {
    let password = ask.ask(Prompt::Password).context("there is nobody to ask for the password")?;
    let challenge = front.begin(user.as_str(), &password).await?;
    let code = ask.ask(Prompt::Code).context("there is nobody to ask for the code")?;
    let session = front.finish(challenge, code.trim()).await?;
    if session.must_change() {
        eprintln!("this password was handed out and must be changed now");
        return changed(session, &password, ask).await;
    }
    Ok(session)
}

/// Asks for a new password until one is taken.
pub(crate) async fn changed(mut session: Session, current: &str, ask: &mut dyn Ask) -> anyhow::Result<Session> {
    for _ in 0..TRIES {
        let new = ask.ask(Prompt::NewPassword)?;
        if ask.ask(Prompt::Again)? != new {
            eprintln!("the two are not the same");
            continue;
        }
        match session.change_password(current, &new).await {
            Ok(session) => return Ok(session),
            Err((before, coda_client::ClientError::Invalid(_, why))) => {
                eprintln!("{why}");
                session = before;
            }
            Err((_, error)) => return Err(error.into()),
        }
    }
    bail!("the password was not changed");
}

fn parsed(fingerprint: &str) -> anyhow::Result<[u8; 32]> {
    let digits: String = fingerprint.chars().filter(|c| !c.is_whitespace() && *c != ':').collect();
    let mut bytes = [0; 32];
    hex::decode_to_slice(digits, &mut bytes).context("--fingerprint is a SHA-256: 64 hexadecimal digits")?;
    Ok(bytes)
}

fn folder(path: &Path) -> PathBuf {
    path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new(".")).to_owned()
}

/// Writes key, chain and trust anchors beside the configuration under names of their own, then the configuration in one step: whatever
/// happens in between, it names a key with its own certificate.
fn save(
    path: &Path,
    hub: &str,
    user: &UserId,
    key: PrivateKey,
    enrolment: &Enrolment,
    now: &Now,
) -> anyhow::Result<time::Date> {
    let folder = folder(path);
    fs::DirBuilder::new().recursive(true).mode(0o700).create(&folder).with_context(|| failed(&folder))?;
    let Enrolment { chain, roots, coordinator, auth } = enrolment;
    let credentials = Credentials::from_pem(chain, key, roots.clone(), now())?;
    let identity = Identity::User(user.clone());
    ensure!(*credentials.identity() == identity, "the hub issued a certificate for somebody else");
    let name = hex::encode(credentials.thumbprint().get(..8).unwrap_or_default());
    let [chain, key, roots] = ["chain", "key", "roots"].map(|what| format!("{what}-{name}.pem"));
    credentials.save(&folder.join(&chain), &folder.join(&key), &folder.join(&roots))?;
    let text = format!(
        "# Written by coda init.\nlog_in = {hub:?}\nuser = \"{user}\"\ncoordinator = {coordinator:?}\nauth = {auth:?}\n\n\
         [tls]\nchain = \"{chain}\"\nkey = \"{key}\"\nroots = \"{roots}\"\n"
    );
    let beside = path.with_extension("toml.new");
    let mut file = OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(&beside)?;
    file.write_all(text.as_bytes()).and_then(|()| file.sync_all()).with_context(|| failed(&beside))?;
    let before = config::files(path);
    fs::rename(&beside, path).with_context(|| failed(path))?;
    // The former key is of no use any more; one that cannot be removed does no harm.
    for file in before {
        let _ = fs::remove_file(file);
    }
    Ok(credentials.expires().date())
}

fn failed(path: &Path) -> String {
    format!("cannot write {}", path.display())
}

/// The algorithm of a new key, for the command line.
pub(crate) fn algorithm(text: &str) -> Result<Algorithm, String> {
    text.parse().map_err(|error: coda_pki::KeyError| error.to_string())
}
