//! The authorization code flow: to the provider and back.

use std::collections::HashSet;

use chrono::DateTime;
use coda_pki::tls::web_config;
use openidconnect::core::{CoreAuthenticationFlow, CoreClient, CoreJwsSigningAlgorithm, CoreUserInfoClaims};
use openidconnect::{
    AuthorizationCode, ClientId, ClientSecret, CsrfToken, EndUserEmail, IssuerUrl, LoginHint, Nonce,
    OAuth2TokenResponse as _, PkceCodeChallenge, PkceCodeVerifier, RedirectUrl, RequestTokenError, Scope,
    TokenResponse as _,
};
use time::OffsetDateTime;

use super::metadata::Metadata;
use super::redirect::Redirects;
use super::web::Web;
use super::{ProviderError, ProviderFile};
use crate::secret_file;

/// Algorithms of signatures that are taken: none with a shared key, because a public client has no secret.
const ALGORITHMS: [CoreJwsSigningAlgorithm; 9] = [
    CoreJwsSigningAlgorithm::RsaSsaPkcs1V15Sha256,
    CoreJwsSigningAlgorithm::RsaSsaPkcs1V15Sha384,
    CoreJwsSigningAlgorithm::RsaSsaPkcs1V15Sha512,
    CoreJwsSigningAlgorithm::RsaSsaPssSha256,
    CoreJwsSigningAlgorithm::RsaSsaPssSha384,
    CoreJwsSigningAlgorithm::RsaSsaPssSha512,
    CoreJwsSigningAlgorithm::EcdsaP256Sha256,
    CoreJwsSigningAlgorithm::EcdsaP384Sha384,
    CoreJwsSigningAlgorithm::EdDsa,
];

/// A provider that can be asked. Copies share its settings.
#[derive(Clone)]
pub(crate) struct Provider {
    issuer: IssuerUrl,
    client: ClientId,
    secret: Option<ClientSecret>,
    redirects: Redirects,
    web: Web,
}

/// What one log-in at a provider goes by.
pub(crate) struct Authentication {
    /// Where the browser comes back to.
    pub(crate) redirect: String,
    /// Comes back with the browser.
    pub(crate) state: String,
    /// Comes back in the ID token.
    pub(crate) nonce: String,
    /// Of PKCE: redeems the code, and is shown to nobody else.
    pub(crate) verifier: String,
}

/// What the browser came back with.
#[derive(Clone)]
pub(crate) struct Callback {
    /// The code.
    pub(crate) code: String,
    /// The issuer (RFC 9207); empty when there was none.
    pub(crate) issuer: String,
}

/// An address of e-mail, as the provider says it.
pub(crate) struct Email {
    pub(crate) address: String,
    /// Whether the provider knows that it is the person's.
    pub(crate) is_verified: bool,
}

impl Provider {
    /// Prepares it.
    ///
    /// # Errors
    /// [`ProviderError::Setting`], [`ProviderError::Secret`], [`ProviderError::Roots`], [`ProviderError::Certificates`].
    pub(crate) fn new(file: &ProviderFile) -> Result<Self, ProviderError> {
        const ISSUER: ProviderError = ProviderError::Setting("provider.issuer: write it as https://host/path");
        let ProviderFile { issuer, client_id, client_secret, roots, redirect } = file;
        let issuer = IssuerUrl::new(issuer.clone()).map_err(|_| ISSUER)?;
        let url = issuer.url();
        // OpenID Connect Discovery 1.0, 3: no query and no fragment.
        if url.scheme() != "https" || url.query().is_some() || url.fragment().is_some() || !url.username().is_empty() {
            return Err(ISSUER);
        }
        let pem = std::fs::read(roots).map_err(|source| ProviderError::Roots { path: roots.clone(), source })?;
        let tls = web_config(&pem).map_err(|error| ProviderError::Certificates(error.into()))?;
        let secret = client_secret.as_deref().map(secret_file::read).transpose()?;
        Ok(Self {
            issuer,
            client: ClientId::new(client_id.clone()),
            secret: secret.map(ClientSecret::new),
            redirects: Redirects::parse(redirect)?,
            web: Web::new(tls),
        })
    }

    /// The issuer, as the configuration has it.
    pub(crate) fn issuer(&self) -> &str {
        self.issuer.as_str()
    }

    /// Whether a browser may be sent back to this address.
    pub(crate) fn allows(&self, redirect: &str) -> bool {
        self.redirects.allow(redirect)
    }

    /// The address for the person's browser. `hint` is who wants to log in.
    ///
    /// # Errors
    /// [`ProviderError::Discovery`], [`ProviderError::Lacks`].
    pub(crate) async fn url(&self, own: &Authentication, hint: Option<&str>) -> Result<String, ProviderError> {
        let metadata = self.discover().await?;
        let client = CoreClient::from_provider_metadata(metadata, self.client.clone(), self.secret.clone());
        let client = client.set_redirect_uri(redirect(own)?);
        let (state, nonce) = (own.state.clone(), own.nonce.clone());
        let flow = CoreAuthenticationFlow::AuthorizationCode;
        let verifier = PkceCodeVerifier::new(own.verifier.clone());
        let mut request = client
            .authorize_url(flow, || CsrfToken::new(state), || Nonce::new(nonce))
            .add_scope(Scope::new("email".to_owned()))
            .set_pkce_challenge(PkceCodeChallenge::from_code_verifier_sha256(&verifier));
        if let Some(hint) = hint {
            request = request.set_login_hint(LoginHint::new(hint.to_owned()));
        }
        let (url, ..) = request.url();
        if url.scheme() == "https" {
            Ok(url.into())
        } else {
            Err(ProviderError::Lacks("authorization endpoint of https"))
        }
    }

    /// Redeems the code, checks the ID token as of `now`, and gives the person's address of e-mail; none where the provider does not
    /// tell it.
    ///
    /// # Errors
    /// [`ProviderError::Issuer`], [`ProviderError::Code`] and [`ProviderError::IdToken`] for what is not believed; the others when the
    /// provider cannot be asked.
    pub(crate) async fn redeem(
        &self,
        own: &Authentication,
        callback: Callback,
        now: OffsetDateTime,
    ) -> Result<Option<Email>, ProviderError> {
        let metadata = self.discover().await?;
        let names_itself = metadata.additional_metadata().authorization_response_iss_parameter_supported;
        let is_silent = callback.issuer.is_empty() && !names_itself;
        if !is_silent && callback.issuer != self.issuer() {
            return Err(ProviderError::Issuer);
        }
        let asks_further = metadata.userinfo_endpoint().is_some();
        let client = CoreClient::from_provider_metadata(metadata, self.client.clone(), self.secret.clone());
        let client = client.set_redirect_uri(redirect(own)?);
        let answer = client
            .exchange_code(AuthorizationCode::new(callback.code))
            .map_err(|_| ProviderError::Lacks("token endpoint"))?
            .set_pkce_verifier(PkceCodeVerifier::new(own.verifier.clone()))
            .request_async(&self.web)
            .await
            .map_err(|error| match error {
                RequestTokenError::ServerResponse(_) => ProviderError::Code(error.into()),
                // It may have the tokens in it.
                RequestTokenError::Parse(error, _) => ProviderError::Answer(error.into()),
                other => ProviderError::Answer(other.into()),
            })?;

        let moment = DateTime::from_timestamp(now.unix_timestamp(), 0).unwrap_or_default();
        let verifier = client.id_token_verifier().set_allowed_algs(HashSet::from(ALGORITHMS));
        let verifier = verifier.set_time_fn(move || moment);
        let token = answer.id_token().ok_or(ProviderError::Lacks("ID token"))?;
        let nonce = Nonce::new(own.nonce.clone());
        let claims = token.claims(&verifier, &nonce).map_err(|error| ProviderError::IdToken(error.into()))?;
        if claims.email().is_some() || !asks_further {
            return Ok(email(claims.email(), claims.email_verified()));
        }
        // Many put the address into the further claims alone (OpenID Connect Core 1.0, 5.4).
        let subject = claims.subject().clone();
        let request = client.user_info(answer.access_token().clone(), Some(subject));
        let request = request.map_err(|_| ProviderError::Lacks("userinfo endpoint"))?;
        let further = request.request_async(&self.web).await;
        let further: CoreUserInfoClaims = further.map_err(|error| ProviderError::Answer(error.into()))?;
        Ok(email(further.email(), further.email_verified()))
    }

    /// What the provider tells about itself, and its keys. Always asked anew: keys change.
    async fn discover(&self) -> Result<Metadata, ProviderError> {
        let metadata = Metadata::discover_async(self.issuer.clone(), &self.web).await;
        metadata.map_err(|error| ProviderError::Discovery(error.into()))
    }
}

fn redirect(own: &Authentication) -> Result<RedirectUrl, ProviderError> {
    RedirectUrl::new(own.redirect.clone()).map_err(|error| ProviderError::Answer(error.into()))
}

fn email(address: Option<&EndUserEmail>, is_verified: Option<bool>) -> Option<Email> {
    address.map(|address| Email { address: address.as_str().to_owned(), is_verified: is_verified == Some(true) })
}
