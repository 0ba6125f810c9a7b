//! What the error type of a service says of itself.

use std::{error::Error, iter::successors};

use coda_audit::AuditError;
use coda_model::Identity;

use crate::{caller::CallerError, reply::Reply};

/// The error type of a service: why a call is not answered.
pub trait Failure: Error + From<CallerError> + From<AuditError> {
    /// The reply. The only place where an error of the service becomes one, so that no cause reaches a caller.
    fn reply(&self) -> Reply;

    /// Who asked, where that is known and is not the caller: the signer of a query that a coordinator hands over.
    fn by(&self) -> Option<Identity> {
        None
    }

    /// What the program's log says: the error with all its causes. A service whose errors repeat a request's words
    /// leaves those out, since constants of a query may describe a person.
    fn logged(&self) -> String {
        causes(self)
    }
}

/// An error with all its causes, on one line.
pub fn causes(error: &dyn Error) -> String {
    let all = successors(Some(error), |error| (**error).source());
    all.map(ToString::to_string).collect::<Vec<_>>().join(": ")
}
