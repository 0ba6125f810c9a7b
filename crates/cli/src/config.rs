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
    coordinator: String,
    auth: String,
    tls: Files,
}

/// No configuration was named, and there is none in the usual place.
#[derive(Debug, thiserror::Error)]
#[error("there is no configuration at {}; make one as in deploy/README.md, or name it with --config", .0.display())]
pub(crate) struct Absent(PathBuf);

/// Opens the hub that the configuration names.
pub(crate) fn hub(path: Option<&Path>) -> anyhow::Result<Hub> {
    let (File { coordinator, auth, tls }, path) = read(path)?;
    let now: Now = Arc::new(|| SystemClock.now());
    let credentials = tls.resolved(|file| beside(&path, file)).load(now())?;
    Ok(Hub::new(&HubSettings { coordinator, auth }, credentials, now)?)
}

/// The network's trust anchors.
pub(crate) fn roots(path: Option<&Path>) -> anyhow::Result<Roots> {
    let (File { tls, .. }, path) = read(path)?;
    let file = beside(&path, &tls.roots);
    let text = std::fs::read_to_string(&file).with_context(|| format!("cannot read {}", file.display()))?;
    Roots::from_pem(&text).with_context(|| format!("{} has no trust anchors", file.display()))
}

fn read(path: Option<&Path>) -> anyhow::Result<(File, PathBuf)> {
    let path = match path {
        Some(path) => path.to_owned(),
        None => usual()?,
    };
    Ok((load(&path)?, path))
}

fn usual() -> anyhow::Result<PathBuf> {
    let folder = std::env::var_os("XDG_CONFIG_HOME")
        .map(PathBuf::from)
        .or_else(|| std::env::var_os("HOME").map(|home| PathBuf::from(home).join(".config")))
        .context("neither HOME nor XDG_CONFIG_HOME is set; name the configuration with --config")?;
    let path = folder.join("coda/config.toml");
    if !path.exists() {
        bail!(Absent(path));
    }
    Ok(path)
}
