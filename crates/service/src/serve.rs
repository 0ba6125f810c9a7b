//! A service on its port, under a certificate that may be renewed while it runs.

use std::{sync::Arc, time::Duration};

use coda_pki::{
    Credentials, Now, Reloading,
    serve::{Limits, ServeError, serve_with},
};
use coda_runtime::{Clock, Lifecycle, Stop};
use tokio::net::TcpListener;
use tonic::service::Routes;

/// How often the files of a certificate are looked at.
const LOOKED_AT: Duration = Duration::from_secs(10);

/// The clock in the form that TLS takes.
pub fn now(clock: &Arc<dyn Clock>) -> Now {
    let clock = clock.clone();
    Arc::new(move || clock.now())
}

/// The service as a party of the network. Where its certificate was read from files, and these are replaced by good ones, it shows
/// the new one from then on; nothing that is under way is dropped.
///
/// # Errors
/// [`ServeError::Tls`].
pub fn renewing(credentials: &Credentials, clock: &Arc<dyn Clock>, stop: &Stop) -> Result<Reloading, ServeError> {
    let party = Reloading::new(credentials.clone())?;
    if let Some(files) = credentials.files() {
        let following = party.clone().follow(files.clone(), now(clock), LOOKED_AT);
        let stop = stop.clone();
        tokio::spawn(async move {
            tokio::select! {
                () = following => {}
                () = stop.requested() => {}
            }
        });
    }
    Ok(party)
}

/// Serves `routes` on `listener` within `limits` until the stop of `lifecycle`; then requests under way have ten seconds to
/// end. Everything that the routes need must be open: this says that the service is ready.
///
/// # Errors
/// [`ServeError`].
pub async fn serve(
    routes: Routes,
    listener: TcpListener,
    party: &Reloading,
    clock: &Arc<dyn Clock>,
    limits: Limits,
    lifecycle: Lifecycle,
) -> Result<(), ServeError> {
    let config = party.server_config(now(clock))?;
    let stop = lifecycle.ready();
    serve_with(routes, listener, config, party.current().roots(), limits, || stop.clone().into_requested()).await
}

#[cfg(test)]
mod tests {
    use coda_model::Identity;
    use coda_pki::{Algorithm, Authority, Files};
    use coda_runtime::ManualClock;
    use time::macros::datetime;

    use super::*;

    #[tokio::test(start_paused = true)]
    async fn a_certificate_that_is_replaced_in_its_files_is_shown_and_a_bad_one_is_not() {
        let now = datetime!(2026-11-22 12:00 UTC);
        let folder = tempfile::tempdir().unwrap();
        let authority = Authority::create(&folder.path().join("authority"), Algorithm::P256, now).unwrap();
        let path = |name: &str| folder.path().join(name);
        let files = Files { chain: path("chain.pem"), key: path("key.pem"), roots: path("roots.pem") };
        let write = || {
            let own = authority.credentials(&Identity::Auth, Algorithm::P256, time::Duration::days(1), now).unwrap();
            if files.key.exists() {
                std::fs::remove_file(&files.key).unwrap();
            }
            own.save(&files.chain, &files.key, &files.roots).unwrap();
            own.thumbprint()
        };
        let first = write();
        let (clock, stop): (Arc<dyn Clock>, _) = (Arc::new(ManualClock::new(now)), Stop::new());
        let party = renewing(&files.load(now).unwrap(), &clock, &stop).unwrap();
        assert_eq!(party.current().thumbprint(), first);
        let second = write();
        tokio::time::sleep(2 * LOOKED_AT).await;
        assert_eq!(party.current().thumbprint(), second);
        std::fs::write(&files.chain, "none").unwrap();
        tokio::time::sleep(2 * LOOKED_AT).await;
        assert_eq!(party.current().thumbprint(), second);
        // What was made in memory has no files, and stays as it is.
        let own = authority.credentials(&Identity::Auth, Algorithm::P256, time::Duration::days(1), now).unwrap();
        assert!(own.files().is_none());
        renewing(&own, &clock, &stop).unwrap();
    }
}
