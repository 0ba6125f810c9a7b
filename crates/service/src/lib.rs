//! What every gRPC service does alike.
//!
//! [`Guard::answer`] is around every call: it finds out who calls, runs the work, logs and records how it ended, and turns
//! an error into the reply. [`Failure`] is what a service's error type says of itself for that. [`serve`] is around the
//! service: mutual TLS, limits, ready and stop.
//!
//! ```text
//! async fn revoke(&self, request: Request<RevokeRequest>) -> Result<Response<RevokeReply>, Status> {
//!     self.guard.answer("Auth/Revoke", request, async |caller, request| self.revoked(caller, request).await).await
//! }
//! ```

mod caller;
mod failure;
mod guard;
pub mod intrusions;
mod isolation;
pub mod log;
mod reply;
pub mod revocation;
mod serve;
mod signed;
mod unlikely;

pub use caller::{Caller, CallerError, Person};
pub use failure::{Failure, causes};
pub use guard::Guard;
pub use intrusions::Intrusions;
pub use isolation::Isolation;
pub use log::{Keeper, LogService};
pub use reply::{Fault, Reply};
pub use revocation::AuthServer;
pub use serve::{now, renewing, serve};
pub use signed::verify;
pub use unlikely::Unlikely;
