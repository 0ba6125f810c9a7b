//! Keys, their files and their texts.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;

use coda_audit::{
    CheckpointError, KeyError, LogKey, LogVerifier, Name, Policy, PolicyError, Seed, VkeyError, WitnessKey,
    WitnessVerifier,
};

use crate::fixture::{North, name};

/// The seed and the key of RFC 8032, section 7.1, test 1.
fn rfc_8032() -> Seed {
    let mut seed = [0; 32];
    hex::decode_to_slice("9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60", &mut seed).unwrap();
    Seed::new(seed)
}

#[test]
fn a_public_key_has_the_text_of_signed_note() {
    let log = LogKey::new(name("example.com/log"), &rfc_8032()).unwrap();
    let witness = WitnessKey::new(name("example.com/log"), &rfc_8032()).unwrap();
    // Computed with hashlib of Python.
    assert_eq!(log.verifier().to_string(), "example.com/log+cc714670+AddamAGCsQq31Uv+08lkBzoO4XLz2qYjJa8CGmj3B1Ea");
    assert_eq!(witness.verifier().to_string(), "example.com/log+a740d55c+BNdamAGCsQq31Uv+08lkBzoO4XLz2qYjJa8CGmj3B1Ea");
    assert_eq!(&log.verifier().to_string().parse::<LogVerifier>().unwrap(), log.verifier());
    assert_eq!(&witness.verifier().to_string().parse::<WitnessVerifier>().unwrap(), witness.verifier());
}

#[test]
fn a_text_that_is_no_public_key_of_its_kind_is_refused() {
    let text = LogKey::new(name("north"), &rfc_8032()).unwrap().verifier().to_string();
    let refused = |text: &str| text.parse::<LogVerifier>().unwrap_err();
    assert!(matches!(text.parse::<WitnessVerifier>(), Err(VkeyError::Kind { .. })));
    assert!(matches!(refused("north"), VkeyError::Form));
    assert!(matches!(refused("north+12345678+"), VkeyError::Form));
    assert!(matches!(refused(&text[..text.len() - 4]), VkeyError::Form));
    assert!(matches!(refused(&text.replace("north", "nor th")), VkeyError::Name(_)));
    // The id ties name and key together: a key cannot be given to another name, nor another key to the name.
    assert!(matches!(refused(&text.replace("north", "south")), VkeyError::Id));
    for wrong in ["", "a b", "a+b", "a\n", "é", &"a".repeat(256)] {
        assert!(Name::new(wrong).is_err(), "{wrong:?}");
    }
}

#[test]
fn a_key_is_made_once_and_is_private() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("log.key");
    let made = LogKey::open(&path, name("north"), Seed::random).unwrap();
    assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
    let again = LogKey::open(&path, name("north"), || panic!("a key is there")).unwrap();
    assert_eq!(made.verifier(), again.verifier());
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
    let text = format!("{made:?}");
    assert!(!text.contains(fs::read_to_string(&path).unwrap().trim()), "{text}");

    fs::set_permissions(&path, fs::Permissions::from_mode(0o640)).unwrap();
    let refused = LogKey::open(&path, name("north"), Seed::random).unwrap_err();
    assert!(refused.to_string().contains("chmod 600"), "{refused}");

    for content in ["", "00\n", "not hexadecimal\n", &"0".repeat(64), &format!("{}\n", "0".repeat(66))] {
        let other = folder.path().join("other.key");
        fs::write(&other, content).unwrap();
        fs::set_permissions(&other, fs::Permissions::from_mode(0o600)).unwrap();
        assert!(matches!(WitnessKey::open(&other, name("n"), Seed::random), Err(KeyError::Content(_))), "{content}");
        assert_eq!(fs::read_to_string(&other).unwrap(), content);
    }
}

#[test]
fn many_who_open_a_key_at_once_get_the_same() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("log.key");
    let keys: Vec<_> = std::thread::scope(|scope| {
        let open = || LogKey::open(&path, name("north"), Seed::random).unwrap().verifier().clone();
        let threads: Vec<_> = (0..8).map(|_| scope.spawn(open)).collect();
        threads.into_iter().map(|thread| thread.join().unwrap()).collect()
    });
    assert!(keys.windows(2).all(|pair| pair[0] == pair[1]));
}

#[test]
fn a_policy_counts_no_key_twice() {
    let log = North::with(0).key.verifier().clone();
    let witness =
        |name_of: &str, seed| WitnessKey::new(name(name_of), &Seed::new([seed; 32])).unwrap().verifier().clone();
    let policy = |witnesses, quorum| Policy::new(log.clone(), witnesses, quorum);
    assert!(policy(vec![witness("a", 7), witness("b", 8)], 2).is_ok());
    assert!(matches!(policy(vec![witness("a", 7), witness("b", 7)], 2), Err(PolicyError::Twice(_))));
    // The log has the seed 1: it cannot be its own witness.
    assert!(matches!(policy(vec![witness("a", 1)], 1), Err(PolicyError::Twice(_))));
    assert!(matches!(policy(vec![witness("a", 7)], 2), Err(PolicyError::Quorum { .. })));
}

#[test]
fn the_key_of_a_log_is_asked_for_by_its_name() {
    let checkpoint = North::with(3).checkpoint();
    let other = |text, seed| LogKey::new(name(text), &Seed::new([seed; 32])).unwrap().verifier().clone();
    assert_eq!(checkpoint.verify(&other("coda/north", 1)).unwrap().size, 3);
    assert!(matches!(checkpoint.verify(&other("coda/north", 2)), Err(CheckpointError::Unsigned(_))));
    assert!(matches!(checkpoint.verify(&other("coda/south", 1)), Err(CheckpointError::Origin { .. })));
}
