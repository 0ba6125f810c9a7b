//! Synthetic patients of a respiratory infection, seeded.
//!
//! Nobody in these tables exists. What is meant to be real is their shape: older and sicker people fare worse, C-reactive
//! protein is higher in the ventilated, stays are lognormal, admissions come in waves, tests are left out, and no two
//! sites treat the same mix of people.
//!
//! Pure: no file, socket or clock, and the only randomness is a seed. The same [`Site`] gives the same bytes.
//!
//! ```
//! let sites = coda_synth::sites(3, 2_000, 7);
//! assert_eq!(sites.iter().map(|site| site.people).sum::<usize>(), 2_000);
//! let tables = coda_synth::tables(&sites[0]);
//! assert_eq!(tables[0].name, "patient");
//! assert!(tables[0].csv.starts_with("patient_id,age,sex,"));
//! ```

mod case_mix;
mod draws;
mod encounter;
mod lab;
mod patient;
mod person;
mod rows;
mod site;
#[cfg(test)]
mod tests;
mod ventilation;

pub use case_mix::CaseMix;
pub use site::{Site, sites};

use person::Cohort;

/// One table of one site.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Table {
    /// Its name in the dictionary; its file is called so too.
    pub name: &'static str,
    /// Header and rows, comma-separated, an empty field where a value is missing.
    pub csv: String,
}

/// The dictionary of the data set `respiratory`, as TOML. Every value of [`tables`] lies on its bounds, resolutions,
/// levels and dates.
pub fn dictionary() -> &'static str {
    include_str!("respiratory.toml")
}

/// The four tables of a site: `patient`, `encounter`, `lab` and `ventilation`.
pub fn tables(site: &Site) -> Vec<Table> {
    let mut patients = patient::Patients::new(site);
    let mut encounters = encounter::Encounters::new(site);
    let mut labs = lab::Labs::new(site);
    let mut ventilations = ventilation::Ventilations::new(site);
    for person in Cohort::new(site) {
        patients.add(&person);
        encounters.add(&person);
        labs.add(&person);
        ventilations.add(&person);
    }
    vec![patients.table(), encounters.table(), labs.table(), ventilations.table()]
}

/// Only the `patient` table, byte for byte as in [`tables`]: a million people in a second or two.
pub fn patients_only(site: &Site) -> Table {
    let mut patients = patient::Patients::new(site);
    for person in Cohort::new(site) {
        patients.add(&person);
    }
    patients.table()
}
