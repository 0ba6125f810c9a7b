//! A service on its port.

use std::sync::Arc;

use coda_pki::{
    Credentials, Now,
    serve::{Limits, ServeError, serve_when_ready},
};
use coda_runtime::{Clock, Lifecycle};
use tokio::net::TcpListener;
use tonic::service::Routes;

/// The clock in the form that TLS takes.
pub fn now(clock: &Arc<dyn Clock>) -> Now {
    let clock = clock.clone();
    Arc::new(move || clock.now())
}

/// Serves `routes` on `listener` within `limits` until the stop of `lifecycle`; then requests under way have ten seconds to
/// end. Everything that the routes need must be open: this says that the service is ready.
///
/// # Errors
/// [`ServeError`].
pub async fn serve(
    routes: Routes,
    listener: TcpListener,
    credentials: &Credentials,
    clock: &Arc<dyn Clock>,
    limits: Limits,
    lifecycle: Lifecycle,
) -> Result<(), ServeError> {
    let ready = || {
        let stop = lifecycle.ready();
        move || stop.clone().into_requested()
    };
    serve_when_ready(routes, listener, credentials, now(clock), limits, ready).await
}
