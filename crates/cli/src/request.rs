//! `coda request`: a key, made here, and the request that the authority signs.

use std::io::Write;

use anyhow::Context;
use coda_model::{Identity, UserId};
use coda_pki::{Algorithm, PrivateKey};

use crate::arguments::Request;

pub(crate) fn run(request: &Request, output: &mut dyn Write) -> anyhow::Result<()> {
    let user = UserId::new(&request.user)?;
    let algorithm: Algorithm = request.algorithm.parse()?;
    let key = PrivateKey::generate(algorithm)?;
    let text = key.request(&Identity::User(user))?;
    key.save(&request.key)?;
    eprintln!("the key is in {}; send the request below to your network's authority", request.key.display());
    output.write_all(text.as_bytes()).context("cannot write the request")
}
