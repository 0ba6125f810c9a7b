//! What stands before every answer of a site, each alone and in this process: the check of an envelope, a line of the audit log.

use std::{sync::Arc, time::Instant};

use anyhow::{Context, bail};
use coda_audit::{AuditLog, Event};
use coda_ledger::{Ledger, LineageId, NewAsk, NewAsks, Nonce, Options};
use coda_model::{DatasetId, Identity, SiteId, UserId, estimate::Limits, query::parse_file};
use coda_pki::{Algorithm, Authority, Credentials, Roots, SignedList, sha256};
use coda_policy::{Claim, Claims, Permission, Project, Request, Role, permit, site::SitePolicy};
use coda_runtime::{Clock, SystemClock};
use coda_service::verify;
use coda_wire::{
    envelope::{self, Envelope},
    token, v1,
};
use time::Duration;

use crate::{
    ask::{count, query},
    data::USUAL,
    effort::Effort,
    network::PROJECT,
    report::{Case, quantile},
};

/// Limits that are not reached.
const AMPLE: Limits = Limits { asks_left: 1 << 40, cohorts_left: 1 << 40, asks_left_today: 1 << 40 };
/// So many wait for the log at once, and share the waits for the disk.
const WRITERS: usize = 8;

/// Envelopes of either kind of key, and lines of the log, alone and with others.
pub(crate) async fn measure(effort: &Effort) -> anyhow::Result<Vec<Case>> {
    let mut cases = Vec::new();
    for (name, algorithm, aim) in [("P-256", Algorithm::P256, 1.0), ("RSA 4096", Algorithm::Rsa4096, 2.0)] {
        eprintln!("checking envelopes of {name}");
        let site = Site::new(algorithm).await?;
        let mut taken = Vec::with_capacity(effort.calls);
        for call in 0..effort.warming + effort.calls {
            let request = site.request(call as u128)?;
            let start = Instant::now();
            site.check(request).await?;
            if call >= effort.warming {
                taken.push(start.elapsed().as_secs_f64() * 1e3);
            }
        }
        let what = format!("full check of an envelope at a site, {name}: ms");
        cases.push(Case::new(&what, ("aim", quantile(taken, 0.5), aim), Some(1.0)));
    }
    for writers in [1, WRITERS] {
        let median = quantile(appends(writers, effort.calls).await?, 0.5);
        let others = if writers == 1 { "alone".to_owned() } else { format!("{writers} at once") };
        let what = format!("a durable line of the audit log, {others}: ms");
        cases.push(Case::new(&what, ("aim", median, 1.0), Some(1.0)));
    }
    Ok(cases)
}

/// A site that answers nothing, and somebody who asks it.
struct Site {
    _folder: tempfile::TempDir,
    id: SiteId,
    roots: Roots,
    policy: SitePolicy,
    ledger: Ledger,
    lineage: LineageId,
    user: UserId,
    person: Credentials,
    token: v1::Signed,
}

impl Site {
    async fn new(algorithm: Algorithm) -> anyhow::Result<Self> {
        let folder = tempfile::tempdir()?;
        let now = SystemClock.now();
        let authority = Authority::create(&folder.path().join("authority"), algorithm, now)?;
        authority.renew_lists(&folder.path().join("authority"), Duration::days(1), now)?;
        let roots = authority.roots().requiring_revocation(Duration::hours(1));
        roots.take_lists(&SignedList::read(&folder.path().join("authority"))?, now)?;
        let (site, user) = (SiteId::new("a")?, UserId::new("ana@hub.example")?);
        let person = authority.credentials(&Identity::User(user.clone()), algorithm, Duration::days(1), now)?;
        let auth = authority.credentials(&Identity::Auth, algorithm, Duration::days(1), now)?;
        let claim = Claim::new(Role::SiteDataScientist, Some(site.clone()), Vec::new())?;
        let claims = Claims {
            user: user.clone(),
            thumbprint: person.thumbprint(),
            claims: vec![claim.within(Some(Project::new(PROJECT)?))],
            not_before: now.unix_timestamp(),
            not_after: now.unix_timestamp() + 600,
        };
        let content = token::encode(&claims);
        let token = token::signed(content.clone(), auth.key().sign(&content)?, auth.chain());
        let ledger = Ledger::open(&folder.path().join("ledger.db"), Options::default()).await?;
        let lineage = ledger.lineage(&DatasetId::new(USUAL)?, [1; 16]).await?;
        let policy = SitePolicy::default();
        Ok(Self { _folder: folder, id: site, roots, policy, ledger, lineage, user, person, token })
    }

    /// A question that was never asked.
    fn request(&self, number: u128) -> anyhow::Result<v1::Request> {
        let now = SystemClock.now().unix_timestamp();
        let content = envelope::encode(&Envelope {
            query: parse_file(&query(USUAL, &count(), Some(&format!("age >= {number}"))))?.0,
            sites: vec![self.id.clone()],
            user: self.user.clone(),
            project: PROJECT.to_owned(),
            not_before: now,
            not_after: now + 300,
            nonce: number.to_le_bytes(),
            dictionary: String::new(),
        });
        let signature = self.person.key().sign(&content)?;
        let envelope = token::signed(content, signature, self.person.chain());
        Ok(v1::Request { envelope: Some(envelope), token: Some(self.token.clone()), dictionary: Vec::new() })
    }

    /// Chains, signatures, revocation, roles and policy, the nonce and a new ask: what a computation node does before it looks at a
    /// row, but for the plan, the line in the audit log and the columns. A copy of the node's steps.
    async fn check(&self, request: v1::Request) -> anyhow::Result<()> {
        let now = SystemClock.now();
        let (signed, token) = (request.envelope.context("no envelope")?, request.token.context("no token")?);
        let signer = verify(&signed, &self.roots, now)?;
        let Identity::User(person) = signer.identity else { bail!("not a person") };
        verify(&token, &self.roots, now)?;
        let (envelope, claims) = (envelope::decode(&signed.content)?, token::decode(&token.content)?);
        let request = Request {
            user: envelope.user,
            signer: person,
            thumbprint: signer.thumbprint,
            sites: envelope.sites,
            dataset: DatasetId::new(&envelope.query.dataset)?,
            project: envelope.project.clone(),
            permission: Permission::BasicQueries,
            not_before: envelope.not_before,
            not_after: envelope.not_after,
        };
        let permit = permit(&request, &claims, &self.id, &self.policy, now.unix_timestamp())?;
        let ask = sha256(&signed.content);
        let asks = NewAsks {
            lineage: self.lineage,
            user: permit.user().clone(),
            project: envelope.project,
            time: now.unix_timestamp(),
            nonce: Nonce { bytes: envelope.nonce, until: envelope.not_after + coda_policy::permit::LONGEST_LIFE },
            asks: vec![NewAsk { ask, cohort: ask }],
        };
        let counted = self.ledger.count(&asks, &AMPLE).await?;
        counted.map(drop).map_err(|why| anyhow::anyhow!("not counted: {why:?}"))
    }
}

/// How long each of so many lines took from its beginning until it was on the disk, in milliseconds.
async fn appends(writers: usize, lines: usize) -> anyhow::Result<Vec<f64>> {
    let folder = tempfile::tempdir()?;
    let log = Arc::new(AuditLog::open(&folder.path().join("audit.jsonl"))?);
    let writing = (0..writers).map(|_| {
        let log = log.clone();
        tokio::spawn(async move {
            let mut taken = Vec::with_capacity(lines);
            for _ in 0..lines {
                let start = Instant::now();
                log.record(&Event::RefusedMany { counted: 1 }, SystemClock.now())?;
                taken.push(start.elapsed().as_secs_f64() * 1e3);
            }
            Ok::<_, coda_audit::AuditError>(taken)
        })
    });
    let mut taken = Vec::new();
    for writer in writing.collect::<Vec<_>>() {
        taken.extend(writer.await??);
    }
    Ok(taken)
}
