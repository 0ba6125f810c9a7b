//! Reading a configuration file. Loading opens no port and touches nothing but the file.

use std::fmt;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use serde::de::DeserializeOwned;

/// Why a configuration was not taken. Its text is one line.
#[derive(Debug, thiserror::Error)]
pub enum ConfigError {
    /// The file cannot be read.
    #[error("cannot read the configuration {}; check the path and who may read it", .path.display())]
    Read {
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// The file is read, but is not what the program expects.
    #[error("{place}: {problem}; {advice}")]
    Content {
        /// Where.
        place: Place,
        /// What is wrong.
        problem: String,
        /// What to do about it.
        advice: &'static str,
    },
}

/// A place in a file, written `file:line:column`; without line when the trouble is the whole file's.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Place {
    /// The file.
    pub path: PathBuf,
    /// Line and column, both counted from 1; the column in characters.
    pub position: Option<(usize, usize)>,
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.path.display())?;
        match self.position {
            Some((line, column)) => write!(f, ":{line}:{column}"),
            None => Ok(()),
        }
    }
}

/// Reads a TOML file (v1.0) into `T`.
///
/// Unknown keys are refused when `T` has `#[serde(deny_unknown_fields)]`, as every configuration of ours has.
///
/// # Errors
/// [`ConfigError`] with file, line, column, what is wrong and what to do.
pub fn load<T: DeserializeOwned>(path: &Path) -> Result<T, ConfigError> {
    let text = fs::read_to_string(path).map_err(|source| ConfigError::Read { path: path.to_owned(), source })?;
    toml::from_str(&text).map_err(|error| {
        let problem = error.message().lines().map(str::trim).collect::<Vec<_>>().join(" ");
        let position = error.span().and_then(|span| position(&text, span.start));
        ConfigError::Content { place: Place { path: path.to_owned(), position }, advice: advice(&problem), problem }
    })
}

/// A path written in a configuration, which is meant from the configuration file's folder; an absolute path stays.
pub fn beside(config: &Path, path: &Path) -> PathBuf {
    config.parent().map_or_else(|| path.to_owned(), |folder| folder.join(path))
}

fn position(text: &str, offset: usize) -> Option<(usize, usize)> {
    let before = text.get(..offset)?;
    let line = before.matches('\n').count() + 1;
    let column = before.rsplit('\n').next()?.chars().count() + 1;
    Some((line, column))
}

// The message of the TOML reader is text, so the advice goes by how it begins; an unforeseen one gets the general advice.
fn advice(problem: &str) -> &'static str {
    if problem.starts_with("unknown field") {
        "correct the key or remove the line"
    } else if problem.starts_with("missing field") {
        "add the key"
    } else if problem.starts_with("duplicate") {
        "keep one of the two"
    } else {
        "correct this place; deploy/config/ has a sample of every configuration"
    }
}

#[cfg(test)]
mod tests {
    use std::io::Write as _;

    use super::*;

    #[derive(Debug, PartialEq, serde::Deserialize)]
    #[serde(deny_unknown_fields)]
    struct Sample {
        listen: std::net::SocketAddr,
        threshold: u32,
    }

    fn read(text: &str) -> (PathBuf, Result<Sample, String>) {
        let mut file = tempfile::NamedTempFile::new().unwrap();
        file.write_all(text.as_bytes()).unwrap();
        let path = file.path().to_owned();
        (path.clone(), load(&path).map_err(|error| error.to_string()))
    }

    fn refused(text: &str, position: &str, words: &[&str]) {
        let (path, outcome) = read(text);
        let message = outcome.unwrap_err();
        assert!(message.starts_with(&format!("{}{position}: ", path.display())), "{message}");
        assert!(!message.contains('\n'), "{message}");
        for word in words {
            assert!(message.contains(word), "{message} lacks {word}");
        }
    }

    #[test]
    fn a_complete_file_is_taken() {
        let (_, outcome) = read("listen = \"127.0.0.1:7001\"\nthreshold = 5\n");
        assert_eq!(outcome, Ok(Sample { listen: "127.0.0.1:7001".parse().unwrap(), threshold: 5 }));
    }

    #[test]
    fn an_error_says_where_what_and_what_to_do() {
        refused(
            "listen = \"127.0.0.1:7001\"\nthreshold = 5\n  treshold = 6\n",
            ":3:3",
            &["unknown field", "treshold", "remove the line"],
        );
        refused("threshold = 5\n", ":1:1", &["missing field", "listen", "add the key"]);
        refused(
            "listen = \"127.0.0.1:7001\"\nthreshold = \"five\"\n",
            ":2:13",
            &["invalid type", "correct this place"],
        );
        refused("listen = \"127.0.0.1:7001\"\nthreshold = 5\nthreshold = 6\n", ":3:1", &["duplicate", "keep one"]);
        refused("listen = [\n", ":1:11", &["correct this place"]);
    }

    #[test]
    fn a_missing_file_is_named() {
        let message = load::<Sample>(Path::new("/nonexistent/node.toml")).unwrap_err().to_string();
        assert!(message.contains("/nonexistent/node.toml"), "{message}");
    }

    #[test]
    fn paths_are_meant_from_the_configurations_folder() {
        let at = |config: &str, path: &str| beside(Path::new(config), Path::new(path));
        assert_eq!(at("/etc/coda/node.toml", "pki/key.pem"), Path::new("/etc/coda/pki/key.pem"));
        assert_eq!(at("/etc/coda/node.toml", "/run/key.pem"), Path::new("/run/key.pem"));
        assert_eq!(at("node.toml", "pki/key.pem"), Path::new("pki/key.pem"));
    }
}
