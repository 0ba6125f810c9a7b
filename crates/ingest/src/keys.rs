//! What a build says of its people beside their codes: pseudonyms, by which other builds' people are recognised, and
//! digests, by which it is seen that a person's rows changed. Both are HMAC-SHA256 under the site's pseudonym key, cut
//! short.

use aws_lc_rs::hmac;
use coda_engine::keys::{Keys, PersonKey};
use coda_model::{dictionary::Table, ids::DatasetId};

use crate::{PseudonymKey, people::People, table::Codes};

/// A table with the order in which its rows are stored.
pub(crate) struct Stored<'a> {
    pub(crate) table: &'a Table,
    pub(crate) codes: &'a Codes,
    /// Places of rows, by person and then by time.
    pub(crate) sequence: Vec<u32>,
}

/// The rows of a table that were not looked at yet; persons are asked for in the order of their codes.
struct Rest<'a> {
    stored: &'a Stored<'a>,
    sequence: &'a [u32],
}

/// The lineage of the builds of a data set that are made with this pseudonym key.
pub(crate) fn lineage(key: &PseudonymKey, dataset: &DatasetId) -> [u8; 16] {
    first(hmac::sign(&key.hmac(), format!("coda1|lineage|{dataset}").as_bytes()))
}

/// The pseudonyms of the people, in the order of their codes.
pub(crate) fn keys(key: &PseudonymKey, dataset: &DatasetId, people: &People, tables: &[Stored<'_>]) -> Keys {
    let hmac = key.hmac();
    // No name of a data set has a |, so that no two identifiers run into one text.
    let named = people.in_order(|source| {
        let mut context = hmac::Context::with_key(&hmac);
        for part in ["coda1|person|", dataset.as_str(), "|", source] {
            context.update(part.as_bytes());
        }
        first(context.sign())
    });
    let mut rests: Vec<Rest<'_>> =
        tables.iter().map(|stored| Rest { stored, sequence: stored.sequence.as_slice() }).collect();
    let mut record = Vec::new();
    let digested = named.into_iter().zip(0..).map(|(pseudonym, person)| {
        record.clear();
        record.extend_from_slice(b"coda1|record|");
        for rest in &mut rests {
            rest.take(person, &mut record);
        }
        PersonKey { key: pseudonym, digest: first(hmac::sign(&hmac, &record)) }
    });
    Keys { people: digested.collect(), lineage: lineage(key, dataset) }
}

impl Rest<'_> {
    /// Adds the person's rows to the record: the table's name, how many rows and how many columns there are, and then the
    /// codes row by row. So no two sets of rows give the same bytes.
    fn take(&mut self, person: i32, record: &mut Vec<u8>) {
        let Codes { person: of, columns, left_out: _ } = self.stored.codes;
        let rows = self.sequence.iter().take_while(|place| of.get(**place as usize) == Some(&person)).count();
        let (own, rest) = self.sequence.split_at_checked(rows).unwrap_or_default();
        self.sequence = rest;
        record.extend_from_slice(self.stored.table.id.as_str().as_bytes());
        record.push(b'|');
        for number in [rows, columns.len()] {
            record.extend_from_slice(&(number as u32).to_le_bytes());
        }
        for place in own {
            for code in columns.iter().filter_map(|column| column.get(*place as usize)) {
                record.extend_from_slice(&code.to_le_bytes());
            }
        }
    }
}

/// The first bytes of a tag: `N` is at most its 32.
fn first<const N: usize>(tag: hmac::Tag) -> [u8; N] {
    let mut bytes = [0; N];
    for (byte, from) in bytes.iter_mut().zip(tag.as_ref()) {
        *byte = *from;
    }
    bytes
}
