//! 13. System of equations
//!
//! Learns: whether X has HIV, from cohorts none of which is close to another, solved for X.
//! Against: what comes close to a combination of what left is answered in its place, and no other combination tells of
//! too few (2.3, 2.4)

use coda_disclosure::{Defence, Defences};

use crate::bench::{
    Bench, count_of,
    patients::{Patient, X, patients},
    solver::System,
    truth, without_all,
};

/// A cohort in words, and who is in it.
struct Cohort {
    words: String,
    members: Vec<usize>,
}

/// Forty cohorts that overlap, the same every time.
fn random(people: &[Patient]) -> Vec<Cohort> {
    let mut state = 7_u64;
    let mut draw = move |below: u64| {
        // Knuth, as for the patients.
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (state >> 33) % below
    };
    let mut cohort = || {
        let (sex, unit) =
            (["f", "m"][draw(2) as usize], ["medicine", "surgery", "burns", "maternity"][draw(4) as usize]);
        let (from, to) = (20 + draw(40) as u32, 60 + draw(40) as u32);
        let (hiv, either) = (["yes", "no"][draw(2) as usize], draw(2) == 0);
        let word = if either { "or" } else { "and" };
        let words = format!("hiv = {hiv} and (sex = {sex} {word} (unit = {unit} and age in [{from}, {to})))");
        let is_in = |patient: &Patient| {
            let (is_sex, is_unit) = (patient.sex == sex, patient.unit == unit && (from..to).contains(&patient.age));
            patient.hiv == (hiv == "yes") && if either { is_sex || is_unit } else { is_sex && is_unit }
        };
        let members = people.iter().enumerate().filter(|(_, patient)| is_in(patient)).map(|(place, _)| place).collect();
        Cohort { words, members }
    };
    (0..40).map(|_| cohort()).collect()
}

/// Two that have nobody in common, and all of both but X.
fn solving() -> [String; 3] {
    ["hiv = yes and sex = f".to_owned(), "hiv = yes and sex = m".to_owned(), format!("hiv = yes and not ({X})")]
}

/// A system of more: a square of parts, by rows and by columns, without X in one of them.
fn square() -> Vec<String> {
    let but_x = format!("hiv = yes and sex = f and not ({X})");
    vec![
        "hiv = yes and sex = f and age < 50".to_owned(),
        "hiv = yes and sex = m and age < 50".to_owned(),
        "hiv = yes and age >= 50".to_owned(),
        "hiv = yes and sex = m".to_owned(),
        "hiv = yes and sex = f and age >= 50".to_owned(),
        but_x,
    ]
}

/// How many each of them has, all of which are out.
async fn counts(bench: &Bench, cohorts: &[String]) -> Vec<i64> {
    let mut counts = Vec::new();
    for cohort in cohorts {
        counts.push(bench.wire(&count_of(cohort)).await.count().unwrap() as i64);
    }
    counts
}

/// What the counts come to for X: two parts less both without X, of [`solving`] or of [`square`].
fn x(counts: &[i64]) -> i64 {
    match counts {
        [women, men, but_x] => women + men - but_x,
        [young, .., old, but_x] => young + old - but_x,
        _ => panic!("{} counts", counts.len()),
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn is_defended() {
    let people = patients("a");
    let bench = Bench::one(Defences::default()).await;
    let mut system = System::new(people.len());
    let mut answered = 0;
    for Cohort { words, members } in random(&people) {
        let reply = bench.wire(&count_of(&words)).await;
        // At worst the attacker knows which answers are about the very people asked for.
        if reply.count() == Some(members.len() as u64) {
            system.learn(members);
            answered += 1;
        }
    }
    assert!(answered >= 10, "{answered} are answered");
    assert_eq!(system.singles(), Vec::<usize>::new(), "nobody follows from them");
    for cohorts in [solving().to_vec(), square()] {
        let bench = Bench::one(Defences::default()).await;
        let answers = counts(&bench, &cohorts).await;
        assert_eq!(x(&answers), 0, "the last is answered with X, as what the others come to");
    }
}

/// The last equation tells nothing of X, whether X has HIV or not: it is neither withheld for one and answered for the
/// other, nor answered with another number than follows from the others.
#[tokio::test(flavor = "multi_thread")]
async fn is_defended_as_an_oracle() {
    for cohorts in [solving().to_vec(), square()] {
        for hiv in [true, false] {
            let mut people = patients("a");
            people[0].hiv = hiv;
            let bench = Bench::twin(people, Defences::default()).await;
            assert_eq!(x(&counts(&bench, &cohorts).await), 0, "X has HIV: {hiv}");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn works_undefended() {
    let people = patients("a");
    let truth = truth(&people, |patient| patient.id == "a-0" && patient.hiv);
    for cohorts in [solving().to_vec(), square()] {
        let bench = Bench::one(without_all(&[Defence::PairRule, Defence::LinearAudit])).await;
        assert_eq!(x(&counts(&bench, &cohorts).await), truth as i64);
    }
    // The audit alone does not let the last of them out.
    for cohorts in [solving().to_vec(), square()] {
        let bench = Bench::one(without_all(&[Defence::PairRule])).await;
        for (place, cohort) in cohorts.iter().enumerate() {
            let is_last = place + 1 == cohorts.len();
            assert_eq!(bench.wire(&count_of(cohort)).await.is_withheld(), is_last, "{cohort}");
        }
    }
}
