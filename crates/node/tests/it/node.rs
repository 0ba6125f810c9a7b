//! A whole site of real processes: a build, its storage node, its computation node; and the coordinator that asks it.

use std::{
    fmt::Write as _,
    fs,
    io::{BufRead as _, BufReader},
    path::PathBuf,
    process::{Child, Command, Stdio},
    sync::{
        Arc, Mutex,
        atomic::{AtomicU64, Ordering},
    },
    thread::JoinHandle,
};

use coda_model::{
    Identity, SiteId, UserId,
    query::{Query, parse_ask, parse_predicate},
};
use coda_pki::{Credentials, Now, connect, random, tls};
use coda_policy::{Claim, Claims, Permission, Project, Role};
use coda_runtime::{Clock as _, SystemClock};
use coda_wire::{
    envelope::{self, Envelope},
    token,
    v1::{self, compute_client::ComputeClient},
};
use time::Duration;
use tonic::Status;

use crate::site::{COMPUTE, STORAGE, Site};

const DICTIONARY: &str = r#"
version = "1"
title = "A row of people"
[dataset.row]
people = "patient"
[dataset.row.table.patient]
rows = "one"
person = "id"
[dataset.row.table.patient.variable]
place = { type = "continuous", unit = "1", lower = 0, upper = 2999, resolution = 1, missing = "never", cuts = { step = 50 } }
ill = { type = "binary", missing = "never" }
"#;
const POLICY: &str =
    "asks_per_project = 100000\ncohorts_per_project = 100000\nasks_per_day = 100000\nreply_quantum_ms = 0\n";
/// How many people there are.
const PEOPLE: usize = 3000;

/// A site with a build, whose storage node runs.
pub(crate) struct Node {
    pub(crate) site: Site,
    storage: Process,
}

/// A running program.
pub(crate) struct Process {
    child: Child,
    /// What it has said so far.
    said: Arc<Mutex<String>>,
    reader: Option<JoinHandle<()>>,
}

/// Somebody who asks, with the coordinator's key.
pub(crate) struct Asker {
    coordinator: Credentials,
    auth: Credentials,
    own: Credentials,
    user: UserId,
    address: String,
}

fn now() -> Now {
    Arc::new(|| SystemClock.now())
}

impl Node {
    /// Publishes a build and starts the storage node.
    pub(crate) fn new() -> Self {
        let site = Site::new();
        site.write("dictionary.toml", DICTIONARY);
        site.write("policy.toml", POLICY);
        let mut rows = "id,place,ill\n".to_owned();
        for n in 0..PEOPLE {
            writeln!(rows, "p{n},{n},{}", if n % 3 == 0 { "yes" } else { "no" }).unwrap();
        }
        site.write("patient.csv", &rows);
        let arguments = ["build", "--dictionary", "dictionary.toml", "--site", "north", "--builds", "builds"];
        let built = site.run(&[arguments.as_slice(), &["--input", "patient.csv"]].concat());
        assert_eq!(built.code, Some(0), "{}", built.said);
        let storage = Process::start(&site, Command::new(program()).args(["storage", "--config", "storage.toml"]));
        let text = format!(
            "listen = \"127.0.0.1:0\"\nsite = \"north\"\nstorage = \"{}\"\ndictionary = \"dictionary.toml\"\npolicy = \"policy.toml\"\n\
             audit = \"compute.jsonl\"\nledger = \"ledger/ledger.db\"\nauth = \"{}\"\n\n[tls]\nchain = \"compute.pem\"\nkey = \"compute.key\"\n\
             roots = \"roots.pem\"\n",
            storage.address(),
            site.auth()
        );
        site.write("compute.toml", &text);
        fs::create_dir(site.path("ledger")).unwrap();
        let own = site.credentials(COMPUTE, Duration::days(1), SystemClock.now());
        own.save(&site.path("compute.pem"), &site.path("compute.key"), &site.path("roots.pem")).unwrap();
        Self { site, storage }
    }

    /// Starts the computation node.
    pub(crate) fn compute(&self) -> Process {
        Process::start(&self.site, Command::new(program()).args(["compute", "--config", "compute.toml"]))
    }

    /// Starts the computation node where no file may grow over so many kilobytes.
    pub(crate) fn compute_within(&self, kilobytes: u64) -> Process {
        let script = format!("trap '' XFSZ; ulimit -f {kilobytes}; exec \"$0\" compute --config compute.toml");
        Process::start(&self.site, Command::new("bash").args(["-c", &script, program()]))
    }

    /// Where a file of the ledger is.
    pub(crate) fn ledger(&self, end: &str) -> PathBuf {
        self.site.path(&format!("ledger/ledger.db{end}"))
    }

    /// Somebody who asks this computation node.
    pub(crate) fn asker(&self, compute: &Process) -> Asker {
        let of = |identity: &str| self.site.credentials(identity, Duration::days(1), SystemClock.now());
        let user = UserId::new("ana@north.example").unwrap();
        let identity = |identity: &Identity| of(&identity.to_string());
        Asker {
            coordinator: identity(&Identity::Coordinator),
            auth: identity(&Identity::Auth),
            own: identity(&Identity::User(user.clone())),
            user,
            address: compute.address(),
        }
    }

    /// Whether the storage node is still there.
    pub(crate) fn is_sound(&mut self) -> bool {
        self.storage.child.try_wait().unwrap().is_none()
    }
}

fn program() -> &'static str {
    env!("CARGO_BIN_EXE_coda-node")
}

impl Process {
    fn start(site: &Site, command: &mut Command) -> Self {
        command.current_dir(site.path("")).env_remove("CODA_LOG");
        command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::piped());
        let mut child = command.spawn().unwrap();
        let stderr = BufReader::new(child.stderr.take().unwrap());
        let said = Arc::new(Mutex::new(String::new()));
        let heard = said.clone();
        let reader = std::thread::spawn(move || {
            for line in stderr.lines().map_while(Result::ok) {
                heard.lock().unwrap().push_str(&(line + "\n"));
            }
        });
        let process = Self { child, said, reader: Some(reader) };
        // Until it listens, or has ended.
        while process.said().is_empty() && process.reader.as_ref().is_some_and(|reader| !reader.is_finished()) {
            std::thread::sleep(std::time::Duration::from_millis(5));
        }
        process
    }

    /// What it has said so far, for the administrator.
    pub(crate) fn said(&self) -> String {
        self.said.lock().unwrap().clone()
    }

    /// `host:port`.
    pub(crate) fn address(&self) -> String {
        let said = self.said();
        let address = said.strip_prefix("listening on ").and_then(|rest| rest.split(' ').next());
        address.unwrap_or_else(|| panic!("{said}")).to_owned()
    }

    /// `kill -9`; returns what it had said.
    pub(crate) fn kill(mut self) -> String {
        self.child.kill().unwrap();
        self.ended().1
    }

    /// Asks for an orderly end.
    pub(crate) fn stop(mut self) {
        let asked = Command::new("kill").args(["-TERM", &self.child.id().to_string()]).status().unwrap();
        assert!(asked.success() && self.ended().0 == Some(0), "{}", self.said());
    }

    /// The exit code of a program that ends by itself, and what it said.
    pub(crate) fn ended(&mut self) -> (Option<i32>, String) {
        let code = self.child.wait().unwrap().code();
        if let Some(reader) = self.reader.take() {
            reader.join().unwrap();
        }
        (code, self.said())
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        // This very child: after an end of its own there is nothing to end any more.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// A question about those from one place up to another.
pub(crate) fn between(from: usize, to: usize) -> Query {
    let asks = ["count", "mean:place", "marginals:ill"].map(|ask| parse_ask("of", ask).unwrap()).to_vec();
    let cohort = parse_predicate("where", &format!("place >= {from} and place < {to}")).unwrap();
    Query { dataset: "row".to_owned(), asks, cohort: Some(cohort), ..Query::default() }
}

impl Asker {
    /// A signed question.
    pub(crate) fn request(&self, query: &Query) -> v1::Request {
        let (at, user, now) = (SiteId::new("north").unwrap(), self.user.clone(), SystemClock.now().unix_timestamp());
        let asked = Envelope {
            query: query.clone(),
            sites: vec![at.clone()],
            user: user.clone(),
            project: "study".to_owned(),
            not_before: now - 5,
            not_after: now + 250,
            nonce: random(),
            dictionary: String::new(),
        };
        let claims = Claims {
            user,
            thumbprint: self.own.thumbprint(),
            claims: vec![
                Claim::new(Role::SiteResearcher, Some(at), vec![Permission::BasicQueries])
                    .unwrap()
                    .within(Some(Project::new("study").unwrap())),
            ],
            not_before: now - 5,
            not_after: now + 590,
        };
        let signed = |content: Vec<u8>, by: &Credentials| {
            let signature = by.key().sign(&content).unwrap();
            token::signed(content, signature, by.chain())
        };
        v1::Request {
            envelope: Some(signed(envelope::encode(&asked), &self.own)),
            token: Some(signed(token::encode(&claims), &self.auth)),
            dictionary: Vec::new(),
        }
    }

    /// What the computation node answers.
    pub(crate) async fn send(&self, request: v1::Request) -> Result<v1::SiteAnswer, Status> {
        let peer = Identity::parse(COMPUTE).unwrap();
        let config = tls::client_config(&self.coordinator, peer, now()).unwrap();
        let channel = connect::channel(&self.address, config, connect::Timeouts::default()).unwrap();
        ComputeClient::new(channel).answer(request).await.map(tonic::Response::into_inner)
    }

    /// What the computation node answers to a question that it was not asked before.
    pub(crate) async fn ask(&self, query: &Query) -> Result<v1::SiteAnswer, Status> {
        self.send(self.request(query)).await
    }
}

/// How many new asks the asker has left, by an answer.
pub(crate) fn left(answer: &v1::SiteAnswer) -> u64 {
    coda_wire::receipt::decode(&answer.receipt.as_ref().unwrap().content).unwrap().terms.limits.asks_left
}

/// Numbers that look drawn, another one each time.
pub(crate) fn draw(below: u64) -> u64 {
    static STATE: AtomicU64 = AtomicU64::new(7);
    // Knuth's linear congruential generator (The Art of Computer Programming, 3.3.4).
    let next = |state: u64| Some(state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407));
    let state = STATE.fetch_update(Ordering::Relaxed, Ordering::Relaxed, next).unwrap();
    (state >> 33) % below
}

#[test]
fn the_identities_are_those_of_the_site() {
    assert_eq!(Identity::parse(STORAGE).unwrap(), Identity::Storage(SiteId::new("north").unwrap()));
    assert_eq!(Identity::parse(COMPUTE).unwrap(), Identity::Compute(SiteId::new("north").unwrap()));
}
