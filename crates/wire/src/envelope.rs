//! The envelope: a query, its sites and its moment, as the bytes that a person signs.

use std::collections::BTreeSet;

use coda_model::{SiteId, UserId, plain::is_plain, query::Query};
use prost::Message;

use crate::{
    query::{self, QueryMessageError},
    v1::{self, envelope::Purpose},
};

/// Most sites of a network.
const MOST_SITES: usize = 1000;

/// A query on its way: who asks whom what and until when.
///
/// `Debug` is as silent as the query's.
#[derive(Debug, Clone, PartialEq)]
pub struct Envelope {
    /// What is asked.
    pub query: Query,
    /// The sites that may answer.
    pub sites: Vec<SiteId>,
    /// Who asks.
    pub user: UserId,
    /// The approved project.
    pub project: String,
    /// First second of validity, since 1970.
    pub not_before: i64,
    /// Last second of validity, since 1970.
    pub not_after: i64,
    /// Random; a site takes each once.
    pub nonce: [u8; 16],
    /// Version of the dictionary the query was written for; any when empty.
    pub dictionary: String,
}

/// Bytes that are no envelope.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum EnvelopeError {
    /// Not this message.
    #[error("the signed query does not read")]
    Message,
    /// A field is absent or invalid.
    #[error("the signed query has no valid {0}")]
    Field(&'static str),
    /// A field that this version does not know, or another encoding than ours.
    #[error("the signed query has something in it that this version does not know")]
    Unknown,
    /// The query inside is not one.
    #[error("the signed query is incomplete")]
    Query(#[from] QueryMessageError),
}

/// The bytes to sign: the sites in the order of their names, each once.
pub fn encode(envelope: &Envelope) -> Vec<u8> {
    let Envelope { query, sites, user, project, not_before, not_after, nonce, dictionary } = envelope;
    let sites: BTreeSet<&SiteId> = sites.iter().collect();
    v1::Envelope {
        query: Some(query::encode(query)),
        sites: sites.into_iter().map(ToString::to_string).collect(),
        user: user.to_string(),
        project: project.clone(),
        not_before: *not_before,
        not_after: *not_after,
        nonce: nonce.to_vec(),
        dictionary: dictionary.clone(),
        purpose: Purpose::Ask.into(),
    }
    .encode_to_vec()
}

/// The envelope of signed bytes.
///
/// # Errors
/// [`EnvelopeError`], for anything that [`encode`] does not make, unknown fields too: one may narrow what the person meant, so that leaving it out would answer
/// another query than was signed.
pub fn decode(bytes: &[u8]) -> Result<Envelope, EnvelopeError> {
    let message = v1::Envelope::decode(bytes).map_err(|_| EnvelopeError::Message)?;
    let v1::Envelope { query, sites, user, project, not_before, not_after, nonce, dictionary, purpose } = message;
    if Purpose::try_from(purpose) != Ok(Purpose::Ask) {
        return Err(EnvelopeError::Field("purpose"));
    }
    if sites.is_empty() || sites.len() > MOST_SITES {
        return Err(EnvelopeError::Field("list of sites"));
    }
    let sites = sites.iter().map(|site| SiteId::new(site)).collect::<Result<_, _>>();
    if project.chars().count() > 200 || dictionary.len() > 64 || !is_plain(&project) || !is_plain(&dictionary) {
        return Err(EnvelopeError::Field("project or dictionary"));
    }
    let envelope = Envelope {
        query: query::decode(query.ok_or(EnvelopeError::Field("query"))?)?,
        sites: sites.map_err(|_| EnvelopeError::Field("list of sites"))?,
        user: UserId::new(&user).map_err(|_| EnvelopeError::Field("user"))?,
        project,
        not_before,
        not_after,
        nonce: nonce.try_into().map_err(|_| EnvelopeError::Field("nonce"))?,
        dictionary,
    };
    if encode(&envelope) == bytes { Ok(envelope) } else { Err(EnvelopeError::Unknown) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of_north() -> Envelope {
        Envelope {
            query: Query { dataset: "d".to_owned(), ..Query::default() },
            sites: vec![SiteId::new("north").unwrap()],
            user: UserId::new("ana").unwrap(),
            project: String::new(),
            not_before: 0,
            not_after: 300,
            nonce: [7; 16],
            dictionary: String::new(),
        }
    }

    /// A project is shown by whoever verifies an answer: none may look like another line.
    #[test]
    fn a_project_that_moves_a_cursor_is_refused() {
        let of = |project: &str| Envelope { project: project.to_owned(), ..of_north() };
        // As long as a grant may name it, in characters.
        for project in ["Étude A1".to_owned(), "é".repeat(200)] {
            assert_eq!(decode(&encode(&of(&project))), Ok(of(&project)));
        }
        let long = "é".repeat(201);
        assert_eq!(decode(&encode(&of(&long))), Err(EnvelopeError::Field("project or dictionary")));
        for harmful in ["a\rb", "a\nb", "\u{1b}[K", "\u{202e}"] {
            assert_eq!(decode(&encode(&of(harmful))), Err(EnvelopeError::Field("project or dictionary")));
        }
        let mut other = v1::Envelope::decode(encode(&of("")).as_slice()).unwrap();
        other.purpose = 0;
        assert_eq!(decode(&other.encode_to_vec()), Err(EnvelopeError::Field("purpose")));
    }

    #[test]
    fn sites_have_one_order_and_stand_once() {
        let sites = |names: &[&str]| Envelope {
            sites: names.iter().map(|name| SiteId::new(name).unwrap()).collect(),
            ..of_north()
        };
        let bytes = encode(&sites(&["south", "north", "south"]));
        assert_eq!(decode(&bytes), Ok(sites(&["north", "south"])));
        for names in [&["south", "north"][..], &["north", "north"]] {
            let mut message = v1::Envelope::decode(bytes.as_slice()).unwrap();
            message.sites = names.iter().map(ToString::to_string).collect();
            assert_eq!(decode(&message.encode_to_vec()), Err(EnvelopeError::Unknown));
        }
    }
}
