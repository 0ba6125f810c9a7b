//! Roles, permissions, a site's own policy; the only maker of a [`Permit`]. Pure.

pub mod grants;
pub mod permit;
pub mod role;
pub mod site;
mod table;

pub use grants::{Claim, GrantRefusal, Granter, Project, ProjectError, check_grant};
pub use permit::{Claims, Permit, Refusal, Request, permit};
pub use role::{Permission, Role, UnknownWord};
pub use site::{PolicyError, SitePolicy};
pub use table::table;
