//! What `cargo metadata` says, as far as we read it.

use std::env;
use std::ffi::OsString;
use std::path::PathBuf;
use std::process::{Command, Stdio};

use anyhow::{Context, Result, ensure};
use serde::Deserialize;

#[derive(Deserialize)]
pub(crate) struct Metadata {
    pub(crate) packages: Vec<Package>,
    pub(crate) workspace_members: Vec<String>,
    pub(crate) workspace_root: PathBuf,
    /// Where cargo builds, whatever file or variable says so.
    pub(crate) target_directory: PathBuf,
    pub(crate) resolve: Resolve,
}

#[derive(Deserialize)]
pub(crate) struct Package {
    pub(crate) id: String,
    pub(crate) name: String,
    pub(crate) manifest_path: PathBuf,
    pub(crate) dependencies: Vec<Dependency>,
    pub(crate) targets: Vec<Target>,
}

#[derive(Deserialize)]
pub(crate) struct Dependency {
    /// The package's name, also where the manifest renames it.
    pub(crate) name: String,
    pub(crate) kind: Kind,
}

/// Cargo writes a normal dependency as `null`.
#[derive(Deserialize, Clone, Copy, PartialEq, Eq, Debug)]
#[serde(from = "Option<String>")]
pub(crate) enum Kind {
    Normal,
    Development,
    Build,
}

impl From<Option<String>> for Kind {
    fn from(text: Option<String>) -> Self {
        match text.as_deref() {
            Some("dev") => Self::Development,
            Some("build") => Self::Build,
            _ => Self::Normal,
        }
    }
}

#[derive(Deserialize)]
pub(crate) struct Target {
    pub(crate) kind: Vec<String>,
    pub(crate) src_path: PathBuf,
}

#[derive(Deserialize)]
pub(crate) struct Resolve {
    pub(crate) nodes: Vec<Node>,
}

#[derive(Deserialize)]
pub(crate) struct Node {
    pub(crate) id: String,
    pub(crate) deps: Vec<Edge>,
}

#[derive(Deserialize)]
pub(crate) struct Edge {
    pub(crate) pkg: String,
    pub(crate) dep_kinds: Vec<EdgeKind>,
}

#[derive(Deserialize)]
pub(crate) struct EdgeKind {
    pub(crate) kind: Kind,
}

impl Metadata {
    /// Asks cargo about the workspace of the current directory.
    pub(crate) fn load() -> Result<Self> {
        let output = Command::new(cargo())
            .args(["metadata", "--format-version", "1"])
            .stderr(Stdio::inherit())
            .output()
            .context("cannot run cargo metadata")?;
        ensure!(output.status.success(), "cargo metadata failed");
        serde_json::from_slice(&output.stdout).context("cargo metadata answered something unexpected")
    }

    /// The workspace's own packages.
    pub(crate) fn members(&self) -> impl Iterator<Item = &Package> {
        self.packages.iter().filter(|package| self.workspace_members.contains(&package.id))
    }

    /// A path of the workspace as git writes it: relative to the root.
    pub(crate) fn relative(&self, path: &std::path::Path) -> String {
        path.strip_prefix(&self.workspace_root).unwrap_or(path).to_string_lossy().replace('\\', "/")
    }
}

impl Package {
    /// The name the table of arrows uses: `coda-model` is `model`.
    pub(crate) fn short_name(&self) -> &str {
        short_name(&self.name)
    }
}

pub(crate) fn short_name(package: &str) -> &str {
    package.strip_prefix("coda-").unwrap_or(package)
}

/// The cargo that started us.
pub(crate) fn cargo() -> OsString {
    env::var_os("CARGO").unwrap_or_else(|| "cargo".into())
}
