//! Whether told means and SDs are right on average, and how often an SD is within a tenth of that of the site's people.

use std::collections::BTreeMap;

use coda_disclosure::RuleSet;
use coda_model::{
    SiteId,
    estimate::{AskEstimates, Quantity},
    frame::SiteFrames,
    threshold::Threshold,
};
use rand::SeedableRng as _;
use rand_chacha::ChaCha8Rng;

use crate::{
    population::Population,
    sites::{self, Site},
};

/// People of a site, and how many SDs in a hundred must be within a tenth (docs/disclosure.md, R6).
const SIZES: [(usize, f64); 3] = [(50, 80.0), (200, 95.0), (1000, 95.0)];
/// A seed has so many sites of each size.
const SITES: usize = 20;
/// The mean error may be so many of its standard errors off 0.
const MARGIN: f64 = 3.5;

/// Errors of told figures against exact ones, by figure and size.
#[derive(Default)]
pub(crate) struct Errors {
    found: BTreeMap<(String, usize), Vec<Error>>,
}

/// An error, relative to the SD of the site's people; none where nothing was told.
#[derive(Clone, Copy)]
struct Error(Option<f64>);

/// Sites of a seed.
pub(crate) fn of_seed(seed: u64) -> Errors {
    let mut rng = ChaCha8Rng::seed_from_u64(seed);
    let population = &Population::new(&mut rng);
    let asks = ["mean:pressure", "mean:stay", "mean:crp", "sd:pressure", "sd:stay", "sd:crp"];
    let plan = sites::plan(&population.dictionary, &format!("of = {asks:?}"));
    let mut errors = Errors::default();
    for (people, _) in SIZES {
        for _ in 0..SITES {
            let site: Site = population.site(0, people, &mut rng);
            let threshold = Threshold::default();
            let [told, exact] = [RuleSet::perturbed(threshold), RuleSet::exact(threshold)].map(|rules| {
                let frames = site.answer(&plan, &population.dictionary.datasets[0], &rules).frames;
                let frames: [(SiteId, SiteFrames); 1] = [(site.id.clone(), frames)];
                coda_stats::estimate(&plan, &frames, &[]).iter().map(value).collect::<Vec<_>>()
            });
            for (place, ask) in asks.iter().enumerate() {
                let sd = exact[3 + place % 3].unwrap();
                let error = told[place].map(|told| (told - exact[place].unwrap()) / sd);
                errors.found.entry(((*ask).to_owned(), people)).or_default().push(Error(error));
            }
        }
    }
    errors
}

fn value(ask: &AskEstimates) -> Option<f64> {
    match ask.cells[0].sites[0].1.figures[0].quantity {
        Quantity::Number(value) => Some(value),
        _ => None,
    }
}

impl Errors {
    pub(crate) fn add(&mut self, other: Self) {
        for (key, errors) in other.found {
            self.found.entry(key).or_default().extend(errors);
        }
    }

    pub(crate) fn table(&self) -> String {
        let mut text = String::from(
            "figure, people: mean error in SDs (± 1.96 standard errors), within a tenth of the SD in %, told in %\n",
        );
        for ((ask, people), errors) in &self.found {
            let (mean, error) = mean_of(errors);
            text.push_str(&format!(
                "{ask:<14} {people:>6} {mean:>8.4} ± {:.4} {:>6.1} {:>6.1}\n",
                1.96 * error,
                within(errors),
                100.0 * told(errors).len() as f64 / errors.len() as f64
            ));
        }
        text
    }

    /// What is off: a biased mean, or too few SDs that are right.
    pub(crate) fn misses(&self) -> Vec<String> {
        let mut misses = Vec::new();
        for ((ask, people), errors) in &self.found {
            let (mean, error) = mean_of(errors);
            if ask.starts_with("mean") && mean.abs() > MARGIN * error + 0.002 {
                misses.push(format!("{ask} of {people} people is {mean:.4} SDs off on average"));
            }
            let least = SIZES.iter().find(|(size, _)| size == people).map_or(0.0, |(_, least)| *least);
            let chance = MARGIN * 100.0 * (least / 100.0 * (1.0 - least / 100.0) / errors.len() as f64).sqrt();
            if ask.starts_with("sd") && within(errors) < least - chance {
                misses.push(format!("{ask} of {people} people: {:.1} % within a tenth, not {least}", within(errors)));
            }
        }
        misses
    }
}

fn told(errors: &[Error]) -> Vec<f64> {
    errors.iter().filter_map(|error| error.0).collect()
}

/// Mean, and its standard error.
fn mean_of(errors: &[Error]) -> (f64, f64) {
    let told = told(errors);
    let n = told.len() as f64;
    let mean = told.iter().sum::<f64>() / n;
    let variance = told.iter().map(|error| (error - mean).powi(2)).sum::<f64>() / (n - 1.0);
    (mean, (variance / n).sqrt())
}

/// How many in a hundred are within a tenth of the SD; what is not told is not.
fn within(errors: &[Error]) -> f64 {
    100.0 * told(errors).iter().filter(|error| error.abs() < 0.1).count() as f64 / errors.len() as f64
}
