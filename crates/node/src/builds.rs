//! `coda-node builds`

use std::path::PathBuf;

use clap::Args;
use coda_builds::Builds;
use coda_program::print;

const HEADINGS: [&str; 5] = ["build", "data set", "made", "people", "current"];

#[derive(Debug, Args)]
pub(crate) struct List {
    /// The folder of builds.
    #[arg(long, value_name = "FOLDER")]
    builds: PathBuf,
}

impl List {
    pub(crate) fn run(self) -> anyhow::Result<()> {
        let builds = Builds::open(self.builds)?;
        let mut lines = vec![HEADINGS.map(str::to_owned)];
        for id in builds.list()? {
            // A folder that went between the listing and now is no build any more.
            let Some(build) = builds.get(&id)? else { continue };
            let facts = &build.manifest().facts;
            let current = builds.current(&facts.dataset)?.is_some_and(|current| *current.id() == id);
            let answers = if current { "yes" } else { "no" };
            let (dataset, people) = (facts.dataset.to_string(), facts.people.0.to_string());
            lines.push([id.to_string(), dataset, facts.made.clone(), people, answers.to_owned()]);
        }
        print(&table(&lines))
    }
}

/// Columns two spaces apart.
fn table<const COLUMNS: usize>(lines: &[[String; COLUMNS]]) -> String {
    let mut widths = [0; COLUMNS];
    for line in lines {
        for (width, field) in widths.iter_mut().zip(line) {
            *width = field.len().max(*width);
        }
    }
    let mut text = String::new();
    for line in lines {
        let fields: Vec<_> = line.iter().zip(widths).map(|(field, width)| format!("{field:width$}")).collect();
        text.push_str(fields.join("  ").trim_end());
        text.push('\n');
    }
    text
}
