//! What a site has released, kept to stop differencing.
