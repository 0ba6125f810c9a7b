//! B12. Covariance with a constructed column
//!
//! Learns: the D-dimer of X, from its covariance with a column that is one for X and nought for the others (Huth et al.)
//! Against: nobody can bring a column, and there is no covariance (1.0)

use coda_disclosure::{Defence, Defences};
use coda_model::query::{parse_derivation, parse_factor};

use crate::bench::{
    patients::{X, patients},
    twins::{Allowed, Twins, question, told},
    without_all,
};

#[tokio::test(flavor = "multi_thread")]
async fn is_defended() {
    for derivation in [
        "1",
        "ddimer",
        "indicator(lab.crp)",
        "sum(lab.crp)",
        "rep(1, 300)",
        "random(lab.crp)",
        "max(lab.crp) * ddimer",
        "exists(lab) + 1",
        "seq(1, 300)",
    ] {
        parse_derivation("derive", derivation).err().unwrap_or_else(|| panic!("{derivation} reads"));
    }
    for factor in ["age*sex", "1", "[1,0,0]", "age@", "c(1,0)"] {
        // What reads is refused by the site.
        let _ = parse_factor("by", factor);
    }
    let mut other = patients("a");
    other[0].ddimer += 500_000;
    let twins = Twins::of([patients("a"), other], Defences::default()).await;
    for text in [
        "covariance:ddimer:age",
        "correlation:ddimer:age",
        "cov:ddimer:x",
        "sum:ddimer",
        "dot:ddimer:age",
        "mean:ddimer*age",
        "mean:ddimer:age",
        "sd:ddimer:age",
        "mean:own",
        "count | by own",
        "mean:own | derive own = count(lab)",
        "mean:own | derive own = exists(lab) where crp >= 100",
        "mean:hiv",
        "mean_difference:ddimer:age",
        "mean_difference:ddimer:id=a-0",
        "mean:ddimer | where id = a-0",
        "mean:ddimer | where rownum < 2",
    ] {
        let Some(query) = std::panic::catch_unwind(|| question(text)).ok() else { continue };
        let replies = twins.wire(&query).await;
        assert_eq!(replies[0].code, tonic::Code::InvalidArgument, "{text}: {:?}", replies[0].frames);
        assert!(told(&replies, Allowed::Nothing).is_empty(), "{text}");
    }
    // The columns there are that come closest to one for X alone.
    for text in [
        format!("mean_difference:ddimer:sex=f | where {}", X.replace("sex = f and ", "")),
        "mean_difference:ddimer:unit=burns | where sex = f and age >= 47 and age < 48".to_owned(),
        "smd:ddimer:age@47 | where sex = f and age < 48 and unit = burns".to_owned(),
        "mean:ddimer | by unit | by age@47,48 | where sex = f".to_owned(),
        format!("mean_difference:ddimer:seen | derive seen = exists(lab) | where {X}"),
    ] {
        let replies = twins.wire(&question(&text)).await;
        assert_eq!(replies[0].code, tonic::Code::Ok, "{text}: {}", replies[0].words);
        assert!(told(&replies, Allowed::Nothing).is_empty(), "{text}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn works_undefended() {
    let people = patients("a");
    let (n, truth) = (people.len() as f64, f64::from(people[0].ddimer));
    let mean = people.iter().map(|patient| f64::from(patient.ddimer)).sum::<f64>() / n;
    let own = |place: usize| if place == 0 { 1.0 } else { 0.0 };
    let products =
        people.iter().enumerate().map(|(place, patient)| (f64::from(patient.ddimer) - mean) * (own(place) - 1.0 / n));
    let covariance = products.sum::<f64>() / (n - 1.0);
    assert!((covariance * (n - 1.0) + mean - truth).abs() < 1e-6, "mean and covariance tell the value");

    // The column there is that comes closest, when nothing stops it.
    let off = [Defence::SmallCells, Defence::Samples, Defence::Dominance, Defence::PairRule, Defence::LinearAudit];
    let bench = crate::bench::Bench::one(without_all(&off)).await;
    let text = format!("mean:ddimer | where {X}");
    assert_eq!(bench.wire(&question(&text)).await.sum(), Some(i128::from(people[0].ddimer)));
}
