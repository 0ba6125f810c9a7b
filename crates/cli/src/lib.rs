//! The command line of researchers and administrators.
