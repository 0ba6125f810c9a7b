use super::*;

fn verdict(password: &str) -> Result<(), PasswordFault> {
    let rules = Rules { words: vec!["Coda".to_owned(), "St Mary".to_owned()], breached: None };
    rules.check(&Password::new(password), &UserId::new("alice.chum@north.example").unwrap()).unwrap()
}

#[test]
fn a_password_is_refused_by_length_context_and_guesses() {
    use PasswordFault::{Context, Guessable, Long, Short};
    // Eight characters, however many bytes; any characters, spaces too.
    for good in ["vß7-Kü#9", "four brown kettles sing", "пять зелёных чайников", "x9$Lq!zRw2", "🦜 on a raft, late"]
    {
        assert_eq!(verdict(good), Ok(()), "{good}");
    }
    assert_eq!(verdict("vß7-Kü#"), Err(Short));
    let long: String = "brown kettle raft ".chars().cycle().take(128).collect();
    assert_eq!(verdict(&long), Ok(()));
    assert_eq!(verdict(&format!("{long}x")), Err(Long));
    for named in ["alice-chum-2026", "Z$8-chum-Qv2", "C0da kettles brown", "north wind, brown tea", "example: raft 99!"]
    {
        assert_eq!(verdict(named), Err(Context), "{named}");
    }
    for guessed in ["password", "monkey12345", "qwertyuiop", "19871987", "aaaaaaaaaaaa"] {
        assert_eq!(verdict(guessed), Err(Guessable), "{guessed}");
    }
}

#[test]
fn two_keyboards_give_one_password() {
    let (composed, apart) = (Password::new("caf\u{e9} kettles"), Password::new("cafe\u{301} kettles"));
    assert_eq!(composed.as_bytes(), apart.as_bytes());
    assert_eq!(format!("{composed:?}"), "Password");
}
