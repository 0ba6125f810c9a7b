//! Who may give whom which role where.

use std::fmt;

use coda_model::{SiteId, UserId, plain::is_plain};

use crate::role::{Permission, Role};

/// A role that a person has: what a grant says, without its history.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Claim {
    /// The role.
    pub role: Role,
    /// The site, for roles about one site.
    pub site: Option<SiteId>,
    /// Permissions added to the role.
    pub extra: Vec<Permission>,
    /// The approved project that queries must be for; none for roles that administer.
    pub project: Option<Project>,
}

/// The name or number of an approved project, as the people who approved it write it.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Project(String);

/// A text that is no project.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a project is 1 to 200 characters, none of them a control character")]
pub struct ProjectError;

/// The person who grants or revokes.
#[derive(Debug, Clone)]
pub struct Granter<'a> {
    /// Who.
    pub user: &'a UserId,
    /// With which roles.
    pub claims: &'a [Claim],
}

/// Why a grant may not be made or ended.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum GrantRefusal {
    /// B3.
    #[error("nobody grants a role to themselves; ask another administrator")]
    Oneself,
    /// The role is about a site and none was given, or the other way round.
    #[error("the role {0} {1}")]
    Scope(Role, &'static str),
    /// The permission cannot be added to the role.
    #[error("{1} cannot be added to the role {0}; only site-researcher takes basic-queries and advanced-queries")]
    Extra(Role, Permission),
    /// The granter does not administer this role here.
    #[error("you may not grant or revoke {0} here; {1}")]
    NotYours(Role, &'static str),
}

impl Claim {
    /// A claim whose scope and extra permissions fit its role.
    ///
    /// # Errors
    /// [`GrantRefusal::Scope`] or [`GrantRefusal::Extra`].
    pub fn new(role: Role, site: Option<SiteId>, extra: Vec<Permission>) -> Result<Self, GrantRefusal> {
        match (&site, role.has_site()) {
            (None, true) => return Err(GrantRefusal::Scope(role, "is about one site; name the site")),
            (Some(_), false) => return Err(GrantRefusal::Scope(role, "is about the whole network; name no site")),
            _ => {}
        }
        if let Some(wrong) = extra.iter().find(|permission| !role.extras().contains(permission)) {
            return Err(GrantRefusal::Extra(role, *wrong));
        }
        Ok(Self { role, site, extra, project: None })
    }

    /// The same for a project.
    #[must_use]
    pub fn within(self, project: Option<Project>) -> Self {
        Self { project, ..self }
    }

    /// Whether the claim allows this at this site, for a query of this project. The dashboard is no query.
    pub fn allows_within(&self, permission: Permission, at: &SiteId, project: &str) -> bool {
        let within = self.project.as_ref().is_some_and(|own| own.as_str() == project);
        self.allows(permission, at) && (within || permission == Permission::Dashboard)
    }

    /// Whether the claim allows this at this site, for whatever project.
    pub fn allows(&self, permission: Permission, at: &SiteId) -> bool {
        let here = self.site.as_ref().is_none_or(|site| site == at);
        let listed = self.role.permissions().contains(&permission) || self.extra.contains(&permission);
        here && listed && !self.role.administers()
    }
}

impl Project {
    /// Checks the text.
    ///
    /// # Errors
    /// [`ProjectError`].
    pub fn new(text: &str) -> Result<Self, ProjectError> {
        let valid = (1..=200).contains(&text.chars().count()) && is_plain(text);
        if valid { Ok(Self(text.to_owned())) } else { Err(ProjectError) }
    }

    /// As text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Project {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Whether the granter may grant this claim to `user`, or revoke it: master administrators name site administrators and
/// principal investigators, site administrators name the users of their own site, nobody else names anybody (B2, B3).
///
/// # Errors
/// [`GrantRefusal`].
pub fn check_grant(granter: &Granter<'_>, user: &UserId, claim: &Claim) -> Result<(), GrantRefusal> {
    if granter.user == user {
        return Err(GrantRefusal::Oneself);
    }
    let has = |role, site: Option<&SiteId>| granter.claims.iter().any(|c| c.role == role && c.site.as_ref() == site);
    let (allowed, who) = match claim.role {
        Role::MasterAdministrator => (false, "master administrators are named on the hub itself"),
        Role::SiteAdministrator | Role::PrincipalInvestigator => {
            (has(Role::MasterAdministrator, None), "a master administrator may")
        }
        _ => (has(Role::SiteAdministrator, claim.site.as_ref()), "an administrator of that site may"),
    };
    if allowed { Ok(()) } else { Err(GrantRefusal::NotYours(claim.role, who)) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn claim(role: Role, site: Option<&str>) -> Claim {
        Claim::new(role, site.map(|site| SiteId::new(site).unwrap()), vec![]).unwrap()
    }

    fn outcome(granter: &Claim, given: &Claim) -> bool {
        let (a, b) = (UserId::new("a").unwrap(), UserId::new("b").unwrap());
        check_grant(&Granter { user: &a, claims: std::slice::from_ref(granter) }, &b, given).is_ok()
    }

    #[test]
    fn administrators_grant_what_is_theirs_and_nobody_else_grants() {
        let scope = |role: Role, site| claim(role, role.has_site().then_some(site));
        for granter in Role::ALL {
            for given in Role::ALL {
                let valid = match granter {
                    Role::MasterAdministrator => matches!(given, Role::SiteAdministrator | Role::PrincipalInvestigator),
                    Role::SiteAdministrator => given.has_site() && *given != Role::SiteAdministrator,
                    _ => false,
                };
                assert_eq!(outcome(&scope(*granter, "x"), &scope(*given, "x")), valid, "{granter} gives {given}");
                if *granter == Role::SiteAdministrator {
                    assert!(!outcome(&scope(*granter, "x"), &scope(*given, "y")), "{given} at another site");
                }
            }
        }
    }

    #[test]
    fn nobody_grants_to_themselves() {
        let master = claim(Role::MasterAdministrator, None);
        let user = UserId::new("a").unwrap();
        let granter = Granter { user: &user, claims: &[master] };
        let given = claim(Role::SiteAdministrator, Some("x"));
        assert_eq!(check_grant(&granter, &user, &given), Err(GrantRefusal::Oneself));
    }

    #[test]
    fn an_administrator_sees_no_data_and_a_researcher_only_what_was_added() {
        let site = SiteId::new("x").unwrap();
        for role in [Role::MasterAdministrator, Role::SiteAdministrator] {
            let claim = claim(role, role.has_site().then_some("x"));
            assert!(!Permission::ALL.iter().any(|permission| claim.allows(*permission, &site)));
        }
        let researcher = Claim::new(Role::SiteResearcher, Some(site.clone()), vec![Permission::BasicQueries]).unwrap();
        assert!(researcher.allows(Permission::BasicQueries, &site));
        assert!(!researcher.allows(Permission::AdvancedQueries, &site));
        assert!(!researcher.allows(Permission::BasicQueries, &SiteId::new("y").unwrap()));
        let extra = Claim::new(Role::HealthAdministrator, Some(site), vec![Permission::BasicQueries]);
        assert!(matches!(extra, Err(GrantRefusal::Extra(..))));
    }
}
