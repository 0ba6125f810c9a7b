//! Roles and permissions, as in docs/compliance.md, section B (CODA-19 Data Security Framework, v0.2.2).

use std::fmt;

/// A word that is no role or permission.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0:?} is no {1}; there are {2}")]
pub struct UnknownWord(String, &'static str, String);

macro_rules! words {
    ($(#[$doc:meta])* $name:ident, $kind:literal, { $($(#[$item_doc:meta])* $item:ident = $word:literal),* $(,)? }) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum $name { $($(#[$item_doc])* $item),* }

        impl $name {
            /// All of them.
            pub const ALL: &'static [Self] = &[$(Self::$item),*];

            /// The word, as in files, on the wire and on the command line.
            pub fn word(self) -> &'static str {
                match self { $(Self::$item => $word),* }
            }

            /// Reads the word.
            ///
            /// # Errors
            /// [`UnknownWord`], listing the words there are.
            pub fn parse(word: &str) -> Result<Self, UnknownWord> {
                Self::ALL.iter().copied().find(|item| item.word() == word).ok_or_else(|| {
                    let all: Vec<_> = Self::ALL.iter().map(|item| item.word()).collect();
                    UnknownWord(word.chars().take(80).collect(), $kind, all.join(", "))
                })
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(self.word())
            }
        }
    };
}

words!(
    /// What a person is, at one site or in the network.
    Role, "role", {
        /// Grants and revokes site administrator roles; nothing else.
        MasterAdministrator = "master-administrator",
        /// Grants and revokes user roles for its own site; nothing else.
        SiteAdministrator = "site-administrator",
        /// Dashboard of all sites.
        PrincipalInvestigator = "principal-investigator",
        /// For its site: dashboard, basic and advanced queries.
        SiteDataScientist = "site-data-scientist",
        /// For its site: dashboard, and queries as granted.
        SiteResearcher = "site-researcher",
        /// For its site: dashboard.
        HealthAdministrator = "health-administrator",
        /// For its site: dashboard.
        OtherEndUser = "other-end-user",
    }
);

words!(
    /// What may be done with a site's data.
    Permission, "permission", {
        /// Fixed overview figures.
        Dashboard = "dashboard",
        /// Queries of docs/compliance.md, section E.
        BasicQueries = "basic-queries",
        /// Queries of docs/compliance.md, section F.
        AdvancedQueries = "advanced-queries",
    }
);

impl Role {
    /// Whether the role is about one site.
    pub fn has_site(self) -> bool {
        !matches!(self, Self::MasterAdministrator | Self::PrincipalInvestigator)
    }

    /// Whether the role administers other people's roles. Such a role gives no access to data (B3).
    pub fn administers(self) -> bool {
        matches!(self, Self::MasterAdministrator | Self::SiteAdministrator)
    }

    /// What the role allows, before extra permissions.
    pub fn permissions(self) -> &'static [Permission] {
        match self {
            Self::MasterAdministrator | Self::SiteAdministrator => &[],
            Self::SiteDataScientist => Permission::ALL,
            Self::PrincipalInvestigator | Self::SiteResearcher | Self::HealthAdministrator | Self::OtherEndUser => {
                &[Permission::Dashboard]
            }
        }
    }

    /// What may be added to the role, grant by grant.
    pub fn extras(self) -> &'static [Permission] {
        match self {
            Self::SiteResearcher => &[Permission::BasicQueries, Permission::AdvancedQueries],
            _ => &[],
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_of_roles_is_the_one_of_the_requirements() {
        let rows: Vec<_> = Role::ALL
            .iter()
            .map(|role| {
                let words = |list: &[Permission]| list.iter().map(|p| p.word()).collect::<Vec<_>>().join("+");
                let scope = if role.has_site() { "site" } else { "network" };
                format!("{role}, {scope}: {}; extra: {}", words(role.permissions()), words(role.extras()))
            })
            .collect();
        insta::assert_snapshot!(rows.join("\n"), @r"
        master-administrator, network: ; extra: 
        site-administrator, site: ; extra: 
        principal-investigator, network: dashboard; extra: 
        site-data-scientist, site: dashboard+basic-queries+advanced-queries; extra: 
        site-researcher, site: dashboard; extra: basic-queries+advanced-queries
        health-administrator, site: dashboard; extra: 
        other-end-user, site: dashboard; extra: 
        ");
    }
}
