//! Text that others wrote and that ends on somebody's screen.

/// Whether a text has no character that would move a terminal's cursor or turn the text round: no control character, no bidirectional
/// mark, embedding, override or isolate (Unicode Standard Annex 9, 2).
pub fn is_plain(text: &str) -> bool {
    !text.chars().any(is_harmful)
}

/// The text without such characters, cut to so many.
pub fn plain(text: &str, most: usize) -> String {
    text.chars().filter(|c| !is_harmful(*c)).take(most).collect()
}

fn is_harmful(c: char) -> bool {
    c.is_control()
        || matches!(c, '\u{61c}' | '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_moves_a_cursor_or_turns_text_round_is_taken_out() {
        assert!(is_plain("Durée de séjour, ≥ 65 ans (ß, 平均)"));
        for harmful in ["\u{1b}[2J", "a\rb", "a\nb", "\u{9b}1m", "\u{202e}", "\u{2066}", "\u{200f}"] {
            assert!(!is_plain(harmful), "{harmful:?}");
            assert!(is_plain(&plain(harmful, 100)));
        }
        assert_eq!(plain("a\u{1b}[2Jbc", 4), "a[2J");
    }
}
