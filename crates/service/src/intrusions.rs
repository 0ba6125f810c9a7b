//! The intrusion log: unlikely requests, which no honest program makes, with a forged signature, say, or again and again without the role.
//!
//! Each is a line in a log of its own, beside the audit log. Whoever has made five within ten minutes is told of by e-mail; the auth
//! server writes the letters, and every other service tells it.

use std::{
    collections::HashMap,
    path::{Path, PathBuf},
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use coda_audit::{AuditError, AuditLog, Event};
use coda_model::Identity;
use coda_pki::{
    Credentials,
    connect::{self, Following},
};
use coda_runtime::{Clock, Stop};
use coda_wire::v1::{self, auth_client::AuthClient};
use time::OffsetDateTime;
use tokio::sync::mpsc;

use crate::{
    failure::causes,
    revocation::{AuthServer, RevocationError},
    serve::{now, renewing},
};

/// So many unlikely requests of one party
const MANY: usize = 5;
/// within this time are an alarm.
const WITHIN: time::Duration = time::Duration::minutes(10);
/// So many parties are remembered; then the count begins anew.
const PARTIES: usize = 4096;
/// So many alarms wait to be told.
const WAITING: usize = 16;
/// How soon the auth server is told again where it was not reached; then after twice as long, up to `SLOWEST`.
const AGAIN: Duration = Duration::from_secs(1);
const SLOWEST: Duration = Duration::from_mins(1);
/// How long one call may take.
const PATIENCE: Duration = Duration::from_secs(10);

/// The log of a service's unlikely requests. Copies share it.
#[derive(Debug, Clone)]
pub struct Intrusions {
    log: Arc<AuditLog>,
    /// When each party made its last unlikely requests.
    seen: Arc<Mutex<HashMap<String, Vec<OffsetDateTime>>>>,
    alarms: mpsc::Sender<Alarm>,
}

/// What administrators are to be told.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Alarm {
    /// The word of the audit log for what was unlikely.
    pub reason: String,
    /// Who did it: a party, or an address.
    pub by: String,
    /// How often.
    pub count: u64,
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
    pub fn open(audit: &Path, years: Option<u32>) -> Result<(Self, Alarms), AuditError> {
        let (alarms, raised) = mpsc::channel(WAITING);
        let log = Arc::new(AuditLog::open_keeping(&Self::beside(audit), years.map(coda_audit::years))?);
        Ok((Self { log, seen: Arc::default(), alarms }, raised))
    }

    /// Records an unlikely request, and raises the alarm at the fifth of a party within ten minutes.
    pub(crate) fn note(&self, refused: &Event, now: OffsetDateTime) {
        self.record(refused, now);
        let Event::Refused { peer, address, reason, .. } = refused else { return };
        let peer = peer.as_ref().map(ToString::to_string);
        let by = peer.or_else(|| address.map(|address| address.ip().to_string())).unwrap_or_default();
        let mut seen = self.seen.lock().unwrap_or_else(PoisonError::into_inner);
        if seen.len() >= PARTIES && !seen.contains_key(&by) {
            seen.clear();
        }
        let times = seen.entry(by.clone()).or_default();
        times.retain(|time| now - *time < WITHIN);
        times.push(now);
        if times.len() >= MANY {
            let count = times.len() as u64;
            times.clear();
            drop(seen);
            self.raise(Alarm { reason: (*reason).to_owned(), by, count });
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
        let Alarm { reason, by, count } = &alarm;
        tracing::warn!(reason, by, count, "unlikely requests");
        if self.alarms.try_send(alarm).is_err() {
            tracing::error!("too many alarms wait to be told; the intrusion log has what this was about");
        }
    }
}

/// Tells the auth server of alarms, one after the other, each until it was told or `stop`.
///
/// # Errors
/// [`RevocationError::Prepare`], where no connection to it can be prepared.
pub fn tell(
    mut alarms: Alarms,
    auth: &AuthServer,
    credentials: &Credentials,
    clock: &Arc<dyn Clock>,
    stop: &Stop,
) -> Result<(), RevocationError> {
    let party = renewing(credentials, clock, stop).map_err(|error| RevocationError::Prepare(error.into()))?;
    let following = Following::new(&auth.address, Identity::Auth, &party, now(clock), connect::Timeouts::default());
    let following = following.map_err(|error| RevocationError::Prepare(Box::new(error)))?;
    let stop = stop.clone();
    tokio::spawn(async move {
        let telling = async {
            while let Some(alarm) = alarms.recv().await {
                told(&following, alarm).await;
            }
        };
        tokio::select! {
            () = telling => {}
            () = stop.requested() => {}
        }
    });
    Ok(())
}

async fn told(following: &Following, Alarm { reason, by, count }: Alarm) {
    let mut pause = AGAIN;
    loop {
        let request = v1::Alarm { reason: reason.clone(), by: by.clone(), count };
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
    use std::net::SocketAddr;

    use coda_model::UserId;
    use time::macros::datetime;

    use super::*;

    const NOON: OffsetDateTime = datetime!(2026-11-22 12:00 UTC);

    fn refused(peer: Option<&str>, address: &str) -> Event {
        let peer = peer.map(|name| Identity::User(UserId::new(name).unwrap()));
        let address = Some(address.parse::<SocketAddr>().unwrap());
        Event::Refused { peer, address, what: "Compute/Answer", reason: "replay" }
    }

    #[tokio::test]
    async fn five_of_one_party_within_ten_minutes_are_an_alarm_and_each_is_on_record() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("audit.jsonl");
        let (intrusions, mut alarms) = Intrusions::open(&path, None).unwrap();
        let minute = time::Duration::MINUTE;
        // Four within ten minutes, the fifth after the first is forgotten; others in between.
        for step in [0, 3, 6, 9, 10] {
            intrusions.note(&refused(Some("ana"), "127.0.0.1:1"), NOON + step * minute);
            intrusions.note(&refused(None, &format!("127.0.0.2:{}", step + 1)), NOON + 100 * step * minute);
        }
        assert!(alarms.try_recv().is_err());
        intrusions.note(&refused(Some("ana"), "127.0.0.3:1"), NOON + 11 * minute);
        let alarm = Alarm { reason: "replay".to_owned(), by: "coda://user/ana".to_owned(), count: 5 };
        assert_eq!(alarms.try_recv().unwrap(), alarm);
        // Then the count begins anew.
        intrusions.note(&refused(Some("ana"), "127.0.0.1:1"), NOON + 12 * minute);
        assert!(alarms.try_recv().is_err());
        let log = std::fs::read_to_string(folder.path().join("audit.intrusions.jsonl")).unwrap();
        assert_eq!(log.lines().count(), 12);
    }

    #[tokio::test]
    async fn who_has_no_certificate_is_known_by_the_address_without_the_port() {
        let folder = tempfile::tempdir().unwrap();
        let (intrusions, mut alarms) = Intrusions::open(&folder.path().join("audit.jsonl"), None).unwrap();
        for port in 1..=5 {
            intrusions.note(&refused(None, &format!("127.0.0.1:{port}")), NOON);
        }
        assert_eq!(alarms.try_recv().unwrap().by, "127.0.0.1");
    }
}
