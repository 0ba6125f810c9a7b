//! The roles as a table that everybody can read: what `coda roles` prints.

use crate::role::{Permission, Role};

/// One line a role: what it is about, what it may grant, what it may see and ask, and what may be added to it.
pub fn table() -> String {
    let mut text =
        String::from("Roles are given for one site unless it says \"network\". Nobody gives a role to themselves.\n\n");
    for role in Role::ALL {
        let scope = if role.has_site() { "site" } else { "network" };
        text.push_str(&format!("{role} ({scope})\n    {}\n", may(*role)));
    }
    text
}

fn may(role: Role) -> String {
    let grants = match role {
        Role::MasterAdministrator => "grants and revokes site-administrator and principal-investigator; sees no data",
        Role::SiteAdministrator => "grants and revokes every other role of its site; sees no data",
        _ => "",
    };
    if !grants.is_empty() {
        return grants.to_owned();
    }
    let words = |list: &[Permission]| list.iter().map(|permission| said(*permission)).collect::<Vec<_>>().join(", ");
    let where_to = if role.has_site() { "of its site" } else { "of all sites" };
    let added = match role.extras() {
        [] => String::new(),
        extras => format!("; when the grant says so: {}", words(extras)),
    };
    format!("{} {where_to}{added}", words(role.permissions()))
}

fn said(permission: Permission) -> &'static str {
    match permission {
        Permission::Dashboard => "dashboard",
        Permission::BasicQueries => "basic queries",
        Permission::AdvancedQueries => "advanced queries",
    }
}

#[cfg(test)]
mod tests {
    /// The table of the requirements (CODA-19 Data Security Framework, v0.2.2), for the eyes of whoever answers for it.
    #[test]
    fn the_table_of_roles_is_the_one_that_was_agreed() {
        insta::assert_snapshot!(super::table(), @r#"
        Roles are given for one site unless it says "network". Nobody gives a role to themselves.

        master-administrator (network)
            grants and revokes site-administrator and principal-investigator; sees no data
        site-administrator (site)
            grants and revokes every other role of its site; sees no data
        principal-investigator (network)
            dashboard of all sites
        site-data-scientist (site)
            dashboard, basic queries, advanced queries of its site
        site-researcher (site)
            dashboard of its site; when the grant says so: basic queries, advanced queries
        health-administrator (site)
            dashboard of its site
        other-end-user (site)
            dashboard of its site
        "#);
    }
}
