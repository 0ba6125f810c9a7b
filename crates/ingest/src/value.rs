//! From the text of a field to a code.

use coda_model::{
    calendar::{iso, parse_iso},
    scale::MISSING,
    variable::{Categorical, Kind, Missing, Variable},
};
use time::Date;

use crate::Rule;

/// How many levels a finding lists.
const LEVELS_LISTED: usize = 20;

/// Whether trimmed text stands for no value.
pub(crate) fn is_missing(text: &str) -> bool {
    matches!(text, "" | "NA" | "N/A" | "NaN" | "NULL" | "null")
}

/// The code of trimmed text, or the rule that it breaks. A declared level wins over the spellings of a missing value.
pub(crate) fn code(variable: &Variable, text: &str) -> Result<i32, Rule> {
    let level = match &variable.kind {
        Kind::Binary(binary) => binary.code(text),
        Kind::Categorical(categorical) => categorical.code(text),
        Kind::Continuous(_) | Kind::Date(_) => None,
    };
    if let Some(level) = level {
        return Ok(level);
    }
    if is_missing(text) {
        return match variable.missing {
            Missing::May => Ok(MISSING),
            Missing::Never => Err(Rule::MissingValue),
        };
    }
    match &variable.kind {
        Kind::Binary(_) | Kind::Categorical(_) => Err(Rule::UndeclaredLevel),
        Kind::Continuous(continuous) => {
            let number: f64 = text.parse().map_err(|_| Rule::NotANumber)?;
            if number.is_nan() {
                return Err(Rule::NotANumber);
            }
            continuous.scale.nearest(number).map_err(|_| Rule::OutsideBounds)
        }
        Kind::Date(range) => range.code(day(text).ok_or(Rule::NotADay)?).ok_or(Rule::OutsideRange),
    }
}

/// What the dictionary declares about the rule that a value of the variable breaks.
pub(crate) fn declared(variable: &Variable, rule: Rule) -> Option<String> {
    match (rule, &variable.kind) {
        (Rule::OutsideBounds | Rule::NotANumber, Kind::Continuous(continuous)) => {
            let (scale, decimals) = (continuous.scale, continuous.scale.decimals());
            let (lower, upper) = (scale.value(0.0), scale.value(f64::from(scale.span())));
            let unit = if continuous.unit == "1" { String::new() } else { format!(" {}", continuous.unit) };
            Some(format!("{lower:.decimals$} to {upper:.decimals$}{unit}"))
        }
        (Rule::UndeclaredLevel, Kind::Categorical(Categorical { levels, .. })) => {
            let shown = levels.iter().take(LEVELS_LISTED).map(String::as_str).collect::<Vec<_>>().join(", ");
            let more = levels.len().saturating_sub(LEVELS_LISTED);
            Some(if more == 0 { format!("declared: {shown}") } else { format!("declared: {shown} and {more} more") })
        }
        (Rule::UndeclaredLevel, Kind::Binary(binary)) if binary.yes.is_empty() => {
            Some("declared: 1, true, yes, 0, false, no".to_owned())
        }
        (Rule::UndeclaredLevel, Kind::Binary(binary)) => {
            let words: Vec<_> = binary.yes.iter().chain(&binary.no).map(String::as_str).collect();
            Some(format!("declared: {}", words.join(", ")))
        }
        (Rule::NotADay, _) => Some("YYYY-MM-DD".to_owned()),
        (Rule::OutsideRange, Kind::Date(range)) => Some(format!("{} to {}", iso(range.from), iso(range.to))),
        _ => None,
    }
}

/// A day, also when a time of day follows it: then the day as it is written, whatever the offset.
fn day(text: &str) -> Option<Date> {
    let (day, rest) = text.split_at_checked(10)?;
    if !day.starts_with(|first: char| first.is_ascii_digit()) {
        return None;
    }
    let day = parse_iso(day)?;
    if rest.is_empty() {
        return Some(day);
    }
    let time = rest.strip_prefix(['T', ' '])?.as_bytes();
    let digits = |range: std::ops::Range<usize>| time.get(range).is_some_and(|two| two.iter().all(u8::is_ascii_digit));
    let clock = digits(0..2) && time.get(2) == Some(&b':') && digits(3..5);
    (clock && time.iter().all(|byte| byte.is_ascii_digit() || b":.+-Z ".contains(byte))).then_some(day)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_day_is_iso_and_may_have_a_time() {
        for valid in ["2020-03-01", "2020-03-01T10:00", "2020-03-01 23:59:59.123456", "2020-03-01T23:00:00-05:00"] {
            assert_eq!(day(valid).map(iso).as_deref(), Some("2020-03-01"), "{valid}");
        }
        for bad in ["2020-3-1", "01.03.2020", "2020-02-30", "2020-03-01x", "2020-03-01T", "2020-03", "+2020-03-1", "é"]
        {
            assert_eq!(day(bad), None, "{bad}");
        }
    }
}
