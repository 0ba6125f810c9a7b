//! An estimate for the sites that suppress their part of a count (docs/disclosure.md, R9).
//!
//! Sites have rates about a common one, with a coefficient of variation of √h: counts are negative binomial. The common rate is
//! the maximum of the likelihood, in which a suppressed count is one that a site would suppress; left out, or taken from the sites
//! that told alone, it would be too high, because sites tell where they have many. By the EM algorithm (Dempster, Laird and Rubin
//! 1977, JRSS B 39, 1-38), with the weights of a random-effects mean (`DerSimonian` and Laird 1986,
//! doi:10.1016/0197-2456(86)90046-2) and the observed information of Louis 1982, JRSS B 44, 226-233.
//!
//! How much sites differ is seldom known from a few of them: estimates for five values of h are averaged by their likelihood
//! (Hoeting et al. 1999, doi:10.1214/ss/1009212519), and their disagreement is part of the variance.

use statrs::function::gamma::ln_gamma;

use super::SiteCount;

/// Values of h, the squared coefficient of variation of the rates, with their weights before anything is told.
const BETWEEN: [(f64, f64); 5] = [(0.01, 0.25), (0.08, 0.25), (0.25, 0.25), (0.7, 0.15), (2.0, 0.1)];
/// Steps of the EM algorithm.
const STEPS: usize = 25;
/// A threshold above this is taken for this, so that no answer makes the hub work for long.
const MOST_SUPPRESSED: u64 = 1000;

/// What the sites that suppress a count have of it, and its variance; `None` where nobody who told it told the cohort.
pub(super) fn suppressed(sites: &[SiteCount<'_>]) -> Option<(f64, f64)> {
    let mut sites: Vec<&SiteCount<'_>> = sites.iter().collect();
    // In one order, so that the order of the answers changes no digit.
    sites.sort_by_key(|site| {
        (site.told.map(|told| told.people), site.cohort, site.rounding.told_from, site.rounding.step)
    });
    let sites: Vec<Site> = sites.into_iter().filter_map(Site::of).collect();
    let told = || sites.iter().filter_map(|site| Some((site.told?.0, site.cohort)));
    let (people, cohort) = told().fold((0.0, 0.0), |(people, all), (count, cohort)| (people + count, all + cohort));
    if cohort <= 0.0 {
        return None;
    }
    let models = BETWEEN.map(|(between, weight)| {
        let mut rates = Rates { sites: &sites, rate: people / cohort, between };
        (0..STEPS).for_each(|_| rates.step());
        (rates.suppressed(), rates.likelihood() + f64::ln(weight))
    });
    let best = models.iter().map(|(_, likelihood)| *likelihood).fold(f64::NEG_INFINITY, f64::max);
    let weighted = || models.iter().map(|(found, likelihood)| (found, (likelihood - best).exp()));
    let all: f64 = weighted().map(|(_, weight)| weight).sum();
    let mean = weighted().map(|((mean, _), weight)| mean * weight).sum::<f64>() / all;
    let variance =
        weighted().map(|((own, variance), weight)| (variance + (own - mean).powi(2)) * weight).sum::<f64>() / all;
    Some((mean, variance))
}

/// Sites with their common rate.
struct Rates<'a> {
    sites: &'a [Site],
    /// People with the level for each of the cohort.
    rate: f64,
    /// Squared coefficient of variation of the rates of sites.
    between: f64,
}

struct Site {
    cohort: f64,
    /// The told count with the variance of its perturbation.
    told: Option<(f64, f64)>,
    /// How likely each count is to be suppressed.
    suppressed: Vec<f64>,
}

/// A site's count: its mean and variance, given what the site told.
struct Expected {
    mean: f64,
    variance: f64,
    /// How likely it is to be suppressed, as a multiple of how likely a count of 0 is.
    chance: f64,
}

impl Rates<'_> {
    fn suppressed(&self) -> (f64, f64) {
        // Half an event of information before any site tells, as Jeffreys' prior has of a rate.
        let (mut mean, mut variance, mut by_rate, mut information) = (0.0, 0.0, 0.0, 0.5);
        for site in self.sites {
            let expected = self.expected(site);
            information += self.weight(site);
            if site.told.is_none() {
                let spread = 1.0 + self.between * self.rate * site.cohort;
                mean += expected.mean;
                variance += expected.variance;
                by_rate += expected.variance / spread;
                information -= (expected.variance / spread.powi(2)).min(self.weight(site));
            }
        }
        (mean, variance + by_rate.powi(2) / information)
    }

    /// One step of the EM algorithm.
    fn step(&mut self) {
        let (mut over, mut under) = (0.0, 0.0);
        for site in self.sites {
            let weight = self.weight(site);
            over += weight * self.expected(site).mean / site.cohort;
            under += weight;
        }
        self.rate = (over / under).max(1e-9);
    }

    /// Logarithm of the likelihood, up to a constant that all models share.
    fn likelihood(&self) -> f64 {
        let one = |site: &Site| {
            let usual = self.rate * site.cohort;
            // What the perturbation adds to the spread of told counts is none of the sites'.
            let noise = site.told.map_or(0.0, |(_, variance)| variance / usual.powi(2));
            let size = 1.0 / (self.between + noise);
            let nobody = -size * (usual / size).ln_1p();
            match site.told {
                None => nobody + self.expected(site).chance.ln(),
                Some((count, _)) => {
                    ln_gamma(count + size) - ln_gamma(size) + nobody + count * (usual / (usual + size)).ln()
                }
            }
        };
        self.sites.iter().map(one).sum()
    }

    /// The information that a site's count has of the logarithm of the rate.
    fn weight(&self, site: &Site) -> f64 {
        let usual = self.rate * site.cohort;
        let noise = site.told.map_or(0.0, |(_, variance)| variance);
        usual.powi(2) / (usual + self.between * usual.powi(2) + noise)
    }

    fn expected(&self, site: &Site) -> Expected {
        if let Some((mean, variance)) = site.told {
            return Expected { mean, variance, chance: 0.0 };
        }
        let usual = self.rate * site.cohort;
        let odds = usual / (1.0 + self.between * usual);
        let (mut weight, mut total, mut first, mut second) = (1.0, 0.0, 0.0, 0.0);
        for (count, chance) in site.suppressed.iter().enumerate() {
            let count = count as f64;
            if count > 0.0 {
                weight *= odds * (1.0 + self.between * (count - 1.0)) / count;
            }
            let own = weight * chance;
            (total, first, second) = (total + own, first + own * count, second + own * count * count);
        }
        let mean = first / total;
        Expected { mean, variance: (second / total - mean * mean).max(0.0), chance: total }
    }
}

impl Site {
    fn of(site: &SiteCount<'_>) -> Option<Self> {
        let told = site.told.map(|count| (count.people.0 as f64, site.rounding.variance(site.sensitivity)));
        let unknown = || told.is_none().then(|| site.rounding.suppressed_at_most() as f64 / 2.0);
        let cohort = site.cohort.map(|cohort| cohort as f64).or_else(unknown).filter(|cohort| *cohort > 0.0)?;
        let most = site.rounding.told_from.min(MOST_SUPPRESSED);
        let suppressed = if told.is_none() { (0..most).map(|count| chance(site, count)).collect() } else { Vec::new() };
        Some(Self { cohort, told, suppressed })
    }
}

/// How likely a count under the threshold is to be suppressed (R4), over steps and set keys.
fn chance(site: &SiteCount<'_>, count: u64) -> f64 {
    let (from, base) = (site.rounding.told_from as i64, site.rounding.base as i64);
    let step = site.rounding.step(site.sensitivity) as i64;
    let of = |step: i64| 1.0 - ((count as i64 + step.min(0) - (from - base)).max(0) as f64 / base as f64).min(1.0);
    (-step..=step).map(of).sum::<f64>() / (2 * step + 1) as f64
}
