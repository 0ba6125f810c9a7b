//! The services of `proto/coda/v1/auth.proto` and `accounts.proto`: what is done, what is recorded, what is said.

mod accounts;
mod door;
mod grants;
mod log_in;
mod visitors;

pub(crate) use accounts::AccountsService;
pub(crate) use door::Door;
pub(crate) use grants::AuthService;
pub(crate) use log_in::LogInService;
pub(crate) use visitors::Visitors;

use crate::error::AuthError;

/// Does the work to its end even when the caller goes away half way: what stands in the audit log shall have happened.
fn whole<T: Send + 'static, E: Into<AuthError> + Send + 'static>(
    work: impl Future<Output = Result<T, E>> + Send + 'static,
) -> impl Future<Output = Result<T, AuthError>> {
    let task = tokio::spawn(work);
    async move { task.await?.map_err(Into::into) }
}
