//! coda

fn main() {}
