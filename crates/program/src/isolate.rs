//! An incident: something is cut off by one command, the evidence is kept, and what was done is on record (H5).

use std::{
    fs::{self, DirBuilder},
    io,
    os::unix::fs::DirBuilderExt as _,
    path::{Path, PathBuf},
};

use anyhow::{Context as _, bail};
use clap::Args;
use coda_audit::{AuditLog, Event, volumes};
use coda_pki::{Files, certificate};
use coda_runtime::{Clock as _, SystemClock};
use coda_service::{Intrusions, Isolation};

/// Why, by whom, and where the evidence goes.
#[derive(Debug, Args)]
pub struct Incident {
    /// Why, for whoever looks at it later.
    #[arg(long)]
    pub reason: String,
    /// Who decided it.
    #[arg(long, value_name = "NAME")]
    pub by: String,
    /// The folder for the evidence; made, and never overwritten.
    #[arg(long, value_name = "FOLDER")]
    pub evidence: PathBuf,
}

/// Why, and by whom, something is let back.
#[derive(Debug, Args)]
pub struct Rejoining {
    /// Why, for whoever looks at it later.
    #[arg(long)]
    pub reason: String,
    /// Who decided it.
    #[arg(long, value_name = "NAME")]
    pub by: String,
}

/// Cuts a site off at the service with this audit log, puts it on record, and keeps the evidence: copies of the log and of `files` with their
/// digests, signed with the service's key.
///
/// # Errors
/// When a file cannot be used. Cutting off comes first: what fails after it does not undo it.
pub fn isolate(
    isolation: &Isolation,
    whom: &str,
    audit: &Path,
    incident: &Incident,
    files: &[&Path],
    own: &Files,
) -> anyhow::Result<()> {
    let Incident { reason, by, evidence } = incident;
    let is_new = isolation.begin(reason).with_context(|| format!("cannot write {}", isolation.path().display()))?;
    if is_new {
        eprintln!("{whom} is cut off from the next query on");
    } else {
        eprintln!("{whom} was cut off already; the evidence is kept once more");
    }
    record(audit, whom, reason, by, true)?;
    keep(evidence, audit, files, own)
}

/// Lets a site back.
///
/// # Errors
/// When it was not cut off, or the record cannot be made.
pub fn rejoin(isolation: &Isolation, whom: &str, audit: &Path, why: &Rejoining) -> anyhow::Result<()> {
    let Rejoining { reason, by } = why;
    if !isolation.is_begun() {
        bail!("{whom} is not cut off");
    }
    // On record first: nobody lets a site back unseen.
    record(audit, whom, reason, by, false)?;
    isolation.end().with_context(|| format!("cannot remove {}", isolation.path().display()))?;
    eprintln!("{whom} answers again");
    Ok(())
}

fn record(audit: &Path, whom: &str, reason: &str, by: &str, begun: bool) -> anyhow::Result<()> {
    let event = Event::Isolated { whom: whom.to_owned(), reason: reason.to_owned(), by: by.to_owned(), begun };
    Ok(AuditLog::open(audit)?.append(&event, SystemClock.now())?)
}

/// Puts on record that something was cut off.
///
/// # Errors
/// When the audit log cannot be used.
pub fn record_isolation(audit: &Path, whom: &str, incident: &Incident) -> anyhow::Result<()> {
    record(audit, whom, &incident.reason, &incident.by, true)
}

/// Copies an audit log, with all that belongs to it, and files into a new folder with a signed list of their digests.
///
/// # Errors
/// When the folder is there already, or a file cannot be copied.
pub fn keep(folder: &Path, audit: &Path, files: &[&Path], own: &Files) -> anyhow::Result<()> {
    let made = DirBuilder::new().mode(0o700).create(folder);
    made.with_context(|| {
        format!("what was cut off stays so, but no evidence is kept: cannot make the folder {}", folder.display())
    })?;
    let now = SystemClock.now();
    let mut manifest = format!("evidence at {now}\n");
    let mut all: Vec<PathBuf> = files.iter().map(|file| file.to_path_buf()).collect();
    all.push(audit.with_added_extension("cosigned"));
    for log in [audit.to_owned(), Intrusions::beside(audit)] {
        // Hashes first: they must not be of lines that come later. Closed volumes last: one more may be closed meanwhile.
        for file in [log.with_added_extension("hashes"), log.clone()] {
            manifest += &copied(folder, &file)?;
        }
        let closed = volumes::closed(&log);
        all.extend(closed.with_context(|| format!("cannot list the volumes of {}", log.display()))?);
    }
    for file in &all {
        manifest += &copied(folder, file)?;
    }
    let write = |name: &str, bytes: &[u8]| {
        let path = folder.join(name);
        fs::write(&path, bytes).with_context(|| format!("cannot write {}", path.display()))
    };
    write("MANIFEST", manifest.as_bytes())?;
    // Last: in an incident the certificate may have expired, and evidence without a signature is better than none.
    let own = own.load(now).with_context(|| format!("the evidence is in {}, unsigned", folder.display()))?;
    let signature = own.key().sign(manifest.as_bytes())?;
    write("MANIFEST.signature", &signature)?;
    write("MANIFEST.chain.pem", certificate::to_pem(own.chain()).as_bytes())?;
    eprintln!("the evidence is in {}; make the folder read-only, and copy it to another machine", folder.display());
    Ok(())
}

/// Copies a file into the folder; its line in the manifest.
fn copied(folder: &Path, file: &Path) -> anyhow::Result<String> {
    let name = file.file_name().context("a file has a name")?;
    let bytes = match fs::read(file) {
        Ok(bytes) => bytes,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(format!("absent  {}\n", name.display())),
        Err(error) => return Err(error).with_context(|| format!("cannot read {}", file.display())),
    };
    let copy = folder.join(name);
    fs::write(&copy, &bytes).with_context(|| format!("cannot write {}", copy.display()))?;
    Ok(format!("{}  {}\n", hex::encode(coda_pki::sha256(&bytes)), name.display()))
}
