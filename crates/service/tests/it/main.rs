//! The call guard, and what is kept beside a log.

#[cfg(test)]
mod unanswered;
#[cfg(test)]
mod witnesses;
