//! `init`: folders, keys, requests and configuration of a machine in one step, and its certificates in a second.

use std::{
    fs::{self, DirBuilder, OpenOptions},
    io::{self, Write as _},
    os::unix::fs::{DirBuilderExt as _, MetadataExt as _, OpenOptionsExt as _, chown},
    path::{Path, PathBuf},
};

use anyhow::{Context as _, bail};
use clap::Args;
use coda_model::Identity;
use coda_pki::{Algorithm, Files, PrivateKey, Roots};
use coda_runtime::{Clock as _, SystemClock};

/// Where things are made.
#[derive(Debug, Args)]
pub struct Machine {
    /// The folder of configurations and keys.
    #[arg(long, value_name = "FOLDER", default_value = "/etc/coda")]
    folder: PathBuf,
    /// The kind of keys: rsa4096, rsa3072, p384 or p256.
    #[arg(long, value_name = "ALGORITHM", default_value = "rsa4096")]
    algorithm: Algorithm,
    /// The second time: the folder with the certificates that `coda-hub authority sign-named` has written.
    #[arg(long, value_name = "FOLDER")]
    issued: Option<PathBuf>,
}

/// One service of the machine.
pub struct Part {
    /// Its name, as of its folder of keys and its configuration: `compute`.
    pub service: &'static str,
    /// Who it is.
    pub identity: Identity,
    /// Its configuration.
    pub config: String,
}

impl Machine {
    /// Makes what is missing, and says what it did. Nothing that is there is overwritten but certificates and trust anchors.
    ///
    /// # Errors
    /// When a file cannot be written, or a certificate is not the one for the key.
    pub fn run(&self, parts: &[Part]) -> anyhow::Result<()> {
        match &self.issued {
            None => self.prepare(parts),
            Some(issued) => self.install(issued, parts),
        }
    }

    fn prepare(&self, parts: &[Part]) -> anyhow::Result<()> {
        let requests = self.folder.join("requests");
        make_folder(&requests, 0o755)?;
        for Part { service, identity, config } in parts {
            let folder = self.folder.join("pki").join(service);
            make_folder(&folder, 0o755)?;
            let path = folder.join("key.pem");
            let is_new = !path.exists();
            let key = if is_new {
                let key = PrivateKey::generate(self.algorithm)?;
                key.save(&path)?;
                key
            } else {
                PrivateKey::load(&path)?
            };
            give(&path, service)?;
            let request = requests.join(format!("{}.csr", file_name(identity)));
            // One that is there may have been compared by its digest already.
            if is_new || !request.exists() {
                write(&request, &key.request(identity)?)?;
            }
            let own = self.folder.join(format!("{service}.toml"));
            let said = if write_new(&own, config)? { "made" } else { "is there, and stays as it is" };
            eprintln!("{identity}: key {}, request {}, {} {said}", path.display(), request.display(), own.display());
        }
        eprintln!(
            "bring the requests to the authority; when they are signed, run this again with --issued and their folder. The SHA-256 of \
             each, to compare there:"
        );
        for Part { identity, .. } in parts {
            let path = requests.join(format!("{}.csr", file_name(identity)));
            let bytes = fs::read(&path).with_context(|| format!("cannot read {}", path.display()))?;
            eprintln!("  {}  {identity}", hex::encode(coda_pki::sha256(&bytes)));
        }
        Ok(())
    }

    fn install(&self, issued: &Path, parts: &[Part]) -> anyhow::Result<()> {
        let pki = self.folder.join("pki");
        let (brought, roots) = (issued.join("roots.pem"), pki.join("roots.pem"));
        let text = fs::read_to_string(&brought).with_context(|| format!("cannot read {}", brought.display()))?;
        // Whoever carries the folder could sign for another network: this machine would believe it from then on.
        if fs::read_to_string(&roots).is_ok_and(|standing| standing != text) {
            bail!(
                "{} are other trust anchors than {}; nothing was changed. If the network has another root now, remove the old file first",
                brought.display(),
                roots.display()
            );
        }
        for root in Roots::from_pem(&text)?.certificates() {
            let fingerprint = hex::encode(coda_pki::sha256(root));
            eprintln!(
                "fingerprint of the root (SHA-256): {fingerprint}; compare it with what the authority said, by another way"
            );
        }
        for Part { service, identity, .. } in parts {
            let folder = pki.join(service);
            let from = issued.join(format!("{}.pem", file_name(identity)));
            let files = Files { chain: from.clone(), key: folder.join("key.pem"), roots: brought.clone() };
            // Looked at where it comes from: a certificate that is in place stays there unless this one is good.
            let credentials = files.load(SystemClock.now())?;
            if credentials.identity() != identity {
                bail!("{} is the certificate of {}, and this is {identity}", from.display(), credentials.identity());
            }
            copy(&from, &folder.join("chain.pem"))?;
            eprintln!("{identity}: certificate good until {}", credentials.expires().date());
        }
        copy(&brought, &roots)
    }
}

/// The name of the files of a party: `site-north-compute`, `hub-auth`, `user-ana@north.example`.
pub fn file_name(identity: &Identity) -> String {
    identity.to_string().replace("coda://", "").replace('/', "-")
}

fn make_folder(path: &Path, mode: u32) -> anyhow::Result<()> {
    let made = DirBuilder::new().recursive(true).mode(mode).create(path);
    made.with_context(|| format!("cannot make the folder {}", path.display()))
}

fn write(path: &Path, text: &str) -> anyhow::Result<()> {
    fs::write(path, text).with_context(|| format!("cannot write {}", path.display()))
}

fn copy(from: &Path, to: &Path) -> anyhow::Result<()> {
    let text = fs::read_to_string(from).with_context(|| format!("cannot read {}", from.display()))?;
    write(to, &text)
}

/// Whether it was not there before.
fn write_new(path: &Path, text: &str) -> anyhow::Result<bool> {
    match OpenOptions::new().write(true).create_new(true).mode(0o644).open(path) {
        Ok(mut file) => {
            file.write_all(text.as_bytes()).with_context(|| format!("cannot write {}", path.display()))?;
            Ok(true)
        }
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => Ok(false),
        Err(error) => Err(error).with_context(|| format!("cannot write {}", path.display())),
    }
}

/// A key belongs to its service's user, where this machine has one and root runs this.
fn give(path: &Path, service: &str) -> anyhow::Result<()> {
    let is_root = fs::metadata("/proc/self").is_ok_and(|own| own.uid() == 0);
    let users = fs::read_to_string("/etc/passwd").unwrap_or_default();
    let user = format!("coda-{service}");
    let ids = users.lines().find_map(|line| {
        let mut fields = line.split(':');
        (fields.next() == Some(&user)).then_some(())?;
        Some((fields.nth(1)?.parse::<u32>().ok()?, fields.next()?.parse::<u32>().ok()?))
    });
    match ids {
        Some((uid, gid)) if is_root => {
            chown(path, Some(uid), Some(gid)).with_context(|| format!("cannot give {} to {user}", path.display()))
        }
        _ => Ok(()),
    }
}
