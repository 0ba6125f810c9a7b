//! b07. Minimum and maximum through a masked range
//!
//! Learns: the largest D-dimer, from the range of another variable that is hidden by the same factor (`rangeDS`).
//! Against: nothing masked leaves; what tells of the ends of a range, in any variable, is withheld or open-ended (1.7)

use coda_disclosure::{Defence, Defences};
use tonic::Code;

use crate::bench::{
    Bench, With as _, assert_alike, count_of, of,
    patients::{Patient, patients},
    twins, without_all,
};

/// Two values that the largest D-dimer may have, within one bin and in two.
const LARGEST: [[u32; 2]; 2] = [[900_000, 900_009], [700_000, 990_000]];

fn plant(people: &mut [Patient], largest: u32) {
    people[2].ddimer = largest;
}

#[tokio::test(flavor = "multi_thread")]
async fn is_defended() {
    for pair in LARGEST {
        let twins = twins(Defences::default(), |people, twin| plant(people, pair[twin])).await;
        for word in ["range:ddimer", "range:hiv", "min_max:ddimer", "max:hiv", "scale:ddimer", "density:ddimer"] {
            let [refused, _] = assert_alike(&twins, &of(&[word]), word).await;
            assert_eq!(refused.code, Code::InvalidArgument);
        }
        // Whatever is asked of distributions; a mean legitimately has everybody's value in it.
        let asks = ["median:ddimer", "quartiles:ddimer", "percentiles:ddimer", "count:ddimer"];
        let cohorts = ["age < 60", "ddimer >= 10000", "ddimer < 600000", "ddimer >= 600000", "unit = burns", "sex = m or sex = f"];
        assert_alike(&twins, &of(&asks), "everybody").await;
        for cohort in cohorts {
            assert_alike(&twins, &of(&asks).whose(cohort), cohort).await;
        }
        // A factor for the range of a yes-or-no variable: no figure of it is anything but a count.
        let hiv = twins[0].wire(&of(&["marginals:hiv"])).await;
        assert!(hiv.frame(0, 0).slots.iter().all(|slot| slot.value().is_some_and(|slot| slot.sums.is_empty())));
    }
}

/// The one beyond a cut is a group of few, and so is nobody.
#[tokio::test(flavor = "multi_thread")]
async fn groups_beside_few_have_the_cohorts_total() {
    let twins = twins(Defences::default(), |people, twin| plant(people, LARGEST[1][twin])).await;
    for cut in ["ddimer@600000", "ddimer@800000", "ddimer@10000,950000"] {
        let alone = of(&[&format!("mode:{cut}"), &format!("marginals:{cut}")]);
        let [reply, _] = assert_alike(&twins, &alone, cut).await;
        assert_eq!(reply.total(), Some(300), "{cut}");
        for asks in [&["count"][..], &["mean:age"], &["median:age"], &["marginals:hiv"], &["count", "sd:stay"]] {
            let [reply, _] = assert_alike(&twins, &of(asks).by(cut), cut).await;
            assert_eq!(reply.total(), Some(300), "{cut}");
        }
    }
}

/// Top-down and bottom-up: how far the largest are from all the others.
#[tokio::test(flavor = "multi_thread")]
async fn tails_are_never_cut_off() {
    let bench = Bench::one(Defences::default()).await;
    for edge in (0..100).map(|step| step * 10_000) {
        let above = bench.wire(&count_of(&format!("ddimer >= {edge}"))).await.count();
        let under = bench.wire(&count_of(&format!("ddimer < {edge}"))).await.count();
        assert!(above.is_none_or(|people| people >= 5 && (people == 300 || 300 - people >= 5)), "{edge}");
        assert!(under.is_none_or(|people| people >= 5 && (people == 300 || 300 - people >= 5)), "{edge}");
    }
    let bins = bench.wire(&of(&["histogram:ddimer"])).await;
    assert!(bins.shown(0, 0)[1..].iter().all(Option::is_none), "the only bin of five people is the lowest");
}

/// The range of a variable whose values are 0 and 1 is the factor; after that every other range is exact.
#[tokio::test(flavor = "multi_thread")]
async fn works_undefended() {
    let people = patients("a");
    let factor = 1.037;
    let range = |values: &dyn Fn(&Patient) -> f64| factor * people.iter().map(values).fold(0.0, f64::max);
    let told = range(&|patient| f64::from(patient.ddimer)) / range(&|patient| f64::from(u8::from(patient.hiv)));
    let largest = people.iter().map(|patient| patient.ddimer).max().unwrap();
    assert_eq!(told.round() as u32, largest, "the largest D-dimer");
    // And here, when bins and steps are told however few are in them.
    let off = [Defence::Steps, Defence::SmallCells, Defence::Secondary, Defence::PairRule, Defence::LinearAudit];
    let bench = Bench::one(without_all(&off)).await;
    let cells = bench.wire(&of(&["percentiles:ddimer"])).await.shown(0, 0);
    let last = cells.iter().rposition(|people| people.is_some_and(|people| people > 0)).unwrap();
    assert_eq!(last, largest as usize / 10_000);
}
