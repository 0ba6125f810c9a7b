//! `coda request`: a key, made here, and the request that the authority signs.

use std::io::Write;

use anyhow::Context;
use coda_model::{Identity, UserId};
use coda_pki::{Algorithm, PrivateKey};

use crate::arguments::Request;

pub(crate) fn run(request: &Request, output: &mut dyn Write) -> anyhow::Result<()> {
    let Request { user, key: path, algorithm, again, out } = request;
    let user = UserId::new(user)?;
    let algorithm: Algorithm = algorithm.parse()?;
    let key = if *again { PrivateKey::load(path)? } else { PrivateKey::generate(algorithm)? };
    let text = key.request(&Identity::User(user))?;
    if !again {
        key.save(path)?;
    }
    match out {
        Some(out) => std::fs::write(out, text).with_context(|| format!("cannot write {}", out.display()))?,
        None => output.write_all(text.as_bytes()).context("cannot write the request")?,
    }
    eprintln!("the key is in {}; send the request to your network's authority", path.display());
    Ok(())
}
