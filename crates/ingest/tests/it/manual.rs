//! The example of `docs/mapping.md`, built.

use coda_builds::Builds;
use coda_engine::columns;
use coda_ingest::{Mapping, Order, PseudonymKey, Source, Tolerance};
use coda_model::{dictionary::Dictionary, ids::SiteId, scale::MISSING};
use time::macros::datetime;

/// The blocks of this kind.
fn blocks<'a>(text: &'a str, kind: &str) -> Vec<&'a str> {
    let fence = format!("```{kind}\n");
    text.split(fence.as_str()).skip(1).map(|rest| rest.split("```").next().unwrap()).collect()
}

#[test]
fn the_example_builds_and_gives_what_it_says() {
    let text = std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/mapping.md")).unwrap();
    let [dictionary, mapping] = blocks(&text, "toml")[..] else { panic!("two blocks") };
    let [file] = blocks(&text, "csv")[..] else { panic!("one file") };
    let folder = tempfile::tempdir().unwrap();
    let bytes: Vec<u8> = file.replace('\n', "\r\n").chars().map(|c| u8::try_from(u32::from(c)).unwrap()).collect();
    std::fs::write(folder.path().join("Aufnahmen.csv"), bytes).unwrap();
    let parsed = Dictionary::parse(dictionary).unwrap();
    let builds = Builds::create(folder.path().join("builds")).unwrap();
    let order = Order {
        dictionary_text: dictionary,
        dictionary: &parsed,
        dataset: &parsed.datasets[0],
        site: &SiteId::new("north").unwrap(),
        mapping: &Mapping::parse(mapping, &parsed).unwrap(),
        tolerance: Tolerance::Strict,
        new_people: false,
        pseudonym_key: &PseudonymKey::new([1; 64]),
        made: datetime!(2026-11-30 12:00 UTC),
    };
    let report = coda_ingest::build(&order, &Source::Folder(folder.path().to_owned()), &builds).unwrap();
    assert!(report.to_string().contains("separator ';', decimal comma"), "{report}");
    let build = builds.get(&report.build.clone().unwrap()).unwrap().unwrap();
    assert_eq!(build.manifest().facts.mapping_digest, Some(coda_builds::sha256(mapping.as_bytes())));
    let codes = |variable: &str| columns::read(build.read("patient", variable).unwrap()).unwrap();
    assert_eq!(codes("sex"), [0, 1, 1]);
    assert_eq!(codes("age"), [64, MISSING, 71]);
    assert_eq!(codes("crp"), [150, 1225, MISSING]);
    assert_eq!(codes("admission"), [33, 44, 60]);
    assert_eq!(codes("ventilated"), [MISSING; 3]);
}
