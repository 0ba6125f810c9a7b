//! The researcher's configuration file, and the hub it leads to.

use std::{
    path::{Path, PathBuf},
    sync::Arc,
};

use anyhow::{Context, bail};
use coda_client::{Hub, HubSettings};
use coda_pki::{Files, Now, Roots};
use coda_runtime::{
    Clock, SystemClock,
    config::{beside, load},
};
use serde::Deserialize;

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    /// Where `coda init` logs in, and as whom; not needed to ask.
    log_in: Option<String>,
    user: Option<String>,
    coordinator: String,
    auth: String,
    tls: Files,
}

/// What `coda init` needs to know to renew a certificate.
pub(crate) struct Known {
    pub(crate) log_in: Option<String>,
    pub(crate) user: Option<String>,
    pub(crate) roots: Roots,
}

/// No configuration was named, and there is none in the usual place.
#[derive(Debug, thiserror::Error)]
#[error("there is no configuration at {}; coda init makes one, and --config names another", .0.display())]
pub(crate) struct Absent(PathBuf);

/// Opens the hub that the configuration names.
pub(crate) fn hub(path: Option<&Path>) -> anyhow::Result<Hub> {
    let (File { coordinator, auth, tls, log_in: _, user: _ }, path) = read(path)?;
    let now: Now = Arc::new(|| SystemClock.now());
    let credentials = tls.resolved(|file| beside(&path, file)).load(now())?;
    Ok(Hub::new(&HubSettings { coordinator, auth }, credentials, now)?)
}

/// The network's trust anchors.
pub(crate) fn roots(path: Option<&Path>) -> anyhow::Result<Roots> {
    let (File { tls, .. }, path) = read(path)?;
    trusted(&tls, &path)
}

/// What the configuration at `path` knows of the network and the person.
pub(crate) fn known(path: &Path) -> anyhow::Result<Known> {
    let File { log_in, user, tls, .. } = load(path)?;
    Ok(Known { log_in, user, roots: trusted(&tls, path)? })
}

/// Key, chain and trust anchors of the configuration at `path`, as far as `coda init` has made them: by their names.
pub(crate) fn files(path: &Path) -> Vec<PathBuf> {
    let Ok(File { tls, .. }) = load(path) else { return Vec::new() };
    let is_ours = |(what, file): &(&str, &PathBuf)| {
        let name = file.to_str().and_then(|name| name.strip_prefix(what)?.strip_prefix('-')?.strip_suffix(".pem"));
        name.is_some_and(|name| name.len() == 16 && name.chars().all(|c| c.is_ascii_hexdigit()))
    };
    let files = [("key", &tls.key), ("chain", &tls.chain), ("roots", &tls.roots)];
    files.into_iter().filter(is_ours).map(|(_, file)| beside(path, file)).collect()
}

/// Where the configuration is, or will be.
pub(crate) fn place(path: Option<&Path>) -> anyhow::Result<PathBuf> {
    path.map_or_else(usual, |path| Ok(path.to_owned()))
}

fn trusted(tls: &Files, path: &Path) -> anyhow::Result<Roots> {
    let file = beside(path, &tls.roots);
    let text = std::fs::read_to_string(&file).with_context(|| format!("cannot read {}", file.display()))?;
    Roots::from_pem(&text).with_context(|| format!("{} has no trust anchors", file.display()))
}

fn read(path: Option<&Path>) -> anyhow::Result<(File, PathBuf)> {
    let place = place(path)?;
    if path.is_none() && !place.exists() {
        bail!(Absent(place));
    }
    Ok((load(&place)?, place))
}

fn usual() -> anyhow::Result<PathBuf> {
    let folder = std::env::var_os("XDG_CONFIG_HOME")
        .map(PathBuf::from)
        .or_else(|| std::env::var_os("HOME").map(|home| PathBuf::from(home).join(".config")))
        .context("neither HOME nor XDG_CONFIG_HOME is set; name the configuration with --config")?;
    Ok(folder.join("coda/config.toml"))
}
