//! The patients that are attacked: seeded, with planted people whom an attacker knows something of.
//!
//! X is the only woman of 47 in burns, and has HIV. Y is the only man of 51 there, and has not. Six people under 30 are in
//! burns, one with a D-dimer a thousand times that of the others. Study `g5` has five people, `g4` four, `g0` none.
//! Of three the origin is not known. One was admitted on the last day of May; in the week of 4 March every day has
//! at least five admissions but Sunday, which has two.

use std::fmt::Write as _;

/// One patient.
#[derive(Clone)]
pub(crate) struct Patient {
    pub(crate) id: String,
    pub(crate) sex: &'static str,
    pub(crate) age: u32,
    pub(crate) unit: &'static str,
    pub(crate) hiv: bool,
    pub(crate) study: &'static str,
    pub(crate) origin: &'static str,
    pub(crate) ddimer: u32,
    pub(crate) stay: Option<u32>,
    /// `MM-DD` of 2024.
    pub(crate) admission: String,
    /// C-reactive protein, row by row.
    pub(crate) crp: Vec<u32>,
}

/// What an attacker knows of X.
pub(crate) const X: &str = "sex = f and age >= 47 and age < 48 and unit = burns";
/// What an attacker knows of Y.
pub(crate) const Y: &str = "sex = m and age >= 51 and age < 52 and unit = burns";
/// What fits nobody.
pub(crate) const NOBODY: &str = "sex = f and age >= 51 and age < 52 and unit = burns";
/// How many patients the sites have.
pub(crate) const SIZES: [(&str, usize); 4] = [("a", 300), ("b", 120), ("c", 60), ("d", 12)];

/// The patients of a site, always the same.
pub(crate) fn patients(site: &str) -> Vec<Patient> {
    let size = SIZES.iter().find(|(name, _)| *name == site).map(|(_, size)| *size).unwrap();
    let mut state = size as u64;
    // Knuth's linear congruential generator (The Art of Computer Programming, 3.3.4).
    let mut draw = move |below: u32| {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        ((state >> 33) % u64::from(below)) as u32
    };
    let mut ordinary = |number: usize| Patient {
        id: format!("{site}-{number}"),
        sex: ["f", "m"][draw(2) as usize],
        age: 20 + draw(70),
        unit: ["medicine", "surgery", "maternity"][draw(3) as usize],
        hiv: draw(5) == 0,
        study: "other",
        origin: ["home", "home", "hospital", "abroad"][draw(4) as usize],
        ddimer: 200 + draw(20) * draw(20) * draw(4),
        stay: (draw(8) > 0).then(|| 1 + draw(6) * draw(6)),
        admission: {
            // Five a day in the week of 4 March but for Sunday; the others by the month.
            match number {
                20..50 => format!("03-{:02}", 4 + (number - 20) / 5),
                50 | 51 => "03-10".to_owned(),
                52 => "05-31".to_owned(),
                _ => format!("{:02}-{:02}", [1, 2, 4, 5, 6][draw(5) as usize], 1 + draw(28)),
            }
        },
        crp: (0..draw(4)).map(|_| draw(200)).collect(),
    };
    let mut people: Vec<Patient> = (0..size).map(&mut ordinary).collect();
    if site == "a" {
        plant(&mut people);
    }
    people
}

fn plant(people: &mut [Patient]) {
    for (place, patient) in people.iter_mut().enumerate() {
        match place {
            0 => (patient.sex, patient.age, patient.unit, patient.hiv) = ("f", 47, "burns", true),
            1 => (patient.sex, patient.age, patient.unit, patient.hiv) = ("m", 51, "burns", false),
            2..8 => {
                (patient.unit, patient.age) = ("burns", 22 + place as u32);
                patient.ddimer = if place == 2 { 900_000 } else { 700 + 20 * place as u32 };
            }
            10..15 => patient.study = "g5",
            15..19 => patient.study = "g4",
            60..63 => patient.origin = "",
            _ => {}
        }
    }
}

/// The tables of a site as CSV.
pub(crate) fn tables(people: &[Patient]) -> Vec<(String, String)> {
    let mut patients = "id,sex,age,unit,hiv,study,origin,ddimer,stay,admission\n".to_owned();
    let mut labs = "id,taken,crp\n".to_owned();
    for Patient { id, sex, age, unit, hiv, study, origin, ddimer, stay, admission, crp } in people {
        let hiv = if *hiv { "yes" } else { "no" };
        let stay = stay.map_or_else(String::new, |stay| stay.to_string());
        writeln!(patients, "{id},{sex},{age},{unit},{hiv},{study},{origin},{ddimer},{stay},2024-{admission}").unwrap();
        for (day, crp) in crp.iter().enumerate() {
            writeln!(labs, "{id},2024-07-{:02},{crp}", 1 + day).unwrap();
        }
    }
    vec![("patient".to_owned(), patients), ("lab".to_owned(), labs)]
}
