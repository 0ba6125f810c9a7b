//! Access tokens: what the auth server says of a person, to bytes and back.

use coda_model::{NameError, SiteId, UserId};
use coda_policy::role::UnknownWord;
use coda_policy::{Claim, Claims, GrantRefusal, Permission, Project, ProjectError, Role};
use prost::Message as _;

use crate::v1;

/// Why bytes are no token.
#[derive(Debug, thiserror::Error)]
pub enum TokenError {
    /// Not the message.
    #[error("the token cannot be read")]
    Message(#[from] prost::DecodeError),
    /// A field that this version does not know, or another encoding than ours.
    #[error("the token has something in it that this version does not know")]
    Unknown,
    /// The user's name.
    #[error("the token names its user by an invalid name")]
    User(#[source] NameError),
    /// The thumbprint's length.
    #[error("the token's thumbprint has {0} bytes and not 32")]
    Thumbprint(usize),
    /// A site's name.
    #[error("the token names a site by an invalid name")]
    Site(#[source] NameError),
    /// A role or permission.
    #[error("the token has a role or permission that this version does not know")]
    Word(#[from] UnknownWord),
    /// A role with a scope or permission that it cannot have.
    #[error("the token has a claim that no grant can have made")]
    Claim(#[from] GrantRefusal),
    /// A project.
    #[error("the token names a project by an invalid name")]
    Project(#[from] ProjectError),
    /// It ends before it begins.
    #[error("the token ends before it begins")]
    Times,
}

/// The bytes the auth server signs.
pub fn encode(claims: &Claims) -> Vec<u8> {
    v1::Token::from(claims).encode_to_vec()
}

/// Reads the bytes, after their signature was verified.
///
/// # Errors
/// [`TokenError`] for anything that [`encode`] does not make, unknown fields too: a site must not answer on the strength
/// of a token it understands only in part.
pub fn decode(bytes: &[u8]) -> Result<Claims, TokenError> {
    let claims = Claims::try_from(v1::Token::decode(bytes)?)?;
    if encode(&claims) == bytes { Ok(claims) } else { Err(TokenError::Unknown) }
}

/// Bytes with the signature over them and the signer's chain in DER, the signer's own certificate first.
pub fn signed<C: AsRef<[u8]>>(content: Vec<u8>, signature: Vec<u8>, chain: &[C]) -> v1::Signed {
    v1::Signed { content, signature, chain: chain.iter().map(|certificate| certificate.as_ref().to_vec()).collect() }
}

impl From<&Claims> for v1::Token {
    fn from(claims: &Claims) -> Self {
        let Claims { user, thumbprint, claims, not_before, not_after } = claims;
        Self {
            user: user.to_string(),
            thumbprint: thumbprint.to_vec(),
            claims: claims.iter().map(v1::Claim::from).collect(),
            not_before: *not_before,
            not_after: *not_after,
        }
    }
}

impl TryFrom<v1::Token> for Claims {
    type Error = TokenError;

    fn try_from(token: v1::Token) -> Result<Self, TokenError> {
        let v1::Token { user, thumbprint, claims, not_before, not_after } = token;
        if not_after < not_before {
            return Err(TokenError::Times);
        }
        Ok(Self {
            user: UserId::new(&user).map_err(TokenError::User)?,
            thumbprint: thumbprint.try_into().map_err(|bytes: Vec<u8>| TokenError::Thumbprint(bytes.len()))?,
            claims: claims.into_iter().map(Claim::try_from).collect::<Result<_, _>>()?,
            not_before,
            not_after,
        })
    }
}

impl From<&Claim> for v1::Claim {
    fn from(claim: &Claim) -> Self {
        let Claim { role, site, extra, project } = claim;
        Self {
            role: role.word().to_owned(),
            site: site.as_ref().map(ToString::to_string).unwrap_or_default(),
            extra: extra.iter().map(|permission| permission.word().to_owned()).collect(),
            project: project.as_ref().map(ToString::to_string).unwrap_or_default(),
        }
    }
}

impl TryFrom<v1::Claim> for Claim {
    type Error = TokenError;

    fn try_from(claim: v1::Claim) -> Result<Self, TokenError> {
        let v1::Claim { role, site, extra, project } = claim;
        let role = Role::parse(&role)?;
        let site = if site.is_empty() { None } else { Some(SiteId::new(&site).map_err(TokenError::Site)?) };
        let extra = extra.iter().map(|word| Permission::parse(word)).collect::<Result<_, _>>()?;
        let project = Some(project.as_str()).filter(|project| !project.is_empty()).map(Project::new).transpose()?;
        Ok(Self::new(role, site, extra)?.within(project))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn claims() -> Claims {
        let site = SiteId::new("north").unwrap();
        let researcher = Claim::new(Role::SiteResearcher, Some(site), vec![Permission::BasicQueries]).unwrap();
        let researcher = researcher.within(Some(Project::new("A1").unwrap()));
        let investigator = Claim::new(Role::PrincipalInvestigator, None, vec![]).unwrap();
        Claims {
            user: UserId::new("ana").unwrap(),
            thumbprint: [7; 32],
            claims: vec![researcher, investigator],
            not_before: 1_000,
            not_after: 1_600,
        }
    }

    fn refused(spoil: impl FnOnce(&mut v1::Token), expected: &str) {
        let mut token = v1::Token::from(&claims());
        spoil(&mut token);
        let message = decode(&token.encode_to_vec()).unwrap_err().to_string();
        assert!(message.contains(expected), "{message:?} lacks {expected:?}");
    }

    #[test]
    fn a_token_reads_back() {
        assert_eq!(decode(&encode(&claims())).unwrap(), claims());
        let none = Claims { claims: vec![], not_before: 0, not_after: 0, ..claims() };
        assert_eq!(decode(&encode(&none)).unwrap(), none);
    }

    #[test]
    fn what_no_auth_server_says_is_refused() {
        refused(|token| token.user = "../ana".into(), "user");
        refused(|token| token.user.clear(), "user");
        refused(|token| token.thumbprint.truncate(31), "31 bytes");
        refused(|token| token.thumbprint.clear(), "0 bytes");
        refused(|token| token.claims[0].role = "root".into(), "does not know");
        refused(|token| token.claims[0].role.clear(), "does not know");
        refused(|token| token.claims[0].extra.push("everything".into()), "does not know");
        refused(|token| token.claims[0].extra.push("dashboard".into()), "no grant");
        refused(|token| token.claims[0].site = "a/b".into(), "site");
        refused(|token| token.claims[0].site.clear(), "no grant");
        refused(|token| token.claims[1].site = "north".into(), "no grant");
        refused(|token| token.claims[0].project = "a\nb".into(), "project");
        refused(|token| token.not_after = 999, "ends before");
    }

    #[test]
    fn other_bytes_are_refused() {
        let good = encode(&claims());
        assert!(matches!(decode(&good[..good.len() - 1]), Err(TokenError::Message(_))));
        // Field 15, as a later version may add it.
        let unknown = [good.as_slice(), &[0x78, 0x01]].concat();
        assert!(matches!(decode(&unknown), Err(TokenError::Unknown)));
        // The same field twice: the last one counts in protobuf, and a reader of the first would be deceived.
        let twice = [good.as_slice(), &good].concat();
        assert!(matches!(decode(&twice), Err(TokenError::Unknown)));
        assert!(matches!(decode(b""), Err(TokenError::User(_))));
    }
}
