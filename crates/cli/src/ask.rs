//! What a person is asked for: passwords and codes.

use std::io::{self, BufRead as _, IsTerminal as _, Write as _};

/// What is asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Prompt {
    /// The password.
    Password,
    /// A new one.
    NewPassword,
    /// The new one once more.
    Again,
    /// The code that was sent.
    Code,
}

/// Asks a person.
pub trait Ask: Send {
    /// The answer, without the line feed.
    ///
    /// # Errors
    /// When there is nobody to ask.
    fn ask(&mut self, prompt: Prompt) -> io::Result<String>;
}

/// At the terminal, where a password is not shown; or one line after the other from standard input, for programs.
#[derive(Debug, Clone, Copy)]
pub struct Terminal;

impl Prompt {
    /// The words before the answer.
    pub fn words(self) -> &'static str {
        match self {
            Self::Password => "password: ",
            Self::NewPassword => "new password (8 characters or more; several words are good): ",
            Self::Again => "once more: ",
            Self::Code => "code that was sent to you: ",
        }
    }
}

impl Ask for Terminal {
    fn ask(&mut self, prompt: Prompt) -> io::Result<String> {
        if io::stdin().is_terminal() && prompt != Prompt::Code {
            return rpassword::prompt_password(prompt.words());
        }
        io::stderr().write_all(prompt.words().as_bytes())?;
        let mut line = String::new();
        if io::stdin().lock().read_line(&mut line)? == 0 {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        Ok(line.trim_end_matches(['\n', '\r']).to_owned())
    }
}
