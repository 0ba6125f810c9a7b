//! A whole network in one process on loopback, with real mutual TLS.
