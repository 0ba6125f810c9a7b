//! What other people's programs came to (tests/reference/README.md). A file that is missing, or has no cases, fails.

mod compare;
mod heart;
mod levels;
mod one_sample;
mod two_by_two;
mod two_sample;
