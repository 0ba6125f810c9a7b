//! A store goes on as it began: with one pseudonym key, and with the same people.

use std::collections::HashSet;

use coda_builds::{Build, Builds, ColumnName};
use coda_engine::keys::{Keys, parse};

use crate::{IngestError, Order, keys::lineage, report::Known};

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

/// How many people of the current build are in the new one; none where there is no current build of this lineage. Refuses a new build in
/// which less than half of them are, unless that is meant: their keys were written in another way, probably.
pub(crate) fn known(order: &Order<'_>, new: &Keys, builds: &Builds) -> Result<Option<Known>, IngestError> {
    let Ok(Some(current)) = builds.current(&order.dataset.id) else { return Ok(None) };
    let Some(former) = keys(&current).filter(|former| former.lineage == new.lineage) else { return Ok(None) };
    let people: HashSet<_> = new.people.iter().map(|person| person.key).collect();
    let again = former.people.iter().filter(|person| people.contains(&person.key)).count() as u64;
    let known = Known { of: former.people.len() as u64, again };
    if 2 * known.again < known.of && !order.new_people {
        return Err(IngestError::NewPeople { build: current.id().clone(), known });
    }
    Ok(Some(known))
}

fn found(build: &Build) -> Option<[u8; 16]> {
    keys(build).map(|keys| keys.lineage)
}

fn keys(build: &Build) -> Option<Keys> {
    let table = build.manifest().people_table()?;
    let bytes = build.read(table.id.as_str(), ColumnName::Keys.as_str()).ok()?;
    parse(&bytes).ok()
}
