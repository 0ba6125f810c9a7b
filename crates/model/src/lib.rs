//! The words of Coda as types: dictionary, query, cohort, frame, estimate.
//!
//! Pure: no file, socket, clock or randomness is reachable from here, so nothing here can fail for a reason outside its
//! arguments.

pub mod calendar;
pub mod dictionary;
pub mod estimate;
pub mod frame;
pub mod identity;
pub mod ids;
pub mod nearest;
pub mod plain;
pub mod plan;
pub mod query;
pub mod rounding;
pub mod scale;
pub mod threshold;
pub mod variable;

pub use identity::{Identity, IdentityError};
pub use ids::{BuildId, DatasetId, NameError, People, Rows, SiteId, TableId, UserId, VariableId};
