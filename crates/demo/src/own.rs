//! A network of one's own files. It asks them a count and nothing else: what more is asked is for their owner to decide.

use std::path::{Path, PathBuf};

use anyhow::{Context, bail};
use coda_ingest::Source;
use coda_model::{SiteId, dictionary::Dictionary};
use coda_testkit::{Options, SiteData, SiteOptions};

use crate::script::query;

/// The network, and the count that it is asked.
pub(crate) fn prepare(
    mut options: Options,
    dictionary: &Path,
    sites: &[String],
) -> anyhow::Result<(Options, Vec<Vec<String>>)> {
    let text = std::fs::read_to_string(dictionary).with_context(|| format!("cannot read {}", dictionary.display()))?;
    let parsed =
        Dictionary::parse(&text).with_context(|| format!("the dictionary {} is wrong", dictionary.display()))?;
    options.dictionary = text;
    for site in sites {
        let Some((name, path)) = site.split_once('=') else { bail!("--site {site}: write NAME=FILE_OR_FOLDER") };
        let path = PathBuf::from(path);
        let source = match std::fs::metadata(&path) {
            Ok(found) if found.is_dir() => Source::Folder(path),
            Ok(_) => Source::File(path),
            Err(error) => return Err(error).with_context(|| format!("--site {name}: cannot read {}", path.display())),
        };
        let id = SiteId::new(name)?;
        if options.sites.iter().any(|other| other.id == id) {
            bail!("--site {name} is given twice");
        }
        options = options.site(SiteOptions::new(id, SiteData::Files(source)));
    }
    let dataset = parsed.datasets.first().map(|dataset| dataset.id.to_string()).unwrap_or_default();
    Ok((options, vec![query(&["count"], &["--dataset", &dataset])]))
}
