//! The call guard.

#[cfg(test)]
mod unanswered;
