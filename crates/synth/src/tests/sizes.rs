//! Sites, sizes, names and sameness.

use std::collections::HashSet;

use coda_model::SiteId;

use super::Columns;
use crate::{patients_only, sites, tables};

#[test]
fn the_same_seed_gives_the_same_bytes() {
    for (site, again) in sites(4, 1_500, 42).iter().zip(sites(4, 1_500, 42)) {
        assert_eq!(tables(site), tables(&again));
        assert_eq!(patients_only(site), tables(site)[0]);
    }
    let (here, there) = (sites(4, 1_500, 42), sites(4, 1_500, 43));
    assert_ne!(tables(&here[0]), tables(&there[0]));
    // two sites are not one another's copies, under neighbouring seeds either
    let seeds: HashSet<u64> = here.iter().chain(&there).map(|site| site.seed).collect();
    assert_eq!(seeds.len(), 8);
}

#[test]
fn the_bytes_are_these() {
    let site = &sites(3, 2_000, 7)[2];
    let table = patients_only(site);
    let first: Vec<&str> = table.csv.lines().take(3).collect();
    let expected = [
        "patient_id,age,sex,smoker,bmi,comorbidity,admission,icu,ventilated,dead,stay",
        "synthetic-east-0000001,66,male,,28.5,several,2021-12-19,0,0,0,16.1",
        "synthetic-east-0000002,88,male,0,28.0,several,2021-04-24,0,0,0,19.4",
    ];
    assert_eq!(first, expected, "data made with an older release would no longer be made again");
}

#[test]
fn sizes_add_up_and_differ() {
    let people = |count, total| -> Vec<usize> { sites(count, total, 1).iter().map(|site| site.people).collect() };
    assert_eq!(people(3, 3_000), [1_742, 1_108, 150]);
    assert_eq!(people(2, 1_000), [612, 388]);
    assert_eq!(people(1, 10), [10]);
    assert_eq!(people(0, 10), [0; 0]);
    for count in 1..30 {
        for total in [0, 1, 17, 1_000, 5_003, 1_000_000] {
            assert_eq!(people(count, total).iter().sum::<usize>(), total, "{count} sites, {total} people");
        }
    }
}

#[test]
fn names_are_valid_and_people_are_no_two_sites_people() {
    let network = sites(15, 3_000, 9);
    assert_eq!(network[0].name, "north");
    let mut keys = HashSet::new();
    for site in &network {
        SiteId::new(site.name.as_str()).unwrap();
        for key in Columns::read(&patients_only(site)).texts("patient_id") {
            assert!(key.starts_with("synthetic-"));
            assert!(keys.insert(key.clone()), "{key} twice");
        }
    }
    assert_eq!(keys.len(), 3_000);
}
