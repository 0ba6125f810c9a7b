//! Tests of a whole network live in `tests/`; this library is empty.
