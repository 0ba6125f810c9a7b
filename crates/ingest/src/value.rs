//! From the text of a field to a code.

use std::collections::HashMap;

use coda_model::{
    calendar::{Bucket, iso},
    scale::MISSING,
    variable::{Categorical, Kind, Missing, Variable},
};
use unicode_normalization::{UnicodeNormalization as _, is_nfc};

use crate::{
    Rule,
    form::{Evidence, Form},
    mapping::VariableMapping,
};

/// How many levels a finding lists.
const LEVELS_LISTED: usize = 20;

/// Whether trimmed text stands for no value.
pub(crate) fn is_missing(text: &str) -> bool {
    const WORDS: [&str; 4] = ["na", "n/a", "nan", "null"];
    text.is_empty() || WORDS.iter().any(|word| text.eq_ignore_ascii_case(word))
}

/// A variable as a site's file holds it.
pub(crate) struct Reader<'a> {
    variable: &'a Variable,
    mapping: Option<&'a VariableMapping>,
    form: Form,
    /// The codes of levels as they are spelled, and in lower case where that is only one of them.
    exact: HashMap<String, i32>,
    folded: HashMap<String, Option<i32>>,
    /// Texts that stand for no value, and as numbers.
    missing: Vec<String>,
    missing_numbers: Vec<f64>,
}

impl<'a> Reader<'a> {
    pub(crate) fn new(variable: &'a Variable, mapping: Option<&'a VariableMapping>, form: Form) -> Self {
        let mut reader = Self {
            variable,
            mapping,
            form,
            exact: HashMap::new(),
            folded: HashMap::new(),
            missing: mapping
                .map(|mapping| mapping.missing.iter().map(|text| normal(text)).collect())
                .unwrap_or_default(),
            missing_numbers: Vec::new(),
        };
        // Written by a person, in either form.
        let either = |text: &String| form.number(text).or_else(|| Form::default().number(text));
        reader.missing_numbers = reader.missing.iter().filter_map(either).collect();
        for (text, code) in spellings(variable, mapping) {
            if let Some(whole) = whole(&text) {
                reader.exact.entry(whole).or_insert(code);
            }
            reader.exact.insert(text.clone(), code);
            let folded = reader.folded.entry(text.to_lowercase()).or_insert(Some(code));
            if *folded != Some(code) {
                *folded = None;
            }
        }
        reader
    }

    /// Lets a value say how the file writes numbers and days.
    pub(crate) fn look(&self, text: &str, evidence: &mut Evidence) {
        if is_missing(text) || self.stands_for_nothing(text) {
            return;
        }
        match &self.variable.kind {
            Kind::Continuous(_) => evidence.number(text),
            Kind::Date(_) => evidence.day(text),
            Kind::Binary(_) | Kind::Categorical(_) => {}
        }
    }

    /// The code of trimmed text, or the rule that it breaks. The site's own spellings of a missing value win over a declared
    /// level, and a declared level over the spellings that are missing everywhere.
    pub(crate) fn code(&self, text: &str) -> Result<i32, Rule> {
        match self.mapping {
            Some(VariableMapping { collected: Some(false), .. }) => return Ok(MISSING),
            // As the dictionary would have it, in its unit.
            Some(VariableMapping { value: Some(value), .. }) => {
                return Reader::new(self.variable, None, Form::default()).read(value);
            }
            _ => {}
        }
        // What the site says of itself comes first.
        if self.stands_for_nothing(text) { self.nothing() } else { self.read(text) }
    }

    fn read(&self, text: &str) -> Result<i32, Rule> {
        if matches!(self.variable.kind, Kind::Binary(_) | Kind::Categorical(_))
            && let Some(level) = self.level(text)
        {
            return Ok(level);
        }
        if is_missing(text) {
            return self.nothing();
        }
        match &self.variable.kind {
            Kind::Binary(_) | Kind::Categorical(_) => Err(Rule::UndeclaredLevel),
            Kind::Continuous(continuous) => {
                let factor = self.mapping.and_then(|mapping| mapping.factor).unwrap_or(1.0);
                let number = self.form.number(text).ok_or(Rule::NotANumber)?;
                continuous.scale.nearest(number * factor).map_err(|_| Rule::OutsideBounds)
            }
            Kind::Date(range) => {
                let day = self.form.day(text, range).ok_or(Rule::NotADay)?;
                range.code(day).ok_or(Rule::OutsideRange)
            }
        }
    }

    fn nothing(&self) -> Result<i32, Rule> {
        match self.variable.missing {
            Missing::May => Ok(MISSING),
            Missing::Never => Err(Rule::MissingValue),
        }
    }

    fn level(&self, text: &str) -> Option<i32> {
        if let Some(code) = self.exact.get(text) {
            return Some(*code);
        }
        let text = normal(text);
        let folded = || self.folded.get(&text.to_lowercase()).copied().flatten();
        let as_whole = || self.exact.get(&whole(&text)?).copied();
        self.exact.get(&text).copied().or_else(folded).or_else(as_whole)
    }

    fn stands_for_nothing(&self, text: &str) -> bool {
        // SAS and Stata write a missing number or day so.
        if text == "." && matches!(self.variable.kind, Kind::Continuous(_) | Kind::Date(_)) {
            return true;
        }
        if self.missing.is_empty() {
            return false;
        }
        let plain = normal(text);
        self.missing.iter().any(|missing| *missing == plain || Some(missing) == whole(&plain).as_ref())
            || matches!(self.variable.kind, Kind::Continuous(_))
                && self.form.number(text).is_some_and(|number| self.missing_numbers.contains(&number))
    }
}

/// Each spelling of a level with its code.
fn spellings(variable: &Variable, mapping: Option<&VariableMapping>) -> Vec<(String, i32)> {
    let mut all: Vec<(String, i32)> = Vec::new();
    match &variable.kind {
        Kind::Categorical(Categorical { levels, residual }) => {
            all.extend(levels.iter().zip(0..).map(|(level, code)| (normal(level), code)));
            all.extend(residual.iter().map(|(level, place)| (normal(level), *place as i32)));
        }
        Kind::Binary(binary) if binary.yes.is_empty() && binary.no.is_empty() => {
            for (word, code) in [("1", 1), ("true", 1), ("yes", 1), ("0", 0), ("false", 0), ("no", 0)] {
                all.push((word.to_owned(), code));
            }
        }
        Kind::Binary(binary) => {
            all.extend(binary.yes.iter().map(|word| (normal(word), 1)));
            all.extend(binary.no.iter().map(|word| (normal(word), 0)));
        }
        Kind::Continuous(_) | Kind::Date(_) => {}
    }
    let names = variable.kind.levels().unwrap_or_default();
    for (level, spelled) in mapping.map(|mapping| &mapping.levels).into_iter().flatten() {
        if let Some(code) = names.iter().position(|name| name == level) {
            all.extend(spelled.iter().map(|text| (normal(text), code as i32)));
        }
    }
    all
}

/// Trimmed and in one normal form: é may be one character or two (Unicode Standard Annex 15).
pub(crate) fn normal(text: &str) -> String {
    let text = text.trim();
    if is_nfc(text) { text.to_owned() } else { text.nfc().collect() }
}

/// 1 for 1.0 and for 1,00: programs make these of whole numbers where a value is missing. Not for 01, which is another code.
fn whole(text: &str) -> Option<String> {
    let (whole, zeros) = text.split_once(['.', ','])?;
    let digits = whole.strip_prefix('-').unwrap_or(whole);
    let is_whole = !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit());
    let is_canonical = digits == "0" || !digits.starts_with('0');
    let is_zero = !zeros.is_empty() && zeros.bytes().all(|byte| byte == b'0');
    (is_whole && is_canonical && is_zero).then(|| whole.to_owned())
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
        (Rule::NotADay, Kind::Date(range)) => Some(match range.granularity {
            Bucket::Year => "YYYY, or a day such as YYYY-MM-DD or DD.MM.YYYY".to_owned(),
            Bucket::Month => "YYYY-MM, or a day such as YYYY-MM-DD or DD.MM.YYYY".to_owned(),
            _ => "such as YYYY-MM-DD or DD.MM.YYYY".to_owned(),
        }),
        (Rule::OutsideRange, Kind::Date(range)) => Some(format!("{} to {}", iso(range.from), iso(range.to))),
        _ => None,
    }
}
