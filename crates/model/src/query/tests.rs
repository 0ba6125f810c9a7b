use super::*;

fn refusal(text: &str) -> String {
    parse_predicate("where", text).err().map_or_else(|| "taken".to_owned(), |error| error.to_string())
}

#[test]
fn precedence_is_not_before_and_before_or() {
    let implicit = parse_predicate("where", "not a = 1 and b = 2 or c = 3").unwrap();
    let explicit = parse_predicate("where", "((not (a = 1)) and (b = 2)) or (c = 3)").unwrap();
    assert!(implicit == explicit);
}

#[test]
fn units_windows_levels_and_intervals_read() {
    let text = "crp >= 100 mg/L and cp in ('typical angina', asymptomatic) and age in [40, 65) and bmi is missing \
                and has lab (spo2 < 90 %) within -1..2 days of encounter.admission";
    let Ok(Predicate::And(parts)) = parse_predicate("where", text) else { panic!("not read") };
    assert_eq!(parts.len(), 5);
    assert!(matches!(&parts[0], Predicate::Compare(_, Comparison::AtLeast, l) if l.unit.as_deref() == Some("mg/L")));
    assert!(matches!(&parts[4], Predicate::Has { window: Some(w), .. } if (w.from, w.to) == (-1, 2)));
}

#[test]
fn a_text_that_does_not_read_is_refused_with_its_place() {
    insta::assert_snapshot!(refusal("age >"), @"where: the text ends at character 6; expected a number, a level or a day");
    insta::assert_snapshot!(refusal("age >= 65 and"), @"where: the text ends at character 14; expected the name of a variable");
    insta::assert_snapshot!(refusal("(age >= 65"), @r#"where: the text ends at character 11; expected ")""#);
    insta::assert_snapshot!(refusal("age ~ 65"), @"where: a character or an open quote that does not belong at character 5; quote levels with spaces: 'typical angina'");
    insta::assert_snapshot!(refusal("cp = 'typical"), @"where: a character or an open quote that does not belong at character 6; quote levels with spaces: 'typical angina'");
    insta::assert_snapshot!(refusal("age >= 65; drop table"), @"where: a character or an open quote that does not belong at character 10; quote levels with spaces: 'typical angina'");
    assert!(refusal(&"(".repeat(500)).contains("fewer than 16"));
}

#[test]
fn an_unknown_key_of_a_query_file_is_refused() {
    let error = parse_file("dataset = \"d\"\nof = [\"count\"]\nfilter = \"age > 3\"\n").unwrap_err();
    insta::assert_snapshot!(error.to_string(), @"query file, line 3: unknown field `filter`, expected one of `dataset`, `rows`, `where`, `derive`, `of`, `by`, `over`, `sites`; a query file has the keys dataset, rows, where, derive, of, by, over and sites");
}

#[test]
fn asks_factors_and_derivations_read() {
    let ask = parse_ask("of", "risk_ratio:dead:age@65").unwrap();
    assert_eq!(ask.to_string(), "risk_ratio:dead:age@65");
    assert_eq!(parse_ask("of", "mean:crp[mg/L]").unwrap().unit.as_deref(), Some("mg/L"));
    let derivation = parse_derivation("derive", "max(lab.crp) where spo2 < 90 within 0..2 days of admission").unwrap();
    assert_eq!((derivation.take, derivation.rows.is_some(), derivation.window.is_some()), (Take::Max, true, true));
    assert_eq!(format!("{derivation:?}"), "Derivation(…)");
}

/// Empty and absent are one in a message: with both in a text, the asker would plan another query than the sites.
#[test]
fn an_empty_name_or_unit_is_refused() {
    for text in [".age = 5", "lab. = 5", ". = 5", "age > 5 ''"] {
        assert!(parse_predicate("where", text).is_err(), "{text}");
    }
    for text in ["mean:age[]", "mean:.age", "mean:lab."] {
        assert!(parse_ask("of", text).is_err(), "{text}");
    }
    assert!(parse_file("rows = \"\"\nof = [\"count\"]").is_err());
}
