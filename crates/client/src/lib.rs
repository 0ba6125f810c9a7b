//! A typed client of every service: what people's programs and the services themselves call each other with.

mod compute;
mod error;
mod hub;
mod link;
mod storage;

pub use compute::{Compute, SiteReply};
pub use error::ClientError;
pub use hub::{Description, Grant, Grants, Hub, HubSettings, NewGrant, SiteRights};
pub use link::{Link, link};
pub use storage::{CurrentBuild, Storage};
