//! Whose people may have accounts: institutions, by the domains of their e-mail.

use coda_model::{SiteId, UserId};
use serde::Deserialize;

/// An institution as it is written in the configuration.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Institution {
    /// Its domains. A sub-domain is meant with its domain.
    pub domains: Vec<String>,
    /// The site whose administrators look after its accounts; none for the hub's own people.
    #[serde(default, deserialize_with = "site")]
    pub site: Option<SiteId>,
}

/// Every institution of the network.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Institutions(Vec<Institution>);

/// A domain that cannot be one.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0:?} is no domain; write it in lower case, such as hospital.example")]
pub struct DomainError(String);

impl Institutions {
    /// Checks the domains.
    ///
    /// # Errors
    /// [`DomainError`].
    pub fn new(institutions: Vec<Institution>) -> Result<Self, DomainError> {
        let domains = institutions.iter().flat_map(|institution| &institution.domains);
        match domains.into_iter().find(|domain| !is_domain(domain)) {
            Some(wrong) => Err(DomainError(wrong.chars().take(80).collect())),
            None => Ok(Self(institutions)),
        }
    }

    /// The institution of a person, by whole labels of the domain: `ulm.example` has `a@kli.ulm.example` and not
    /// `a@neu-ulm.example`.
    pub fn of(&self, user: &UserId) -> Option<&Institution> {
        let (local, domain) = user.as_str().split_once('@')?;
        if local.is_empty() || domain.contains('@') {
            return None;
        }
        let within =
            |own: &String| domain.strip_suffix(own.as_str()).is_some_and(|rest| rest.is_empty() || rest.ends_with('.'));
        self.0.iter().find(|institution| institution.domains.iter().any(within)).filter(|_| is_domain(domain))
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
        for wrong in ["example", "Ulm.example", "-a.example", "a..example", ""] {
            assert!(Institutions::new(vec![institution(wrong, None)]).is_err(), "{wrong}");
        }
    }
}
