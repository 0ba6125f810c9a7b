//! What an attacker has: a running network, roles, a stolen key of the coordinator, and what they know of some patients.
//!
//! A file is an attack. It begins with lines that `cargo xtask attacks` prints: its number and name, `Learns:` what it would
//! tell, `Against:` the defence. It has a test `is_defended`, and a test `works_undefended` that shows the same attack to
//! succeed when that defence is off; where there is nothing to switch off, because the words for it do not exist, `works_undefended`
//! computes from the data what the words would have told.

pub(crate) mod patients;
pub(crate) mod solver;
pub(crate) mod twins;

use std::{
    path::Path,
    sync::Arc,
    time::{Duration, Instant},
};

use coda_client::Hub;
use coda_disclosure::{Defence, Defences};
use coda_model::{
    Identity, SiteId, UserId,
    estimate::{Answer, Estimate, Figure, Quantity},
    frame::{Shown, ShownFrame, SiteFrames},
    query::{Query, parse_ask, parse_derivation, parse_factor, parse_over, parse_predicate},
};
use coda_pki::{Credentials, connect, random, tls};
use coda_policy::{Claim, Claims, Permission, Role};
use coda_runtime::ManualClock;
use coda_testkit::{Network, Options, SiteData, SiteOptions};
use coda_wire::{
    envelope::{self, Envelope},
    frames, token,
    v1::{self, compute_client::ComputeClient},
};
use prost::Message;
use tempfile::TempDir;
use tonic::Code;

use patients::{Patient, tables};

/// The first data scientist; the second is `u2`.
pub(crate) const U1: &str = "u1@a.example";
/// A second one, who may talk to the first.
pub(crate) const U2: &str = "u2@b.example";
/// What the patients are described by.
pub(crate) const DICTIONARY: &str = include_str!("../patients.toml");

/// A running network, and what an attacker has of it.
pub(crate) struct Bench {
    pub(crate) network: Network,
    /// Kept to the end, then removed.
    _folder: TempDir,
}

/// What a site's computation node answered the coordinator.
#[derive(Clone)]
pub(crate) struct Reply {
    pub(crate) code: Code,
    pub(crate) words: String,
    /// The bytes of the answer, but for the hash of the request, which is another each time.
    pub(crate) bytes: Vec<u8>,
    /// Those of them that are about people: the others name the build and the site's policy.
    pub(crate) told: Vec<u8>,
    /// How long the answer is, all of it.
    pub(crate) length: usize,
    /// Its frames, if it is an answer.
    pub(crate) frames: Option<SiteFrames>,
    /// What it says of the asker's budget.
    pub(crate) budget: Option<v1::Budget>,
    pub(crate) took: Duration,
}

/// All defences but one.
pub(crate) fn without(defence: Defence) -> Defences {
    Defences::default().without(defence)
}

/// All defences but these.
pub(crate) fn without_all(defences: &[Defence]) -> Defences {
    defences.iter().fold(Defences::default(), |left, defence| left.without(*defence))
}

/// A policy under which budgets do not end an attack before the defence that it is about does.
pub(crate) const PATIENT: &str = "rank_budget = 100\nrank_budget_user = 100\nrequests_per_day = 100000\ncohorts_per_day = 100000\nreply_quantum_ms = 0\n";

impl Bench {
    /// Site `a` alone, with its planted patients.
    pub(crate) async fn one(defences: Defences) -> Self {
        Self::with(vec![("a", patients::patients("a"))], defences, PATIENT).await
    }

    /// Site `a` with these patients: one of a pair of twins.
    pub(crate) async fn twin(people: Vec<Patient>, defences: Defences) -> Self {
        Self::with(vec![("a", people)], defences, PATIENT).await
    }

    /// These patients under this policy.
    pub(crate) async fn with(sites: Vec<(&'static str, Vec<Patient>)>, defences: Defences, policy: &str) -> Self {
        Self::within(tempfile::tempdir().unwrap(), sites, defences, policy).await
    }

    /// The same in a folder in which something may be already.
    pub(crate) async fn within(
        folder: TempDir,
        sites: Vec<(&'static str, Vec<Patient>)>,
        defences: Defences,
        policy: &str,
    ) -> Self {
        let clock = Arc::new(ManualClock::new(time::macros::datetime!(2026-03-01 12:00 UTC)));
        let mut options = Options::new(folder.path(), DICTIONARY);
        options.clock = clock;
        let names: Vec<SiteId> = sites.iter().map(|(name, _)| site(name)).collect();
        for (name, people) in sites {
            let data = SiteData::Tables(tables(&people));
            let policy = Some(policy.to_owned());
            options = options.site(SiteOptions { policy, defences, ..SiteOptions::new(site(name), data) });
        }
        let network = Network::start(options).await.unwrap();
        for user in [U1, U2] {
            network.name_researcher(&UserId::new(user).unwrap(), &names).await.unwrap();
        }
        Self { network, _folder: folder }
    }

    /// The folder of everything.
    pub(crate) fn folder(&self) -> &Path {
        self.network.folder()
    }

    /// The hub as a person sees it.
    pub(crate) fn hub(&self, user: &str) -> Hub {
        self.network.hub(&UserId::new(user).unwrap()).unwrap()
    }

    /// What the network answers.
    pub(crate) async fn ask(&self, user: &str, query: &Query, sites: &[&str]) -> Answer {
        let sites = sites.iter().map(|name| site(name)).collect();
        self.hub(user).ask(query.clone(), sites, String::new(), |_| {}).await.unwrap()
    }

    /// What site `a` answers the first data scientist, on the wire between it and the coordinator.
    pub(crate) async fn wire(&self, query: &Query) -> Reply {
        self.wire_of(U1, "a", query).await
    }

    /// What a site answers somebody, on the wire between it and the coordinator, whose key is stolen.
    pub(crate) async fn wire_of(&self, user: &str, at: &str, query: &Query) -> Reply {
        let (network, user, at) = (&self.network, UserId::new(user).unwrap(), site(at));
        let own = network.credentials(&Identity::User(user.clone())).unwrap();
        let now = network.now()().unix_timestamp();
        let asked = Envelope {
            query: query.clone(),
            sites: vec![at.clone()],
            user: user.clone(),
            project: String::new(),
            not_before: now,
            not_after: now + 300,
            nonce: random(),
            dictionary: String::new(),
        };
        let claims = Claims {
            user,
            thumbprint: own.thumbprint(),
            claims: vec![Claim::new(Role::SiteResearcher, Some(at.clone()), vec![Permission::BasicQueries]).unwrap()],
            not_before: now,
            not_after: now + 600,
        };
        let request = v1::Request {
            envelope: Some(signed(envelope::encode(&asked), &own)),
            token: Some(signed(token::encode(&claims), &network.credentials(&Identity::Auth).unwrap())),
        };
        let coordinator = network.credentials(&Identity::Coordinator).unwrap();
        let (address, _) = network.nodes[&at];
        let config = tls::client_config(&coordinator, Identity::Compute(at), network.now()).unwrap();
        let channel = connect::channel(&address.to_string(), config, connect::Timeouts::default()).unwrap();
        let mut client = ComputeClient::new(channel).max_decoding_message_size(64 << 20);
        let asked = Instant::now();
        let outcome = client.answer(request).await;
        let took = asked.elapsed();
        match outcome {
            Ok(answer) => {
                let mut answer = answer.into_inner();
                let length = answer.encoded_len();
                answer.envelope.fill(0);
                // What is left of the budget is the asker's own affair, and of a fixed length.
                let mut budget = None;
                if let Some(terms) = &mut answer.terms {
                    budget = terms.budget.replace(v1::Budget::default());
                }
                let bytes = answer.encode_to_vec();
                let frames = answer.frames.unwrap();
                let told = frames.encode_to_vec();
                let frames = Some(frames::decode(frames).unwrap());
                Reply { code: Code::Ok, words: String::new(), bytes, told, length, frames, budget, took }
            }
            Err(status) => {
                let (code, words) = (status.code(), status.message().to_owned());
                let (bytes, told) = (Vec::new(), Vec::new());
                Reply { code, words, bytes, told, length: 0, frames: None, budget: None, took }
            }
        }
    }
}

fn signed(content: Vec<u8>, by: &Credentials) -> v1::Signed {
    let signature = by.key().sign(&content).unwrap();
    token::signed(content, signature, by.chain())
}

impl Reply {
    /// Whether an attacker sees no difference between two replies, of the same network or of twins.
    pub(crate) fn is_like(&self, other: &Self) -> bool {
        let seen = |reply: &Self| (reply.code, reply.words.clone(), reply.told.clone(), reply.bytes.len());
        seen(self) == seen(other)
    }

    /// The frame of an ask in a cell.
    pub(crate) fn frame(&self, ask: usize, cell: usize) -> &ShownFrame {
        &self.frames.as_ref().unwrap_or_else(|| panic!("{:?}: {}", self.code, self.words)).asks[ask][cell]
    }

    /// People of a slot of the first ask in the first cell, if they are out.
    pub(crate) fn people(&self, slot: usize) -> Option<u64> {
        self.frame(0, 0).slots[slot].value().map(|slot| slot.count.people.0)
    }

    /// The first slot of the first ask in the first cell.
    pub(crate) fn count(&self) -> Option<u64> {
        self.people(0)
    }

    /// The first sum of the first slot.
    pub(crate) fn sum(&self) -> Option<i128> {
        self.frame(0, 0).slots[0].value().and_then(|slot| slot.sums.first().copied())
    }

    /// Whether nothing at all is out but, maybe, the number of people.
    pub(crate) fn is_withheld(&self) -> bool {
        let frames = self.frames.as_ref().unwrap();
        frames.asks.iter().flatten().all(|frame| {
            frame.slots.iter().all(|slot| slot.value().is_none()) && !matches!(frame.missing, Some(Shown::Value(_)))
        })
    }
}

/// The name of a site.
pub(crate) fn site(name: &str) -> SiteId {
    SiteId::new(name).unwrap()
}

/// A query.
pub(crate) fn of(asks: &[&str]) -> Query {
    let asks = asks.iter().map(|ask| parse_ask("of", ask).unwrap()).collect();
    Query { dataset: "ward".to_owned(), asks, ..Query::default() }
}

/// How many there are such that.
pub(crate) fn count_of(cohort: &str) -> Query {
    of(&["count"]).whose(cohort)
}

/// A query with something more.
pub(crate) trait With {
    fn by(self, factor: &str) -> Self;
    fn over(self, over: &str) -> Self;
    fn whose(self, predicate: &str) -> Self;
    fn derive(self, name: &str, of: &str) -> Self;
    fn rows(self, table: &str) -> Self;
}

impl With for Query {
    fn by(mut self, factor: &str) -> Self {
        self.by.push(parse_factor("by", factor).unwrap());
        self
    }

    fn over(mut self, over: &str) -> Self {
        self.over = Some(parse_over("over", over).unwrap());
        self
    }

    fn whose(mut self, predicate: &str) -> Self {
        self.cohort = Some(parse_predicate("where", predicate).unwrap());
        self
    }

    fn derive(mut self, name: &str, of: &str) -> Self {
        self.derived.push((name.to_owned(), parse_derivation("derive", of).unwrap()));
        self
    }

    fn rows(mut self, table: &str) -> Self {
        self.rows = Some(table.to_owned());
        self
    }
}

/// A figure of the network's estimate of the first ask in the first cell.
pub(crate) fn network_figure<'a>(answer: &'a Answer, name: &str) -> &'a Quantity {
    let estimate: &Estimate = &answer.asks[0].cells[0].network;
    let found = estimate.figures.iter().find(|Figure { name: own, .. }| own == name);
    &found.unwrap_or_else(|| panic!("no {name} in {estimate:?}")).quantity
}

/// How many of these patients there are such that: what the attacker wants to know, for the test to compare.
pub(crate) fn truth(people: &[Patient], such: impl Fn(&Patient) -> bool) -> u64 {
    people.iter().filter(|patient| such(patient)).count() as u64
}

impl Reply {
    /// People (of rows: rows) of every slot of an ask in a cell, where they are out.
    pub(crate) fn shown(&self, ask: usize, cell: usize) -> Vec<Option<u64>> {
        self.frame(ask, cell).slots.iter().map(|slot| slot.value().map(|slot| slot.count.rows.0)).collect()
    }

    /// Everybody in the cohort, where that is out.
    pub(crate) fn total(&self) -> Option<u64> {
        self.frames.as_ref().and_then(|frames| frames.total.value().map(|total| total.rows.0))
    }
}

/// Two networks of site `a` alone that differ in what is done to its patients.
pub(crate) async fn twins(defences: Defences, change: impl Fn(&mut [Patient], usize)) -> [Bench; 2] {
    let one = |twin| {
        let mut people = patients::patients("a");
        change(&mut people, twin);
        Bench::twin(people, defences)
    };
    [one(0).await, one(1).await]
}

/// Asserts that nobody can tell the twins apart by their answers to this query.
pub(crate) async fn assert_alike(twins: &[Bench; 2], query: &Query, what: &str) -> [Reply; 2] {
    let [one, other] = [twins[0].wire(query).await, twins[1].wire(query).await];
    assert_same(&one, &other, what);
    [one, other]
}

/// Asserts that two answers are the same to the bit, but for the name of the build, which is another for each twin.
pub(crate) fn assert_same(one: &Reply, other: &Reply, what: &str) {
    assert_eq!((one.code, &one.words), (other.code, &other.words), "{what}");
    let (Some(left), Some(right)) = (&one.frames, &other.frames) else { return };
    assert_eq!((left.threshold, left.slack, &left.total), (right.threshold, right.slack, &right.total), "{what}");
    for (ask, (left, right)) in left.asks.iter().zip(&right.asks).enumerate() {
        for (cell, (left, right)) in left.iter().zip(right).enumerate() {
            assert_eq!(left, right, "{what}: ask {ask}, cell {cell}");
        }
    }
    assert!(without_build(&one.bytes) == without_build(&other.bytes), "{what}: other bytes");
}

/// The bytes of an answer without what is a network's own: the name of the build and the terms, with the padding that makes
/// up for the budget's length.
pub(crate) fn without_build(bytes: &[u8]) -> Vec<u8> {
    let mut answer = v1::SiteAnswer::decode(bytes).unwrap();
    answer.build = "-".repeat(answer.build.len());
    answer.terms = None;
    answer.padding = Vec::new();
    answer.encode_to_vec()
}

/// What the asker has spent of the budget of the first site of an answer.
pub(crate) fn spent(answer: &Answer) -> u64 {
    answer.sites[0].terms.as_ref().unwrap().budget.spent
}
