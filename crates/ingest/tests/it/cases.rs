//! Files as ordinary hospitals export them, and what becomes of them: the kinds of public bug reports, with and without a mapping.

use std::path::Path;

use coda_builds::Builds;
use coda_engine::columns;
use coda_ingest::{IngestError, Known, Mapping, Order, PseudonymKey, Report, Source, Tolerance};
use coda_model::{dictionary::Dictionary, ids::SiteId, scale::MISSING};
use tempfile::TempDir;
use time::macros::datetime;

/// A file of one table, its dictionary and a mapping.
struct Case {
    folder: TempDir,
    name: &'static str,
    variables: &'static str,
    person: &'static str,
    mapping: &'static str,
}

/// A case whose key is called `id`, in `t.csv`.
fn case(variables: &'static str, text: impl AsRef<[u8]>) -> Case {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("t.csv"), text).unwrap();
    Case { folder, name: "t.csv", variables, person: "id", mapping: "" }
}

impl Case {
    fn person(self, person: &'static str) -> Self {
        Self { person, ..self }
    }

    fn mapping(self, mapping: &'static str) -> Self {
        Self { mapping, ..self }
    }

    fn build(&self) -> Result<(Report, Builds), IngestError> {
        let dictionary = format!(
            "version = \"1\"\ntitle = \"Case\"\n[dataset.d]\npeople = \"t\"\n[dataset.d.table.t]\nrows = \"one\"\nperson = \"{}\"\n\
             [dataset.d.table.t.variable]\n{}",
            self.person, self.variables
        );
        let dictionary = Dictionary::parse(&dictionary).unwrap();
        let text = match self.mapping {
            "" => "format = \"coda-mapping/1\"".to_owned(),
            mapping => format!("format = \"coda-mapping/1\"\n[dataset.d.table.t]\n{mapping}"),
        };
        let builds = Builds::create(self.folder.path().join("builds")).unwrap();
        let order = Order {
            dictionary_text: "dictionary",
            dictionary: &dictionary,
            dataset: &dictionary.datasets[0],
            site: &SiteId::new("north").unwrap(),
            mapping: &Mapping::parse(&text, &dictionary).unwrap(),
            tolerance: Tolerance::Strict,
            new_people: false,
            pseudonym_key: &PseudonymKey::new([1; 64]),
            made: datetime!(2026-11-30 12:00 UTC),
        };
        let source = Source::File(self.folder.path().join(self.name));
        coda_ingest::build(&order, &source, &builds).map(|report| (report, builds))
    }

    /// The codes of a variable, by person in the order of the file.
    fn codes(&self, variable: &str) -> Vec<i32> {
        let (report, builds) = self.build().unwrap_or_else(|error| match error {
            IngestError::Refused(report) => panic!("{report}"),
            other => panic!("{other}"),
        });
        let build = builds.get(&report.build.unwrap()).unwrap().unwrap();
        let path = Path::new(self.folder.path())
            .join("builds")
            .join(build.id().to_string())
            .join(format!("t/{variable}.parquet"));
        columns::read(std::fs::read(path).unwrap()).unwrap()
    }

    fn report(&self) -> String {
        match self.build() {
            Ok((report, _)) => report.to_string(),
            Err(IngestError::Refused(report)) => report.to_string(),
            Err(other) => other.to_string(),
        }
    }
}

const SEX: &str = "sex = { type = \"categorical\", levels = [\"male\", \"female\"] }";
const AGE: &str = "age = { type = \"continuous\", unit = \"a\", lower = 0, upper = 120, resolution = 1 }";
const CRP: &str = "crp = { type = \"continuous\", unit = \"mg/L\", lower = 0, upper = 1000, resolution = 0.1 }";
const DAY: &str = "seen = { type = \"date\", granularity = \"day\", from = 2020-01-01, to = 2021-12-31 }";

#[test]
fn a_european_excel_export_is_read_and_it_is_said_how() {
    let variables = "sex = { type = \"categorical\", column = \"Geschlecht\", levels = [\"männlich\", \"weiblich\"] }\n\
        height = { type = \"continuous\", column = \"Größe\", unit = \"cm\", lower = 0, upper = 250, resolution = 0.1 }\n\
        admission = { type = \"date\", column = \"Aufnahme\", granularity = \"day\", from = 2019-01-01, to = 2021-12-31 }";
    let text = "Patientennummer;Geschlecht;Größe;Aufnahme\r\nP0;männlich;155,0;01.03.2019\r\nP1;weiblich;156,75;02.01.2019\r\n";
    // Windows-1252: ä is E4, ö is F6, ß is DF.
    let bytes: Vec<u8> = text.chars().map(|c| u8::try_from(u32::from(c)).unwrap()).collect();
    let case = case(variables, bytes).person("Patientennummer");
    assert_eq!(case.codes("sex"), [0, 1]);
    assert_eq!(case.codes("height"), [1550, 1568]);
    assert_eq!(case.codes("admission"), [59, 1]);
    let report = case.report();
    for said in ["encoding windows-1252", "separator ';'", "decimal comma"] {
        assert!(report.contains(said), "{report}");
    }
}

#[test]
fn lines_end_in_any_way_and_lines_of_nothing_are_no_rows() {
    for text in [
        "id,age\rP0,40\rP1,43\r",
        "id,age\r\nP0,40\r\n\r\nP1,43",
        "id,age\nP0,40\nP1,43\n,\n , \n",
        "\u{feff}id,age\nP0,40\nP1,43\n",
        "id\tage\nP0\t40\nP1\t43\n",
        "id|age\nP0|40\nP1|43\n",
        "ID ; Age\nP0;40\nP1;43\n;;\n",
    ] {
        let text = text.replace(";;", ";");
        assert_eq!(case(AGE, &text).codes("age"), [40, 43], "{text:?}");
    }
    let utf_16: Vec<u8> = "\u{feff}id,age\nP0,40\nP1,43\n".encode_utf16().flat_map(u16::to_le_bytes).collect();
    assert_eq!(case(AGE, utf_16).codes("age"), [40, 43]);
}

#[test]
fn what_can_be_read_in_two_ways_is_asked_about_and_never_guessed() {
    let days = case(DAY, "id,seen\nP0,01/02/2020\nP1,03/04/2020\n");
    assert!(days.report().contains("dates = \"day/month/year\""), "{}", days.report());
    assert_eq!(days.mapping("dates = \"month/day/year\"").codes("seen"), [1, 63]);
    // One value decides for the file.
    assert_eq!(case(DAY, "id,seen\nP0,01/02/2020\nP1,13/01/2020\n").codes("seen"), [31, 12]);
    assert_eq!(case(DAY, "id,seen\nP0,01/02/2020\nP1,01/13/2020\n").codes("seen"), [1, 12]);
    let mixed = case(DAY, "id,seen\nP0,13/01/2020\nP1,01/13/2020\n").report();
    assert!(mixed.contains("days as day/month/year beside days as month/day/year"), "{mixed}");

    let numbers = case(CRP, "id;crp\nP0;1,234\nP1;2,500\n");
    assert!(numbers.report().contains("decimal = \",\""), "{}", numbers.report());
    assert_eq!(numbers.mapping("decimal = \",\"").codes("crp"), [12, 25]);
    assert_eq!(case(CRP, "id,crp\nP0,\"0,5\"\nP1,\"12,34\"\n").codes("crp"), [5, 123]);
    let mixed = case(CRP, "id;crp\nP0;1,5\nP1;1.5\n").report();
    assert!(mixed.contains("a decimal comma beside numbers with a decimal point"), "{mixed}");
}

#[test]
fn days_are_taken_as_programs_write_them() {
    for day in [
        "2020-01-13",
        "20200113",
        "13.01.2020",
        "13.1.2020",
        "13JAN2020",
        "13-Jan-2020",
        "2020/01/13",
        "2020-01-13 10:00:00",
    ] {
        assert_eq!(case(DAY, format!("id;seen\nP0;{day}\n")).codes("seen"), [12], "{day}");
    }
    for bad in ["13.01.20", "2020-13-01", "2020-02-30", "13.JAN", "2020"] {
        assert!(case(DAY, format!("id;seen\nP0;{bad}\n")).report().contains("not a day"), "{bad}");
    }
}

#[test]
fn what_is_as_fine_as_the_granularity_is_enough() {
    let variables = "born = { type = \"date\", granularity = \"year\", from = 1900-06-01, to = 2025-12-31 }\n\
        seen = { type = \"date\", granularity = \"month\", from = 2019-01-01, to = 2021-12-31 }";
    let case = case(variables, "id,born,seen\nP0,1901,2019-02\nP1,1900,2019-02-17\n");
    assert_eq!((case.codes("born"), case.codes("seen")), (vec![214, 0], vec![31, 31]));
}

#[test]
fn codes_of_levels_and_of_missing_values_are_the_sites() {
    let codes = "variable.sex = { levels = { male = [\"1\", \"m\"], female = [\"2\"] }, missing = [\"9\"] }";
    assert_eq!(case(SEX, "id,sex\nP0,1\nP1,2.0\nP2,M\nP3,9\n").mapping(codes).codes("sex"), [0, 1, 0, MISSING]);
    assert!(case(SEX, "id,sex\nP0,1\n").report().contains("an undeclared level (declared: male, female)"));
    let missing = "variable.age = { missing = [\"999\", \"-99\"] }";
    assert_eq!(
        case(AGE, "id,age\nP0,40\nP1,999\nP2,-99.0\nP3,.\nP4,nan\n").mapping(missing).codes("age"),
        [40, MISSING, MISSING, MISSING, MISSING]
    );
    let missing = "variable.seen = { missing = [\"1900-01-01\", \"0000-00-00\", \"9999-12-31\"] }";
    assert_eq!(
        case(DAY, "id,seen\nP0,1900-01-01\nP1,2020-01-02\nP2,0000-00-00\n").mapping(missing).codes("seen"),
        [MISSING, 1, MISSING]
    );
}

#[test]
fn text_is_compared_in_one_normal_form_and_without_case_where_that_is_one_level() {
    let variables = "sex = { type = \"categorical\", levels = [\"Féminin\", \"Masculin\"] }";
    assert_eq!(case(variables, "id,sex\nP0,Fe\u{301}minin\nP1,MASCULIN\nP2, féminin \n").codes("sex"), [0, 1, 0]);
    let two = "grade = { type = \"categorical\", levels = [\"a\", \"A\"] }";
    assert_eq!(case(two, "id,grade\nP0,A\nP1,a\n").codes("grade"), [1, 0]);
    assert_eq!(
        case("icu = { type = \"binary\" }", "id,icu\nP0,1.0\nP1,\nP2,TRUE\nP3,0.0\n").codes("icu"),
        [1, MISSING, 1, 0]
    );
}

#[test]
fn units_fixed_values_and_what_a_site_does_not_have() {
    let both = "age = { type = \"continuous\", unit = \"a\", lower = 0, upper = 120, resolution = 1 }\n\
        crp = { type = \"continuous\", unit = \"mg/L\", lower = 0, upper = 1000, resolution = 0.1 }";
    let text = "id,Alter,CRP in mg/dL\nP0,40,1.5\nP1,41,20\n";
    let mapping =
        "variable.age.column = \"Alter\"\nvariable.crp = { column = \"CRP in mg/dL\", unit = \"mg/dL\", factor = 10 }";
    assert_eq!(case(both, text).mapping(mapping).codes("crp"), [150, 2000]);
    let report = case(both, "id,age\nP0,40\n").report();
    assert!(report.contains("column crp: the column is missing") && report.contains("collected = false"), "{report}");
    let without = case(both, "id,age\nP0,40\nP1,41\n").mapping("variable.crp.collected = false");
    assert_eq!((without.codes("age"), without.codes("crp")), (vec![40, 41], vec![MISSING, MISSING]));
    let fixed = case(both, "id,crp\nP0,4\nP1,5\n").mapping("variable.age.value = \"50\"");
    assert_eq!(fixed.codes("age"), [50, 50]);
}

#[test]
fn titles_and_footers_are_no_rows_where_the_mapping_says_so() {
    let text = "Export of 2020\n\nid,age\nP0,40\nP1,43\n\n2 rows selected.\n";
    assert_eq!(case(AGE, text).mapping("header = 3\nfooter = 1").codes("age"), [40, 43]);
    let ending = Case { name: "T.CSV", ..case(AGE, "") };
    std::fs::write(ending.folder.path().join("T.CSV"), "id,age\nP0,40\n").unwrap();
    assert_eq!(ending.codes("age"), [40]);
}

#[test]
fn a_mapping_that_does_not_fit_the_dictionary_is_refused_with_what_is_meant() {
    let dictionary = format!(
        "version = \"1\"\ntitle = \"Case\"\n[dataset.d]\npeople = \"t\"\n[dataset.d.table.t]\nrows = \"one\"\nperson = \"id\"\n\
         [dataset.d.table.t.variable]\n{SEX}\n{CRP}\nold = {{ type = \"binary\", missing = \"never\" }}"
    );
    let dictionary = Dictionary::parse(&dictionary).unwrap();
    let refused = |text: &str| {
        Mapping::parse(&format!("format = \"coda-mapping/1\"\n{text}"), &dictionary).unwrap_err().to_string()
    };
    let cases = [
        ("[dataset.e]", "the mapping: there is no data set \"e\"; did you mean d?"),
        ("[dataset.d.table.u]", "data set d: there is no table \"u\"; did you mean t?"),
        (
            "[dataset.d.table.t.variable]\nsexx = {}",
            "data set d, table t: there is no variable \"sexx\"; did you mean sex?",
        ),
        (
            "[dataset.d.table.t.variable]\nsex.levels = { femal = [\"2\"] }",
            "data set d, table t, variable sex: there is no level \"femal\"; did you mean female?",
        ),
        (
            "[dataset.d.table.t.variable]\ncrp.unit = \"mg/dL\"",
            "data set d, table t, variable crp: the dictionary has mg/L: say by what mg/dL is multiplied (factor)",
        ),
        (
            "[dataset.d.table.t.variable]\nold.collected = false",
            "data set d, table t, variable old: the dictionary promises that it is never missing; every site must have it",
        ),
    ];
    for (text, expected) in cases {
        assert_eq!(refused(text), expected);
    }
    assert!(Mapping::parse("format = \"other\"", &dictionary).is_err());
}

#[test]
fn people_whose_keys_are_written_in_another_way_are_missed() {
    let first = case(AGE, "id,age\n00001,40\n00002,43\n00003,50\n");
    first.build().unwrap();
    let write = |text: &str| std::fs::write(first.folder.path().join("t.csv"), text).unwrap();
    write("id,age\n1,40\n2,43\n3,50\n");
    let refused = first.build().unwrap_err();
    assert!(matches!(refused, IngestError::NewPeople { known: Known { of: 3, again: 0 }, .. }), "{refused}");
    assert!(refused.to_string().contains("zeros before a number"), "{refused}");
    // Half of them are enough, and it is said how many.
    write("id,age\n00001,40\n00002,43\n9,50\n");
    assert!(first.report().contains("2 of the 3 people of the build before are in this one"), "{}", first.report());
}

#[test]
fn a_quotation_mark_that_is_not_meant_swallows_no_rows() {
    for text in [
        "id;note;crp\n5;\"abc;1\n6;def;2\n7;\"xy\";3\n8;z;4\n",
        "id;crp;note\n1;5;\"a\n2;6;b\n3;7;\"c\n4;8;d\n",
        "id;crp;note\n1;5;\"a\n2;6;b \"x\n",
    ] {
        assert!(
            case(CRP, text).report().contains("text after a closing quotation mark"),
            "{}",
            case(CRP, text).report()
        );
    }
    // Inches, doubled marks and line breaks are no fault.
    let text = "id,note,crp\n1,5\" tall,1\n2,\"a \"\"b\"\"\nc\",2\n3,\"x\" ,3\n";
    assert_eq!(case(CRP, text).codes("crp"), [10, 20, 30]);
}

#[test]
fn numbers_are_read_in_one_form_or_not_at_all() {
    let comma = |value: &str| case(CRP, format!("id;crp\na;{value}\n")).mapping("decimal = \",\"");
    for (value, code) in [("12,5", 125), ("1.234,5", 12_345), ("1 234,5", 12_345), ("1\u{202f}234", 12_340)] {
        let own = "crp = { type = \"continuous\", unit = \"mg/L\", lower = 0, upper = 100000, resolution = 0.1 }";
        let case = Case { variables: own, ..comma(value) };
        assert_eq!(case.codes("crp"), [code], "{value}");
    }
    // Not a thousandfold: thousands stand in groups of three, and no zero begins them.
    for value in ["0.125", "1234.567", "12.34", "1.2345", "1,2,3", "1.234.5"] {
        assert!(comma(value).report().contains("not a number"), "{value}: {}", comma(value).report());
    }
    for value in ["1.250", "1,250"] {
        let open = case(CRP, format!("id;crp\na;{value}\nb;2\n"));
        assert!(open.report().contains("can be read in two ways"), "{}", open.report());
    }
    // What is no number decides nothing.
    let noise = case(CRP, "id;crp\na;1,210\nb;k.A.\n").report();
    assert!(noise.contains("can be read in two ways"), "{noise}");
}

#[test]
fn what_a_mapping_says_of_levels_contradicts_nothing() {
    let dictionary = format!(
        "version = \"1\"\ntitle = \"Case\"\n[dataset.d]\npeople = \"t\"\n[dataset.d.table.t]\nrows = \"one\"\nperson = \"id\"\n\
         [dataset.d.table.t.variable]\n{SEX}\n{CRP}\n{DAY}"
    );
    let dictionary = Dictionary::parse(&dictionary).unwrap();
    for (mapping, words) in [
        ("sex.levels = { male = [\"1\", \"2\"], female = [\"2\"] }", "is a spelling of"),
        ("sex.levels = { male = [\"female\"] }", "is the name of a level and a spelling of another one"),
        ("sex = { missing = [\"9\"], levels = { male = [\"9\"] } }", "stands for no value"),
        ("seen.value = \"01/02/2020\"", "is no value of it"),
        ("crp.value = \"NA\"", "is no value of it"),
    ] {
        let text = format!("format = \"coda-mapping/1\"\n[dataset.d.table.t.variable]\n{mapping}");
        let error = Mapping::parse(&text, &dictionary).unwrap_err().to_string();
        assert!(error.contains(words), "{mapping}: {error}");
    }
    // A missing code of the site wins over a level; 01 is not 1, and 1.0 and 1,00 are.
    let levels = "s = { type = \"categorical\", levels = [\"1\", \"2\", \"9\"] }";
    let own = case(levels, "id;s\na;9\nb;9,0\nc;1.0\nd;2,00\n").mapping("variable.s.missing = [\"9\"]");
    assert_eq!(own.codes("s"), [MISSING, MISSING, 0, 1]);
    assert!(case(levels, "id,s\na,01\n").report().contains("an undeclared level"));
    let number = case(CRP, "id;crp\na;99,9\nb;37,5\n").mapping("decimal = \",\"\nvariable.crp.missing = [\"99.9\"]");
    assert_eq!(number.codes("crp"), [MISSING, 375]);
}

#[test]
fn a_footer_takes_no_person_along() {
    let text = "id,sex\na,male\nb,female\nc,male\n\n(3 rows affected)\n";
    assert_eq!(case(SEX, text).mapping("footer = 1").codes("sex"), [0, 1, 0]);
    let report = case(SEX, text).mapping("footer = 2").report();
    assert!(report.contains("a line that looks like a row, where the mapping has the footer"), "{report}");
}

#[test]
fn one_broken_character_is_found_and_the_others_stay_what_they_are() {
    let mut bytes = "id,sex\nMüller0,male\nMüller1,male\nMüller2,male\n".as_bytes().to_vec();
    bytes.extend(b"x\xe9,male\n");
    let report = case(SEX, bytes).report();
    assert!(report.contains("line 5, column id: not text in the encoding of the file"), "{report}");
    let utf_16: Vec<u8> = "id,age\nP0,40\nP1,43\n".encode_utf16().flat_map(u16::to_le_bytes).collect();
    assert_eq!(case(AGE, utf_16).codes("age"), [40, 43]);
}
