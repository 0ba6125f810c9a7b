//! A query as a message and back.

mod decode;
mod encode;

pub use decode::decode;
pub use encode::encode;

/// A message that is no query.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum QueryMessageError {
    /// A part is absent.
    #[error("the query lacks its {0}")]
    Absent(&'static str),
    /// A word is not one of those there are.
    #[error("the query has an unknown {0}")]
    Word(&'static str),
}

#[cfg(test)]
mod tests {
    use coda_model::query::parse_file;

    use super::*;

    #[test]
    fn a_query_of_every_kind_of_part_comes_back_as_it_was() {
        let text = r#"
            dataset = "d"
            rows = "lab"
            where = "not (a >= 65 a or b != 'x y') and c in (p, q) and d in [1, 2) and e is missing and f < 3 and g <= 4 and h > 5 and i = 6 and has lab (crp > 7) within -1..2 days of encounter.admission and has lab"
            of = ["count", "mean:lab.crp[mg/L]", "risk_ratio:dead:age@40,65", "mode:ward=icu"]
            by = ["sex", "age@40,65"]
            over = "quarter:admission"
            [derive]
            peak = "max(lab.crp) where spo2 < 90 within 0..2 days of admission"
            tests = "count(lab)"
        "#;
        let (query, _) = parse_file(text).unwrap();
        assert!(decode(encode(&query)) == Ok(query));
    }
}
