//! Which institution has which provider.

use super::{Institution, Institutions};
use crate::provider::{Provider, ProviderError};

/// The providers of all institutions that have one, by the name of the institution.
#[derive(Clone)]
pub struct Providers(Vec<(String, Provider)>);

impl Providers {
    /// Prepares them. None is asked anything before somebody logs in.
    ///
    /// # Errors
    /// [`ProviderError::Setting`], [`ProviderError::Secret`], [`ProviderError::Roots`], [`ProviderError::Certificates`].
    pub fn new(institutions: &Institutions) -> Result<Self, ProviderError> {
        let own = |institution: &Institution| {
            let provider = institution.provider.as_ref()?;
            Some(Provider::new(provider).map(|provider| (institution.name().to_owned(), provider)))
        };
        Ok(Self(institutions.iter().filter_map(own).collect::<Result<_, _>>()?))
    }

    /// The provider of the institution of this name.
    pub(super) fn of(&self, institution: &str) -> Option<&Provider> {
        self.0.iter().find(|(name, _)| name == institution).map(|(_, provider)| provider)
    }
}

impl std::fmt::Debug for Providers {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_list().entries(self.0.iter().map(|(name, provider)| (name, provider.issuer()))).finish()
    }
}
