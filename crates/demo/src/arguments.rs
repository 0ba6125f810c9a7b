//! The command line of the demo.

use std::path::PathBuf;

use clap::Parser;

/// A whole network on loopback: a hub and several sites, with synthetic patients or with your own files.
#[derive(Debug, Parser)]
#[command(name = "coda-demo", version, about)]
pub(crate) struct Arguments {
    /// Synthetic patients over all sites.
    #[arg(long, default_value_t = 3000, value_parser = clap::value_parser!(u32).range(10..=5_000_000))]
    pub(crate) people: u32,
    /// Synthetic sites; the last of three or more is small.
    #[arg(long, default_value_t = 3, value_parser = clap::value_parser!(u32).range(1..=50))]
    pub(crate) sites: u32,
    /// Seed of the synthetic patients.
    #[arg(long, default_value_t = 19)]
    pub(crate) seed: u64,
    /// Leave the network up, to ask more.
    #[arg(long)]
    pub(crate) keep: bool,
    /// A dictionary for your own files; `coda dictionary draft` proposes one.
    #[arg(long, requires = "site", value_name = "FILE")]
    pub(crate) dictionary: Option<PathBuf>,
    /// A site and its CSV or Parquet file, or a folder with a file for each table; once for each site.
    #[arg(long, requires = "dictionary", value_name = "NAME=FILE_OR_FOLDER")]
    pub(crate) site: Vec<String>,
}
