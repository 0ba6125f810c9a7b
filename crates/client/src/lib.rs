//! A typed client of every service: what people's programs and the services themselves call each other with.

mod accounts;
mod compute;
mod error;
mod evidence;
mod hub;
mod link;
mod log;
mod receipt;
mod storage;
mod why;

pub use accounts::{AtProvider, Callback, Enrolment, Front, Session};
pub use compute::Compute;
pub use error::ClientError;
pub use evidence::{Evidence, EvidenceError, Verified};
pub use hub::{
    AccessError, AccessRecord, Accesses, Account, Certificate, Description, Grant, Grants, Hub, HubSettings, NewGrant,
    NewQuery, Project, SiteRights,
};
pub use link::{Link, link};
pub use log::Log;
pub use receipt::{Expected, ReplyError};
pub use storage::{CurrentBuild, Storage};
pub use why::Why;
