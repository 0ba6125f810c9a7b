//! What the coordinator's audit log has of somebody's queries.

use std::collections::{BTreeSet, HashSet};

use coda_audit::{AuditError, RecordProof, SignedCheckpoint};
use coda_policy::{Claims, Role};
use coda_service::{Keeper, log::LogError};
use coda_wire::v1;
use serde::Deserialize;

/// Most records of one reply, the newest.
const MOST: usize = 100;

/// What is looked at in a line.
#[derive(Deserialize)]
struct Line<'a> {
    event: &'a str,
    user: Option<&'a str>,
    site: Option<&'a str>,
    envelope: Option<&'a str>,
}

/// The lines that the caller may see: of their own queries, and of those to sites that they administer. Each with its proof.
pub(crate) fn of(keeper: &Keeper, claims: &Claims) -> Result<v1::AccessesReply, LogError> {
    let administers = |claim: &&coda_policy::Claim| claim.role == Role::SiteAdministrator;
    let sites: BTreeSet<_> = claims.claims.iter().filter(administers).filter_map(|claim| claim.site.as_ref()).collect();
    // Before the log is read, so that it has all that the checkpoint has.
    let cosigned = keeper.cosigned()?;
    let snapshot = keeper.audit().snapshot()?;
    let mut envelopes = HashSet::new();
    let found = snapshot.find(MOST, |line| {
        let Ok(Line { event, user, site, envelope }) = serde_json::from_slice(line) else { return false };
        match event {
            "query-received" => {
                let own = user == Some(claims.user.as_str());
                let seen = own || sites.iter().any(|known| site == Some(known.as_str()));
                if let (true, Some(envelope)) = (seen, envelope) {
                    envelopes.insert(envelope.to_owned());
                }
                seen
            }
            "query-answered" => envelope.is_some_and(|envelope| envelopes.contains(envelope)),
            _ => false,
        }
    })?;
    let checkpoint = cosigned.as_ref().map(|cosigned| cosigned.checkpoint.parse::<SignedCheckpoint>()).transpose()?;
    let mut accesses = Vec::new();
    for (sequence, line) in found {
        let proof = match checkpoint.as_ref().map(|checkpoint| RecordProof::new(&snapshot, sequence, checkpoint)) {
            // Not under the checkpoint yet.
            None | Some(Err(AuditError::Absent(_))) => String::new(),
            Some(proof) => proof?.to_string(),
        };
        accesses.push(v1::Access { line, proof });
    }
    Ok(v1::AccessesReply { accesses, checkpoint: cosigned })
}
