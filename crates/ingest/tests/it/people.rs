//! By what a build's people are recognised in the next one.

use aws_lc_rs::hmac;
use coda_engine::keys::PersonKey;
use coda_ingest::{IngestError, PseudonymKey, Tolerance};

use crate::site::{ANY, LAB, OUTCOME, PATIENT, Site};

/// What [`Site::build`] uses.
const PSEUDONYM_KEY: [u8; 64] = [1; 64];

fn built(site: &Site) -> Vec<PersonKey> {
    site.build(Tolerance::Strict).unwrap();
    site.keys().people
}

fn tag(text: &[u8]) -> Vec<u8> {
    hmac::sign(&hmac::Key::new(hmac::HMAC_SHA256, &PSEUDONYM_KEY), text).as_ref().to_vec()
}

/// The places of people whose digest is another, of people who must have the same keys.
fn changed(before: &[PersonKey], after: &[PersonKey]) -> Vec<usize> {
    assert!(before.iter().map(|person| person.key).eq(after.iter().map(|person| person.key)));
    (0..before.len()).filter(|place| before[*place].digest != after[*place].digest).collect()
}

#[test]
fn the_same_files_give_the_same_keys_and_the_same_build() {
    let (one, other) = (Site::new(), Site::new());
    let name = |site: &Site| site.build(Tolerance::Strict).unwrap().build.unwrap();
    assert_eq!(name(&one), name(&other));
    assert!(one.keys() == other.keys());
    assert_eq!(name(&one), name(&one), "a second build in the same store");
    assert_eq!(one.keys().people.len(), 3);
}

#[test]
fn keys_are_what_the_documentation_says() {
    let site = Site::new();
    let people = built(&site);
    for (person, source) in people.iter().zip(["p1", "p2", "p3"]) {
        assert_eq!(person.key, tag(format!("coda1|person|covid|{source}").as_bytes())[..16]);
    }
    assert_eq!(site.keys().lineage, tag(b"coda1|lineage|covid")[..16]);
    let mut record = b"coda1|record|".to_vec();
    // p2 has no row of lab, one of patient and one of outcome: 50 years, male, not in the unit, no smoker; alive.
    for (table, rows, codes) in
        [("lab|", [0, 2], vec![]), ("patient|", [1, 4], vec![50, 1, 0, 0]), ("outcome|", [1, 1], vec![0])]
    {
        record.extend_from_slice(table.as_bytes());
        let numbers = rows.into_iter().chain(codes);
        record.extend(numbers.flat_map(i32::to_le_bytes));
    }
    assert_eq!(people[1].digest, tag(&record)[..8]);
}

#[test]
fn who_comes_first_moves_codes_and_no_keys() {
    let site = Site::new();
    let before = built(&site);
    let site = site.with("patient.csv", PATIENT.replace("smoker\n", "smoker\nnew,33,male,0,N\n"));
    let after = built(&site);
    assert_eq!((before.len(), after.len()), (3, 4));
    assert!(after[1..] == before[..], "keys and digests both");
    assert!(before.iter().all(|person| person.key != after[0].key));
}

#[test]
fn the_order_of_the_files_rows_is_that_of_the_keys_and_nothing_else() {
    let site = Site::new();
    let mut before = built(&site);
    let mut rows: Vec<_> = PATIENT.lines().collect();
    rows[1..].reverse();
    let mut lab: Vec<_> = LAB.lines().collect();
    lab[1..].reverse();
    let site = site.with("patient.csv", rows.join("\n")).with("lab.csv", lab.join("\n"));
    before.reverse();
    assert!(built(&site) == before);
}

#[test]
fn one_changed_value_changes_one_digest() {
    let site = Site::new();
    let before = built(&site);
    for (file, content, person) in [
        ("patient.csv", PATIENT.replace("p2,50.4", "p2,51"), 1),
        ("patient.csv", PATIENT.replace("TRUE,NA", "TRUE,N"), 2),
        ("outcome.csv", OUTCOME.replace("p1,1", "p1,0"), 0),
        ("outcome.csv", OUTCOME.replace("p1,1\n", ""), 0),
        ("outcome.csv", format!("{OUTCOME}p3,0\n"), 2),
        ("lab.csv", LAB.replace("1.25", "1.35"), 2),
        ("lab.csv", LAB.replace("p3,,0\n", ""), 2),
        ("lab.csv", format!("{LAB}p2,,\n"), 1),
    ] {
        assert_eq!(changed(&before, &built(&Site::new().with(file, &content))), [person], "{content}");
    }
    // Less than the dictionary's resolution is no change, nor is another spelling.
    let same = Site::new().with("patient.csv", PATIENT.replace("50.4", "50.3").replace("TRUE", "yes"));
    assert_eq!(changed(&before, &built(&same)), [0; 0]);
}

#[test]
fn a_row_that_changes_its_owner_changes_both() {
    let before = built(&Site::new());
    let after = built(&Site::new().with("lab.csv", LAB.replace("p1,2020-02-01", "p2,2020-02-01")));
    assert_eq!(changed(&before, &after), [0, 1]);
}

#[test]
fn whoever_is_left_out_has_no_key() {
    let before = built(&Site::new());
    let site = Site::new().with("patient.csv", PATIENT.replace("p2,50.4", "p2,504"));
    site.build(ANY).unwrap();
    assert!(site.keys().people == [before[0], before[2]]);
}

#[test]
fn no_identifier_of_the_source_is_in_a_build() {
    let site = Site::new();
    let [patient, lab, outcome] = [PATIENT, LAB, OUTCOME].map(|text| text.replace('p', "RAMQ-TREM-5501"));
    let site = site.with("patient.csv", patient.replace("RAMQ-TREM-5501id", "pid"));
    let site = site.with("lab.csv", lab.replace("RAMQ-TREM-5501id", "pid")).with("outcome.csv", outcome);
    built(&site);
    let mut folders = vec![site.store.path().to_owned()];
    let mut files = 0;
    while let Some(folder) = folders.pop() {
        for path in std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()) {
            if path.is_dir() {
                folders.push(path);
                continue;
            }
            files += 1;
            let bytes = std::fs::read(&path).unwrap();
            for secret in [&b"TREM"[..], &PSEUDONYM_KEY[..8]] {
                assert!(!bytes.windows(secret.len()).any(|window| window == secret), "{}", path.display());
            }
        }
    }
    assert!(files > 10, "{files}");
}

#[test]
fn with_another_key_nobody_is_recognised_and_a_store_goes_on_with_its_own() {
    let (site, other) = (Site::new(), Site::new());
    let first = site.build(Tolerance::Strict).unwrap().build.unwrap();
    let key = PseudonymKey::new([2; 64]);
    let second = other.build_with(&other.source(), Tolerance::Strict, &key).unwrap().build.unwrap();
    assert_ne!(first, second);
    let (one, another) = (site.keys(), other.keys());
    assert_ne!(one.lineage, another.lineage);
    let differ = |(one, another): (&PersonKey, &PersonKey)| one.key != another.key && one.digest != another.digest;
    assert!(one.people.iter().zip(&another.people).all(differ));

    match site.build_with(&site.source(), Tolerance::Strict, &key) {
        Err(IngestError::OtherPseudonymKey { build }) => assert_eq!(build, first),
        outcome => panic!("{outcome:?}"),
    }
    assert_eq!(site.builds.list().unwrap(), std::slice::from_ref(&first));
    // A build that is damaged or of an older format is replaced; whose it was cannot be told.
    let manifest = site.store.path().join(first.as_str()).join("manifest.toml");
    let text = std::fs::read_to_string(&manifest).unwrap();
    std::fs::write(&manifest, text.replace("format = 2", "format = 1")).unwrap();
    site.build_with(&site.source(), Tolerance::Strict, &key).unwrap();
    assert_eq!(site.keys().lineage, another.lineage);
}
