//! Secondary suppression.
