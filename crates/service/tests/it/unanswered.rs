//! A call that is not answered: what its caller, the audit log and the service's log are told.

use std::sync::Arc;

use coda_audit::{AuditError, AuditLog};
use coda_model::Identity;
use coda_pki::{Algorithm, Authority};
use coda_runtime::ManualClock;
use coda_service::{CallerError, Failure, Guard, Intrusions, Reply};
use tempfile::TempDir;
use time::{Duration, macros::datetime};
use tonic::{Code, Request, Status};

#[derive(Debug, thiserror::Error)]
enum Trouble {
    #[error(transparent)]
    Caller(#[from] CallerError),
    #[error("the audit log cannot be written")]
    Audit(#[from] AuditError),
}

impl Failure for Trouble {
    fn reply(&self) -> Reply {
        match self {
            Self::Caller(error) => error.reply(),
            Self::Audit(_) => Reply::failed(Code::Unavailable, "audit", "not now"),
        }
    }
}

fn guard(folder: &TempDir) -> Guard {
    let now = datetime!(2026-11-22 12:00 UTC);
    let authority = Authority::create(&folder.path().join("authority"), Algorithm::P256, now).unwrap();
    let credentials = authority.credentials(&Identity::Auth, Algorithm::P256, Duration::days(1), now).unwrap();
    let path = folder.path().join("audit.jsonl");
    let (audit, (intrusions, _)) = (AuditLog::open(&path).unwrap(), Intrusions::open(&path, None).unwrap());
    Guard::new("test", &credentials, Arc::new(audit), intrusions, Arc::new(ManualClock::new(now)))
}

/// A call without mutual TLS; it must not get as far as the work.
async fn nameless(guard: &Guard) -> Status {
    let work = async |_, ()| -> Result<(), Trouble> { unreachable!("nobody called") };
    guard.answer("Test/Call", Request::new(()), work).await.unwrap_err()
}

#[tokio::test]
async fn a_call_of_nobody_is_refused_and_recorded() {
    let folder = tempfile::tempdir().unwrap();
    let status = nameless(&guard(&folder)).await;
    assert_eq!((status.code(), status.message()), (Code::Unauthenticated, "the connection does not say who you are"));
    let audit = std::fs::read_to_string(folder.path().join("audit.jsonl")).unwrap();
    assert!(audit.contains(r#""event":"refused","peer":null,"address":null,"what":"Test/Call","reason":"peer""#));
}

#[tokio::test]
async fn a_refusal_that_cannot_be_recorded_is_the_services_own_failure() {
    let folder = tempfile::tempdir().unwrap();
    let guard = guard(&folder);
    nameless(&guard).await;
    std::fs::write(folder.path().join("audit.jsonl"), "").unwrap();
    let status = nameless(&guard).await;
    assert_eq!((status.code(), status.message()), (Code::Unavailable, "not now"));
}

#[test]
fn the_log_has_the_whole_chain_of_causes_once() {
    let trouble = Trouble::from(CallerError::from(coda_pki::PeerError::NoCertificate));
    assert_eq!(trouble.logged(), "the caller has no identity: the connection has no client certificate");
    assert!(!trouble.reply().is_own());
}
