//! Queries as words of a command line.

/// The policy of the sites of a demonstration: the network's, but for the budgets. Those are made for tens of thousands of
/// patients; a hospital of a few hundred could not answer as many questions as a demonstration asks.
pub(crate) const POLICY: &str = "rank_budget = 100\nrank_budget_user = 100\n";

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
