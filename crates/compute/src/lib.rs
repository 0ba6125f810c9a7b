//! Permit, execution, release: a site's computation node.
