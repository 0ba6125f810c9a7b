//! Configuration files, tracing, the system clock, listening, and an orderly stop.
//!
//! What every program needs around its service and no library may reach for by itself: the ambient clock, the process's
//! signals and standard error are used here and nowhere else.

pub mod clock;
pub mod config;
mod in_place;
pub mod lifecycle;
pub mod listen;
pub mod stop;
pub mod telemetry;

pub use clock::{Clock, ManualClock, SystemClock};
pub use in_place::in_place;
pub use lifecycle::Lifecycle;
pub use stop::Stop;
