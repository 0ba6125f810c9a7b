//! What is worth a line.

use std::net::SocketAddr;

use coda_model::{DatasetId, Identity, SiteId, UserId};

/// Something that was asked, answered, given or refused.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Event {
    /// A query came in. Written before anything is computed.
    QueryReceived {
        /// Who asks.
        user: UserId,
        /// Where it is asked.
        site: SiteId,
        /// About which data set.
        dataset: DatasetId,
        /// Names of the statistics, as in the registry.
        statistics: Vec<String>,
        /// SHA-256 of the signed envelope's bytes.
        envelope: [u8; 32],
        /// Who handed it over.
        peer: Identity,
        /// From where.
        address: Option<SocketAddr>,
    },
    /// A query was dealt with. Written before the answer goes out.
    QueryAnswered {
        /// SHA-256 of the signed envelope's bytes.
        envelope: [u8; 32],
        /// How it ended.
        outcome: Outcome,
    },
    /// An access token was issued.
    TokenIssued {
        /// To whom.
        user: UserId,
        /// How many roles it lists.
        roles: usize,
        /// SHA-256 of the certificate it is bound to.
        thumbprint: [u8; 32],
        /// From where it was asked for.
        address: Option<SocketAddr>,
    },
    /// A person was given a role.
    GrantMade {
        /// The grant.
        grant: String,
        /// Who has the role now.
        user: UserId,
        /// The role's word.
        role: &'static str,
        /// The site, for roles about one site.
        site: Option<SiteId>,
        /// Words of the permissions added to the role.
        extra: Vec<&'static str>,
        /// The approved project.
        project: Option<String>,
        /// Why.
        reason: Option<String>,
        /// When it ends, in seconds since 1970.
        until: Option<i64>,
        /// Who gave it; nobody when it was done on the hub itself.
        by: Option<UserId>,
    },
    /// A grant was ended.
    GrantRevoked {
        /// The grant.
        grant: String,
        /// Who had the role.
        user: UserId,
        /// The role's word.
        role: &'static str,
        /// The site, for roles about one site.
        site: Option<SiteId>,
        /// Who ended it; nobody when it was done on the hub itself.
        by: Option<UserId>,
    },
    /// Somebody looked at the grants.
    GrantsListed {
        /// Who.
        by: UserId,
        /// From where.
        address: Option<SocketAddr>,
    },
    /// Somebody tried to log in.
    LogIn {
        /// As whom; nobody where the name is one that nobody can have.
        user: Option<UserId>,
        /// From where.
        address: Option<SocketAddr>,
        /// What came of it, in a word that stays the same from version to version.
        outcome: &'static str,
    },
    /// Something about an account was changed.
    AccountChanged {
        /// Whose.
        user: UserId,
        /// What.
        what: &'static str,
        /// How it was.
        old: Option<String>,
        /// How it is.
        new: Option<String>,
        /// Who changed it; nobody when it was done on the hub itself, or by itself.
        by: Option<UserId>,
        /// From where.
        address: Option<SocketAddr>,
    },
    /// Something about a project was changed.
    ProjectChanged {
        /// The project.
        project: String,
        /// What.
        what: &'static str,
        /// How it was.
        old: Option<String>,
        /// How it is.
        new: Option<String>,
    },
    /// The site's policy is another one, or is in force for the first time since the service started.
    PolicyChanged {
        /// How it was, in canonical form.
        old: Option<String>,
        /// How it is.
        new: String,
    },
    /// Queries of a data set are answered from another build, or for the first time since the service started.
    BuildChanged {
        /// The data set.
        dataset: DatasetId,
        /// From which they were answered.
        old: Option<String>,
        /// From which they are.
        new: String,
    },
    /// A site or an account was cut off while an incident is looked into, or let back.
    Isolated {
        /// Whom.
        whom: String,
        /// Why.
        reason: String,
        /// Who decided it.
        by: String,
        /// Whether it was cut off; let back otherwise.
        begun: bool,
    },
    /// The watch saw questions that come in nearly equal pairs.
    Watched {
        /// Who asked.
        user: UserId,
        /// For which project.
        project: String,
        /// Twins of the person or the project, whoever has more, over the last cohorts.
        twins: u64,
        /// Near cells over the same.
        near_cells: u64,
        /// Whether the privacy auditor is to look.
        alert: bool,
        /// Whether new questions are refused until the auditor has looked.
        held: bool,
    },
    /// Old volumes of this log are removed, as the configuration says.
    VolumesRemoved {
        /// The last record that was removed.
        through: u64,
    },
    /// Administrators are told of unlikely requests.
    AlarmRaised {
        /// By the service that was asked.
        service: Identity,
        /// What was unlikely: the reason of its refusals.
        reason: &'static str,
        /// Which party asked.
        by: Identity,
        /// Whether letters were due: none about this party was within the last hour. They are sent afterwards.
        told: bool,
    },
    /// A call was not answered. Written before the caller learns of it.
    Refused {
        /// Who, when a certificate says so.
        peer: Option<Identity>,
        /// From where.
        address: Option<SocketAddr>,
        /// What was asked: the name of a method.
        what: &'static str,
        /// Why, in a word that stays the same from version to version.
        reason: &'static str,
    },
    /// Calls of people without a certificate or a session that were not answered, and are not recorded each: more than a log takes.
    RefusedMany {
        /// How many, since the last refusal that is recorded.
        counted: u64,
    },
}

/// How a query ended. Says nothing about which cells were suppressed, nor how many.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// A release went out.
    Released {
        /// Number of its cells, released and suppressed together.
        cells: u64,
        /// SHA-256 of the release's bytes; none at the hub, which makes no release.
        release: Option<[u8; 32]>,
    },
    /// The request was refused.
    Refused {
        /// The constant that was answered.
        reason: &'static str,
    },
    /// It could not be answered.
    Failed {
        /// The constant that was answered.
        reason: &'static str,
    },
}
