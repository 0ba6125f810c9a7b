//! Work that takes the processor for a while, within a service.

use tokio::runtime::{Handle, RuntimeFlavor};

/// Does `work` on this thread; where the runtime has other threads, they take over what else this one had to do.
///
/// Cheaper than a thread of its own, which costs two wake-ups, and the work may borrow. Must be called within a runtime.
pub fn in_place<T>(work: impl FnOnce() -> T) -> T {
    match Handle::current().runtime_flavor() {
        RuntimeFlavor::MultiThread => tokio::task::block_in_place(work),
        _ => work(),
    }
}
