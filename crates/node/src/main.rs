//! coda-node

fn main() {}
