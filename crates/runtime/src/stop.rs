//! An orderly stop: asked for once, seen by everyone who holds a copy.

use std::io;

use tokio::signal::unix::{Signal, SignalKind, signal};
use tokio_util::sync::CancellationToken;

/// Whether the process, or a part of it, has been asked to stop. Copies share one state.
#[derive(Debug, Clone, Default)]
pub struct Stop(CancellationToken);

impl Stop {
    /// A stop nobody has asked for yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// A stop that SIGINT and SIGTERM ask for. A second signal ends the process at once, with code 130, for when
    /// the orderly way hangs.
    ///
    /// Must be called within a tokio runtime.
    ///
    /// # Errors
    /// The system's error when a signal cannot be listened for.
    pub fn on_signals() -> io::Result<Self> {
        let stop = Self::new();
        let mut interrupt = signal(SignalKind::interrupt())?;
        let mut terminate = signal(SignalKind::terminate())?;
        let asked = stop.clone();
        tokio::spawn(async move {
            let name = either(&mut interrupt, &mut terminate).await;
            tracing::info!(signal = name, "stopping; a second signal stops at once");
            asked.now();
            let name = either(&mut interrupt, &mut terminate).await;
            tracing::warn!(signal = name, "stopped at once");
            std::process::exit(130);
        });
        Ok(stop)
    }

    /// Asks for the stop; asking again changes nothing.
    pub fn now(&self) {
        self.0.cancel();
    }

    /// Whether it has been asked for.
    pub fn is_requested(&self) -> bool {
        self.0.is_cancelled()
    }

    /// Waits until it is asked for; returns at once when it already is.
    pub async fn requested(&self) {
        self.0.cancelled().await;
    }

    /// Like [`Stop::requested`], owning its copy, for a task or a server's shutdown signal.
    pub async fn into_requested(self) {
        self.0.cancelled_owned().await;
    }

    /// A stop for a part of the process: it follows this one, and can be asked for alone.
    #[must_use]
    pub fn child(&self) -> Self {
        Self(self.0.child_token())
    }
}

async fn either(interrupt: &mut Signal, terminate: &mut Signal) -> &'static str {
    tokio::select! {
        _ = interrupt.recv() => "SIGINT",
        _ = terminate.recv() => "SIGTERM",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_child_follows_and_does_not_lead() {
        let whole = Stop::new();
        let (part, other) = (whole.child(), whole.child());
        part.now();
        part.requested().await;
        assert!(part.is_requested() && !whole.is_requested() && !other.is_requested());
        whole.now();
        other.into_requested().await;
        assert!(whole.clone().is_requested());
    }

    #[tokio::test]
    async fn sigterm_asks_for_the_stop() {
        let stop = Stop::on_signals().unwrap();
        assert!(!stop.is_requested());
        let id = std::process::id().to_string();
        let status = tokio::process::Command::new("kill").args(["-TERM", &id]).status().await.unwrap();
        assert!(status.success());
        stop.requested().await;
    }
}
