//! The intrusion log: requests that an honest program makes seldom or never, such as one with a forged signature.
//!
//! Each is a line in a log of its own, beside the audit log. Five of one kind and one party within ten minutes are an alarm; the auth
//! server mails it to administrators, and every other service tells the auth server.

use std::{
    collections::HashMap,
    path::{Path, PathBuf},
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use coda_audit::{AuditError, AuditLog, Event, Years};
use coda_model::Identity;
use coda_pki::{
    Reloading,
    connect::{self, ConnectError, Following},
};
use coda_runtime::{Clock, Stop};
use coda_wire::v1::{self, auth_client::AuthClient};
use time::OffsetDateTime;
use tokio::sync::mpsc;

use crate::{failure::causes, revocation::AuthServer, serve::now, unlikely::Unlikely};

/// The time within which unlikely requests count.
const WITHIN: time::Duration = time::Duration::minutes(10);
/// So many parties and kinds are remembered; then the count begins anew.
const PARTIES: usize = 4096;
/// So many alarms wait to be told.
const WAITING: usize = 16;
/// How soon the auth server is told again where it was not reached; then after twice as long, up to `SLOWEST`.
const AGAIN: Duration = Duration::from_secs(1);
const SLOWEST: Duration = Duration::from_mins(1);
/// How long one call may take.
const PATIENCE: Duration = Duration::from_secs(10);

/// The intrusion log of a service. Copies share it.
#[derive(Debug, Clone)]
pub struct Intrusions {
    log: Arc<AuditLog>,
    seen: Arc<Mutex<Seen>>,
    alarms: mpsc::Sender<Alarm>,
}

/// When each party made its last unlikely requests of a kind.
type Seen = HashMap<(Identity, Unlikely), Vec<OffsetDateTime>>;

/// What administrators are to be told.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Alarm {
    /// What was unlikely.
    pub kind: Unlikely,
    /// Which party did it.
    pub by: Identity,
}

/// The alarms of a service, as they are raised.
pub type Alarms = mpsc::Receiver<Alarm>;

impl Intrusions {
    /// Where the intrusion log is: `audit.jsonl` has `audit.intrusions.jsonl` beside it.
    pub fn beside(audit: &Path) -> PathBuf {
        audit.with_extension("intrusions.jsonl")
    }

    /// Opens the intrusion log beside an audit log; its volumes are kept for so many years, or for ever.
    ///
    /// # Errors
    /// [`AuditError`].
    pub fn open(audit: &Path, years: Option<Years>) -> Result<(Self, Alarms), AuditError> {
        let (alarms, raised) = mpsc::channel(WAITING);
        let log = Arc::new(AuditLog::open_keeping(&Self::beside(audit), years)?);
        Ok((Self { log, seen: Arc::default(), alarms }, raised))
    }

    /// Records an unlikely request of a party, and raises the alarm where there were many of a kind within ten minutes.
    pub(crate) fn count(&self, refused: &Event, kind: Unlikely, by: Identity, now: OffsetDateTime) {
        self.record(refused, now);
        let mut seen = self.seen.lock().unwrap_or_else(PoisonError::into_inner);
        let place = (by.clone(), kind);
        if seen.len() >= PARTIES && !seen.contains_key(&place) {
            seen.clear();
        }
        let times = seen.entry(place).or_default();
        times.retain(|time| now - *time < WITHIN);
        times.push(now);
        if times.len() >= kind.many() {
            times.clear();
            drop(seen);
            self.raise(Alarm { kind, by });
        }
    }

    /// Records an event. What cannot be recorded is said in the program's log: what it is about is decided by then.
    pub fn record(&self, event: &Event, now: OffsetDateTime) {
        if let Err(error) = self.log.record(event, now) {
            tracing::error!(cause = causes(&error), "an unlikely request could not be recorded");
        }
    }

    /// Lets administrators be told, and waits for nobody.
    pub fn raise(&self, alarm: Alarm) {
        tracing::warn!(reason = alarm.kind.word(), by = %alarm.by, "an alarm");
        if self.alarms.try_send(alarm).is_err() {
            tracing::error!("too many alarms wait to be told; the intrusion log has what this one is about");
        }
    }
}

/// Tells the auth server of alarms, one after the other, each until it was told or `stop`. Those that wait at a stop are lost; the
/// intrusion log has what they are about.
///
/// # Errors
/// [`ConnectError`] where no connection to it can be prepared.
pub fn tell(
    mut alarms: Alarms,
    auth: &AuthServer,
    party: &Reloading,
    clock: &Arc<dyn Clock>,
    stop: &Stop,
) -> Result<(), ConnectError> {
    let timeouts = connect::Timeouts::default();
    let following = Following::new(&auth.address, Identity::Auth, party, now(clock), timeouts)?;
    let stop = stop.clone();
    tokio::spawn(async move {
        let telling = async {
            while let Some(alarm) = alarms.recv().await {
                deliver(&following, alarm).await;
            }
        };
        tokio::select! {
            () = telling => {}
            () = stop.requested() => {}
        }
    });
    Ok(())
}

async fn deliver(following: &Following, Alarm { kind, by }: Alarm) {
    let mut pause = AGAIN;
    loop {
        let request = v1::Alarm { reason: kind.word().to_owned(), by: by.to_string() };
        let mut auth = AuthClient::new(following.channel());
        match tokio::time::timeout(PATIENCE, auth.raise_alarm(request)).await {
            Ok(Ok(_)) => return,
            Ok(Err(status)) => tracing::warn!(code = ?status.code(), "the auth server was not told of an alarm"),
            Err(_) => tracing::warn!("the auth server was not told of an alarm in time"),
        }
        tokio::time::sleep(pause).await;
        pause = (2 * pause).min(SLOWEST);
    }
}

#[cfg(test)]
mod tests {
    use coda_model::UserId;
    use time::macros::datetime;

    use super::*;

    const NOON: OffsetDateTime = datetime!(2026-11-22 12:00 UTC);

    #[tokio::test]
    async fn five_of_one_kind_and_party_within_ten_minutes_are_an_alarm_and_each_is_on_record() {
        let folder = tempfile::tempdir().unwrap();
        let (intrusions, mut alarms) = Intrusions::open(&folder.path().join("audit.jsonl"), None).unwrap();
        let minute = time::Duration::MINUTE;
        let user = |name: &str| Identity::User(UserId::new(name).unwrap());
        let count = |name: &str, kind: Unlikely, at| {
            let (by, reason) = (user(name), kind.word());
            let refused = Event::Refused { peer: Some(by.clone()), address: None, what: "Compute/Answer", reason };
            intrusions.count(&refused, kind, by, at);
        };
        // Four within ten minutes, the fifth after the first is forgotten; others in between.
        for step in [0, 3, 6, 9, 10] {
            count("ana", Unlikely::Replay, NOON + step * minute);
            count("ben", Unlikely::Replay, NOON + 3 * step * minute);
            count("ana", Unlikely::NotPermitted, NOON + 3 * step * minute);
        }
        assert!(alarms.try_recv().is_err());
        count("ana", Unlikely::Replay, NOON + 11 * minute);
        assert_eq!(alarms.try_recv().unwrap(), Alarm { kind: Unlikely::Replay, by: user("ana") });
        // Then the count begins anew.
        count("ana", Unlikely::Replay, NOON + 12 * minute);
        assert!(alarms.try_recv().is_err());
        // A log that was rewritten is one at once.
        count("ana", Unlikely::Witness, NOON);
        assert_eq!(alarms.try_recv().unwrap().kind, Unlikely::Witness);
        let log = std::fs::read_to_string(folder.path().join("audit.intrusions.jsonl")).unwrap();
        assert_eq!(log.lines().count(), 18);
    }

    #[test]
    fn every_kind_has_a_word_of_its_own() {
        for kind in Unlikely::ALL {
            assert_eq!(Unlikely::of(kind.word()), Some(kind));
        }
    }
}
