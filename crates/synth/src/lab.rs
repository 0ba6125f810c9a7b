//! The table `lab`: one row for each day on which blood was taken.

use crate::{
    Table,
    draws::{Draws, Stream, in_steps},
    person::{Person, later},
    rows::{Hundredths, Rows, Tenths},
    site::Site,
};

/// The table being written.
pub(crate) struct Labs<'a> {
    site: &'a Site,
    rows: Rows,
    draws: Draws,
}

/// What a person keeps from sample to sample, in standard deviations from the usual.
struct Habit {
    crp: f64,
    creatinine: f64,
    lymphocytes: f64,
}

impl<'a> Labs<'a> {
    pub(crate) fn new(site: &'a Site) -> Self {
        let rows = Rows::new("patient_id,taken,crp,lymphocytes,creatinine,d_dimer,spo2", site.people * 400);
        Self { site, rows, draws: Draws::new(site.seed, Stream::Labs) }
    }

    /// Daily samples in the first week and in intensive care, later ones every two or three days. A few people have none.
    pub(crate) fn add(&mut self, person: &Person) {
        if self.draws.chance(0.02 * self.site.mix.gaps) {
            return;
        }
        let habit =
            Habit { crp: self.draws.normal(), creatinine: self.draws.normal(), lymphocytes: self.draws.normal() };
        let last = (person.arrival + person.stay) / 10;
        let mut day = 0;
        while day <= last {
            self.row(person, &habit, day);
            day += if day < 7 { 1 } else { self.draws.whole(2, 3) };
        }
    }

    pub(crate) fn table(self) -> Table {
        Table { name: "lab", csv: self.rows.into_csv() }
    }

    fn row(&mut self, person: &Person, habit: &Habit, day: i64) {
        let gaps = self.site.mix.gaps;
        let severity = person.severity;
        let ventilated = if person.ventilated { 1.0 } else { 0.0 };
        // inflammation fades over some two weeks, but not in those who die
        let fading = if person.dead { 0.0 } else { (day as f64).min(16.0) };

        let crp = 3.9 + 0.38 * severity + 0.55 * ventilated + 0.5 * habit.crp - 0.11 * fading;
        let crp = in_steps((crp + 0.30 * self.draws.normal()).exp(), 10.0, 0, 6_000);
        let lymphocytes = 0.15 - 0.28 * severity - 0.10 * ventilated + 0.35 * habit.lymphocytes + 0.02 * fading;
        let lymphocytes = in_steps((lymphocytes + 0.15 * self.draws.normal()).exp(), 100.0, 0, 2_000);
        let male = if person.sex == "male" { 0.18 } else { 0.0 };
        let grown = if person.age < 16 { -0.6 } else { 0.007 * (person.age as f64 - 62.0) };
        let creatinine = 4.28 + male + grown + 0.12 * severity + 0.10 * ventilated + 0.25 * habit.creatinine;
        let creatinine = in_steps((creatinine + 0.08 * self.draws.normal()).exp(), 1.0, 10, 1_500);
        let d_dimer = -0.45 + 0.40 * severity + 0.60 * ventilated + 0.012 * (person.age as f64 - 62.0);
        let d_dimer = in_steps((d_dimer + 0.75 * self.draws.normal()).exp(), 100.0, 0, 10_000);
        let spo2 = 94.5 - 1.8 * severity - 1.5 * ventilated + 0.12 * fading + 2.0 * self.draws.normal();
        let spo2 = in_steps(spo2, 1.0, 50, 100);

        self.rows
            .person(&self.site.name, person.number)
            .field(later(person.admission, day))
            .optional(self.draws.unless_missing(0.05 * gaps, Tenths(crp)))
            .optional(self.draws.unless_missing(0.12 * gaps, Hundredths(lymphocytes)))
            .optional(self.draws.unless_missing(0.06 * gaps, creatinine))
            // asked for when clotting is feared
            .optional(self.draws.unless_missing(if person.icu { 0.35 } else { 0.6 }, Hundredths(d_dimer)))
            .optional(self.draws.unless_missing(0.15 * gaps, spo2))
            .end();
    }
}
