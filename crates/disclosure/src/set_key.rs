//! R2: the key of a query set, whole and in buckets.

use coda_model::frame::SetKey;

/// How many buckets a set key is split into for the watch.
pub const BUCKETS: usize = 64;

/// The sums of a set's record keys, bucket by bucket. Added up they are its [`SetKey`].
pub type Buckets = [u64; BUCKETS];

/// The bucket of a record key: its first six bits.
pub fn bucket(record_key: u64) -> usize {
    (record_key >> 58) as usize
}

/// Big-endian, as H takes it.
pub(crate) fn bytes(key: SetKey) -> [u8; 8] {
    key.0.to_be_bytes()
}
