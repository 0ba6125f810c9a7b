//! A hub for these tests: a folder with the configurations of both services and an authority, and the program.

use std::{
    fs,
    io::{BufRead as _, BufReader, Read as _},
    path::PathBuf,
    process::{Child, ChildStderr, Command, Stdio},
};

use tempfile::TempDir;

use crate::files::{AUTH, COORDINATOR, DICTIONARY};

pub(crate) struct Hub {
    folder: TempDir,
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

impl Hub {
    /// A folder with configurations and nothing else.
    pub(crate) fn empty() -> Self {
        let hub = Self { folder: tempfile::tempdir().unwrap() };
        hub.write("auth.toml", AUTH);
        hub.write("coordinator.toml", COORDINATOR);
        hub.write("dictionary.toml", DICTIONARY);
        hub
    }

    /// The same with an authority.
    pub(crate) fn with_authority() -> Self {
        let hub = Self::empty();
        hub.done(&["authority", "create", "authority", "--algorithm", "p256"]);
        hub.write("roots.pem", &hub.done(&["authority", "roots", "authority"]));
        hub
    }

    /// The same with certificates, by the program's own commands: both services can start.
    pub(crate) fn new() -> Self {
        let hub = Self::with_authority();
        for role in ["auth", "coordinator"] {
            let key = format!("{role}.key");
            let request = hub.done(&["request", "--role", role, "--key", &key, "--algorithm", "p256"]);
            hub.write("request.csr", &request);
            let chain = hub.sign(&format!("coda://hub/{role}"), "30");
            hub.write(&format!("{role}.pem"), &chain.output);
        }
        hub
    }

    /// Signs request.csr.
    pub(crate) fn sign(&self, identity: &str, days: &str) -> Ended {
        let arguments = ["authority", "sign", "--authority", "authority", "--request", "request.csr"];
        self.run(&[arguments.as_slice(), ["--identity", identity, "--days", days].as_slice()].concat())
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    pub(crate) fn write(&self, name: &str, text: &str) {
        fs::write(self.path(name), text).unwrap();
    }

    /// Changes a text of a file.
    pub(crate) fn change(&self, name: &str, from: &str, to: &str) {
        let text = fs::read_to_string(self.path(name)).unwrap();
        assert!(text.contains(from));
        self.write(name, &text.replace(from, to));
    }

    /// Runs the program in the hub's folder to its end.
    pub(crate) fn run(&self, arguments: &[&str]) -> Ended {
        let output = self.command(arguments).output().unwrap();
        let folder = self.folder.path().to_str().unwrap();
        let text = |bytes| String::from_utf8(bytes).unwrap().replace(folder, "FOLDER");
        Ended { code: output.status.code(), output: text(output.stdout), said: text(output.stderr) }
    }

    /// The output of a command that succeeds.
    #[track_caller]
    pub(crate) fn done(&self, arguments: &[&str]) -> String {
        let ended = self.run(arguments);
        assert_eq!(ended.code, Some(0), "{arguments:?}: {}", ended.said);
        ended.output
    }

    pub(crate) fn start(&self, arguments: &[&str]) -> Serving {
        let mut child = self.command(arguments).spawn().unwrap();
        let mut stderr = BufReader::new(child.stderr.take().unwrap());
        let mut first_line = String::new();
        stderr.read_line(&mut first_line).unwrap();
        Serving { child, stderr, first_line }
    }

    fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_coda-hub"));
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

    /// Asks for the stop by SIGTERM; the exit code, and what else was said.
    pub(crate) fn stop(mut self) -> (Option<i32>, String) {
        let id = self.child.id().to_string();
        assert!(Command::new("kill").args(["-TERM", &id]).status().unwrap().success());
        let mut rest = String::new();
        self.stderr.read_to_string(&mut rest).unwrap();
        (self.child.wait().unwrap().code(), rest)
    }
}

impl Serving {
    /// SIGKILL: nothing of the program runs after it.
    pub(crate) fn kill(&mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }
}

impl Drop for Serving {
    fn drop(&mut self) {
        // For a test that failed; after a stop there is nothing to end any more.
        let _ = self.child.kill();
    }
}
