//! A network on paper: its authority, and a question that two of three sites answered, each part signed by whom it says.

use coda_model::{
    BuildId, Identity, SiteId, UserId, estimate, query::parse_file, rounding::Rounding, threshold::Threshold,
};
use coda_pki::{Algorithm, Authority, Credentials, Roots, sha256};
use coda_policy::{Claim, Claims, Permission, Role};
use coda_wire::{
    envelope::{self, Envelope},
    receipt::{self, Receipt},
    token, v1,
};
use prost::Message as _;
use tempfile::TempDir;
use time::{Duration, OffsetDateTime, macros::datetime};

/// When everything was asked and answered.
pub const ASKED: OffsetDateTime = datetime!(2026-11-22 12:00 UTC);
/// The sites of a question; the last one refuses.
pub const SITES: [&str; 3] = ["east", "north", "south"];
/// What may be asked.
pub const DICTIONARY: &str = r#"
version = "7"
title = "test"
[dataset.d]
people = "patient"
[dataset.d.table.patient]
rows = "one"
person = "id"
[dataset.d.table.patient.variable]
age = { type = "continuous", unit = "a", lower = 0, upper = 110, resolution = 1, missing = "never" }
dead = { type = "binary", missing = "never" }
sex = { type = "categorical", levels = ["female", "male"], missing = "never" }
ward = { type = "categorical", levels = ["a", "b", "c"], missing = "may" }
"#;
const VALID: Duration = Duration::days(30);
/// Codes of a sum are told in 1/65,536.
const FINE: u32 = coda_model::frame::FINE;

/// An authority and the parties that sign.
pub struct Network {
    _folder: TempDir,
    authority: Authority,
}

/// What is asked by whom.
pub struct Question {
    /// The user's id.
    pub user: &'static str,
    /// Makes it another question than one of the same words.
    pub nonce: u8,
    /// Of whom.
    pub cohort: &'static str,
    /// People in each cell that is told, of the first site; the others have ten more each.
    pub people: u64,
}

impl Question {
    /// The one of which mutations are made.
    pub const FIRST: Self =
        Self { user: "ana", nonce: 1, cohort: "age >= 65 a and (ward = b or not dead = yes)", people: 40 };
    /// Another one, for their parts.
    pub const OTHER: Self = Self { user: "ben", nonce: 2, cohort: "sex = male", people: 55 };
}

impl Default for Network {
    fn default() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let authority = Authority::create(folder.path(), Algorithm::P256, ASKED).unwrap();
        Self { _folder: folder, authority }
    }
}

impl Network {
    /// Who issues.
    pub fn authority(&self) -> &Authority {
        &self.authority
    }

    /// What everybody trusts.
    pub fn roots(&self) -> &Roots {
        self.authority.roots()
    }

    /// A party's.
    pub fn credentials(&self, identity: &Identity) -> Credentials {
        self.authority.credentials(identity, Algorithm::P256, VALID, ASKED).unwrap()
    }

    /// The signed query.
    pub fn envelope(&self, question: &Question) -> v1::Signed {
        let text = format!(
            "dataset = \"d\"\nwhere = \"{}\"\nof = [\"count\", \"mean:age[a]\", \"marginals:ward\"]\nby = [\"sex\"]\n",
            question.cohort
        );
        let envelope = Envelope {
            query: parse_file(&text).unwrap().0,
            sites: SITES.map(site).to_vec(),
            user: user(question.user),
            project: "A1".to_owned(),
            not_before: ASKED.unix_timestamp(),
            not_after: ASKED.unix_timestamp() + 300,
            nonce: [question.nonce; 16],
            dictionary: "7".to_owned(),
        };
        self.signed(&Identity::User(user(question.user)), envelope::encode(&envelope))
    }

    /// The auth server's word on whoever asks, bound to a certificate of theirs.
    pub fn token(&self, question: &Question) -> v1::Signed {
        let researcher = Claim::new(Role::SiteResearcher, Some(site("north")), vec![Permission::BasicQueries]).unwrap();
        let claims = Claims {
            user: user(question.user),
            thumbprint: [question.nonce; 32],
            claims: vec![researcher, Claim::new(Role::PrincipalInvestigator, None, vec![]).unwrap()],
            not_before: ASKED.unix_timestamp(),
            not_after: ASKED.unix_timestamp() + 600,
        };
        self.signed(&Identity::Auth, token::encode(&claims))
    }

    /// All that an answer follows from.
    pub fn evidence(&self, question: &Question) -> v1::Evidence {
        let envelope = self.envelope(question);
        let answered = SITES.into_iter().zip(0_u64..).map(|(name, number)| {
            let refused = v1::site_outcome::Status::Refused;
            if number == 2 {
                return v1::SiteResult { outcome: Some(outcome(name, refused, "no role here")), answer: None };
            }
            let answer = self.answer(name, &envelope, question.people + 10 * number);
            v1::SiteResult {
                outcome: Some(outcome(name, v1::site_outcome::Status::Answered, "")),
                answer: Some(answer),
            }
        });
        let answer = v1::Answer { sites: answered.collect() };
        v1::Evidence { envelope: Some(envelope), dictionary: DICTIONARY.to_owned(), answer: Some(answer) }
    }

    fn answer(&self, name: &str, envelope: &v1::Signed, people: u64) -> v1::SiteAnswer {
        let release = release(people).encode_to_vec();
        let receipt = Receipt {
            site: site(name),
            build: BuildId::new("20260101-1a2b3c4d").unwrap(),
            envelope: sha256(&envelope.content),
            release: sha256(&release),
            dictionary: sha256(DICTIONARY.as_bytes()),
            terms: estimate::Terms {
                policy: "ab".repeat(32),
                rounding: Rounding::random(Threshold::default()),
                limits: estimate::Limits { asks_left: 70, cohorts_left: 8, asks_left_today: 30 },
            },
            time: ASKED.unix_timestamp() + 1,
        };
        let receipt = self.signed(&Identity::Compute(site(name)), receipt::encode(&receipt));
        v1::SiteAnswer { receipt: Some(receipt), release, padding: vec![0; 200] }
    }

    fn signed(&self, identity: &Identity, content: Vec<u8>) -> v1::Signed {
        let credentials = self.credentials(identity);
        let signature = credentials.key().sign(&content).unwrap();
        token::signed(content, signature, credentials.chain())
    }
}

fn site(name: &str) -> SiteId {
    SiteId::new(name).unwrap()
}

fn user(name: &str) -> UserId {
    UserId::new(name).unwrap()
}

fn outcome(site: &str, status: v1::site_outcome::Status, detail: &str) -> v1::SiteOutcome {
    v1::SiteOutcome { site: site.to_owned(), status: status.into(), detail: detail.to_owned() }
}

/// What a site tells: so many people in each cell, of 70 years with an SD of 10; one mean and one ward have too few.
fn release(people: u64) -> v1::SiteFrames {
    let slot = |people: u64, sums: Vec<u8>| v1::ShownSlot { people: Some(people), rows: Some(people), sums };
    let told = |people: u64| Some(slot(people, Vec::new()));
    let suppressed = || slot(u64::MAX, Vec::new());
    let (rows, mean, spread) = (i128::from(people), 70_i128 << FINE, 10_i128 << FINE);
    let sums = [rows * mean, rows * (mean * mean + spread * spread)].map(i128::to_le_bytes).concat();
    let frame = |slots: Vec<v1::ShownSlot>| v1::ShownFrame { slots, valid: told(people), missing: None };
    let wards = v1::ShownFrame {
        slots: vec![slot(people - 20, Vec::new()), slot(10, Vec::new()), suppressed()],
        valid: told(people - 10),
        missing: told(10),
    };
    let twice = |frame: v1::ShownFrame| v1::AskFrames { cells: vec![frame.clone(), frame] };
    let mut means = twice(frame(vec![slot(people, sums)]));
    means.cells.truncate(1);
    means.cells.push(v1::ShownFrame { slots: vec![slot(u64::MAX, vec![0; 32])], valid: told(people), missing: None });
    let v1::Terms { rounding, .. } = coda_wire::terms::encode(&estimate::Terms {
        policy: String::new(),
        rounding: Rounding::random(Threshold::default()),
        limits: estimate::Limits::default(),
    });
    v1::SiteFrames {
        rounding,
        asks: vec![twice(frame(vec![slot(people, Vec::new())])), means, twice(wards)],
        total: told(2 * people),
    }
}
