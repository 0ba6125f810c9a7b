//! `request`: a key and the CSR for its certificate.

use std::path::PathBuf;

use clap::Args;
use coda_model::Identity;
use coda_pki::{Algorithm, KeyError, PrivateKey};

use crate::output::write_or_print;

/// Make a key, which stays on this machine, and a request for its certificate (PKCS #10).
#[derive(Debug, Args)]
pub struct NewKey {
    /// Where the key is written, readable by its owner alone; a file that is there is never overwritten.
    #[arg(long, value_name = "FILE")]
    key: PathBuf,
    /// The kind of key: rsa4096, rsa3072, p384 or p256.
    #[arg(long, value_name = "ALGORITHM", default_value = "rsa4096")]
    algorithm: Algorithm,
    /// Make the request again for the key that is there.
    #[arg(long, conflicts_with = "algorithm")]
    again: bool,
    /// Where the request is written; standard output when left out.
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
}

impl NewKey {
    /// Makes the key and writes the CSR that names `identity`.
    ///
    /// # Errors
    /// When the key cannot be written, or its file exists; when it is to be there and is not.
    pub fn request(&self, identity: &Identity) -> anyhow::Result<()> {
        self.request_with(&identity.to_string(), |key| key.request(identity))
    }

    /// Makes the key and writes the CSR that `make` makes for it, for whom `whose` says.
    ///
    /// # Errors
    /// As [`request`](Self::request).
    pub fn request_with(
        &self,
        whose: &str,
        make: impl FnOnce(&PrivateKey) -> Result<String, KeyError>,
    ) -> anyhow::Result<()> {
        let Self { key: path, algorithm, again, out } = self;
        let key = if *again { PrivateKey::load(path)? } else { PrivateKey::generate(*algorithm)? };
        let request = make(&key)?;
        if !again {
            key.save(path)?;
        }
        write_or_print(out.as_deref(), &request)?;
        eprintln!("the key is {}; have the request signed for {whose}", path.display());
        Ok(())
    }
}
