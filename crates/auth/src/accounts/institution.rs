//! Whose people may have accounts: institutions, by the domains of their e-mail.

use std::path::{Path, PathBuf};

use coda_model::{SiteId, UserId};
use serde::Deserialize;

use crate::provider::ProviderFile;

/// An institution as it is written in the configuration.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Institution {
    /// Its domains. A sub-domain is meant with its domain.
    pub domains: Vec<String>,
    /// The site whose administrators look after its accounts; none for the hub's own people.
    #[serde(default, deserialize_with = "site")]
    pub site: Option<SiteId>,
    /// Its own OpenID Connect provider, which stands in for password and code; none where its people have both here.
    pub provider: Option<ProviderFile>,
}

/// Every institution of the network.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Institutions(Vec<Institution>);

/// A domain that no institution can have.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum DomainError {
    /// Not the name of one.
    #[error("{0:?} is no domain; write it in lower case, such as hospital.example")]
    Form(String),
    /// An institution without one.
    #[error("an institution has no domain")]
    None,
    /// It would be open whose people they are.
    #[error("the domain {0} stands there twice")]
    Twice(String),
}

impl Institution {
    /// The same with every path as `path` has it.
    pub(crate) fn resolved(self, path: impl Fn(&Path) -> PathBuf) -> Self {
        Self { provider: self.provider.map(|provider| provider.resolved(path)), ..self }
    }

    /// What it is known by: no other has the domain.
    pub(crate) fn name(&self) -> &str {
        self.domains.first().map_or("", String::as_str)
    }
}

impl Institutions {
    /// Checks the domains.
    ///
    /// # Errors
    /// [`DomainError`].
    pub fn new(institutions: Vec<Institution>) -> Result<Self, DomainError> {
        if institutions.iter().any(|institution| institution.domains.is_empty()) {
            return Err(DomainError::None);
        }
        let mut known = Vec::new();
        for domain in institutions.iter().flat_map(|institution| &institution.domains) {
            if !is_domain(domain) {
                return Err(DomainError::Form(domain.chars().take(80).collect()));
            }
            if known.contains(&domain) {
                return Err(DomainError::Twice(domain.clone()));
            }
            known.push(domain);
        }
        Ok(Self(institutions))
    }

    /// The institution of a person, by whole labels of the domain: `ulm.example` has `a@kli.ulm.example` and not
    /// `a@neu-ulm.example`. Of a domain and its sub-domain the sub-domain counts.
    pub fn of(&self, user: &UserId) -> Option<&Institution> {
        let (local, domain) = user.as_str().split_once('@')?;
        if local.is_empty() || domain.contains('@') {
            return None;
        }
        self.of_domain(domain)
    }

    /// The institution of a domain, or of the domain that it is under.
    pub(crate) fn of_domain(&self, domain: &str) -> Option<&Institution> {
        if !is_domain(domain) {
            return None;
        }
        let within = |own: &&String| {
            domain.strip_suffix(own.as_str()).is_some_and(|rest| rest.is_empty() || rest.ends_with('.'))
        };
        let longest = |institution: &Institution| institution.domains.iter().filter(within).map(String::len).max();
        let found = self.0.iter().filter_map(|institution| Some((longest(institution)?, institution)));
        found.max_by_key(|(length, _)| *length).map(|(_, institution)| institution)
    }

    /// Every institution.
    pub(crate) fn iter(&self) -> impl Iterator<Item = &Institution> {
        self.0.iter()
    }

    /// Whether a person logs in at the institution's own provider, and has no password here.
    pub(crate) fn has_provider(&self, user: &UserId) -> bool {
        self.of(user).is_some_and(|institution| institution.provider.is_some())
    }

    /// Words that stand for the network and its institutions, which no password may have in it.
    pub(crate) fn words(&self) -> Vec<String> {
        let of = |institution: &Institution| {
            let labels =
                institution.domains.iter().flat_map(|domain| domain.split('.').rev().skip(1).map(str::to_owned));
            labels.chain(institution.site.as_ref().map(ToString::to_string)).collect::<Vec<_>>()
        };
        std::iter::once("coda".to_owned()).chain(self.0.iter().flat_map(of)).collect()
    }
}

/// Labels of letters, digits and hyphens (RFC 1123, 2.1), two at least, in lower case.
fn is_domain(text: &str) -> bool {
    let is_label = |label: &str| {
        !label.is_empty()
            && !label.starts_with('-')
            && !label.ends_with('-')
            && label.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-')
    };
    text.contains('.') && text.split('.').all(is_label)
}

fn site<'de, D: serde::Deserializer<'de>>(deserializer: D) -> Result<Option<SiteId>, D::Error> {
    let text = String::deserialize(deserializer)?;
    SiteId::new(&text).map(Some).map_err(serde::de::Error::custom)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_person_is_of_an_institution_by_whole_labels() {
        let institution = |domain: &str, site: Option<&str>| Institution {
            domains: vec![domain.to_owned()],
            site: site.map(|site| SiteId::new(site).unwrap()),
            provider: None,
        };
        let institutions =
            Institutions::new(vec![institution("ulm.example", Some("ulm")), institution("hub.example", None)]).unwrap();
        let of = |user: &str| institutions.of(&UserId::new(user).unwrap()).map(|found| found.domains[0].as_str());
        assert_eq!(of("ana@ulm.example"), Some("ulm.example"));
        assert_eq!(of("ana+coda@klinik.ulm.example"), Some("ulm.example"));
        for stranger in [
            "ana@neu-ulm.example",
            "ana@ulm.example.evil.example",
            "ana@ulm",
            "ana",
            "ana@evil.example@ulm.example",
            "ana@.ulm.example",
            "ana@ulm.example.",
        ] {
            assert_eq!(of(stranger), None, "{stranger}");
        }
        let nested = vec![institution("ulm.example", None), institution("klinik.ulm.example", Some("klinik"))];
        let nested = Institutions::new(nested).unwrap();
        let site = |user: &str| nested.of(&UserId::new(user).unwrap()).and_then(|found| found.site.clone());
        assert_eq!(site("ana@a.klinik.ulm.example"), Some(SiteId::new("klinik").unwrap()));
        assert_eq!(site("ana@ulm.example"), None);
        let twice = Institutions::new(vec![institution("ulm.example", None), institution("ulm.example", Some("ulm"))]);
        assert_eq!(twice, Err(DomainError::Twice("ulm.example".to_owned())));
        for wrong in ["example", "Ulm.example", "-a.example", "a..example", ""] {
            assert!(Institutions::new(vec![institution(wrong, None)]).is_err(), "{wrong}");
        }
    }
}
