//! The decision whether a site answers a request. A [`Permit`] is the proof that it was taken, and was yes.

use coda_model::{DatasetId, SiteId, UserId};

use crate::{
    grants::Claim,
    role::Permission,
    site::{Queries, SitePolicy},
};

/// What the auth server said of a person, after its signature was verified. Times are seconds since 1970.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Claims {
    /// The person.
    pub user: UserId,
    /// SHA-256 of the certificate the token is bound to.
    pub thumbprint: [u8; 32],
    /// The person's roles.
    pub claims: Vec<Claim>,
    /// First second of validity.
    pub not_before: i64,
    /// Last second of validity.
    pub not_after: i64,
}

/// What a person asks of a site, after the envelope's signature was verified. Times are seconds since 1970.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Request {
    /// Who the envelope says asks.
    pub user: UserId,
    /// Who the certificate says signed.
    pub signer: UserId,
    /// SHA-256 of the signer's certificate.
    pub thumbprint: [u8; 32],
    /// The sites the envelope names.
    pub sites: Vec<SiteId>,
    /// The data set.
    pub dataset: DatasetId,
    /// The approved project that the envelope names.
    pub project: String,
    /// What the query needs.
    pub permission: Permission,
    /// First second of validity.
    pub not_before: i64,
    /// Last second of validity.
    pub not_after: i64,
}

/// Proof that a request may go on at a site. Only [`permit`] makes one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Permit {
    user: UserId,
    site: SiteId,
    dataset: DatasetId,
}

/// Why a request may not go on. Depends only on the request, the roles and the policy, never on data.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// The envelope is signed by somebody else than it names.
    #[error("the query is signed by another person than it names")]
    Signer,
    /// The token is another person's, or bound to another certificate.
    #[error("the access token belongs to another certificate; ask for a new one")]
    Token,
    /// The token is not valid now.
    #[error(
        "the access token has expired or is not valid yet; ask for a new one, and if that is refused too, a clock of the site or the hub is wrong"
    )]
    TokenTime,
    /// The envelope is not valid now.
    #[error("the signed query has expired, or a clock is wrong; send it again")]
    EnvelopeTime,
    /// The envelope may be used for too long.
    #[error("the signed query is valid for more than ten minutes; sign it for less")]
    EnvelopeLife,
    /// The envelope does not name this site.
    #[error("the signed query does not name this site")]
    Site,
    /// No role here allows it.
    #[error("you have no role at this site that allows this; ask the site's administrator for one")]
    Role,
    /// A role here allows it, and for other projects.
    #[error(
        "you may ask this at this site for other projects than the one the query names; name one of yours (coda whoami)"
    )]
    Project,
    /// The site does not answer this user, data set, or anybody.
    #[error("the site's own policy refuses this")]
    Policy,
}

/// The longest an envelope or a token may live, in seconds.
pub const LONGEST_LIFE: i64 = 600;
/// How far two clocks may be apart, in seconds.
const CLOCK_SKEW: i64 = 30;

/// Decides whether `site` answers `request` at time `now` (seconds since 1970). Deny by default (B1).
///
/// # Errors
/// [`Refusal`], the first that applies.
pub fn permit(
    request: &Request,
    claims: &Claims,
    site: &SiteId,
    policy: &SitePolicy,
    now: i64,
) -> Result<Permit, Refusal> {
    let valid = |from: i64, to: i64| from <= now.saturating_add(CLOCK_SKEW) && now.saturating_sub(CLOCK_SKEW) <= to;
    let rules = [
        (request.user == request.signer, Refusal::Signer),
        (claims.user == request.user && claims.thumbprint == request.thumbprint, Refusal::Token),
        (valid(claims.not_before, claims.not_after), Refusal::TokenTime),
        (claims.not_after.saturating_sub(claims.not_before) <= LONGEST_LIFE, Refusal::TokenTime),
        (valid(request.not_before, request.not_after), Refusal::EnvelopeTime),
        (request.not_after.saturating_sub(request.not_before) <= LONGEST_LIFE, Refusal::EnvelopeLife),
        (request.sites.contains(site), Refusal::Site),
        (claims.claims.iter().any(|claim| claim.allows(request.permission, site)), Refusal::Role),
        (
            claims.claims.iter().any(|claim| claim.allows_within(request.permission, site, &request.project)),
            Refusal::Project,
        ),
        (policy.queries == Queries::Answered, Refusal::Policy),
        (!policy.refused_users.contains(&request.user), Refusal::Policy),
        (!policy.refused_datasets.contains(&request.dataset), Refusal::Policy),
    ];
    match rules.into_iter().find(|(holds, _)| !holds) {
        Some((_, refusal)) => Err(refusal),
        None => Ok(Permit { user: request.user.clone(), site: site.clone(), dataset: request.dataset.clone() }),
    }
}

impl Permit {
    /// Who was permitted.
    pub fn user(&self) -> &UserId {
        &self.user
    }

    /// Where.
    pub fn site(&self) -> &SiteId {
        &self.site
    }

    /// About which data set.
    pub fn dataset(&self) -> &DatasetId {
        &self.dataset
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{grants::Project, role::Role};

    fn valid() -> (Request, Claims, SiteId, SitePolicy) {
        let (user, site) = (UserId::new("ana").unwrap(), SiteId::new("a").unwrap());
        let request = Request {
            user: user.clone(),
            signer: user.clone(),
            thumbprint: [7; 32],
            sites: vec![site.clone()],
            dataset: DatasetId::new("d").unwrap(),
            project: "p".to_owned(),
            permission: Permission::BasicQueries,
            not_before: 1000,
            not_after: 1300,
        };
        let claim = Claim::new(Role::SiteDataScientist, Some(site.clone()), vec![]).unwrap();
        let claim = claim.within(Some(Project::new("p").unwrap()));
        let claims = Claims { user, thumbprint: [7; 32], claims: vec![claim], not_before: 900, not_after: 1500 };
        (request, claims, site, SitePolicy::default())
    }

    #[test]
    fn a_valid_request_gets_a_permit_and_each_fault_its_refusal() {
        let (request, claims, site, policy) = valid();
        let at = |request: &Request, claims: &Claims, policy: &SitePolicy, now| {
            permit(request, claims, &site, policy, now).map(|_| ()).err()
        };
        assert_eq!(at(&request, &claims, &policy, 1100), None);
        assert_eq!(at(&request, &claims, &policy, 1400), Some(Refusal::EnvelopeTime));
        assert_eq!(at(&request, &claims, &policy, 900), Some(Refusal::EnvelopeTime));
        assert_eq!(at(&request, &claims, &policy, 1600), Some(Refusal::TokenTime));

        let other = UserId::new("bob").unwrap();
        let forged = Request { user: other.clone(), ..request.clone() };
        assert_eq!(at(&forged, &claims, &policy, 1100), Some(Refusal::Signer));
        let borrowed = Claims { user: other.clone(), ..claims.clone() };
        assert_eq!(at(&request, &borrowed, &policy, 1100), Some(Refusal::Token));
        let rebound = Claims { thumbprint: [8; 32], ..claims.clone() };
        assert_eq!(at(&request, &rebound, &policy, 1100), Some(Refusal::Token));
        let eternal = Request { not_after: 9999, ..request.clone() };
        assert_eq!(at(&eternal, &claims, &policy, 1100), Some(Refusal::EnvelopeLife));
        let elsewhere = Request { sites: vec![SiteId::new("b").unwrap()], ..request.clone() };
        assert_eq!(at(&elsewhere, &claims, &policy, 1100), Some(Refusal::Site));
        let nobody = Claims { claims: vec![], ..claims.clone() };
        assert_eq!(at(&request, &nobody, &policy, 1100), Some(Refusal::Role));
        for project in ["", "q", "P", "p "] {
            let other = Request { project: project.to_owned(), ..request.clone() };
            assert_eq!(at(&other, &claims, &policy, 1100), Some(Refusal::Project), "{project:?}");
        }
        let mut anywhere = claims.clone();
        anywhere.claims[0].project = None;
        assert_eq!(
            at(&Request { project: String::new(), ..request.clone() }, &anywhere, &policy, 1100),
            Some(Refusal::Project)
        );
        let closed = SitePolicy { queries: Queries::Refused, ..policy.clone() };
        assert_eq!(at(&request, &claims, &closed, 1100), Some(Refusal::Policy));
        let banned = SitePolicy { refused_users: [request.user.clone()].into(), ..policy.clone() };
        assert_eq!(at(&request, &claims, &banned, 1100), Some(Refusal::Policy));
    }
}
