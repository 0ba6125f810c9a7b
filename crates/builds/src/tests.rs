use std::{collections::BTreeSet, fs, os::unix::fs::PermissionsExt, path::Path};

use coda_model::ids::{People, Rows, SiteId, TableId, VariableId};

use super::*;

fn facts(dataset: &str) -> Facts {
    Facts {
        site: SiteId::new("north").unwrap(),
        dataset: DatasetId::new(dataset).unwrap(),
        dictionary_version: "1".to_owned(),
        dictionary_digest: sha256(b"dictionary"),
        mapping_digest: None,
        made: "2025-01-31T10:00:00Z".to_owned(),
        people: People(3),
    }
}

fn age() -> ColumnName {
    ColumnName::Variable(VariableId::new("age").unwrap())
}

fn drafted(builds: &Builds, bytes: &[u8]) -> Draft {
    let people = TableId::new("people").unwrap();
    let mut draft = builds.begin().unwrap();
    draft.table(&people, Rows(3), Rows(0)).unwrap();
    draft.column(&people, &ColumnName::Person, b"012").unwrap();
    draft.column(&people, &ColumnName::Keys, b"keys").unwrap();
    draft.column(&people, &age(), bytes).unwrap();
    draft
}

fn listing(folder: &Path) -> BTreeSet<String> {
    disk::names(folder).unwrap().into_iter().collect()
}

#[test]
fn a_build_reads_back_and_is_current() {
    let folder = tempfile::tempdir().unwrap();
    let builds = Builds::open(folder.path()).unwrap();
    let dataset = facts("covid").dataset;
    assert!(builds.current(&dataset).unwrap().is_none());
    let id = drafted(&builds, b"ages").publish(&facts("covid")).unwrap();
    assert!(id.as_str().starts_with("2025-01-31-") && id.as_str().len() == 23, "{id}");
    let build = builds.current(&dataset).unwrap().unwrap();
    assert_eq!((build.id(), &build.manifest().facts), (&id, &facts("covid")));
    assert_eq!(build.manifest().table("people").unwrap().rows, Rows(3));
    assert_eq!(build.read("people", "age").unwrap(), b"ages");
    assert_eq!(build.read("people", "_person").unwrap(), b"012");
    assert_eq!(build.read("people", "_keys").unwrap(), b"keys");
    assert!(build.column_path("people", "_keys").unwrap().ends_with("people/_keys.bin"));
    assert_eq!(build.manifest().people_table().unwrap().id.as_str(), "people");
    assert!(matches!(build.read("people", "../../x"), Err(BuildsError::NoColumn { .. })));
    assert_eq!(listing(folder.path()), [".lock", "current-covid", id.as_str()].map(String::from).into());
}

#[test]
fn each_data_set_has_its_own_current_build() {
    let folder = tempfile::tempdir().unwrap();
    let builds = Builds::open(folder.path()).unwrap();
    let first = drafted(&builds, b"a").publish(&facts("covid")).unwrap();
    let other = drafted(&builds, b"a").publish(&facts("heart")).unwrap();
    let second = drafted(&builds, b"b").publish(&facts("covid")).unwrap();
    let current = |name| builds.current(&DatasetId::new(name).unwrap()).unwrap().unwrap().id().clone();
    assert_eq!((current("covid"), current("heart")), (second.clone(), other.clone()));
    assert_eq!(builds.list().unwrap().into_iter().collect::<BTreeSet<_>>(), [first.clone(), other, second].into());
    assert_eq!(builds.get(&first).unwrap().unwrap().read("people", "age").unwrap(), b"a");
}

#[test]
fn the_same_build_twice_is_one_build() {
    let folder = tempfile::tempdir().unwrap();
    let builds = Builds::open(folder.path()).unwrap();
    let first = drafted(&builds, b"a").publish(&facts("covid")).unwrap();
    let before = listing(folder.path());
    assert_eq!(drafted(&builds, b"a").publish(&facts("covid")).unwrap(), first);
    assert_eq!(listing(folder.path()), before);
}

#[test]
fn a_draft_that_is_dropped_or_died_leaves_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let builds = Builds::open(folder.path()).unwrap();
    drop(drafted(&builds, b"a"));
    assert_eq!(listing(folder.path()), [".lock".to_owned()].into());
    fs::create_dir_all(folder.path().join(".partial-1/people")).unwrap();
    assert_eq!(builds.list().unwrap(), []);
    drop(builds.begin().unwrap());
    assert_eq!(listing(folder.path()), [".lock".to_owned()].into());
}

#[test]
fn only_one_draft_is_under_way() {
    let folder = tempfile::tempdir().unwrap();
    let builds = Builds::open(folder.path()).unwrap();
    let draft = drafted(&builds, b"a");
    assert!(matches!(builds.begin(), Err(BuildsError::Busy { .. })));
    draft.publish(&facts("covid")).unwrap();
    assert!(builds.begin().is_ok());
}

#[test]
fn what_was_changed_afterwards_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let builds = Builds::open(folder.path()).unwrap();
    let id = drafted(&builds, b"ages").publish(&facts("covid")).unwrap();
    let build = builds.get(&id).unwrap().unwrap();
    let path = build.column_path("people", "age").unwrap();
    for planted in [&b"aged"[..], b"age", b"agess"] {
        fs::write(&path, planted).unwrap();
        assert!(matches!(build.read("people", "age"), Err(BuildsError::Tampered { .. })));
    }
    let manifest = folder.path().join(id.as_str()).join("manifest.toml");
    let text = fs::read_to_string(&manifest).unwrap();
    fs::write(&manifest, text.replace("people = 3", "people = 4")).unwrap();
    assert!(matches!(builds.get(&id), Err(BuildsError::Changed { .. })));
    fs::write(&manifest, text.replace("people = 3", "people = 3\ncolour = 1")).unwrap();
    assert!(matches!(builds.get(&id), Err(BuildsError::Syntax { .. })));
}

#[test]
fn a_build_of_another_format_is_to_be_made_again() {
    let folder = tempfile::tempdir().unwrap();
    let builds = Builds::open(folder.path()).unwrap();
    let id = drafted(&builds, b"ages").publish(&facts("covid")).unwrap();
    let manifest = folder.path().join(id.as_str()).join("manifest.toml");
    let text = fs::read_to_string(&manifest).unwrap();
    for (found, others) in [(1, ""), (3, "colour = \"red\"\n")] {
        fs::write(&manifest, text.replace("format = 2\n", &format!("format = {found}\n{others}"))).unwrap();
        let error = builds.current(&facts("covid").dataset).unwrap_err();
        assert!(matches!(&error, BuildsError::Format { format, .. } if *format == found), "{error:?}");
        assert!(error.to_string().ends_with("build again"), "{error}");
    }
    // It is in nobody's way: the next build becomes current all the same.
    let next = drafted(&builds, b"aged").publish(&facts("covid")).unwrap();
    assert_eq!(*builds.current(&facts("covid").dataset).unwrap().unwrap().id(), next);
}

#[test]
fn one_table_has_the_keys() {
    let folder = tempfile::tempdir().unwrap();
    let builds = Builds::open(folder.path()).unwrap();
    let tables = ["people", "lab"].map(|name| TableId::new(name).unwrap());
    for with_keys in [&tables[..0], &tables[..1], &tables] {
        let mut draft = builds.begin().unwrap();
        for table in &tables {
            draft.table(table, Rows(1), Rows(0)).unwrap();
            draft.column(table, &ColumnName::Person, b"0").unwrap();
        }
        for table in with_keys {
            draft.column(table, &ColumnName::Keys, b"keys").unwrap();
        }
        assert_eq!(draft.publish(&facts("covid")).is_ok(), with_keys.len() == 1);
    }
    let id = builds.list().unwrap().remove(0);
    let manifest = folder.path().join(id.as_str()).join("manifest.toml");
    let text = fs::read_to_string(&manifest).unwrap();
    fs::write(&manifest, text.replace("_keys.bin", "keys.parquet").replace("_keys", "keys")).unwrap();
    let error = builds.get(&id).unwrap_err();
    assert!(matches!(error, BuildsError::Manifest { rule: "one table has the keys of the people", .. }), "{error}");
}

#[test]
fn a_manifest_cannot_point_outside_its_build() {
    let folder = tempfile::tempdir().unwrap();
    let builds = Builds::open(folder.path()).unwrap();
    let id = drafted(&builds, b"ages").publish(&facts("covid")).unwrap();
    let manifest = folder.path().join(id.as_str()).join("manifest.toml");
    let text = fs::read_to_string(&manifest).unwrap();
    fs::write(&manifest, text.replace("people/age.parquet", "../secret")).unwrap();
    assert!(matches!(builds.get(&id), Err(BuildsError::Manifest { .. })));
}

#[test]
fn a_pointer_to_nothing_or_to_another_data_set_is_an_error() {
    let folder = tempfile::tempdir().unwrap();
    let builds = Builds::open(folder.path()).unwrap();
    let id = drafted(&builds, b"ages").publish(&facts("covid")).unwrap();
    let heart = DatasetId::new("heart").unwrap();
    for text in [id.as_str(), "2025-01-31-000000000000", "../x", ""] {
        fs::write(folder.path().join("current-heart"), text).unwrap();
        assert!(matches!(builds.current(&heart), Err(BuildsError::Pointer { .. })), "{text}");
    }
}

#[test]
fn a_draft_keeps_its_order() {
    let folder = tempfile::tempdir().unwrap();
    let builds = Builds::open(folder.path()).unwrap();
    let table = TableId::new("lab").unwrap();
    let mut draft = builds.begin().unwrap();
    assert!(draft.column(&table, &age(), b"").is_err());
    draft.table(&table, Rows(0), Rows(0)).unwrap();
    assert!(draft.table(&table, Rows(0), Rows(0)).is_err());
    draft.column(&table, &age(), b"").unwrap();
    assert!(draft.column(&table, &age(), b"").is_err());
    assert!(draft.publish(&facts("covid")).is_err());
    let made = Facts { made: "yesterday".to_owned(), ..facts("covid") };
    assert!(drafted(&builds, b"a").publish(&made).is_err());
    assert_eq!(listing(folder.path()), [".lock".to_owned()].into());
}

#[test]
fn only_the_owner_sees_a_build() {
    let folder = tempfile::tempdir().unwrap();
    let builds = Builds::create(folder.path().join("new/store")).unwrap();
    let id = drafted(&builds, b"ages").publish(&facts("covid")).unwrap();
    let build = builds.folder().join(id.as_str());
    let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
    for path in [builds.folder(), &build, &build.join("people")] {
        assert_eq!(mode(path), 0o700, "{}", path.display());
    }
    for path in [build.join("manifest.toml"), build.join("people/age.parquet"), builds.folder().join("current-covid")] {
        assert_eq!(mode(&path), 0o600, "{}", path.display());
    }
    assert!(matches!(Builds::open(folder.path().join("none")), Err(BuildsError::NoFolder { .. })));
}
