//! coda-demo

fn main() {}
