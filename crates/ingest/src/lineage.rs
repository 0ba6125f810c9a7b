//! A store goes on as it began: with one pseudonym key.

use coda_builds::{Build, Builds, ColumnName};
use coda_engine::keys::parse;

use crate::{IngestError, Order, keys::lineage};

/// Refuses to follow a build that was made with another pseudonym key. Otherwise nobody would notice a key that was lost or
/// mixed up, nor that the same people are asked about again.
pub(crate) fn check(order: &Order<'_>, builds: &Builds) -> Result<(), IngestError> {
    // A build that cannot be read is of another format or damaged, and has to be replaced: it stands in nobody's way.
    let Ok(Some(current)) = builds.current(&order.dataset.id) else { return Ok(()) };
    match found(&current) {
        Some(found) if found != lineage(order.pseudonym_key, &order.dataset.id) => {
            Err(IngestError::OtherPseudonymKey { build: current.id().clone() })
        }
        _ => Ok(()),
    }
}

fn found(build: &Build) -> Option<[u8; 16]> {
    let table = build.manifest().people_table()?;
    let bytes = build.read(table.id.as_str(), ColumnName::Keys.as_str()).ok()?;
    parse(&bytes).ok().map(|keys| keys.lineage)
}
