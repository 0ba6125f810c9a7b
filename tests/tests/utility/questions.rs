//! The questions of the session.

const OLD: &str = "age in ('75+', '65-74')";
const YOUNG: &str = "age in ('18-34', '35-49', '50-64', '0-17')";
const WINTER: &str = "month in (m00, m01, m02)";

/// Who is in, and by which variables they are counted.
#[rustfmt::skip]
pub(crate) const QUESTIONS: [(&str, &[&str]); 46] = [
    ("", &["sex"]), ("", &["age"]), ("", &["comorbidity"]), ("", &["unit"]), ("", &["outcome"]), ("", &["smoking"]),
    ("", &["origin"]), ("", &["month"]), ("", &["stay"]),
    ("", &["sex", "comorbidity"]), ("", &["age", "outcome"]), ("", &["sex", "outcome"]),
    ("unit = icu", &[]), ("ventilated = yes", &[]), ("unit = icu and ventilated = yes", &[]),
    ("unit = icu and ventilated = no", &[]), ("unit = icu", &["outcome"]), ("ventilated = yes", &["outcome"]),
    ("unit = icu", &["sex"]), ("unit = icu", &["age"]), ("ventilated = yes", &["age"]), ("", &["unit", "outcome"]),
    ("", &["ventilated", "outcome"]), ("unit = icu", &["comorbidity"]), ("", &["month", "outcome"]),
    ("ventilated = yes", &["stay"]), ("unit = icu", &["stay"]),
    (OLD, &[]), (YOUNG, &[]), (OLD, &["outcome"]), (OLD, &["sex", "comorbidity"]), (OLD, &["ventilated", "outcome"]),
    (YOUNG, &["ventilated", "outcome"]), ("outcome = dead", &["age"]), ("outcome = dead", &["origin"]),
    ("", &["smoking", "outcome"]), ("", &["origin", "outcome"]), ("hiv = yes", &[]), ("hiv = yes", &["sex"]),
    ("hiv = yes", &["outcome"]), ("hiv = yes", &["age"]), ("hiv = yes", &["ventilated"]), (OLD, &["month"]),
    (WINTER, &["outcome"]), (WINTER, &["unit"]), ("smoking = current", &["age"]),
];
