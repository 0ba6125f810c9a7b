//! A long history
//!
//! Learns: where X comes from, from whether a cohort is answered for a combination of earlier ones: of a combination that differs by
//! three people nobody takes note where there are many classes, of one that differs by two somebody does.
//! Against: a difference of few is treated as one of others (2.3)

use coda_disclosure::Defences;

use crate::bench::{
    patients::{Patient, patients},
    twins::{Allowed, Twins, question, told},
};

const HISTORY: &[&str] = &[
    "count",
    "marginals:age@22,24,26,28,30,32,34,36,38,40,42,44,46,48,50,52,54,56,58,60,62,64,66,68,70,72,74,76,78,80,82,84,86,88",
    "marginals:unit",
    "marginals:stay@3,6,9,12,16",
    "count | over month:admission",
    "marginals:ddimer@400,600,1000,2000",
    "count | where sex = f",
    "count | where hiv = yes",
    "count | where sex = f and hiv = yes",
];
const LAST: &str = "count | where (sex = f or hiv = yes) and not (study = g4 or (study = g0 and origin = abroad))";

fn people(origin: &'static str) -> Vec<Patient> {
    let first = patients("a");
    let mut state = 77_u64;
    let mut draw = move |below: u32| {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        ((state >> 33) % u64::from(below)) as u32
    };
    let mut people = Vec::new();
    for turn in 0..3 {
        for patient in &first {
            let mut own = patient.clone();
            (own.id, own.study) = (format!("{}-{turn}", own.id), "other");
            if turn > 0 {
                own.sex = ["f", "m"][draw(2) as usize];
                own.hiv = draw(3) == 0;
                own.age = 20 + draw(70);
                own.unit = ["medicine", "surgery", "maternity", "burns"][draw(4) as usize];
                own.stay = Some(1 + draw(18));
                own.ddimer = 200 + draw(20) * draw(20) * draw(4);
                own.admission = format!("{:02}-{:02}", 1 + draw(6), 1 + draw(28));
            }
            people.push(own);
        }
    }
    let women: Vec<usize> = (300..900).filter(|place| people[*place].sex == "f").take(30).collect();
    let [one, two, x] = [women[0], women[11], women[23]];
    people[one].study = "g4";
    people[two].study = "g4";
    (people[x].study, people[x].origin) = ("g0", origin);
    people
}

#[tokio::test(flavor = "multi_thread")]
async fn is_defended() {
    let twins = Twins::of([people("abroad"), people("home")], Defences::default()).await;
    for text in HISTORY {
        let replies = twins.wire(&question(text)).await;
        assert!(told(&replies, Allowed::One).is_empty(), "{text}");
    }
    let replies = twins.wire(&question(LAST)).await;
    assert!(told(&replies, Allowed::Nothing).is_empty(), "{:?}", told(&replies, Allowed::Nothing));
}
