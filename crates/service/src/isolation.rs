//! A site that is cut off while an incident is looked into: a file beside the audit log says so, and takes effect at the next query.

use std::{
    fs::{self, OpenOptions},
    io::{self, Write as _},
    os::unix::fs::OpenOptionsExt as _,
    path::{Path, PathBuf},
};

/// Whether one site is cut off. Nothing but a command that a person gives begins or ends it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Isolation(PathBuf);

impl Isolation {
    /// Of the service with this audit log; `site` is named where the service speaks with several.
    pub fn beside(audit: &Path, site: Option<&coda_model::SiteId>) -> Self {
        let mut name = audit.as_os_str().to_owned();
        name.push(".isolated");
        if let Some(site) = site {
            name.push(format!("-{site}"));
        }
        Self(PathBuf::from(name))
    }

    /// Whether it is cut off. Where that cannot be found out, it is.
    pub fn is_begun(&self) -> bool {
        self.0.try_exists().unwrap_or(true)
    }

    /// Cuts it off. Whether it was not before.
    ///
    /// # Errors
    /// When the file cannot be written.
    pub fn begin(&self, reason: &str) -> io::Result<bool> {
        match OpenOptions::new().write(true).create_new(true).mode(0o644).open(&self.0) {
            Ok(mut file) => file.write_all(reason.as_bytes()).and_then(|()| file.sync_all()).map(|()| true),
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => Ok(false),
            Err(error) => Err(error),
        }
    }

    /// Lets it answer again. Whether it was cut off.
    ///
    /// # Errors
    /// When the file cannot be removed.
    pub fn end(&self) -> io::Result<bool> {
        match fs::remove_file(&self.0) {
            Ok(()) => Ok(true),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(false),
            Err(error) => Err(error),
        }
    }

    /// The file, for whoever must look at it.
    pub fn path(&self) -> &Path {
        &self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_site_is_cut_off_until_a_person_ends_it() {
        let folder = tempfile::tempdir().unwrap();
        let audit = folder.path().join("audit.jsonl");
        let (one, other) = (coda_model::SiteId::new("north").unwrap(), coda_model::SiteId::new("south").unwrap());
        let (isolation, apart) = (Isolation::beside(&audit, Some(&one)), Isolation::beside(&audit, Some(&other)));
        assert!(!isolation.is_begun());
        assert!(isolation.begin("a stolen key").unwrap());
        assert!(isolation.is_begun() && !apart.is_begun());
        assert!(!isolation.begin("again").unwrap());
        assert_eq!(fs::read_to_string(isolation.path()).unwrap(), "a stolen key");
        assert!(isolation.end().unwrap());
        assert!(!isolation.is_begun() && !isolation.end().unwrap());
        // What cannot be looked at counts as cut off.
        assert!(Isolation::beside(&folder.path().join("x".repeat(300)), None).is_begun());
    }
}
