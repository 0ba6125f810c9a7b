//! 9. Linked tables
//!
//! Learns: a small cell that no table gives away, from two tables and totals that share their margins.
//! Against: cells of all tables are sets of one history, and no combination of them may tell of too few (2.4)

use coda_disclosure::{Defence, Defences};

use crate::bench::{
    Bench, With, count_of, of,
    patients::{Patient, patients},
    solver::System,
    without_all,
};

const SEXES: [&str; 2] = ["f", "m"];
const UNITS: [&str; 4] = ["medicine", "surgery", "burns", "maternity"];
const AGES: usize = 3;

/// The cell of a sex, a unit and an age: the unknowns.
fn place(sex: usize, unit: usize, age: usize) -> usize {
    (sex * UNITS.len() + unit) * AGES + age
}

/// Patients of whom three women in maternity are old, and two men in surgery young.
fn planted() -> Vec<Patient> {
    let mut people = patients("a");
    let (mut old, mut young) = (0, 0);
    for patient in &mut people {
        let is_old = patient.sex == "f" && patient.unit == "maternity" && patient.age >= 65;
        let is_young = patient.sex == "m" && patient.unit == "surgery" && patient.age < 40;
        (old, young) = (old + u32::from(is_old), young + u32::from(is_young));
        if (is_old && old > 3) || (is_young && young > 2) {
            patient.age = 50;
        }
    }
    people
}

/// How many are in each.
fn truth(people: &[Patient]) -> Vec<u64> {
    let mut cells = vec![0; SEXES.len() * UNITS.len() * AGES];
    for patient in people {
        let sex = SEXES.iter().position(|sex| *sex == patient.sex).unwrap();
        let unit = UNITS.iter().position(|unit| *unit == patient.unit).unwrap();
        cells[place(sex, unit, usize::from(patient.age >= 40) + usize::from(patient.age >= 65))] += 1;
    }
    cells
}

/// What was learnt: sums over cells, each with the number of people.
#[derive(Default)]
struct Learnt(Vec<(Vec<usize>, u64)>);

impl Learnt {
    /// Takes a shown count for that of these cells, if it is: at worst the attacker knows where another set stands in.
    fn take(&mut self, cells: Vec<usize>, shown: Option<u64>, truth: &[u64]) {
        let people: u64 = cells.iter().map(|cell| truth[*cell]).sum();
        if shown == Some(people) {
            self.0.push((cells, people));
        }
    }

    /// The least and the most of each cell, as far as each sum alone narrows them, again and again.
    fn bounds(&self, cells: usize) -> Vec<(u64, u64)> {
        let mut bounds = vec![(0, 300); cells];
        for _ in 0..60 {
            for (of, people) in &self.0 {
                let low: u64 = of.iter().map(|cell| bounds[*cell].0).sum();
                let high: u64 = of.iter().map(|cell| bounds[*cell].1).sum();
                for cell in of {
                    let (least, most) = bounds[*cell];
                    let others = (low - least, high - most);
                    bounds[*cell] = (least.max(people.saturating_sub(others.1)), most.min(people - others.0));
                }
            }
        }
        bounds
    }
}

async fn attack(bench: &Bench, people: &[Patient]) -> Learnt {
    let (truth, mut learnt) = (truth(people), Learnt::default());
    let all: Vec<usize> = (0..truth.len()).collect();
    learnt.take(all, bench.wire(&of(&["count"])).await.count(), &truth);
    let by_unit = bench.wire(&of(&["count"]).by("sex").by("unit")).await;
    let by_age = bench.wire(&of(&["marginals:age@40,65"]).by("sex").by("unit")).await;
    let ages = bench.wire(&of(&["marginals:age@40,65"]).by("unit")).await;
    for (sex, name) in SEXES.iter().enumerate() {
        let total = bench.wire(&count_of(&format!("sex = {name}"))).await.count();
        learnt.take((0..12).map(|rest| sex * 12 + rest).collect(), total, &truth);
        for unit in 0..UNITS.len() {
            let cell = sex * UNITS.len() + unit;
            let shown = by_unit.frame(0, cell).slots[0].value().map(|slot| slot.count.people.0);
            learnt.take((0..AGES).map(|age| place(sex, unit, age)).collect(), shown, &truth);
            for age in 0..AGES {
                let shown = by_age.frame(0, cell).slots[age].value().map(|slot| slot.count.people.0);
                learnt.take(vec![place(sex, unit, age)], shown, &truth);
            }
        }
    }
    for (unit, name) in UNITS.iter().enumerate() {
        let total = bench.wire(&count_of(&format!("unit = {name}"))).await.count();
        learnt.take((0..6).map(|rest| place(rest / AGES, unit, rest % AGES)).collect(), total, &truth);
        for age in 0..AGES {
            let shown = ages.frame(0, unit).slots[age].value().map(|slot| slot.count.people.0);
            learnt.take(vec![place(0, unit, age), place(1, unit, age)], shown, &truth);
        }
    }
    learnt
}

/// The cells of one to four people, or none, that are determined: by equations alone, and with nothing less than none.
fn determined(learnt: &Learnt, truth: &[u64]) -> (Vec<usize>, Vec<usize>) {
    let mut system = System::new(truth.len());
    learnt.0.iter().for_each(|(cells, _)| system.learn(cells.iter().copied()));
    let small = |cell: &usize| truth[*cell] < 5;
    let bounds = learnt.bounds(truth.len());
    let by_equations = system.singles().into_iter().filter(small).collect();
    let by_bounds = (0..truth.len()).filter(small).filter(|cell| bounds[*cell].0 == bounds[*cell].1).collect();
    (by_equations, by_bounds)
}

#[tokio::test(flavor = "multi_thread")]
async fn is_defended() {
    let people = planted();
    let bench = Bench::twin(people.clone(), Defences::default()).await;
    let learnt = attack(&bench, &people).await;
    let (by_equations, by_bounds) = determined(&learnt, &truth(&people));
    assert!(learnt.0.len() >= 10, "{} sums are out", learnt.0.len());
    assert_eq!(by_equations, Vec::<usize>::new(), "no small cell follows");
    assert_eq!(by_bounds, Vec::<usize>::new(), "nor because no cell is less than none");
}

#[tokio::test(flavor = "multi_thread")]
async fn works_undefended() {
    let people = planted();
    let off = [Defence::Secondary, Defence::PairRule, Defence::LinearAudit];
    let bench = Bench::twin(people.clone(), without_all(&off)).await;
    let learnt = attack(&bench, &people).await;
    let (by_equations, by_bounds) = determined(&learnt, &truth(&people));
    assert!(!by_equations.is_empty(), "some small cells follow");
    assert!(by_bounds.len() >= by_equations.len());
}
