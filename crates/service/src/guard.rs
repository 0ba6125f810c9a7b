//! What is around every call.

use std::{
    mem,
    net::SocketAddr,
    sync::{Arc, Mutex, PoisonError},
    time::Instant,
};

use coda_audit::{AuditError, AuditLog, Event};
use coda_model::Identity;
use coda_pki::{Credentials, Peer, Roots};
use coda_runtime::Clock;
use time::OffsetDateTime;
use tonic::{Request, Response, Status};
use tracing::{Instrument as _, Span, field};

use crate::{
    caller::{Caller, CallerError},
    failure::{Failure, causes},
    intrusions::Intrusions,
    reply::Fault,
    unlikely::Unlikely,
};

/// So many refusals of callers whom nobody knows are recorded in a minute; the rest are counted.
const STRANGERS: u32 = 60;

/// Finds out who calls, and logs and records how the call ended.
#[derive(Clone)]
pub struct Guard {
    service: &'static str,
    roots: Roots,
    audit: Arc<AuditLog>,
    intrusions: Intrusions,
    clock: Arc<dyn Clock>,
    strangers: Arc<Mutex<Strangers>>,
}

/// Refusals of callers whom nobody knows. Anybody can be refused as often as they like: a log that took a line for each could be
/// filled from outside.
#[derive(Default)]
struct Strangers {
    minute: i64,
    recorded: u32,
    counted: u64,
}

/// A call before it is known whether its caller may make it.
struct Call {
    service: &'static str,
    method: &'static str,
    peer: Option<Identity>,
    address: Option<SocketAddr>,
    now: OffsetDateTime,
    arrived: Instant,
}

impl Guard {
    /// The guard of a service that trusts the network of `credentials`; `service` is its crate's name, for the log.
    pub fn new(
        service: &'static str,
        credentials: &Credentials,
        audit: Arc<AuditLog>,
        intrusions: Intrusions,
        clock: Arc<dyn Clock>,
    ) -> Self {
        Self { service, roots: credentials.roots().clone(), audit, intrusions, clock, strangers: Arc::default() }
    }

    /// Counts something unlikely in a request of a party that is answered all the same.
    pub fn count_unlikely(&self, noticed: &Event, kind: Unlikely, by: Identity) {
        self.intrusions.count(noticed, kind, by, self.clock.now());
    }

    /// The intrusion log.
    pub fn intrusions(&self) -> &Intrusions {
        &self.intrusions
    }

    /// The trust anchor of the network.
    pub fn roots(&self) -> &Roots {
        &self.roots
    }

    /// Records an event that a reply waits for.
    ///
    /// # Errors
    /// [`AuditError`]; then the reply must not go out.
    pub fn record(&self, event: &Event) -> Result<(), AuditError> {
        self.audit.record(event, self.clock.now())
    }

    /// Records that something begins; see [`AuditLog::announce`].
    ///
    /// # Errors
    /// [`AuditError`]; then nothing must begin.
    pub fn announce(&self, events: &[Event]) -> Result<(), AuditError> {
        self.audit.announce(events, self.clock.now())
    }

    /// Answers one call of `method` by `work`, which is given the caller and the request's message.
    ///
    /// The call is one span with its outcome, and one line in the program's log. A call that is not answered is one event in
    /// the audit log, written before the caller learns of it.
    ///
    /// # Errors
    /// The reply of the failure; when it cannot be recorded, that of the audit log's failure.
    pub async fn answer<Message, Answer, Error, Work>(
        &self,
        method: &'static str,
        request: Request<Message>,
        work: impl FnOnce(Caller, Message) -> Work,
    ) -> Result<Response<Answer>, Status>
    where
        Error: Failure,
        Work: Future<Output = Result<Answer, Error>>,
    {
        let (arrived, now, peer) = (Instant::now(), self.clock.now(), Peer::of(&request));
        let known = peer.as_ref().ok();
        let (identity, address) = (known.map(|peer| peer.identity.clone()), known.and_then(|peer| peer.address));
        let call = Call { service: self.service, method, peer: identity, address, now, arrived };
        let caller = peer.map_err(CallerError::from).and_then(|peer| Caller::verify(&peer, &self.roots, now));
        self.carry_out(call, caller.map_err(Into::into), request, work).await
    }

    /// Answers one call of `method` by `work`, which is given what `found` has, when the caller is not known by a certificate: a
    /// session's person, or nobody.
    ///
    /// # Errors
    /// As [`answer`](Self::answer).
    pub async fn answer_to<Found, Message, Answer, Error, Work>(
        &self,
        method: &'static str,
        (person, found): (Option<Identity>, Result<Found, Error>),
        request: Request<Message>,
        work: impl FnOnce(Found, Message) -> Work,
    ) -> Result<Response<Answer>, Status>
    where
        Error: Failure,
        Work: Future<Output = Result<Answer, Error>>,
    {
        let address = coda_pki::peer::address(&request);
        let (arrived, now) = (Instant::now(), self.clock.now());
        let call = Call { service: self.service, method, peer: person, address, now, arrived };
        self.carry_out(call, found, request, work).await
    }

    /// The time of this service.
    pub fn now(&self) -> OffsetDateTime {
        self.clock.now()
    }

    async fn carry_out<Found, Message, Answer, Error, Work>(
        &self,
        call: Call,
        found: Result<Found, Error>,
        request: Request<Message>,
        work: impl FnOnce(Found, Message) -> Work,
    ) -> Result<Response<Answer>, Status>
    where
        Error: Failure,
        Work: Future<Output = Result<Answer, Error>>,
    {
        let span = call.span();
        async {
            let outcome = match found {
                Ok(found) => work(found, request.into_inner()).await,
                Err(error) => Err(error),
            };
            self.end(&call, outcome)
        }
        .instrument(span)
        .await
    }

    fn end<Answer, Error: Failure>(
        &self,
        call: &Call,
        outcome: Result<Answer, Error>,
    ) -> Result<Response<Answer>, Status> {
        let took = call.arrived.elapsed();
        let error = match outcome {
            Ok(answer) => {
                Span::current().record("outcome", "answered");
                tracing::info!(?took, "answered");
                return Ok(Response::new(answer));
            }
            Err(error) => error,
        };
        let (reply, cause) = (error.reply(), error.logged());
        Span::current().record("outcome", reply.reason);
        if reply.is_own() {
            tracing::error!(?took, cause, "failed");
        } else {
            tracing::warn!(?took, cause, "refused");
        }
        let Call { service: _, method, peer, address, now, arrived: _ } = call;
        let event = Event::Refused { peer: peer.clone(), address: *address, what: method, reason: reply.reason };
        if let (Fault::Unlikely(kind), Some(by)) = (reply.fault, error.by().or_else(|| peer.clone())) {
            let event =
                Event::Refused { peer: Some(by.clone()), address: *address, what: method, reason: reply.reason };
            self.intrusions.count(&event, kind, by, *now);
        }
        let events = match peer {
            Some(_) => vec![event],
            None => self.strangers.lock().unwrap_or_else(PoisonError::into_inner).recorded(event, *now),
        };
        match events.iter().try_for_each(|event| self.audit.record(event, *now)) {
            Ok(()) => Err(reply.status()),
            Err(error) => {
                tracing::error!(cause = causes(&error), "a refusal could not be recorded");
                Err(Error::from(error).reply().status())
            }
        }
    }
}

impl Strangers {
    /// What is recorded of a refusal: after the first sixty of a minute nothing, and then how many there were.
    fn recorded(&mut self, refused: Event, now: OffsetDateTime) -> Vec<Event> {
        let minute = now.unix_timestamp().div_euclid(60);
        let mut events = Vec::new();
        if self.minute != minute {
            let Self { counted, .. } = mem::replace(self, Self { minute, recorded: 0, counted: 0 });
            events.extend((counted > 0).then_some(Event::RefusedMany { counted }));
        }
        if self.recorded < STRANGERS {
            self.recorded += 1;
            events.push(refused);
        } else {
            self.counted += 1;
        }
        events
    }
}

impl Call {
    fn span(&self) -> Span {
        let Self { service, method, peer, address, now: _, arrived: _ } = self;
        let (peer, address) = (peer.as_ref().map(field::display), address.map(field::display));
        // Of the highest level, so that a filter that lets only refusals through still says whose they are.
        tracing::error_span!("call", service, method, peer, address, outcome = field::Empty)
    }
}
