//! Queries as words of a command line.

/// The words of a query, as a person would type them.
pub(crate) fn shown(query: &[String]) -> String {
    query.iter().map(|word| quoted(word)).collect::<Vec<_>>().join(" ")
}

fn quoted(word: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || "-_:.,@=/".contains(c);
    if !word.is_empty() && word.chars().all(plain) {
        word.to_owned()
    } else {
        format!("'{}'", word.replace('\'', r"'\''"))
    }
}

/// A query that asks all of these, with further options.
pub(crate) fn query(of: &[&str], options: &[&str]) -> Vec<String> {
    let asks = of.iter().flat_map(|ask| ["--of".to_owned(), (*ask).to_owned()]);
    asks.chain(options.iter().map(|option| (*option).to_owned())).collect()
}
