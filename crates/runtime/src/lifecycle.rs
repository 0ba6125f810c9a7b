//! The two moments of a service that its program must know of: ready, and asked to stop.

use std::fmt;

use crate::Stop;

/// Given to a service when it starts. The service says when everything it needs is open, and ends when it is asked to.
pub struct Lifecycle {
    stop: Stop,
    ready: Box<dyn FnOnce() + Send>,
}

impl Lifecycle {
    /// A service that ends on `stop`; `ready` is called once, when it begins to answer.
    pub fn new(stop: Stop, ready: impl FnOnce() + Send + 'static) -> Self {
        Self { stop, ready: Box::new(ready) }
    }

    /// The stop, for parts of the service that must know of it too.
    pub fn stop(&self) -> &Stop {
        &self.stop
    }

    /// Says that everything is open; what is left is to wait for the stop.
    #[must_use]
    pub fn ready(self) -> Stop {
        (self.ready)();
        self.stop
    }
}

/// A service of which nobody needs to know when it is ready.
impl From<Stop> for Lifecycle {
    fn from(stop: Stop) -> Self {
        Self::new(stop, || {})
    }
}

impl fmt::Debug for Lifecycle {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Lifecycle").field("stop", &self.stop).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ready_is_said_once_and_leaves_the_stop() {
        let (said, stop) = (Stop::new(), Stop::new());
        let ready = said.clone();
        let lifecycle = Lifecycle::new(stop.clone(), move || ready.now());
        assert!(!said.is_requested());
        let own = lifecycle.ready();
        assert!(said.is_requested() && !own.is_requested());
        stop.now();
        assert!(own.is_requested());
    }
}
