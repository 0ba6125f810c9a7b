//! What kind of people a site treats.

use crate::draws::Draws;

/// The case mix of a site: how its people and its care differ from another's.
#[derive(Debug, Clone, PartialEq)]
pub struct CaseMix {
    /// Mean age of its adults in years, before ages under 18 and past 104 are drawn again.
    pub age_mean: f64,
    /// Standard deviation of the age of its adults in years, before the same.
    pub age_spread: f64,
    /// Share of people who are children, under 18.
    pub children: f64,
    /// Share of women and girls.
    pub female: f64,
    /// Share of smokers among adults under 70.
    pub smokers: f64,
    /// Added to the latent number of chronic conditions; 0 is usual.
    pub frailty: f64,
    /// Added to the latent severity of the infection, in standard deviations; 0 is usual.
    pub severity: f64,
    /// Share of those in need of intensive care who get it here.
    pub intensive_care: f64,
    /// Days by which the waves reach it later than the first site.
    pub wave_delay: f64,
    /// How often values are left blank, relative to usual; 1 is usual.
    pub gaps: f64,
}

impl CaseMix {
    /// A university hospital, the measure of the others.
    const UNIVERSITY: Self = Self {
        age_mean: 62.0,
        age_spread: 18.0,
        children: 0.02,
        female: 0.44,
        smokers: 0.20,
        frailty: 0.0,
        severity: 0.2,
        intensive_care: 0.95,
        wave_delay: 0.0,
        gaps: 0.7,
    };
    const COUNTY: Self = Self {
        age_mean: 66.0,
        age_spread: 18.0,
        children: 0.01,
        female: 0.49,
        smokers: 0.25,
        frailty: 0.2,
        severity: 0.0,
        intensive_care: 0.8,
        wave_delay: 12.0,
        gaps: 1.1,
    };
    const CITY: Self = Self {
        age_mean: 57.0,
        age_spread: 17.0,
        children: 0.05,
        female: 0.46,
        smokers: 0.31,
        frailty: -0.1,
        severity: -0.1,
        intensive_care: 0.85,
        wave_delay: -6.0,
        gaps: 1.5,
    };
    const RURAL: Self = Self {
        age_mean: 69.0,
        age_spread: 15.0,
        children: 0.01,
        female: 0.51,
        smokers: 0.22,
        frailty: 0.3,
        severity: 0.1,
        intensive_care: 0.65,
        wave_delay: 20.0,
        gaps: 1.3,
    };
    /// A small hospital for the old, which sends few on to intensive care.
    pub(crate) const GERIATRIC: Self = Self {
        age_mean: 80.0,
        age_spread: 8.0,
        children: 0.0,
        female: 0.60,
        smokers: 0.12,
        frailty: 0.9,
        severity: 0.3,
        intensive_care: 0.35,
        wave_delay: 9.0,
        gaps: 1.6,
    };

    /// The mix of the site at a place in the network. Every place past the first four gets one of theirs, moved a little.
    pub(crate) fn at(place: usize, draws: &mut Draws) -> Self {
        let usual = match place % 4 {
            0 => Self::UNIVERSITY,
            1 => Self::COUNTY,
            2 => Self::CITY,
            _ => Self::RURAL,
        };
        if place < 4 {
            return usual;
        }
        Self {
            age_mean: usual.age_mean + draws.between(-3.0, 3.0),
            female: usual.female + draws.between(-0.04, 0.04),
            smokers: usual.smokers + draws.between(-0.05, 0.05),
            frailty: usual.frailty + draws.between(-0.2, 0.2),
            severity: usual.severity + draws.between(-0.2, 0.2),
            wave_delay: usual.wave_delay + draws.between(-10.0, 10.0),
            ..usual
        }
    }
}
