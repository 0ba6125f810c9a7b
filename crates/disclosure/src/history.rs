//! Rules across answers.
