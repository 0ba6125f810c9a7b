//! The builds of a site: those it starts with, and later ones while it runs.

use std::path::{Path, PathBuf};

use coda_builds::Builds;
use coda_ingest::{IngestError, Mapping, Order, PseudonymKey, Report, Source, Tolerance};
use coda_model::{DatasetId, SiteId, dictionary::Dictionary};
use time::OffsetDateTime;

use crate::{Network, NetworkError};

/// What a site publishes.
pub(crate) struct Publish<'a> {
    /// The site's folder; its builds and its pseudonym key are in it.
    pub(crate) folder: &'a Path,
    pub(crate) site: &'a SiteId,
    pub(crate) source: &'a Source,
    pub(crate) dictionary_text: &'a str,
    pub(crate) dictionary: &'a Dictionary,
    pub(crate) made: OffsetDateTime,
}

impl Publish<'_> {
    /// Publishes a build of every data set. The pseudonym key stays in the site's folder, so that all its builds are of one lineage.
    pub(crate) fn all(&self) -> Result<Vec<(DatasetId, Report)>, NetworkError> {
        let Self { folder, site, source, dictionary_text, dictionary, made } = *self;
        let refused = |error| NetworkError::Ingest(site.clone(), Box::new(error));
        let builds = Builds::open(folder.join("builds")).map_err(NetworkError::Builds)?;
        let pseudonym_key = PseudonymKey::open_or_create(&folder.join("builds.pseudonym-key"))
            .map_err(|error| refused(error.into()))?;
        let publish = |dataset| {
            // Tests put others in the place of people as they like.
            let (tolerance, mapping, new_people) = (Tolerance::Strict, Mapping::default(), true);
            let order = Order {
                dictionary_text,
                dictionary,
                dataset,
                site,
                mapping: &mapping,
                tolerance,
                new_people,
                pseudonym_key: &pseudonym_key,
                made,
            };
            coda_ingest::build(&order, source, &builds)
        };
        let one = |dataset| Ok((dataset, publish(dataset)?));
        let reports: Result<Vec<_>, IngestError> = dictionary.datasets.iter().map(one).collect();
        Ok(reports.map_err(refused)?.into_iter().map(|(dataset, report)| (dataset.id.clone(), report)).collect())
    }
}

/// Writes CSV text for each table, by name, in the place of what the site had written there.
pub(crate) fn write_tables(site_folder: &Path, tables: Vec<(String, String)>) -> Result<Source, NetworkError> {
    let write = |path: PathBuf| move |error| NetworkError::Write(path, error);
    let folder = site_folder.join("files");
    if folder.exists() {
        std::fs::remove_dir_all(&folder).map_err(write(folder.clone()))?;
    }
    std::fs::create_dir_all(&folder).map_err(write(folder.clone()))?;
    for (name, csv) in tables {
        let path = folder.join(format!("{name}.csv"));
        std::fs::write(&path, csv).map_err(write(path.clone()))?;
    }
    Ok(Source::Folder(folder))
}

impl Network {
    /// Publishes a build of every data set at a running site from CSV text for each table, by name: all tables of the data
    /// sets, also those that did not change. The site's storage node serves it from now on; its computation node asks
    /// which build is current every second, so that answers may come from the former one for so long. What was built is
    /// returned, and [`Network::reports`] stays as it was.
    ///
    /// # Errors
    /// [`NetworkError::Builds`] when there is no such site, [`NetworkError::Ingest`] when the data are refused: then the
    /// former builds go on answering. [`NetworkError::Write`] when a file cannot be written.
    pub fn rebuild(
        &self,
        site: &SiteId,
        tables: Vec<(String, String)>,
    ) -> Result<Vec<(DatasetId, Report)>, NetworkError> {
        let folder = self.folder().join("sites").join(site.as_str());
        // Asked first: nothing is written for a site that is not there.
        Builds::open(folder.join("builds")).map_err(NetworkError::Builds)?;
        let path = self.folder().join("dictionary.toml");
        let text = std::fs::read_to_string(&path)
            .map_err(|cause| NetworkError::Ingest(site.clone(), Box::new(IngestError::File { path, cause })))?;
        let dictionary = Dictionary::parse(&text)?;
        let source = write_tables(&folder, tables)?;
        let made = (self.now())();
        let publish =
            Publish { folder: &folder, site, source: &source, dictionary_text: &text, dictionary: &dictionary, made };
        publish.all()
    }
}

#[cfg(test)]
mod tests;
