//! People by their own program: from a first password to a certificate, and what ends it.

use std::{
    collections::VecDeque,
    io,
    path::{Path, PathBuf},
};

use coda_cli::{Ask, Ending, Prompt};
use coda_testkit::{PROJECT, administrator, person};

use crate::{
    population::hospitals,
    world::{World, site},
};

const OWN: &str = "four brown kettles sing";

/// What a person types, and the code from the postbox.
struct Typing<'a> {
    world: &'a World,
    user: String,
    words: VecDeque<(Prompt, String)>,
}

impl Ask for Typing<'_> {
    fn ask(&mut self, prompt: Prompt) -> io::Result<String> {
        if prompt == Prompt::Code {
            return Ok(self.world.network.postbox.code(&self.user).unwrap());
        }
        let (expected, word) = self.words.pop_front().unwrap_or_else(|| panic!("{prompt:?} was not expected"));
        assert_eq!(prompt, expected);
        Ok(word)
    }
}

/// Runs `coda`; what it printed.
async fn coda(
    world: &World,
    config: &Path,
    user: &str,
    words: &[(Prompt, &str)],
    arguments: &[&str],
) -> (Ending, String) {
    let words = words.iter().map(|(prompt, word)| (*prompt, (*word).to_owned())).collect();
    let mut typing = Typing { world, user: user.to_owned(), words };
    let mut output = Vec::new();
    let head = ["coda".into(), "--config".into(), config.as_os_str().to_owned()];
    let arguments = head.into_iter().chain(arguments.iter().map(Into::into));
    let ending = coda_cli::run_asking(arguments, &mut output, &mut typing).await;
    assert!(typing.words.is_empty(), "{:?} was not asked", typing.words);
    (ending, String::from_utf8(output).unwrap())
}

fn pem(folder: &Path) -> Vec<PathBuf> {
    let files = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    let mut files: Vec<_> = files.filter(|path| path.extension().is_some_and(|end| end == "pem")).collect();
    files.sort();
    files
}

#[tokio::test(flavor = "multi_thread")]
async fn a_person_enrols_asks_renews_and_revokes() {
    use Prompt::{Again, NewPassword, Password};
    let world = World::start(hospitals()).await;
    let network = &world.network;
    let north = site("north");
    let kim = person("kim", &north).unwrap().to_string();
    let admin = network.write_client(&administrator(&north).unwrap()).unwrap();
    let (ending, first) = coda(&world, &admin, "", &[], &["account", "open", "--user", &kim]).await;
    assert_eq!(ending, Ending::Done);
    let first = first.trim().to_owned();

    // The first time: by fingerprint, and with another password.
    let config = world.path("kim/config.toml");
    let (hub, fingerprint) = (network.log_in.to_string(), network.fingerprint());
    let init = ["init", "--hub", &hub, "--fingerprint", &fingerprint, "--user", &kim, "--algorithm", "p256"];
    let wrong = "0".repeat(64);
    let other = [init[0], init[1], init[2], init[3], &wrong, init[5], init[6]];
    let (ending, _) = coda(&world, &config, &kim, &[(Password, &first)], &other).await;
    assert_eq!((ending, config.exists()), (Ending::Failed, false), "another network's fingerprint");
    let typed = [
        (Password, first.as_str()),
        (NewPassword, "short"),
        (Again, "short"),
        (NewPassword, OWN),
        (Again, "four brown kettles sink"),
        (NewPassword, OWN),
        (Again, OWN),
    ];
    let (ending, _) = coda(&world, &config, &kim, &typed, &init).await;
    assert_eq!(ending, Ending::Done);
    let before = pem(&world.path("kim"));
    assert_eq!(before.len(), 3);
    for file in std::fs::read_dir(world.path("kim")).unwrap() {
        let file = file.unwrap();
        let name = file.file_name().into_string().unwrap();
        let mode = std::os::unix::fs::PermissionsExt::mode(&file.metadata().unwrap().permissions()) & 0o777;
        assert!(mode == 0o600 || !name.starts_with("key"), "{name}: {mode:o}");
    }

    let grant = ["grant", "--user", &kim, "--role", "site-researcher", "--site", "north", "--extra", "basic-queries"];
    assert_eq!(coda(&world, &admin, "", &[], &grant).await.0, Ending::Wrong, "no reason");
    let grant = [&grant[..], &["--project", PROJECT, "--reason", "asks for the study"]].concat();
    assert_eq!(coda(&world, &admin, "", &[], &grant).await.0, Ending::Done);
    let query = ["query", "--of", "count", "--sites", "north"];
    let (ending, answer) = coda(&world, &config, &kim, &[], &query).await;
    assert_eq!(ending, Ending::Done, "{answer}");
    let (_, whoami) = coda(&world, &config, &kim, &[], &["whoami"]).await;
    assert!(whoami.starts_with(&format!("{kim}\ncertificate good until ")), "{whoami}");

    // Again: everything but the password is known.
    let (ending, _) = coda(&world, &config, &kim, &[(Password, OWN)], &["init", "--algorithm", "p256"]).await;
    assert_eq!(ending, Ending::Done);
    let after = pem(&world.path("kim"));
    assert_eq!(after.len(), 3, "the former key is gone");
    assert!(after.iter().all(|file| !before.contains(file)));
    assert_eq!(coda(&world, &config, &kim, &[], &query).await.0, Ending::Done);

    // Two stand; the one in use is revoked, and asks nothing more.
    let (_, list) = coda(&world, &config, &kim, &[], &["certificate", "list"]).await;
    let thumbprints: Vec<_> = list.split_whitespace().filter(|word| word.len() == 64).collect();
    assert_eq!(thumbprints.len(), 2);
    let chain = after.iter().find(|file| file.to_str().unwrap().contains("chain")).unwrap();
    let own = coda_pki::certificate::details(&std::fs::read_to_string(chain).unwrap()).unwrap();
    let own = hex::encode(own.thumbprint);
    assert!(thumbprints.contains(&own.as_str()));
    let (ending, _) = coda(&world, &config, &kim, &[], &["certificate", "revoke", &own]).await;
    assert_eq!(ending, Ending::Done);
    let mut tries = 0;
    while coda(&world, &config, &kim, &[], &query).await.0 == Ending::Done {
        tries += 1;
        assert!(tries < 200, "a revoked certificate is still taken");
        tokio::time::sleep(std::time::Duration::from_millis(50)).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_password_is_changed_and_a_log_in_refused_by_the_program() {
    use Prompt::{Again, NewPassword, Password};
    let world = World::start(hospitals()).await;
    let network = &world.network;
    let kim = person("kim", &site("north")).unwrap();
    let admin = network.write_client(&administrator(&site("north")).unwrap()).unwrap();
    let (_, first) = coda(&world, &admin, "", &[], &["account", "open", "--user", kim.as_str()]).await;
    let config = world.path("kim.toml");
    let (hub, fingerprint) = (network.log_in.to_string(), network.fingerprint());
    let init = ["init", "--hub", &hub, "--fingerprint", &fingerprint, "--user", kim.as_str(), "--algorithm", "p256"];
    let wrong = coda(&world, &config, kim.as_str(), &[(Password, "not this one")], &init).await;
    assert_eq!((wrong.0, config.exists()), (Ending::Failed, false));
    let typed = [(Password, first.trim()), (NewPassword, OWN), (Again, OWN)];
    assert_eq!(coda(&world, &config, kim.as_str(), &typed, &init).await.0, Ending::Done);

    let typed = [(Password, OWN), (NewPassword, "a green raft at seven"), (Again, "a green raft at seven")];
    assert_eq!(coda(&world, &config, kim.as_str(), &typed, &["password"]).await.0, Ending::Done);
    let again = ["init", "--algorithm", "p256"];
    assert_eq!(coda(&world, &config, kim.as_str(), &[(Password, OWN)], &again).await.0, Ending::Failed);
    let typed = [(Password, "a green raft at seven")];
    assert_eq!(coda(&world, &config, kim.as_str(), &typed, &again).await.0, Ending::Done);
    assert_eq!(coda(&world, &config, kim.as_str(), &[], &["log-out"]).await.0, Ending::Done);

    // The administrator sees the account, closes it, and it is none.
    let (_, list) = coda(&world, &admin, "", &[], &["account", "list"]).await;
    assert!(list.contains(kim.as_str()) && list.contains("open"), "{list}");
    assert_eq!(coda(&world, &admin, "", &[], &["account", "close", "--user", kim.as_str()]).await.0, Ending::Done);
    let typed = [(Password, "a green raft at seven")];
    assert_eq!(coda(&world, &config, kim.as_str(), &typed, &again).await.0, Ending::Failed);
}
