//! `coda-hub authority`: the network's private authority, in a folder.

use std::{
    collections::HashSet,
    fs,
    path::{Path, PathBuf},
};

use anyhow::{Context as _, bail};
use clap::{Args, Subcommand};
use coda_model::Identity;
use coda_pki::{Algorithm, Authority as Folder, Issuer, authority::named};
use coda_program::{file_name, print, write_or_print};
use coda_runtime::{Clock as _, SystemClock};
use time::Duration;

/// A year and a month for the change: nobody's certificate is good for longer.
const LONGEST_DAYS: i64 = 398;
/// A hub that keeps a newer list back is found out after so many days at the latest.
const LONGEST_LISTS: i64 = 90;

#[derive(Debug, Subcommand)]
pub(crate) enum Authority {
    /// Make a root, an issuing authority for nodes and one for people.
    Create {
        /// The folder; made when it is not there.
        folder: PathBuf,
        /// The kind of keys: rsa4096, rsa3072, p384 or p256.
        #[arg(long, value_name = "ALGORITHM", default_value = "rsa4096")]
        algorithm: Algorithm,
    },
    /// Sign a request and print the certificate with its issuer's.
    Sign(Sign),
    /// Sign many requests, each for the identity that it names, into a folder with the trust anchors.
    SignNamed(SignNamed),
    /// Sign the request of the hub's OCSP responder for nodes.
    SignResponder(SignResponder),
    /// Revoke a certificate, and sign the revocation lists anew.
    Revoke(Revoke),
    /// Sign the revocation lists anew, with what stands on them.
    RenewLists(RenewLists),
    /// Print what every party of the network must trust.
    Roots {
        /// The authority's folder.
        folder: PathBuf,
    },
}

#[derive(Debug, Args)]
pub(crate) struct Sign {
    /// The authority's folder.
    #[arg(long, value_name = "FOLDER")]
    authority: PathBuf,
    /// Whom the certificate names, whatever the request says: `coda://site/ID/storage`,
    /// `coda://site/ID/compute`, `coda://hub/auth`, `coda://hub/coordinator` or `coda://user/ID`.
    #[arg(long, value_name = "URI", value_parser = Identity::parse)]
    identity: Identity,
    /// For how many days it is good, 1 to 398.
    #[arg(long, value_name = "NUMBER", value_parser = clap::value_parser!(i64).range(1..=LONGEST_DAYS))]
    days: i64,
    /// The request.
    #[arg(long, value_name = "FILE")]
    request: PathBuf,
    /// Sign although the request names somebody else, or nobody.
    #[arg(long)]
    despite_request: bool,
    /// Where the certificate is written with its issuer's; standard output when left out.
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
}

#[derive(Debug, Args)]
pub(crate) struct SignNamed {
    /// The authority's folder.
    #[arg(long, value_name = "FOLDER")]
    authority: PathBuf,
    /// For how many days they are good, 1 to 398.
    #[arg(long, value_name = "NUMBER", value_parser = clap::value_parser!(i64).range(1..=LONGEST_DAYS))]
    days: i64,
    /// The folder of the certificates; made when it is not there.
    #[arg(long, value_name = "FOLDER")]
    out: PathBuf,
    /// Sign without asking, after the digests were compared.
    #[arg(long)]
    yes: bool,
    /// The requests.
    #[arg(required = true)]
    requests: Vec<PathBuf>,
}

#[derive(Debug, Args)]
pub(crate) struct SignResponder {
    /// The authority's folder.
    #[arg(long, value_name = "FOLDER")]
    authority: PathBuf,
    /// For how many days it is good, 1 to 90: nobody asks about a responder's own certificate.
    #[arg(long, value_name = "NUMBER", value_parser = clap::value_parser!(i64).range(1..=LONGEST_LISTS))]
    days: i64,
    /// The request, as `coda-hub request --role ocsp` makes it.
    #[arg(long, value_name = "FILE")]
    request: PathBuf,
    /// Where the certificate is written with its issuer's; standard output when left out.
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
}

#[derive(Debug, Args)]
pub(crate) struct Revoke {
    /// The authority's folder.
    #[arg(long, value_name = "FOLDER")]
    authority: PathBuf,
    /// The certificate, or a chain that begins with it.
    #[arg(long, value_name = "FILE")]
    certificate: PathBuf,
    /// In how many days at most the lists must be renewed, 1 to 90.
    #[arg(long, value_name = "NUMBER", default_value_t = 30, value_parser = clap::value_parser!(i64).range(1..=LONGEST_LISTS))]
    days: i64,
}

#[derive(Debug, Args)]
pub(crate) struct RenewLists {
    /// The authority's folder.
    #[arg(long, value_name = "FOLDER")]
    authority: PathBuf,
    /// In how many days at most the lists must be renewed, 1 to 90.
    #[arg(long, value_name = "NUMBER", default_value_t = 30, value_parser = clap::value_parser!(i64).range(1..=LONGEST_LISTS))]
    days: i64,
}

impl Authority {
    pub(crate) fn run(self) -> anyhow::Result<()> {
        match self {
            Self::Create { folder, algorithm } => create(&folder, algorithm),
            Self::Sign(sign) => sign.run(),
            Self::SignNamed(sign) => sign.run(),
            Self::SignResponder(sign) => sign.run(),
            Self::Revoke(revoke) => revoke.run(),
            Self::RenewLists(RenewLists { authority, days }) => {
                Folder::open(&authority)?.renew_lists(&authority, Duration::days(days), SystemClock.now())?;
                hand_over(&authority, days);
                Ok(())
            }
            // Asked of the whole authority, so that a folder that is none prints nothing.
            Self::Roots { folder } => {
                let roots = Folder::open(&folder)?.roots().clone();
                fingerprints(&roots);
                print(&roots.to_pem())
            }
        }
    }
}

impl Sign {
    fn run(self) -> anyhow::Result<()> {
        let Self { authority, identity, days, request: path, despite_request, out } = self;
        let request = fs::read_to_string(&path).with_context(|| format!("cannot read {}", path.display()))?;
        let named = named(&request)?;
        let asks = named.as_ref().map_or("nobody of the network".to_owned(), ToString::to_string);
        eprintln!(
            "the request names {asks}; SHA-256 of {}: {}",
            path.display(),
            hex::encode(coda_pki::sha256(request.as_bytes()))
        );
        if named.as_ref() != Some(&identity) && !despite_request {
            bail!(
                "the request names {asks}, and the certificate would name {identity}; if that is meant, add --despite-request"
            );
        }
        let chain = Folder::open(&authority)?.issue(&request, &identity, Duration::days(days), SystemClock.now())?;
        write_or_print(out.as_deref(), &chain)?;
        eprintln!("signed for {identity}, good for {days} days");
        Ok(())
    }
}

impl SignNamed {
    fn run(self) -> anyhow::Result<()> {
        let Self { authority, days, out, yes, requests } = self;
        let mut read = Vec::new();
        for path in &requests {
            let request = fs::read_to_string(path).with_context(|| format!("cannot read {}", path.display()))?;
            let identity = named(&request)?;
            let identity = identity.with_context(|| format!("{} names nobody of the network", path.display()))?;
            eprintln!("  {}  {identity}", hex::encode(coda_pki::sha256(request.as_bytes())));
            read.push((identity, request));
        }
        if !yes {
            eprint!("are these the digests that the machines said, by another way than the requests came? (yes) ");
            let mut answer = String::new();
            std::io::stdin().read_line(&mut answer).context("cannot read the answer")?;
            if answer.trim() != "yes" {
                bail!("nothing was signed");
            }
        }
        let folder = Folder::open(&authority)?;
        fs::create_dir_all(&out).with_context(|| format!("cannot make {}", out.display()))?;
        // A certificate is revoked by its copy: none is lost, neither an earlier one nor one of two for the same party.
        let mut names = HashSet::new();
        for name in read.iter().map(|(identity, _)| format!("{}.pem", file_name(identity))) {
            if out.join(&name).exists() || !names.insert(name.clone()) {
                bail!(
                    "there would be two files {name} in {}; nothing was signed: name another folder with --out",
                    out.display()
                );
            }
        }
        let write = |name: String, text: &str| {
            let path = out.join(name);
            fs::write(&path, text).with_context(|| format!("cannot write {}", path.display()))
        };
        for (identity, request) in read {
            let chain = folder.issue(&request, &identity, Duration::days(days), SystemClock.now())?;
            write(format!("{}.pem", file_name(&identity)), &chain)?;
        }
        write("roots.pem".to_owned(), &folder.roots().to_pem())?;
        eprintln!("{} certificates, good for {days} days, and roots.pem are in {}", requests.len(), out.display());
        Ok(())
    }
}

impl SignResponder {
    fn run(self) -> anyhow::Result<()> {
        let Self { authority, days, request: path, out } = self;
        let request = fs::read_to_string(&path).with_context(|| format!("cannot read {}", path.display()))?;
        let (folder, now) = (Folder::open(&authority)?, SystemClock.now());
        let chain = folder.issue_responder(&request, Issuer::Nodes, Duration::days(days), now)?;
        write_or_print(out.as_deref(), &chain)?;
        let digest = hex::encode(coda_pki::sha256(request.as_bytes()));
        eprintln!("signed for the OCSP responder for nodes, good for {days} days; SHA-256 of the request: {digest}");
        Ok(())
    }
}

impl Revoke {
    fn run(self) -> anyhow::Result<()> {
        let Self { authority, certificate: path, days } = self;
        let text = fs::read(&path).with_context(|| format!("cannot read {}", path.display()))?;
        let certificate = coda_pki::certificate::first(&text).with_context(|| format!("in {}", path.display()))?;
        let folder = Folder::open(&authority)?;
        let whose = folder.revoke(&authority, &certificate, Duration::days(days), SystemClock.now())?;
        eprintln!("revoked this certificate of {whose}");
        if matches!(whose, Identity::User(_)) {
            eprintln!(
                "the hub has a list of people of its own, without it: close the person's account too (coda account close)"
            );
        }
        hand_over(&authority, days);
        Ok(())
    }
}

/// What people are told, so that `coda init` knows the network.
fn fingerprints(roots: &coda_pki::Roots) {
    for root in roots.certificates() {
        eprintln!("fingerprint of the root (SHA-256), for coda init: {}", hex::encode(coda_pki::sha256(root)));
    }
}

fn hand_over(authority: &Path, days: i64) {
    let at = authority.display();
    eprintln!(
        "copy {at}/nodes.crl to the hub's folder of lists (`revoked` in auth.toml), within {days} days; the list of people there is the auth \
         server's own: never copy an older one over it"
    );
}

fn create(folder: &Path, algorithm: Algorithm) -> anyhow::Result<()> {
    // Not only when there is a root.key: that one may be in its safe, and the root it belongs to must not be overwritten.
    if fs::read_dir(folder).is_ok_and(|mut entries| entries.next().is_some()) {
        bail!("the folder {} is not empty; an authority is made in a folder of its own", folder.display());
    }
    let authority = Folder::create(folder, algorithm, SystemClock.now())?;
    let root = folder.join("root.key");
    eprintln!("the authority is {}; {} is not needed to sign: put it in a safe", folder.display(), root.display());
    fingerprints(authority.roots());
    Ok(())
}
