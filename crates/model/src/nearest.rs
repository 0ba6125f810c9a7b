//! "Did you mean": the known names nearest to a mistyped one.

/// What to say about a name that is not among the known ones.
pub fn suggestion<'a>(name: &str, known: impl IntoIterator<Item = &'a str>) -> String {
    let mut known: Vec<(usize, &str)> =
        known.into_iter().map(|candidate| (distance(name, candidate), candidate)).collect();
    if known.is_empty() {
        return "none is declared".to_owned();
    }
    let near = near(name);
    if known.iter().any(|(distance, _)| *distance <= near) {
        known.retain(|(distance, _)| *distance <= near);
        known.sort_unstable();
        known.truncate(3);
        let names: Vec<_> = known.iter().map(|(_, name)| *name).collect();
        return format!("did you mean {}?", names.join(" or "));
    }
    let more = if known.len() > 12 { ", …" } else { "" };
    let names: Vec<_> = known.iter().take(12).map(|(_, name)| *name).collect();
    format!("declared are {}{more}", names.join(", "))
}

/// The known name that a mistyped one is probably meant for; none where none is near.
pub fn nearest<'a>(name: &str, known: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let known = known.into_iter().map(|candidate| (distance(name, candidate), candidate));
    known.min().filter(|(distance, _)| *distance <= near(name)).map(|(_, candidate)| candidate)
}

/// How far a slip goes.
fn near(name: &str) -> usize {
    1 + name.chars().count() / 3
}

/// Levenshtein's edit distance, case aside, of texts cut to 64 characters.
fn distance(a: &str, b: &str) -> usize {
    strsim::levenshtein(&lower(a), &lower(b))
}

fn lower(text: &str) -> String {
    text.chars().take(64).flat_map(char::to_lowercase).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_slip_finds_its_word_and_nonsense_gets_the_list() {
        assert_eq!(suggestion("agee", ["sex", "age", "stay"]), "did you mean age?");
        assert_eq!(suggestion("troponin", ["sex", "age"]), "declared are sex, age");
        assert_eq!(suggestion("AGE", ["sex", "age"]), "did you mean age?");
    }
}
