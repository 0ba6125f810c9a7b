//! One seed: people are drawn, every statistic with an interval is asked of sites alone and of networks.

use coda_disclosure::RuleSet;
use coda_model::{
    SiteId,
    estimate::{AskEstimates, Estimate, Figure, Quantity},
    frame::{SiteFrames, Tabulated},
    plan::Plan,
    threshold::Threshold,
};
use rand::SeedableRng as _;
use rand_chacha::ChaCha8Rng;

use crate::{
    coverage::{Coverage, Interval, Release},
    population::Population,
    sites::{self, Answer, Site},
};

const OF: &str = r#"of = ["ci:pressure", "ci:stay", "ci:crp", "ci:narrow", "mean_difference:pressure:exposed", "mean_difference:stay:exposed",
"smd:pressure:exposed", "smd:stay:exposed", "risk_ratio:dead:exposed", "odds_ratio:dead:exposed", "risk_difference:dead:exposed",
"median:pressure", "median:stay", "quartiles:pressure", "quartiles:stay", "marginals:kind", "marginals:origin"]"#;

/// Sizes of sites that are asked alone and as networks of nine alike.
const SIZES: [usize; 5] = [50, 100, 300, 1000, 5000];
/// Sizes of the sites of a mixed network.
const MIXED: [usize; 9] = [50, 80, 150, 300, 600, 1000, 1800, 3000, 5000];

/// All networks of a seed.
pub(crate) fn of_seed(seed: u64) -> Coverage {
    let mut rng = ChaCha8Rng::seed_from_u64(seed);
    let population = &Population::new(&mut rng);
    let plan = sites::plan(&population.dictionary, OF);
    let mut coverage = Coverage::default();
    for size in SIZES {
        let mut round = Round { population, plan: &plan, coverage: &mut coverage, alone: Some(format!("1 x {size}")) };
        round.ask(&[size; 9], &format!("9 x {size}"), &mut rng);
    }
    let mut round = Round { population, plan: &plan, coverage: &mut coverage, alone: None };
    round.ask(&MIXED, "9 mixed", &mut rng);
    coverage
}

/// One network.
struct Round<'a> {
    population: &'a Population,
    plan: &'a Plan,
    coverage: &'a mut Coverage,
    /// What the sites are called alone, if they are looked at alone.
    alone: Option<String>,
}

impl Round<'_> {
    fn ask(&mut self, sizes: &[usize], name: &str, rng: &mut ChaCha8Rng) {
        let people: Vec<Site> =
            sizes.iter().enumerate().map(|(place, size)| self.population.site(place, *size, rng)).collect();
        let threshold = Threshold::default();
        for (release, rules) in
            [(Release::Perturbed, RuleSet::perturbed(threshold)), (Release::Exact, RuleSet::exact(threshold))]
        {
            let dataset = &self.population.dictionary.datasets[0];
            let answers: Vec<Answer> = people.iter().map(|site| site.answer(self.plan, dataset, &rules)).collect();
            let named = people.iter().zip(&answers).map(|(site, answer)| (site.id.clone(), answer.frames.clone()));
            let frames: Vec<(SiteId, SiteFrames)> = named.collect();
            let estimates = coda_stats::estimate(self.plan, &frames, &[]);
            for (place, ask) in estimates.iter().enumerate() {
                let raw: Vec<&Tabulated> = answers.iter().map(|answer| &answer.raw[place]).collect();
                self.looked_at(release, name, ask, &raw);
            }
        }
    }

    fn looked_at(&mut self, release: Release, name: &str, ask: &AskEstimates, raw: &[&Tabulated]) {
        let cell = &ask.cells[0];
        if let Some(alone) = self.alone.clone() {
            for (_, estimate) in &cell.sites {
                self.intervals(release, &alone, &ask.ask, estimate);
            }
        }
        self.intervals(release, name, &ask.ask, &cell.network);
        let counts = cell.network.figures.iter().filter(|figure| figure.level.is_some() && figure.name == "count");
        for (slot, figure) in counts.enumerate() {
            let truth: u64 = raw.iter().map(|raw| raw.frames[0].slots[slot].people.0).sum();
            self.estimated(release, name, &ask.ask, figure, truth);
        }
    }

    /// Intervals about a parameter of the population.
    fn intervals(&mut self, release: Release, name: &str, ask: &str, estimate: &Estimate) {
        for figure in &estimate.figures {
            let level = figure.level.as_ref().map_or_else(String::new, |level| format!(" {level}"));
            let title = format!("{ask} {}{level}", figure.name);
            let Some(truth) = self.population.parameter(&title) else { continue };
            let value = if let Quantity::Number(value) = figure.quantity { Some(value) } else { None };
            let told = value.zip(figure.confidence);
            let interval = told.map(|(value, ends)| Interval { low: ends.low, value, high: ends.high });
            self.coverage.count(release, name, &title, interval, truth);
        }
    }

    /// The interval of an estimate of a count about that of the sites' people.
    fn estimated(&mut self, release: Release, name: &str, ask: &str, figure: &Figure, truth: u64) {
        let Quantity::Count(count) = figure.quantity else { return };
        if let Some((low, high)) = count.certain {
            assert!((low..=high).contains(&truth), "{name}, {ask}: {truth} is not in {low} to {high}");
        }
        let Some((estimate, ends)) = count.estimate.and_then(|estimate| Some((estimate, estimate.interval?))) else {
            return;
        };
        let interval = Interval { low: ends.low, value: estimate.value, high: ends.high };
        let level = figure.level.as_deref().unwrap_or_default();
        self.coverage.count(release, name, &format!("{ask} estimated count {level}"), Some(interval), truth as f64);
    }
}
