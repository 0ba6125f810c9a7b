//! The database of these tests: a new one for each test, of a PostgreSQL that the first of them starts.

use std::ffi::OsString;
use std::net::TcpListener;
use std::os::unix::fs::{PermissionsExt as _, chown};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::OnceLock;

use coda_auth::DatabaseAt;

/// Set where PostgreSQL must be there; elsewhere these tests say that they were left out.
const REQUIRED: &str = "CODA_REQUIRE_POSTGRES";

struct Server {
    port: u16,
    programs: PathBuf,
    folder: PathBuf,
}

/// A new database; `None` where there is no PostgreSQL.
pub(crate) fn database(_folder: &Path) -> Option<DatabaseAt> {
    static SERVER: OnceLock<Option<Server>> = OnceLock::new();
    let server = SERVER.get_or_init(start).as_ref()?;
    let name = format!("coda_{}", hex::encode(coda_pki::random::<8>()));
    let url = format!("postgres://postgres@127.0.0.1:{}/postgres", server.port);
    run(server.program("psql").arg(&url).args(["-qc", &format!("CREATE DATABASE {name}")]));
    Some(DatabaseAt::Postgres(format!("postgres://postgres@127.0.0.1:{}/{name}", server.port)))
}

fn start() -> Option<Server> {
    let Some(programs) = programs() else {
        assert!(std::env::var_os(REQUIRED).is_none(), "{REQUIRED} is set, and there is no initdb");
        eprintln!("left out: no initdb of PostgreSQL here");
        return None;
    };
    let folder = tempfile::Builder::new().prefix("coda-postgres-").tempdir().unwrap().keep();
    std::fs::set_permissions(&folder, std::fs::Permissions::from_mode(0o700)).unwrap();
    let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let server = Server { port, programs, folder };
    server.own();
    run(server.program("initdb").args(["-D", "data", "-U", "postgres", "-A", "trust", "--no-sync"]));
    // Stopped with this process: the server watches the pipe that only we hold open.
    let options = format!("-p {port} -h 127.0.0.1 -k . -c fsync=off");
    run(server.program("pg_ctl").args(["-D", "data", "-w", "-l", "log", "-o", &options, "start"]));
    server.stop_with_this_process();
    Some(server)
}

impl Server {
    /// PostgreSQL refuses to run as root.
    fn own(&self) {
        if is_root() {
            let id = |option| {
                let output = Command::new("id").args([option, "postgres"]).output().unwrap();
                String::from_utf8(output.stdout).unwrap().trim().parse().unwrap()
            };
            chown(&self.folder, Some(id("-u")), Some(id("-g"))).unwrap();
        }
    }

    fn program(&self, name: &str) -> Command {
        let program = self.programs.join(name).into_os_string();
        let mut command = if is_root() {
            let mut command = Command::new("runuser");
            command.args([OsString::from("-u"), "postgres".into(), "--".into(), program]);
            command
        } else {
            Command::new(program)
        };
        command.current_dir(&self.folder);
        command
    }

    /// A shell that waits for its standard input to end, which it does with this process.
    fn stop_with_this_process(&self) {
        let stop = r#"cat >/dev/null; "$0/pg_ctl" -D data -m immediate stop >/dev/null 2>&1; rm -rf "$1""#;
        let mut shell = if is_root() { Command::new("runuser") } else { Command::new("sh") };
        if is_root() {
            shell.args(["-u", "postgres", "--", "sh"]);
        }
        shell.arg("-c").arg(stop).arg(&self.programs).arg(&self.folder).current_dir(&self.folder);
        shell
            .stdin(std::process::Stdio::piped())
            .stdout(std::process::Stdio::null())
            .stderr(std::process::Stdio::null());
        std::mem::forget(shell.spawn().unwrap());
    }
}

fn is_root() -> bool {
    std::os::unix::fs::MetadataExt::uid(&std::fs::metadata("/proc/self").unwrap()) == 0
}

/// Where initdb is: Debian keeps it out of the path.
fn programs() -> Option<PathBuf> {
    let debian = std::fs::read_dir("/usr/lib/postgresql").into_iter().flatten().flatten();
    let mut folders: Vec<_> = debian.map(|version| version.path().join("bin")).collect();
    folders.extend(std::env::split_paths(&std::env::var_os("PATH").unwrap_or_default()));
    folders.into_iter().find(|folder| folder.join("initdb").is_file())
}

fn run(command: &mut Command) {
    let output = command.output().unwrap();
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{command:?}: {said}");
}
