use super::*;

fn tag(key: &PseudonymKey) -> Vec<u8> {
    hmac::sign(&key.hmac(), b"someone").as_ref().to_vec()
}

fn names(folder: &Path) -> Vec<String> {
    fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect()
}

#[test]
fn a_key_is_made_once_and_is_its_owners_alone() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("builds.pseudonym-key");
    let made = PseudonymKey::open_or_create(&path).unwrap();
    let text = fs::read(&path).unwrap();
    assert_eq!(text.len(), 129);
    assert!(text.trim_ascii_end().iter().all(u8::is_ascii_hexdigit));
    assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o7777, 0o600);
    assert_eq!(names(folder.path()), ["builds.pseudonym-key"]);

    assert_eq!(tag(&PseudonymKey::open_or_create(&path).unwrap()), tag(&made));
    assert_eq!(fs::read(&path).unwrap(), text);
    let other = PseudonymKey::open_or_create(&folder.path().join("other.pseudonym-key")).unwrap();
    assert_ne!(tag(&other), tag(&made));
}

#[test]
fn a_key_open_to_others_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("builds.pseudonym-key");
    PseudonymKey::open_or_create(&path).unwrap();
    for mode in [0o644, 0o640, 0o620, 0o604, 0o602] {
        fs::set_permissions(&path, fs::Permissions::from_mode(mode)).unwrap();
        let message = PseudonymKey::open_or_create(&path).unwrap_err().to_string();
        assert!(message.contains(&format!("chmod 600 {}", path.display())), "{message}");
        assert!(message.contains(&format!("{mode:04o}")), "{message}");
    }
    for mode in [0o600, 0o400] {
        fs::set_permissions(&path, fs::Permissions::from_mode(mode)).unwrap();
        assert!(PseudonymKey::open_or_create(&path).is_ok(), "{mode:o} was refused");
    }
}

#[test]
fn what_is_no_key_is_refused_and_stays() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("builds.pseudonym-key");
    PseudonymKey::open_or_create(&path).unwrap();
    let digits = "5a".repeat(64);
    for text in
        ["", "words", &digits[..127], &digits[..126], &format!("{digits}0"), &"5a".repeat(500), &"5g".repeat(64)]
    {
        fs::write(&path, text).unwrap();
        let outcome = PseudonymKey::open_or_create(&path);
        assert!(matches!(outcome, Err(PseudonymKeyError::Content(_))), "{text}: {outcome:?}");
        assert_eq!(fs::read_to_string(&path).unwrap(), *text);
    }
    for text in [digits.clone(), format!("{digits}\n"), format!("{digits}\r\n"), digits.to_uppercase()] {
        fs::write(&path, text).unwrap();
        assert_eq!(tag(&PseudonymKey::open_or_create(&path).unwrap()), tag(&PseudonymKey::new([0x5a; 64])));
    }
}

#[test]
fn many_builds_that_begin_at_the_same_moment_have_one_key() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("builds.pseudonym-key");
    let keys = std::thread::scope(|scope| {
        let open = || scope.spawn(|| tag(&PseudonymKey::open_or_create(&path).unwrap()));
        [(); 8].map(|()| open()).map(|thread| thread.join().unwrap())
    });
    assert!(keys.iter().all(|key| *key == keys[0]));
    // Whoever saw none, and comes too late, leaves the one that is there.
    let text = fs::read(&path).unwrap();
    create(&path).unwrap();
    assert_eq!(fs::read(&path).unwrap(), text);
    assert_eq!(names(folder.path()), ["builds.pseudonym-key"]);
}

#[test]
fn a_folder_that_is_not_there_is_said() {
    let message = PseudonymKey::open_or_create(Path::new("/nonexistent/builds.pseudonym-key")).unwrap_err().to_string();
    assert_eq!(message, "cannot make the pseudonym key /nonexistent/builds.pseudonym-key");
}

#[test]
fn it_is_hmac_with_sha_256() {
    // RFC 4231, 4.3; a key shorter than a block is filled up with zeros (RFC 2104, 2).
    let mut key = [0; 64];
    key[..4].copy_from_slice(b"Jefe");
    let tag = hmac::sign(&PseudonymKey::new(key).hmac(), b"what do ya want for nothing?");
    assert_eq!(hex::encode(tag), "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");
}

#[test]
fn debug_says_nothing() {
    assert_eq!(format!("{:?}", PseudonymKey::new([1; 64])), "PseudonymKey");
}
