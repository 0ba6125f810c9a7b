//! Laws over the registry (style.md 30).

mod bits;
mod grouping;
mod odd;
mod registry;
mod support;
