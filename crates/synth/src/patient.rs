//! The table `patient`: one row a person.

use crate::{
    Table,
    person::Person,
    rows::{Rows, Tenths},
    site::Site,
};

/// The table being written.
pub(crate) struct Patients<'a> {
    site: &'a str,
    rows: Rows,
}

impl<'a> Patients<'a> {
    pub(crate) fn new(site: &'a Site) -> Self {
        let header = "patient_id,age,sex,smoker,bmi,comorbidity,admission,icu,ventilated,dead,stay";
        Self { site: &site.name, rows: Rows::new(header, site.people * 80) }
    }

    pub(crate) fn add(&mut self, person: &Person) {
        self.rows
            .person(self.site, person.number)
            .field(person.age)
            .field(person.sex)
            .optional(person.smoker.map(u8::from))
            .optional(person.bmi.map(Tenths))
            .optional(person.comorbidity)
            .field(person.admission)
            .yes_no(person.icu)
            .yes_no(person.ventilated)
            .yes_no(person.dead)
            .field(Tenths(person.stay))
            .end();
    }

    pub(crate) fn table(self) -> Table {
        Table { name: "patient", csv: self.rows.into_csv() }
    }
}
