//! Who a party of the network is: the SAN URI of its certificate (RFC 5280, 4.2.1.6), never a header or a common name.

use std::fmt;

use crate::ids::{NameError, SiteId, UserId};

/// The identity a certificate carries.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Identity {
    /// `coda://site/<id>/storage`
    Storage(SiteId),
    /// `coda://site/<id>/compute`
    Compute(SiteId),
    /// `coda://hub/coordinator`
    Coordinator,
    /// `coda://hub/auth`
    Auth,
    /// `coda://user/<id>`
    User(UserId),
}

/// A text that is no identity of this network.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum IdentityError {
    /// Not of one of the five forms.
    #[error(
        "{0:?} is no identity; expected coda://site/<id>/storage, coda://site/<id>/compute, \
         coda://hub/coordinator, coda://hub/auth or coda://user/<id>"
    )]
    Form(String),
    /// The site's or user's name is not valid.
    #[error("the identity names something invalid")]
    Name(#[from] NameError),
}

impl Identity {
    /// Reads a SAN URI.
    ///
    /// # Errors
    /// [`IdentityError`] when the text is not exactly one of the five forms.
    pub fn parse(uri: &str) -> Result<Self, IdentityError> {
        let form = || IdentityError::Form(uri.chars().take(120).collect());
        let rest = uri.strip_prefix("coda://").ok_or_else(form)?;
        match rest.split('/').collect::<Vec<_>>().as_slice() {
            ["site", site, "storage"] => Ok(Self::Storage(SiteId::new(site)?)),
            ["site", site, "compute"] => Ok(Self::Compute(SiteId::new(site)?)),
            ["hub", "coordinator"] => Ok(Self::Coordinator),
            ["hub", "auth"] => Ok(Self::Auth),
            ["user", user] => Ok(Self::User(UserId::new(user)?)),
            _ => Err(form()),
        }
    }
}

impl fmt::Display for Identity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Storage(site) => write!(f, "coda://site/{site}/storage"),
            Self::Compute(site) => write!(f, "coda://site/{site}/compute"),
            Self::Coordinator => f.write_str("coda://hub/coordinator"),
            Self::Auth => f.write_str("coda://hub/auth"),
            Self::User(user) => write!(f, "coda://user/{user}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_form_reads_back_and_nothing_else_does() {
        for uri in [
            "coda://site/a/storage",
            "coda://site/a/compute",
            "coda://hub/coordinator",
            "coda://hub/auth",
            "coda://user/ana@b.example",
        ] {
            assert_eq!(Identity::parse(uri).map(|i| i.to_string()), Ok(uri.to_owned()));
        }
        for uri in
            ["coda://site/a", "coda://site/a/compute/", "http://hub/auth", "coda://site/A/compute", "coda://hub/"]
        {
            assert!(Identity::parse(uri).is_err(), "{uri} was taken");
        }
    }
}
