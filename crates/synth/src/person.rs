//! A synthetic person, and the dependence between what is known of them.

use time::{Date, Duration, macros::date};

use crate::{
    case_mix::CaseMix,
    draws::{Draws, Stream, in_steps},
    site::Site,
};

/// First and last day of admission in the dictionary.
const FIRST: Date = date!(2020 - 03 - 01);
const LAST: Date = date!(2021 - 12 - 31);

/// Share of admissions, peak and spread in days of each wave.
const WAVES: [(f64, Date, f64); 4] = [
    (0.22, date!(2020 - 04 - 08), 16.0),
    (0.40, date!(2020 - 12 - 20), 34.0),
    (0.18, date!(2021 - 04 - 12), 22.0),
    (0.13, date!(2021 - 11 - 24), 22.0),
];

/// What the tables are written from.
pub(crate) struct Person {
    /// Their number at the site, from 1.
    pub(crate) number: usize,
    pub(crate) age: i64,
    pub(crate) sex: &'static str,
    pub(crate) smoker: Option<bool>,
    /// Tenths of kg/m2.
    pub(crate) bmi: Option<i64>,
    pub(crate) comorbidity: Option<&'static str>,
    pub(crate) admission: Date,
    /// Tenths of a day into the day of admission.
    pub(crate) arrival: i64,
    pub(crate) icu: bool,
    pub(crate) ventilated: bool,
    pub(crate) dead: bool,
    /// Tenths of a day.
    pub(crate) stay: i64,
    /// Latent severity, about standard normal. Nobody measures it; it ties the rest together.
    pub(crate) severity: f64,
    /// Chronic conditions: 0, 1 or 2, whether recorded or not.
    pub(crate) conditions: usize,
}

impl Person {
    /// The day on which they have been in hospital for so many tenths of a day.
    pub(crate) fn day_after(&self, tenths: i64) -> Date {
        later(self.admission, (self.arrival + tenths) / 10)
    }
}

/// The date so many days later.
pub(crate) fn later(date: Date, days: i64) -> Date {
    date.saturating_add(Duration::days(days))
}

/// The people of a site, one after the other.
pub(crate) struct Cohort<'a> {
    mix: &'a CaseMix,
    people: usize,
    made: usize,
    draws: Draws,
}

impl<'a> Cohort<'a> {
    pub(crate) fn new(site: &'a Site) -> Self {
        Self { mix: &site.mix, people: site.people, made: 0, draws: Draws::new(site.seed, Stream::People) }
    }

    fn age(&mut self) -> i64 {
        if self.draws.chance(self.mix.children) {
            return self.draws.whole(0, 17);
        }
        let mut age = 0.0;
        // drawn again past the ages that people reach, so that none heap up at the bound
        for _ in 0..8 {
            age = self.mix.age_mean + self.mix.age_spread * self.draws.normal();
            if (18.0..105.0).contains(&age) {
                break;
            }
        }
        // floor, because people give their age in completed years
        (age.floor() as i64).clamp(18, 104)
    }

    fn admission(&mut self) -> Date {
        let mut left = self.draws.uniform();
        for (share, peak, spread) in WAVES {
            if left < share {
                let days = self.mix.wave_delay + spread * self.draws.normal();
                let day = later(peak, days.round() as i64);
                if (FIRST..=LAST).contains(&day) {
                    return day;
                }
                // what a wave would put outside the study comes at any time in it
                break;
            }
            left -= share;
        }
        later(FIRST, self.draws.whole(0, (LAST - FIRST).whole_days()))
    }

    fn conditions(&mut self, age: i64) -> usize {
        let latent = 0.045 * (age as f64 - 62.0) + self.mix.frailty + self.draws.normal();
        usize::from(latent > -0.1) + usize::from(latent > 0.9)
    }

    fn bmi(&mut self, age: i64, conditions: usize) -> i64 {
        let typical = if age < 18 { 15.5 + 0.35 * age as f64 } else { 26.2 + 1.1 * conditions as f64 };
        in_steps(typical * (0.17 * self.draws.normal()).exp(), 10.0, 100, 700)
    }

    fn person(&mut self) -> Person {
        let age = self.age();
        let years = age as f64;
        let sex = if self.draws.chance(0.01) {
            "other"
        } else if self.draws.chance(self.mix.female) {
            "female"
        } else {
            "male"
        };
        let conditions = self.conditions(age);
        let bmi = self.bmi(age, conditions);
        let smoker = self.draws.chance(match age {
            ..16 => 0.0,
            16..70 => self.mix.smokers,
            _ => 0.5 * self.mix.smokers,
        });
        let admission = self.admission();
        // care got better over the two years
        let practice = -0.25 * (admission - FIRST).whole_days() as f64 / 365.0;
        let severity = 0.85 * self.draws.normal()
            + 0.022 * (years - 62.0)
            + 0.25 * (conditions as f64 - 1.0)
            + 0.02 * (bmi as f64 / 10.0 - 27.0)
            + if sex == "male" { 0.1 } else { -0.1 }
            + if smoker { 0.1 } else { 0.0 }
            + self.mix.severity
            + practice;
        // the very old are seldom taken to intensive care
        let restraint = (years - 78.0).max(0.0) * 0.12;
        let icu = self.draws.odds(-1.5 + 1.25 * severity - restraint) && self.draws.chance(self.mix.intensive_care);
        let ventilated = self.draws.odds(if icu { 0.3 + 0.6 * severity } else { -4.2 + 0.6 * severity });
        let dead = self.draws.odds(-3.1 + 1.2 * severity + if ventilated { 1.3 } else { 0.0 });
        let stay = 1.75
            + 0.18 * severity
            + if icu { 0.35 } else { 0.0 }
            + if ventilated { 0.55 } else { 0.0 }
            + if dead { -0.15 } else { 0.0 }
            + 0.6 * self.draws.normal();
        let gaps = self.mix.gaps;
        Person {
            number: self.made,
            age,
            sex,
            smoker: self.draws.unless_missing(0.10 * gaps, smoker),
            bmi: self.draws.unless_missing(0.14 * gaps, bmi),
            comorbidity: self.draws.unless_missing(0.02 * gaps, comorbidity(conditions)),
            admission,
            arrival: self.draws.whole(0, 9),
            icu,
            ventilated,
            dead,
            stay: in_steps(stay.exp(), 10.0, 1, 1_200),
            severity,
            conditions,
        }
    }
}

impl Iterator for Cohort<'_> {
    type Item = Person;

    fn next(&mut self) -> Option<Person> {
        if self.made == self.people {
            return None;
        }
        self.made += 1;
        Some(self.person())
    }
}

fn comorbidity(conditions: usize) -> &'static str {
    match conditions {
        0 => "none",
        1 => "one",
        _ => "several",
    }
}
