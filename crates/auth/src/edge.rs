//! Messages into grants and accounts, and back. An empty text and a zero mean "none", as in `proto/coda/v1/auth.proto`.

use coda_model::{SiteId, UserId, plain::is_plain};
use coda_policy::{Claim, Permission, Project, Role};
use coda_wire::v1;

use crate::accounts::{Account, Issued, Phone, Secret, Session};
use crate::error::AuthError;
use crate::grants::{Grant, GrantId, NewGrant};
use crate::projects::ProjectRecord;

pub(crate) fn new_grant(request: v1::GrantRequest) -> Result<NewGrant, AuthError> {
    let v1::GrantRequest { user, role, site, extra, project, until, reason } = request;
    let site = some(&site).map(SiteId::new).transpose()?;
    let extra = extra.iter().map(|word| Permission::parse(word)).collect::<Result<_, _>>()?;
    let until = match until {
        0 => None,
        1.. => Some(until),
        _ => return Err(AuthError::Time),
    };
    let claim = Claim::new(Role::parse(&role)?, site, extra).map_err(AuthError::Claim)?;
    let project = some(&project).map(Project::new).transpose()?;
    if !(1..=500).contains(&reason.chars().count()) || !is_plain(&reason) {
        return Err(AuthError::Reason);
    }
    Ok(NewGrant { user: UserId::new(&user)?, claim: claim.within(project), reason: Some(reason), until })
}

pub(crate) fn id(request: v1::RevokeRequest) -> Result<GrantId, AuthError> {
    let v1::RevokeRequest { id } = request;
    Ok(GrantId::parse(&id)?)
}

pub(crate) fn record(grant: Grant) -> v1::GrantRecord {
    let Grant { id, user, claim, reason, granted_by, granted_at, until, ended } = grant;
    let Claim { role, site, extra, project } = claim;
    let (revoked_at, revoked_by) = ended.map_or((0, None), |ended| (ended.at, ended.by));
    v1::GrantRecord {
        id: id.to_string(),
        user: user.to_string(),
        role: role.word().to_owned(),
        site: text(site),
        extra: extra.iter().map(|permission| permission.word().to_owned()).collect(),
        project: text(project),
        granted_by: text(granted_by),
        granted_at,
        until: until.unwrap_or_default(),
        revoked_at,
        revoked_by: text(revoked_by),
        reason: reason.unwrap_or_default(),
    }
}

pub(crate) fn project(project: ProjectRecord) -> v1::ProjectRecord {
    let ProjectRecord { id, title, approval, sites, until, closed_at } = project;
    v1::ProjectRecord {
        id: id.to_string(),
        title,
        approval,
        sites: sites.iter().map(ToString::to_string).collect(),
        until,
        closed_at: closed_at.unwrap_or_default(),
    }
}

pub(crate) fn user(text: &str) -> Result<UserId, AuthError> {
    Ok(UserId::new(text)?)
}

pub(crate) fn phone(text: &str) -> Result<Option<Phone>, AuthError> {
    Ok(some(text).map(Phone::new).transpose()?)
}

pub(crate) fn session(token: &Secret, session: &Session) -> v1::Session {
    v1::Session { token: token.text(), must_change: session.must_change, until: session.until }
}

pub(crate) fn own(account: Account, certificates: Vec<Issued>) -> v1::Own {
    let certificate = |Issued { thumbprint, user: _, issued_at, until, revoked_at }| v1::CertificateRecord {
        thumbprint,
        issued_at,
        until,
        revoked_at: revoked_at.unwrap_or_default(),
    };
    v1::Own { account: Some(self::account(account)), certificates: certificates.into_iter().map(certificate).collect() }
}

pub(crate) fn account(account: Account) -> v1::AccountRecord {
    let Account { user, phone, must_change, wrong: _, locked_at, closed_at, opened_at, opened_by } = account;
    v1::AccountRecord {
        user: user.to_string(),
        by_phone: phone.is_some(),
        must_change,
        locked_at: locked_at.unwrap_or_default(),
        closed_at: closed_at.unwrap_or_default(),
        opened_at,
        opened_by: text(opened_by),
    }
}

fn some(text: &str) -> Option<&str> {
    Some(text).filter(|text| !text.is_empty())
}

fn text(value: Option<impl ToString>) -> String {
    value.map(|value| value.to_string()).unwrap_or_default()
}
