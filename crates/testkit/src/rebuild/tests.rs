use coda_client::{Storage, link};
use coda_engine::keys::{Keys, parse};
use coda_model::Identity;

use super::*;
use crate::{Options, SiteData, SiteOptions};

const DICTIONARY: &str = r#"
version = "1"
title = "Test"
[dataset.covid]
people = "patient"
[dataset.covid.table.patient]
rows = "one"
person = "id"
[dataset.covid.table.patient.variable]
age = { type = "continuous", unit = "a", lower = 0, upper = 110, resolution = 1 }
"#;

fn patients(rows: &str) -> Vec<(String, String)> {
    vec![("patient".to_owned(), format!("id,age\n{rows}"))]
}

/// What the running storage node says of its people: the name of the build, and the keys as its computation node gets them.
async fn served(network: &Network, site: &SiteId) -> (String, Keys) {
    let credentials = network.credentials(&Identity::Compute(site.clone())).unwrap();
    let address = network.nodes[site].1.unwrap().to_string();
    let party = coda_pki::Reloading::new(credentials).unwrap();
    let link = link(&address, Identity::Storage(site.clone()), &party, network.now()).unwrap();
    let storage = Storage::new(link);
    let build = storage.current(&DatasetId::new("covid").unwrap()).await.unwrap();
    let keys = parse(&storage.column(&build.id, "patient", "_keys").await.unwrap()).unwrap();
    assert_eq!(keys.people.len(), build.people);
    (build.id.to_string(), keys)
}

#[tokio::test]
async fn a_running_site_serves_a_second_build_of_the_same_lineage() {
    let folder = tempfile::tempdir().unwrap();
    let [north, south] = ["north", "south"].map(|name| SiteId::new(name).unwrap());
    let site = |id: &SiteId| SiteOptions::new(id.clone(), SiteData::Tables(patients("a,40\nb,50\nc,60\n")));
    let options = Options::new(folder.path(), DICTIONARY).site(site(&north)).site(site(&south));
    let network = Network::start(options).await.unwrap();
    let (first, before) = served(&network, &north).await;
    let (_, elsewhere) = served(&network, &south).await;
    assert!(
        before.lineage != elsewhere.lineage && before.people != elsewhere.people,
        "each site has its own pseudonym key"
    );

    let reports = network.rebuild(&north, patients("new,30\na,40\nb,51\nc,60\n")).unwrap();
    let [(dataset, report)] = reports.as_slice() else { panic!("one data set") };
    let (second, after) = served(&network, &north).await;
    assert_eq!((dataset.as_str(), report.build.as_ref().unwrap().as_str()), ("covid", second.as_str()));
    assert_ne!(first, second);
    assert_eq!(before.lineage, after.lineage);
    let [new, a, b, c] = after.people.as_slice() else { panic!("four people") };
    assert!(before.people.iter().all(|person| person.key != new.key));
    assert!([*a, *c] == [before.people[0], before.people[2]]);
    assert!(b.key == before.people[1].key && b.digest != before.people[1].digest);

    assert!(matches!(network.rebuild(&north, patients("a,400\n")), Err(NetworkError::Ingest(..))));
    assert_eq!(served(&network, &north).await.0, second);
    let nowhere = SiteId::new("nowhere").unwrap();
    assert!(matches!(network.rebuild(&nowhere, patients("a,40\n")), Err(NetworkError::Builds(_))));
}
