use std::error::Error;
use std::iter::successors;

/// An error with all its causes, on one line.
pub(crate) fn causes(error: &dyn Error) -> String {
    let all = successors(Some(error), |error| (**error).source());
    all.map(ToString::to_string).collect::<Vec<_>>().join(": ")
}
