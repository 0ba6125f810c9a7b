//! Synthetic columns: five continuous variables, one of them with missing values.

use std::{
    fmt::Write as _,
    fs,
    path::{Path, PathBuf},
};

use rand::{RngExt as _, SeedableRng as _};
use rand_chacha::ChaCha8Rng;

/// The sites.
pub(crate) const SITES: [&str; 3] = ["a", "b", "c"];

/// A variable of the benchmark.
pub(crate) struct Variable {
    pub(crate) name: &'static str,
    lower: f64,
    upper: f64,
    resolution: f64,
    decimals: usize,
}

/// The variables; each is cut into 20 bins.
pub(crate) const VARIABLES: [Variable; 5] = [
    Variable { name: "age", lower: 0.0, upper: 120.0, resolution: 1.0, decimals: 0 },
    Variable { name: "bmi", lower: 10.0, upper: 70.0, resolution: 0.1, decimals: 1 },
    Variable { name: "crp", lower: 0.0, upper: 600.0, resolution: 0.1, decimals: 1 },
    Variable { name: "creatinine", lower: 0.0, upper: 1200.0, resolution: 1.0, decimals: 0 },
    Variable { name: "stay", lower: 0.0, upper: 120.0, resolution: 0.1, decimals: 1 },
];

/// The dictionary of the benchmark.
pub(crate) fn dictionary() -> String {
    let mut text = String::from(
        "version = \"1\"\ntitle = \"Benchmark\"\n[dataset.bench]\npeople = \"person\"\n[dataset.bench.table.person]\n\
         rows = \"one\"\nperson = \"id\"\n[dataset.bench.table.person.variable]\n",
    );
    for Variable { name, lower, upper, resolution, .. } in &VARIABLES {
        let step = (upper - lower) / 120.0;
        let missing = if *name == "crp" { "may" } else { "never" };
        let _ = writeln!(
            text,
            "{name} = {{ type = \"continuous\", unit = \"1\", lower = {lower}, upper = {upper}, resolution = {resolution}, \
             grid = {{ step = {step} }}, bins = 20, missing = \"{missing}\" }}"
        );
    }
    text
}

/// Writes a file of so many people for each site.
pub(crate) fn write(folder: &Path, people: usize) -> anyhow::Result<Vec<PathBuf>> {
    let mut files = Vec::new();
    for (index, site) in SITES.iter().enumerate() {
        let mut random = ChaCha8Rng::seed_from_u64(index as u64);
        let mut unit = move || random.random::<f64>();
        let mut text = String::with_capacity(people * 40);
        text.push_str("id,age,bmi,crp,creatinine,stay\n");
        for person in 0..people {
            let _ = write!(text, "{person}");
            for Variable { name, lower, upper, decimals, .. } in &VARIABLES {
                // The mean of three draws is bell-shaped; its square is skewed, as laboratory values are.
                let bell = (unit() + unit() + unit()) / 3.0;
                let share = if matches!(*name, "crp" | "creatinine" | "stay") { bell * bell * bell } else { bell };
                let value = lower + (upper - lower) * share;
                if *name == "crp" && unit() < 0.08 {
                    text.push(',');
                } else {
                    let _ = write!(text, ",{value:.decimals$}");
                }
            }
            text.push('\n');
        }
        let path = folder.join(format!("{site}.csv"));
        fs::write(&path, text)?;
        files.push(path);
    }
    Ok(files)
}
