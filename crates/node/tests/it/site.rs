//! A site for these tests: a folder with a storage node's configuration, credentials and builds, and the program.

use std::{
    fs,
    io::{BufRead as _, BufReader, Read as _},
    path::PathBuf,
    process::{Child, ChildStderr, Command, Stdio},
};

use coda_model::Identity;
use coda_pki::{Algorithm, Authority, Credentials};
use coda_runtime::{Clock as _, SystemClock};
use tempfile::TempDir;
use time::{Duration, OffsetDateTime};

use crate::hub::Hub;

pub(crate) const STORAGE: &str = "coda://site/north/storage";
pub(crate) const COMPUTE: &str = "coda://site/north/compute";

const CONFIGURATION: &str = r#"listen = "127.0.0.1:0"
site = "north"
builds = "builds"
audit = "storage.jsonl"
auth = "127.0.0.1:1"

[tls]
chain = "chain.pem"
key = "own.key"
roots = "roots.pem"
"#;

pub(crate) struct Site {
    folder: TempDir,
    pub(crate) authority: Authority,
    /// The hub's auth server, where the site needs one.
    hub: Option<Hub>,
}

/// How the program ended, with the folder of the test written as FOLDER.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Ended {
    pub(crate) code: Option<i32>,
    pub(crate) output: String,
    pub(crate) said: String,
}

/// The program while it serves.
pub(crate) struct Serving {
    child: Child,
    stderr: BufReader<ChildStderr>,
    pub(crate) first_line: String,
}

impl Site {
    /// A site whose storage node can start.
    pub(crate) fn new() -> Self {
        let mut site = Self::without_credentials();
        site.certify(STORAGE, Duration::days(30), SystemClock.now());
        site.start_hub();
        site
    }

    pub(crate) fn without_credentials() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let authority = folder.path().join("authority");
        let authority = Authority::create(&authority, Algorithm::P256, SystemClock.now()).unwrap();
        let site = Self { folder, authority, hub: None };
        fs::create_dir(site.path("builds")).unwrap();
        site.write("storage.toml", CONFIGURATION);
        site.write("roots.pem", &site.authority.roots().to_pem());
        site
    }

    /// Puts the party's credentials where the configuration looks for them, in the place of what is there.
    pub(crate) fn certify(&self, identity: &str, validity: Duration, from: OffsetDateTime) {
        let _ = fs::remove_file(self.path("own.key"));
        let credentials = self.credentials(identity, validity, from);
        credentials.save(&self.path("chain.pem"), &self.path("own.key"), &self.path("roots.pem")).unwrap();
    }

    pub(crate) fn credentials(&self, identity: &str, validity: Duration, from: OffsetDateTime) -> Credentials {
        let identity = Identity::parse(identity).unwrap();
        self.authority.credentials(&identity, Algorithm::P256, validity, from).unwrap()
    }

    /// Starts the hub's auth server, and lets the storage node's configuration name it.
    pub(crate) fn start_hub(&mut self) {
        let hub = Hub::start(self.folder.path(), &self.authority);
        self.write("storage.toml", &CONFIGURATION.replace("127.0.0.1:1", &hub.address));
        self.hub = Some(hub);
    }

    /// Where the hub's auth server is.
    pub(crate) fn auth(&self) -> &str {
        self.hub.as_ref().map_or("127.0.0.1:1", |hub| &hub.address)
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    pub(crate) fn write(&self, name: &str, text: &str) {
        fs::write(self.path(name), text).unwrap();
    }

    /// Changes a text of the configuration.
    pub(crate) fn configure(&self, from: &str, to: &str) {
        assert!(CONFIGURATION.contains(from));
        let text = CONFIGURATION.replace("127.0.0.1:1", self.auth());
        self.write("storage.toml", &text.replace(from, to));
    }

    /// Runs the program in the site's folder to its end.
    pub(crate) fn run(&self, arguments: &[&str]) -> Ended {
        let output = self.command(arguments).output().unwrap();
        let folder = self.folder.path().to_str().unwrap();
        let text = |bytes| String::from_utf8(bytes).unwrap().replace(folder, "FOLDER");
        Ended { code: output.status.code(), output: text(output.stdout), said: text(output.stderr) }
    }

    pub(crate) fn start(&self) -> Serving {
        let mut child = self.command(&["storage", "--config", "storage.toml"]).spawn().unwrap();
        let mut stderr = BufReader::new(child.stderr.take().unwrap());
        let mut first_line = String::new();
        stderr.read_line(&mut first_line).unwrap();
        Serving { child, stderr, first_line }
    }

    fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_coda-node"));
        command.args(arguments).current_dir(self.folder.path()).env_remove("CODA_LOG");
        command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
        command
    }
}

impl Serving {
    /// `host:port`, as the program says it.
    pub(crate) fn address(&self) -> String {
        let address = self.first_line.strip_prefix("listening on ").and_then(|rest| rest.split(' ').next());
        address.unwrap_or_else(|| panic!("{}", self.first_line)).to_owned()
    }

    /// Asks for the stop by a signal such as `-TERM`; the exit code, and what else was said.
    pub(crate) fn stop(mut self, signal: &str) -> (Option<i32>, String) {
        let id = self.child.id().to_string();
        assert!(Command::new("kill").args([signal, &id]).status().unwrap().success());
        let mut rest = String::new();
        self.stderr.read_to_string(&mut rest).unwrap();
        (self.child.wait().unwrap().code(), rest)
    }
}

impl Drop for Serving {
    fn drop(&mut self) {
        // For a test that failed; after a stop there is nothing to end any more.
        let _ = self.child.kill();
    }
}
