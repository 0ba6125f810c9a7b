//! Generates the gRPC code of `proto/` with protox, so that no protoc is needed.

use std::path::Path;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    // Asked when it runs: with a target folder shared by clones it may have been compiled in another.
    let root = Path::new(&std::env::var("CARGO_MANIFEST_DIR")?).join("../../proto");
    let files = ["query", "envelope", "compute", "storage", "auth", "accounts", "log", "coordinator"];
    let paths: Vec<_> = files.iter().map(|file| root.join(format!("coda/v1/{file}.proto"))).collect();
    println!("cargo::rerun-if-changed={}", root.display());
    let descriptors = protox::compile(&paths, [&root])?;
    tonic_prost_build::configure().compile_fds(descriptors)?;
    Ok(())
}
