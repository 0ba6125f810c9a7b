//! From files to builds: what is taken, what is refused, and what is never said.

mod bench;
mod parquet;
mod rules;
mod site;
mod tolerance;
mod written;
