//! Fans a query out to the sites and merges what they release.
