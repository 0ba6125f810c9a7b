//! Synthetic columns: five continuous variables, one of them with missing values, and a ward.

use std::{
    fmt::Write as _,
    fs,
    path::{Path, PathBuf},
};

use rand::{RngExt as _, SeedableRng as _};
use rand_chacha::ChaCha8Rng;

/// The sites.
pub(crate) const SITES: [&str; 3] = ["a", "b", "c"];

/// The data set as usual, and the same people declared to be released exactly.
pub(crate) const USUAL: &str = "bench";
/// See [`USUAL`].
pub(crate) const EXACT: &str = "exact";

/// Steps of the grid of a variable.
pub(crate) const STEPS: f64 = 120.0;
/// Levels of the variable `ward`.
pub(crate) const WARDS: usize = 50;

/// A variable of the benchmark.
pub(crate) struct Variable {
    pub(crate) name: &'static str,
    pub(crate) lower: f64,
    pub(crate) upper: f64,
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

impl Variable {
    /// Whether its values are skewed, as laboratory values are.
    pub(crate) fn is_skewed(&self) -> bool {
        matches!(self.name, "crp" | "creatinine" | "stay")
    }
}

/// The dictionary of the benchmark.
pub(crate) fn dictionary() -> String {
    let mut text = String::from("version = \"1\"\ntitle = \"Benchmark\"\n");
    for (dataset, release) in [(USUAL, ""), (EXACT, "release = \"exact\"\n")] {
        let _ = writeln!(
            text,
            "[dataset.{dataset}]\npeople = \"person\"\n{release}[dataset.{dataset}.table.person]\nrows = \"one\"\n\
             person = \"id\"\n[dataset.{dataset}.table.person.variable]"
        );
        for Variable { name, lower, upper, resolution, .. } in &VARIABLES {
            let step = (upper - lower) / STEPS;
            let missing = if *name == "crp" { "may" } else { "never" };
            let _ = writeln!(
                text,
                "{name} = {{ type = \"continuous\", unit = \"1\", lower = {lower}, upper = {upper}, \
                 resolution = {resolution}, grid = {{ step = {step} }}, bins = 20, missing = \"{missing}\" }}"
            );
        }
        let wards: Vec<String> = (0..WARDS).map(|ward| format!("\"{ward}\"")).collect();
        let wards = wards.join(", ");
        let _ = writeln!(text, "ward = {{ type = \"categorical\", levels = [{wards}], missing = \"never\" }}");
    }
    text
}

/// Writes a file of so many people for each site.
pub(crate) fn write(folder: &Path, people: usize) -> anyhow::Result<Vec<PathBuf>> {
    let mut files = Vec::new();
    for (index, site) in SITES.iter().enumerate() {
        let mut random = ChaCha8Rng::seed_from_u64(index as u64);
        let mut unit = move || random.random::<f64>();
        let mut text = String::with_capacity(people * 45);
        text.push_str("id,ward,age,bmi,crp,creatinine,stay\n");
        for person in 0..people {
            let _ = write!(text, "{person},{}", (unit() * WARDS as f64) as usize);
            for variable in &VARIABLES {
                let Variable { name, lower, upper, decimals, .. } = variable;
                // The mean of three draws is bell-shaped; its square is skewed, as laboratory values are.
                let bell = (unit() + unit() + unit()) / 3.0;
                let share = if variable.is_skewed() { bell * bell * bell } else { bell };
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
