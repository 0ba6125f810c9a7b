//! The text of a line: an event in JSON, its number and its time.

use std::net::SocketAddr;

use serde::{Deserialize, Serialize};
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

use crate::event::{Event, Outcome};

#[derive(Serialize)]
struct Line<'a> {
    sequence: u64,
    time: String,
    #[serde(flatten)]
    event: Written<'a>,
}

/// What the line of [`Event::VolumesRemoved`] has in it.
const WORD: &[u8] = b"\"volumes-removed\"";

/// What the log needs of a line; the event itself is for its reader.
#[derive(Deserialize)]
struct Read {
    sequence: u64,
}

#[derive(Serialize)]
#[serde(tag = "event", rename_all = "kebab-case")]
enum Written<'a> {
    QueryReceived {
        user: &'a str,
        site: &'a str,
        dataset: &'a str,
        statistics: &'a [String],
        envelope: String,
        peer: String,
        address: Option<SocketAddr>,
    },
    QueryAnswered {
        envelope: String,
        #[serde(flatten)]
        outcome: WrittenOutcome,
    },
    TokenIssued {
        user: &'a str,
        roles: usize,
        thumbprint: String,
        address: Option<SocketAddr>,
    },
    GrantMade {
        grant: &'a str,
        user: &'a str,
        role: &'a str,
        site: Option<&'a str>,
        extra: &'a [&'static str],
        project: Option<&'a str>,
        reason: Option<&'a str>,
        until: Option<i64>,
        by: Option<&'a str>,
    },
    GrantRevoked {
        grant: &'a str,
        user: &'a str,
        role: &'a str,
        site: Option<&'a str>,
        by: Option<&'a str>,
    },
    GrantsListed {
        by: &'a str,
        address: Option<SocketAddr>,
    },
    LogIn {
        user: Option<&'a str>,
        address: Option<SocketAddr>,
        outcome: &'a str,
    },
    AccountChanged {
        user: &'a str,
        what: &'a str,
        old: Option<&'a str>,
        new: Option<&'a str>,
        by: Option<&'a str>,
        address: Option<SocketAddr>,
    },
    ProjectChanged {
        project: &'a str,
        what: &'a str,
        old: Option<&'a str>,
        new: Option<&'a str>,
    },
    PolicyChanged {
        old: Option<&'a str>,
        new: &'a str,
    },
    BuildChanged {
        dataset: &'a str,
        old: Option<&'a str>,
        new: &'a str,
    },
    Isolated {
        whom: &'a str,
        reason: &'a str,
        by: &'a str,
        begun: bool,
    },
    Watched {
        user: &'a str,
        project: &'a str,
        twins: u64,
        near_cells: u64,
        alert: bool,
        held: bool,
    },
    VolumesRemoved {
        through: u64,
    },
    AlarmRaised {
        service: String,
        reason: &'a str,
        by: String,
        told: bool,
    },
    Refused {
        peer: Option<String>,
        address: Option<SocketAddr>,
        what: &'a str,
        reason: &'a str,
    },
    RefusedMany {
        counted: u64,
    },
}

#[derive(Serialize)]
#[serde(tag = "outcome", rename_all = "kebab-case")]
enum WrittenOutcome {
    Released {
        cells: u64,
        #[serde(skip_serializing_if = "Option::is_none")]
        release: Option<String>,
    },
    Refused {
        reason: &'static str,
    },
    Failed {
        reason: &'static str,
    },
}

/// The last record whose volume was removed, where a line says so.
pub(crate) fn removed(line: &[u8]) -> Option<u64> {
    #[derive(Deserialize)]
    struct Removed<'a> {
        event: &'a str,
        through: u64,
    }
    // Nearly every line is another one, and need not be read twice.
    let removed =
        line.windows(WORD.len()).any(|word| word == WORD).then(|| serde_json::from_slice(line).ok()).flatten();
    removed.filter(|line: &Removed<'_>| line.event == "volumes-removed").map(|line| line.through)
}

/// The number that a line has, or `None` when it has none.
pub(crate) fn sequence(line: &[u8]) -> Option<u64> {
    serde_json::from_slice(line).ok().map(|Read { sequence }| sequence)
}

/// The time of a record; `None` for a line that is none.
pub fn time_of(line: &[u8]) -> Option<OffsetDateTime> {
    #[derive(Deserialize)]
    struct Time {
        time: String,
    }
    let Time { time } = serde_json::from_slice(line).ok()?;
    OffsetDateTime::parse(&time, &Rfc3339).ok()
}

/// The line for `event`, without line feed.
pub(crate) fn write(sequence: u64, event: &Event, now: OffsetDateTime) -> Option<Vec<u8>> {
    let time = now.format(&Rfc3339).ok()?;
    serde_json::to_vec(&Line { sequence, time, event: written(event) }).ok()
}

fn written(event: &Event) -> Written<'_> {
    match event {
        Event::QueryReceived { user, site, dataset, statistics, envelope, peer, address } => Written::QueryReceived {
            user: user.as_str(),
            site: site.as_str(),
            dataset: dataset.as_str(),
            statistics,
            envelope: hex::encode(envelope),
            peer: peer.to_string(),
            address: *address,
        },
        Event::QueryAnswered { envelope, outcome } => {
            Written::QueryAnswered { envelope: hex::encode(envelope), outcome: written_outcome(*outcome) }
        }
        Event::TokenIssued { user, roles, thumbprint, address } => Written::TokenIssued {
            user: user.as_str(),
            roles: *roles,
            thumbprint: hex::encode(thumbprint),
            address: *address,
        },
        Event::GrantMade { grant, user, role, site, extra, project, reason, until, by } => Written::GrantMade {
            grant,
            user: user.as_str(),
            role,
            site: site.as_ref().map(coda_model::SiteId::as_str),
            extra,
            project: project.as_deref(),
            reason: reason.as_deref(),
            until: *until,
            by: by.as_ref().map(coda_model::UserId::as_str),
        },
        Event::GrantRevoked { grant, user, role, site, by } => Written::GrantRevoked {
            grant,
            user: user.as_str(),
            role,
            site: site.as_ref().map(coda_model::SiteId::as_str),
            by: by.as_ref().map(coda_model::UserId::as_str),
        },
        Event::GrantsListed { by, address } => Written::GrantsListed { by: by.as_str(), address: *address },
        Event::LogIn { user, address, outcome } => {
            Written::LogIn { user: user.as_ref().map(coda_model::UserId::as_str), address: *address, outcome }
        }
        Event::AccountChanged { user, what, old, new, by, address } => Written::AccountChanged {
            user: user.as_str(),
            what,
            old: old.as_deref(),
            new: new.as_deref(),
            by: by.as_ref().map(coda_model::UserId::as_str),
            address: *address,
        },
        Event::ProjectChanged { project, what, old, new } => {
            Written::ProjectChanged { project, what, old: old.as_deref(), new: new.as_deref() }
        }
        Event::PolicyChanged { old, new } => Written::PolicyChanged { old: old.as_deref(), new },
        Event::BuildChanged { dataset, old, new } => {
            Written::BuildChanged { dataset: dataset.as_str(), old: old.as_deref(), new }
        }
        Event::Isolated { whom, reason, by, begun } => Written::Isolated { whom, reason, by, begun: *begun },
        Event::Watched { user, project, twins, near_cells, alert, held } => Written::Watched {
            user: user.as_str(),
            project,
            twins: *twins,
            near_cells: *near_cells,
            alert: *alert,
            held: *held,
        },
        Event::VolumesRemoved { through } => Written::VolumesRemoved { through: *through },
        Event::AlarmRaised { service, reason, by, told } => {
            Written::AlarmRaised { service: service.to_string(), reason, by: by.to_string(), told: *told }
        }
        Event::Refused { peer, address, what, reason } => {
            Written::Refused { peer: peer.as_ref().map(ToString::to_string), address: *address, what, reason }
        }
        Event::RefusedMany { counted } => Written::RefusedMany { counted: *counted },
    }
}

fn written_outcome(outcome: Outcome) -> WrittenOutcome {
    match outcome {
        Outcome::Released { cells, release } => WrittenOutcome::Released { cells, release: release.map(hex::encode) },
        Outcome::Refused { reason } => WrittenOutcome::Refused { reason },
        Outcome::Failed { reason } => WrittenOutcome::Failed { reason },
    }
}
