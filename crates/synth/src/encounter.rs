//! The table `encounter`: one row for each stretch on a ward.

use time::Date;

use crate::{
    Table,
    draws::{Draws, Stream, in_steps},
    person::{Person, later},
    rows::{Rows, Tenths},
    site::Site,
};

/// The table being written.
pub(crate) struct Encounters<'a> {
    site: &'a str,
    rows: Rows,
    draws: Draws,
}

impl<'a> Encounters<'a> {
    pub(crate) fn new(site: &'a Site) -> Self {
        let rows = Rows::new("patient_id,admission,discharge,ward,stay", site.people * 80);
        Self { site: &site.name, rows, draws: Draws::new(site.seed, Stream::Encounters) }
    }

    /// The stretches of the index admission, whose stays add up to the person's, and sometimes one later stay.
    pub(crate) fn add(&mut self, person: &Person) {
        let mut start = 0;
        for (ward, stay) in self.stretches(person) {
            self.row(person, (person.day_after(start), person.day_after(start + stay)), ward, stay);
            start += stay;
        }
        let again = !person.dead && self.draws.odds(-2.9 + 0.4 * person.conditions as f64);
        if again {
            let back = later(person.day_after(person.stay), self.draws.whole(3, 60));
            let stay = in_steps((1.3 + 0.5 * self.draws.normal()).exp(), 10.0, 1, 300);
            self.row(person, (back, later(back, stay / 10)), "general", stay);
        }
    }

    pub(crate) fn table(self) -> Table {
        Table { name: "encounter", csv: self.rows.into_csv() }
    }

    /// Wards of the index admission in order. Each stretch but the last is whole days, so that no two begin on one day and
    /// their order is certain.
    fn stretches(&mut self, person: &Person) -> Vec<(&'static str, i64)> {
        let days = person.stay / 10;
        match (person.icu, days) {
            (false, _) => vec![("general", person.stay)],
            (true, ..=2) => vec![("intensive", person.stay)],
            (true, _) => {
                let before = self.draws.whole(1, (days - 2).min(3)) * 10;
                let share = self.draws.between(0.3, 0.8);
                let intensive = ((days - before / 10) as f64 * share).round().max(1.0) as i64 * 10;
                let after = person.stay - before - intensive;
                let mut stretches = vec![("general", before), ("intensive", intensive)];
                // those who die in intensive care leave no later ward
                if person.dead || after == 0 {
                    stretches = vec![("general", before), ("intensive", intensive + after)];
                } else if self.draws.chance(0.5) && after > 20 {
                    stretches.extend([("intermediate", 10), ("general", after - 10)]);
                } else {
                    stretches.push(("general", after));
                }
                stretches
            }
        }
    }

    fn row(&mut self, person: &Person, (from, to): (Date, Date), ward: &str, stay: i64) {
        self.rows.person(self.site, person.number).field(from).field(to).field(ward).field(Tenths(stay)).end();
    }
}
