//! coda-hub

fn main() {}
