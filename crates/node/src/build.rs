//! `coda-node build`

use std::{
    fs,
    path::{Path, PathBuf},
};

use anyhow::Context as _;
use clap::Args;
use coda_builds::Builds;
use coda_ingest::{IngestError, Mapping, Order, PseudonymKey, Source, Tolerance};
use coda_model::{
    DatasetId, SiteId,
    dictionary::{Dataset, Dictionary},
};
use coda_program::{Setup, print};
use coda_runtime::{Clock as _, SystemClock};

#[derive(Debug, Args)]
pub(crate) struct Build {
    /// The network's dictionary.
    #[arg(long, value_name = "FILE")]
    dictionary: PathBuf,
    /// The data set; needed when the dictionary has several.
    #[arg(long, value_name = "ID", value_parser = DatasetId::new)]
    dataset: Option<DatasetId>,
    /// The site whose data it is.
    #[arg(long, value_name = "ID", value_parser = SiteId::new)]
    site: SiteId,
    /// A CSV or Parquet file, or a folder with one file for each table.
    #[arg(long, value_name = "FILE_OR_FOLDER")]
    input: PathBuf,
    /// How these files hold what the dictionary declares: names of columns, codes of levels and of missing values, units.
    /// Without it the files hold it in the dictionary's own words.
    #[arg(long, value_name = "FILE")]
    mapping: Option<PathBuf>,
    /// The folder of builds; made when it is not there.
    #[arg(long, value_name = "FOLDER")]
    builds: PathBuf,
    /// The site's secret, by which a later build's people are recognised; made when it is not there. Keep it, and away
    /// from the builds. [default: the folder of builds with `.pseudonym-key` at its end]
    #[arg(long, value_name = "FILE")]
    pseudonym_key: Option<PathBuf>,
    /// Publish a build in which most people of the current one are not.
    #[arg(long)]
    new_people: bool,
    /// Leave rows out that break a rule, and say how many; otherwise one such row is enough to refuse the data.
    #[arg(long)]
    skip_rows: bool,
    /// How many per cent of the people, and of the rows of a table, may be left out.
    #[arg(long, value_name = "PERCENT", default_value_t = 1, requires = "skip_rows", value_parser = clap::value_parser!(u8).range(0..=100))]
    skip_at_most: u8,
}

impl Build {
    pub(crate) fn run(self) -> anyhow::Result<()> {
        let Self {
            dictionary: path,
            dataset,
            site,
            input,
            mapping,
            builds,
            pseudonym_key,
            new_people,
            skip_rows,
            skip_at_most,
        } = self;
        let text = fs::read_to_string(&path).with_context(|| format!("cannot read {}", path.display()))?;
        let dictionary =
            Dictionary::parse(&text).with_context(|| format!("the dictionary {} is wrong", path.display()))?;
        let mapping = mapping.map(|path| read_mapping(&path, &dictionary)).transpose()?.unwrap_or_default();
        let dataset = chosen(&dictionary, dataset.as_ref())?;
        let pseudonym_key = pseudonym_key.map_or_else(|| beside(&builds), Ok)?;
        let builds = Builds::create(builds)?;
        let order = Order {
            dictionary_text: &text,
            dictionary: &dictionary,
            dataset,
            site: &site,
            mapping: &mapping,
            tolerance: if skip_rows { Tolerance::SkipRows { at_most: skip_at_most } } else { Tolerance::Strict },
            new_people,
            pseudonym_key: &PseudonymKey::open_or_create(&pseudonym_key)?,
            made: SystemClock.now(),
        };
        let source = if input.is_dir() { Source::Folder(input) } else { Source::File(input) };
        match coda_ingest::build(&order, &source, &builds) {
            Ok(report) => {
                eprint!("{report}");
                let build = report.build.context("the report names no build")?;
                print(&format!("{build}\n"))
            }
            Err(error) => {
                if let IngestError::Refused(report) | IngestError::ManyLeftOut { report, .. } = &error {
                    eprint!("{report}");
                }
                Err(error.into())
            }
        }
    }
}

fn read_mapping(path: &Path, dictionary: &Dictionary) -> anyhow::Result<Mapping> {
    let text = fs::read_to_string(path).with_context(|| format!("cannot read {}", path.display()))?;
    Mapping::parse(&text, dictionary).with_context(|| format!("the mapping {} is wrong", path.display()))
}

/// Where the pseudonym key is when nobody says it: beside the folder of builds and not in it, because whoever serves builds, or
/// copies them, needs no pseudonym key.
fn beside(builds: &Path) -> Result<PathBuf, anyhow::Error> {
    let mut name = builds.file_name().map(ToOwned::to_owned).ok_or_else(|| {
        anyhow::Error::msg(Setup(format!(
            "set --pseudonym-key: {} has no name to put .pseudonym-key after",
            builds.display()
        )))
    })?;
    name.push(".pseudonym-key");
    Ok(builds.with_file_name(name))
}

fn chosen<'a>(dictionary: &'a Dictionary, wanted: Option<&DatasetId>) -> Result<&'a Dataset, anyhow::Error> {
    let found = match (wanted, dictionary.datasets.as_slice()) {
        (Some(id), _) => dictionary.dataset(id),
        (None, [only]) => Some(only),
        (None, _) => None,
    };
    found.ok_or_else(|| {
        let known = dictionary.datasets.iter().map(|dataset| dataset.id.as_str()).collect::<Vec<_>>().join(", ");
        anyhow::Error::msg(Setup(format!("set --dataset to one of the dictionary's: {known}")))
    })
}
