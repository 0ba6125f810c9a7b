//! A typed client of every service.
