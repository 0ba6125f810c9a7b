//! What somebody with all keys of a party tries, to have a log that was written anew believed.

use std::{
    fs,
    path::{Path, PathBuf},
    sync::Arc,
};

use coda_audit::{AuditLog, Event, SignedCheckpoint, certified};
use coda_model::{Identity, SiteId, UserId};
use coda_pki::{Algorithm, Authority, Reloading};
use coda_runtime::ManualClock;
use coda_service::{
    Keeper,
    log::{LogError, kept},
};
use coda_wire::v1;
use tempfile::TempDir;
use time::{Duration, OffsetDateTime, macros::datetime};

const NOW: OffsetDateTime = datetime!(2026-11-22 12:00 UTC);

struct Network {
    folder: TempDir,
    authority: Authority,
}

struct Party {
    keeper: Keeper,
    audit: Arc<AuditLog>,
}

impl Network {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let authority = Authority::create(&folder.path().join("authority"), Algorithm::P256, NOW).unwrap();
        Self { folder, authority }
    }

    fn log(&self, site: &str) -> PathBuf {
        self.folder.path().join(format!("{site}.jsonl"))
    }

    fn party(&self, site: &str) -> Party {
        let identity = Identity::Compute(SiteId::new(site).unwrap());
        let own = self.authority.credentials(&identity, Algorithm::P256, Duration::days(30), NOW).unwrap();
        let audit = Arc::new(AuditLog::open(&self.log(site)).unwrap());
        let (own, clock) = (Reloading::new(own).unwrap(), Arc::new(ManualClock::new(NOW)));
        Party { keeper: Keeper::open(&self.log(site), audit.clone(), &own, clock).unwrap(), audit }
    }

    /// Who has cosigned what is kept beside the log of a site, where `wanted` must have.
    fn kept(&self, site: &str, wanted: usize) -> Option<usize> {
        kept(&self.log(site), self.authority.roots(), wanted, NOW).ok()?.map(|(.., by)| by.len())
    }
}

impl Party {
    fn write(&self, users: &[&str]) {
        for user in users {
            let event = Event::GrantsListed { by: UserId::new(user).unwrap(), address: None };
            self.audit.append(&event, NOW).unwrap();
        }
    }

    /// As the coordinator does it: the checkpoint to these witnesses, and back.
    fn cosigned_by(&self, witnesses: &[&Self]) -> Result<v1::CosignedCheckpoint, LogError> {
        let v1::LogCheckpoint { keys, checkpoint } = self.keeper.checkpoint()?;
        let mut signed: SignedCheckpoint = checkpoint.parse()?;
        let mut by = Vec::new();
        for witness in witnesses {
            let mut known = 0;
            let reply = loop {
                let request = v1::ProveRequest { checkpoint: checkpoint.clone(), old_size: known };
                let submission = self.keeper.prove(request)?.text;
                let reply = witness.keeper.cosign(v1::CosignRequest { keys: keys.clone(), submission })?;
                if !reply.cosignature.is_empty() {
                    break reply;
                }
                known = reply.known;
            };
            let keys = reply.keys.unwrap();
            signed.add(&reply.cosignature.parse().unwrap(), &certified::of(&keys.content).unwrap().witness).unwrap();
            by.push(keys);
        }
        Ok(v1::CosignedCheckpoint { checkpoint: signed.to_string(), keys, witnesses: by })
    }
}

fn remove(log: &Path) {
    for end in ["", "hashes"] {
        fs::remove_file(if end.is_empty() { log.to_owned() } else { log.with_added_extension(end) }).unwrap();
    }
}

#[test]
fn a_log_written_anew_gets_no_majority() {
    let network = Network::new();
    let [north, south, east, west] = ["north", "south", "east", "west"].map(|site| network.party(site));
    let honest = network.party("own");
    honest.write(&["ana", "bob", "eve"]);
    honest.keeper.keep(honest.cosigned_by(&[&north, &south, &east]).unwrap()).unwrap();
    assert_eq!(network.kept("own", certified::majority(4)), Some(3));
    drop(honest);
    remove(&network.log("own"));
    let forged = network.party("own");
    forged.write(&["ana", "zoe", "eve"]);
    for witness in [&north, &south, &east] {
        assert!(matches!(forged.cosigned_by(&[witness]), Err(LogError::Witness { .. } | LogError::Submission(_))));
    }
    // The one that has never seen the log cannot know: that is why one is too few.
    forged.keeper.keep(forged.cosigned_by(&[&west]).unwrap()).unwrap();
    assert_eq!(network.kept("own", 1), Some(1));
    assert_eq!(network.kept("own", certified::majority(4)), None);
}

#[test]
fn a_party_is_no_witness_of_its_own_log() {
    let network = Network::new();
    let own = network.party("own");
    own.write(&["ana"]);
    assert!(matches!(own.cosigned_by(&[&own]), Err(LogError::Own)));
}

#[test]
fn only_what_others_cosigned_is_kept_and_nothing_older() {
    let network = Network::new();
    let (own, north) = (network.party("own"), network.party("north"));
    own.write(&["ana"]);
    let older = own.cosigned_by(&[&north]).unwrap();
    own.write(&["bob"]);
    own.keeper.keep(own.cosigned_by(&[&north]).unwrap()).unwrap();
    assert!(matches!(own.keeper.keep(older), Err(LogError::Older)));
    // No witness at all, and one that has not signed.
    let alone = own.cosigned_by(&[]).unwrap();
    assert!(matches!(own.keeper.keep(alone.clone()), Err(LogError::Policy(_))));
    let witnesses = north.keeper.checkpoint().unwrap().keys.into_iter().collect();
    let unsigned = v1::CosignedCheckpoint { witnesses, ..alone };
    assert!(matches!(own.keeper.keep(unsigned), Err(LogError::Policy(_))));
    assert_eq!(network.kept("own", 1), Some(1));
}
