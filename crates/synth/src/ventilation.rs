//! The table `ventilation`: one row for each stretch in one mode.

use crate::{
    Table,
    draws::{Draws, Stream},
    person::Person,
    rows::Rows,
    site::Site,
};

/// The table being written.
pub(crate) struct Ventilations<'a> {
    site: &'a str,
    rows: Rows,
    draws: Draws,
}

impl<'a> Ventilations<'a> {
    pub(crate) fn new(site: &'a Site) -> Self {
        let rows = Rows::new("patient_id,started,ended,mode", site.people * 30);
        Self { site: &site.name, rows, draws: Draws::new(site.seed, Stream::Ventilations) }
    }

    /// A mask first, then, in intensive care, a tube: controlled breathing, and weaning for those who live.
    pub(crate) fn add(&mut self, person: &Person) {
        if !person.ventilated {
            return;
        }
        let days = person.stay / 10;
        if !person.icu {
            let length = self.draws.whole(0, days.min(6));
            return self.row(person, 0, length, "non-invasive");
        }
        let mask = self.draws.whole(0, (days - 1).clamp(0, 2));
        let tube = days - mask;
        let controlled = (tube as f64 * self.draws.between(0.3, 0.7)).ceil() as i64;
        let assisted = if person.dead { 0 } else { (tube - controlled) / 2 };
        // each stretch begins at least a day after the one before, so that their order is certain
        let mut start = 0;
        for (mode, length) in [("non-invasive", mask), ("controlled", controlled), ("assisted", assisted)] {
            if length > 0 {
                self.row(person, start, start + length, mode);
                start += length;
            }
        }
        if start == 0 {
            self.row(person, 0, 0, "controlled");
        }
    }

    pub(crate) fn table(self) -> Table {
        Table { name: "ventilation", csv: self.rows.into_csv() }
    }

    fn row(&mut self, person: &Person, from: i64, to: i64, mode: &str) {
        let (from, to) = (person.day_after(from * 10), person.day_after(to * 10));
        self.rows.person(self.site, person.number).field(from).field(to).field(mode).end();
    }
}
