//! Group commit: whoever waits for the disk at the same time waits for the same write.

use std::io;
use std::sync::{Condvar, Mutex, PoisonError};

/// How far a log has come to the disk, in records, and who brings it further.
#[derive(Debug, Default)]
pub(crate) struct Group {
    progress: Mutex<Progress>,
    moved: Condvar,
}

/// Why a position did not come to the disk.
#[derive(Debug)]
pub(crate) enum GroupError {
    /// This call's own attempt failed.
    Failed(io::Error),
    /// An earlier attempt failed. The system may since have forgotten which of its pages never came to the disk, so that
    /// no later success says anything of them.
    Broken,
}

#[derive(Debug, Default)]
struct Progress {
    /// Records that are on the disk for certain.
    synced: u64,
    /// Whether somebody is waiting for the disk.
    busy: bool,
    broken: bool,
}

impl Group {
    /// Returns when the first `end` records are on the disk. The first to come calls `sync`, which brings all that was written so far to
    /// the disk and says how much that was; those who come meanwhile wait for the next one.
    ///
    /// # Errors
    /// [`GroupError`], then and ever after.
    pub(crate) fn reach(&self, end: u64, sync: impl FnOnce() -> io::Result<u64>) -> Result<(), GroupError> {
        let mut progress = self.progress.lock().unwrap_or_else(PoisonError::into_inner);
        loop {
            if progress.synced >= end {
                return Ok(());
            }
            if progress.broken {
                return Err(GroupError::Broken);
            }
            if !progress.busy {
                break;
            }
            progress = self.moved.wait(progress).unwrap_or_else(PoisonError::into_inner);
        }
        progress.busy = true;
        drop(progress);
        let outcome = sync();
        let mut progress = self.progress.lock().unwrap_or_else(PoisonError::into_inner);
        progress.busy = false;
        match &outcome {
            Ok(synced) => progress.synced = progress.synced.max(*synced),
            Err(_) => progress.broken = true,
        }
        self.moved.notify_all();
        outcome.map(drop).map_err(GroupError::Failed)
    }

    /// The disk failed outside of this: whoever waits for it must know, though the system tells it only once.
    pub(crate) fn fail(&self) {
        self.progress.lock().unwrap_or_else(PoisonError::into_inner).broken = true;
        self.moved.notify_all();
    }

    /// Whether the disk failed before.
    pub(crate) fn is_broken(&self) -> bool {
        self.progress.lock().unwrap_or_else(PoisonError::into_inner).broken
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Barrier;
    use std::sync::atomic::{AtomicU64, Ordering::SeqCst};

    use super::*;

    #[test]
    fn those_who_wait_together_share_one_sync() {
        let (group, written, syncs, running) =
            (Group::default(), AtomicU64::new(0), AtomicU64::new(0), AtomicU64::new(0));
        let (entered, others) = (Barrier::new(2), Barrier::new(17));
        let sync = |hold: &dyn Fn()| {
            assert_eq!(running.fetch_add(1, SeqCst), 0, "two wait for the disk at once");
            let so_far = written.load(SeqCst);
            hold();
            syncs.fetch_add(1, SeqCst);
            running.fetch_sub(1, SeqCst);
            Ok(so_far)
        };
        std::thread::scope(|scope| {
            // The first one is held in its sync until 16 others have written and come to wait.
            written.fetch_add(1, SeqCst);
            scope.spawn(|| {
                group.reach(1, || {
                    sync(&|| {
                        entered.wait();
                        others.wait();
                        (0..1000).for_each(|_| std::thread::yield_now());
                    })
                })
            });
            entered.wait();
            let ends: Vec<_> = (0..16).map(|_| written.fetch_add(1, SeqCst) + 1).collect();
            for end in ends {
                let (group, sync, others) = (&group, &sync, &others);
                scope.spawn(move || {
                    others.wait();
                    group.reach(end, || sync(&|| ())).unwrap();
                });
            }
        });
        assert_eq!(syncs.load(SeqCst), 2);
    }

    #[test]
    fn nobody_is_told_that_bytes_came_to_a_disk_that_failed() {
        let group = Group::default();
        group.reach(5, || Ok(5)).unwrap();
        assert!(matches!(group.reach(6, || Err(io::Error::other("full"))), Err(GroupError::Failed(_))));
        assert!(group.is_broken());
        // A disk that works again has not got what it lost.
        assert!(matches!(group.reach(7, || Ok(7)), Err(GroupError::Broken)));
        group.reach(5, || Ok(7)).unwrap();
    }
}
