//! What stands beside the tasks: the hooks.

#[cfg(test)]
mod commit_msg;
