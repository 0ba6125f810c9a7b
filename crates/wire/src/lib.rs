//! The gRPC protocol: generated code and its conversion to and from the model.

pub mod envelope;
pub mod frames;
pub mod outcome;
pub mod query;
pub mod receipt;
pub mod terms;
pub mod token;

/// Messages and services generated from `proto/coda/v1`.
#[allow(missing_docs, clippy::pedantic, clippy::unwrap_used, unreachable_pub)]
pub mod v1 {
    tonic::include_proto!("coda.v1");
}
