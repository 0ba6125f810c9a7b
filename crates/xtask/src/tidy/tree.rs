//! The tree that the rules look at: every file git has or would take, and the workspace's metadata.

use std::fs;
use std::path::Path;
use std::process::Command;

use anyhow::{Context, Result};

use crate::metadata::Metadata;

pub(crate) struct Tree {
    pub(crate) metadata: Metadata,
    pub(crate) files: Vec<File>,
}

pub(crate) struct File {
    /// Relative to the workspace root, with slashes.
    pub(crate) path: String,
    pub(crate) bytes: u64,
    /// `None` for what is not UTF-8.
    pub(crate) text: Option<String>,
}

impl Tree {
    pub(crate) fn load() -> Result<Self> {
        let metadata = Metadata::load()?;
        let root = &metadata.workspace_root;
        let mut paths = match paths_from_git(root) {
            Some(paths) => paths,
            None => paths_on_disk(root)?,
        };
        paths.sort();
        let files = paths.into_iter().filter_map(|path| File::read(root, path).transpose()).collect::<Result<_>>()?;
        Ok(Self { metadata, files })
    }

    pub(crate) fn file(&self, path: &str) -> Option<&File> {
        self.files.iter().find(|file| file.path == path)
    }

    /// Whether there is a file, or a folder with files, of this path.
    pub(crate) fn has(&self, path: &str) -> bool {
        let path = path.trim_end_matches('/');
        let below = |file: &File| file.path.strip_prefix(path).is_some_and(|tail| tail.starts_with('/'));
        self.files.iter().any(|file| file.path == path || below(file))
    }

    /// The text files of Rust, with their text.
    pub(crate) fn rust(&self) -> impl Iterator<Item = (&str, &str)> {
        self.files.iter().filter(|file| has_extension(&file.path, "rs")).filter_map(File::named_text)
    }
}

impl File {
    /// `None` when the file is in git and no longer on disk, or is no plain file.
    fn read(root: &Path, path: String) -> Result<Option<Self>> {
        let full = root.join(&path);
        if !full.symlink_metadata().is_ok_and(|found| found.is_file()) {
            return Ok(None);
        }
        let content = fs::read(&full).with_context(|| format!("cannot read {path}"))?;
        Ok(Some(Self { path, bytes: content.len() as u64, text: String::from_utf8(content).ok() }))
    }

    pub(crate) fn named_text(&self) -> Option<(&str, &str)> {
        Some((&self.path, self.text.as_deref()?))
    }
}

pub(crate) fn has_extension(path: &str, extension: &str) -> bool {
    Path::new(path).extension().is_some_and(|found| found == extension)
}

/// Tracked files and new ones that are not ignored, so that a rule speaks before the commit; `None` outside git.
fn paths_from_git(root: &Path) -> Option<Vec<String>> {
    let arguments = ["ls-files", "-z", "--cached", "--others", "--exclude-standard"];
    let output = Command::new("git").args(arguments).current_dir(root).output().ok()?;
    let listed = String::from_utf8(output.stdout).ok()?;
    let paths = listed.split('\0').filter(|path| !path.is_empty()).map(str::to_owned).collect();
    output.status.success().then_some(paths)
}

/// For an unpacked archive: everything but what cargo made.
fn paths_on_disk(root: &Path) -> Result<Vec<String>> {
    let mut folders = vec![root.to_path_buf()];
    let mut paths = Vec::new();
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(&folder)? {
            let path = entry?.path();
            let name = path.file_name().unwrap_or_default();
            if !path.is_dir() {
                paths.extend(path.strip_prefix(root).ok().map(|path| path.to_string_lossy().into_owned()));
            } else if name != "target" && name != ".git" {
                folders.push(path);
            }
        }
    }
    Ok(paths)
}

#[cfg(test)]
impl Tree {
    /// A tree of text files, with an empty workspace.
    pub(crate) fn of(files: &[(&str, &str)]) -> Self {
        Self::with(&serde_json::json!([]), files)
    }

    /// A tree whose workspace consists of these packages, as cargo writes them.
    pub(crate) fn with(packages: &serde_json::Value, files: &[(&str, &str)]) -> Self {
        let members: Vec<_> = packages.as_array().unwrap().iter().map(|package| package["id"].clone()).collect();
        let metadata = serde_json::json!({
            "packages": packages, "workspace_members": members, "workspace_root": "/w", "target_directory": "/w/target",
            "resolve": {"nodes": []},
        });
        let file = |&(path, text): &(&str, &str)| File {
            path: path.into(),
            bytes: text.len() as u64,
            text: Some(text.into()),
        };
        Self { metadata: serde_json::from_value(metadata).unwrap(), files: files.iter().map(file).collect() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn has_knows_files_and_folders_but_no_beginnings_of_names() {
        let tree = Tree::of(&[("crates/model/src/lib.rs", "")]);
        assert!(tree.has("crates/model/src/lib.rs"));
        assert!(tree.has("crates/model") && tree.has("crates/model/"));
        assert!(!tree.has("crates/mod"));
    }
}
