//! B11. Subset sum on dates
//!
//! Learns: who of those in burns has HIV, from the mean of their moments of admission, which are known and all different.
//! Against: dates are no numbers: they have days, and no mean (1.3)

use coda_disclosure::Defences;

use crate::bench::{
    patients::{Patient, patients},
    twins::{Allowed, Twins, question, told},
};

#[tokio::test(flavor = "multi_thread")]
async fn is_defended() {
    let mut other = patients("a");
    other[0].hiv = false;
    let twins = Twins::of([patients("a"), other], Defences::default()).await;
    for statistic in [
        "mean:admission",
        "sd:admission",
        "ci:admission",
        "median:admission",
        "quartiles:admission",
        "percentiles:admission",
        "histogram:admission",
        "marginals:admission",
        "mode:admission",
        "mean_difference:admission:hiv",
        "smd:admission:hiv",
        "sum:admission",
        "mean:admission@2024-02-01",
        "marginals:admission@2024-02-01,2024-03-01",
        "mean:seen | derive seen = first(lab.taken)",
        "mean:seen | derive seen = mean(lab.taken)",
        "mean:seen | derive seen = max(lab.taken)",
        "marginals:seen@2024-07-02 | derive seen = last(lab.taken)",
    ] {
        for more in ["", " | where hiv = yes and unit = burns", " | where hiv = yes", " | by hiv"] {
            let replies = twins.wire(&question(&format!("{statistic}{more}"))).await;
            assert_eq!(replies[0].code, tonic::Code::InvalidArgument, "{statistic}{more}");
            assert!(told(&replies, Allowed::Nothing).is_empty(), "{statistic}{more}");
        }
    }
}

/// Seconds since the year began, as a clinical system has them: nobody shares theirs with another.
fn second(place: usize, patient: &Patient) -> u64 {
    let (month, day) = patient.admission.split_once('-').unwrap();
    let days = month.parse::<u64>().unwrap() * 31 + day.parse::<u64>().unwrap();
    days * 86_400 + (place as u64 + 3).pow(5) % 86_399
}

#[test]
fn works_undefended() {
    let people = patients("a");
    let burns: Vec<(usize, &Patient)> =
        people.iter().enumerate().filter(|(_, patient)| patient.unit == "burns").collect();
    let seconds: Vec<u64> = burns.iter().map(|(place, patient)| second(*place, patient)).collect();
    let has: Vec<bool> = burns.iter().map(|(_, patient)| patient.hiv).collect();
    let of = |set: u32| (0..seconds.len()).filter(move |place| set >> place & 1 == 1);
    let secret = (0..seconds.len()).filter(|place| has[*place]).fold(0_u32, |set, place| set | 1 << place);
    // What a mean and a count would say.
    let (sum, count) = (of(secret).map(|place| seconds[place]).sum::<u64>(), of(secret).count());
    let fitting: Vec<u32> = (0..1 << seconds.len())
        .filter(|set| of(*set).count() == count && of(*set).map(|place| seconds[place]).sum::<u64>() == sum)
        .collect();
    assert_eq!(fitting, [secret], "one set of people only has that sum");
}
