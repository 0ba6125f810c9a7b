//! `request`: a key and the CSR for its certificate.

use std::path::PathBuf;

use clap::Args;
use coda_model::Identity;
use coda_pki::{Algorithm, PrivateKey};

use crate::output::print;

/// Make a key, which stays on this machine, and print a request for its certificate (PKCS #10).
#[derive(Debug, Args)]
pub struct NewKey {
    /// Where the key is written, readable by its owner alone; a file that is there is never overwritten.
    #[arg(long, value_name = "FILE")]
    key: PathBuf,
    /// The kind of key: rsa4096 or p256.
    #[arg(long, value_name = "ALGORITHM", default_value = "rsa4096")]
    algorithm: Algorithm,
}

impl NewKey {
    /// Makes the key and prints the CSR that names `identity`.
    ///
    /// # Errors
    /// When the key cannot be written, or its file exists.
    pub fn request(&self, identity: &Identity) -> anyhow::Result<()> {
        let key = PrivateKey::generate(self.algorithm)?;
        let request = key.request(identity)?;
        key.save(&self.key)?;
        print(&request)?;
        eprintln!("the key is {}; have the request signed for {identity}", self.key.display());
        Ok(())
    }
}
