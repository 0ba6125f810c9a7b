//! Who calls before anybody knows them: how much one address may ask for, so that it keeps nobody else from logging in.

use std::collections::HashMap;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use time::OffsetDateTime;

use crate::accounts::{AccountError, place};

/// Calls of one address in a minute: a hospital's people may all come from one.
const A_MINUTE: u32 = 600;
/// Calls of one address at a time: a quarter of those that may wait for a password to be hashed.
const AT_A_TIME: u32 = 16;

/// The calls of this minute, by where they come from. Copies share them.
#[derive(Clone, Default)]
pub(crate) struct Visitors(Arc<Mutex<Visits>>);

#[derive(Default)]
struct Visits {
    minute: i64,
    begun: HashMap<String, u32>,
    under_way: HashMap<String, u32>,
}

/// A call under way, until it is dropped.
pub(crate) struct Visit {
    visitors: Visitors,
    place: String,
}

impl Visitors {
    /// Lets a call in, before anything is done for it.
    ///
    /// # Errors
    /// [`AccountError::Visits`].
    pub(crate) fn enter(&self, address: Option<SocketAddr>, now: OffsetDateTime) -> Result<Visit, AccountError> {
        let (place, minute) = (place(address.map(|address| address.ip())), now.unix_timestamp().div_euclid(60));
        let mut visits = self.visits();
        if visits.minute != minute {
            visits.minute = minute;
            visits.begun.clear();
        }
        let begun = visits.begun.entry(place.clone()).or_default();
        if *begun >= A_MINUTE {
            return Err(AccountError::Visits);
        }
        *begun += 1;
        let under_way = visits.under_way.entry(place.clone()).or_default();
        if *under_way >= AT_A_TIME {
            return Err(AccountError::Visits);
        }
        *under_way += 1;
        drop(visits);
        Ok(Visit { visitors: self.clone(), place })
    }

    fn visits(&self) -> MutexGuard<'_, Visits> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Visit {
    fn drop(&mut self) {
        let mut visits = self.visitors.visits();
        if let Some(under_way) = visits.under_way.get_mut(&self.place) {
            *under_way -= 1;
            if *under_way == 0 {
                visits.under_way.remove(&self.place);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use time::{Duration, OffsetDateTime};

    use super::*;

    #[test]
    fn one_address_keeps_no_other_out() {
        let (visitors, now) = (Visitors::default(), OffsetDateTime::UNIX_EPOCH);
        let [one, other] = ["192.0.2.1:1", "192.0.2.2:1"].map(|address| Some(address.parse().unwrap()));
        let mut inside: Vec<_> = (0..AT_A_TIME).map(|_| visitors.enter(one, now).unwrap()).collect();
        assert!(matches!(visitors.enter(one, now), Err(AccountError::Visits)));
        visitors.enter(other, now).unwrap();
        inside.pop();
        drop(visitors.enter(one, now).unwrap());
        drop(inside);
        let mut let_in = 0;
        while visitors.enter(one, now).is_ok() {
            let_in += 1;
        }
        assert!(let_in < A_MINUTE, "the calls before count too");
        visitors.enter(other, now).unwrap();
        visitors.enter(one, now + Duration::minutes(1)).unwrap();
        assert!(visitors.visits().under_way.is_empty());
    }

    #[test]
    fn the_addresses_of_one_network_of_ipv6_are_one() {
        let (visitors, now) = (Visitors::default(), OffsetDateTime::UNIX_EPOCH);
        let at = |host: u32| Some(format!("[2001:db8::{host:x}]:1").parse().unwrap());
        let inside: Vec<_> = (1..=AT_A_TIME).map(|host| visitors.enter(at(host), now).unwrap()).collect();
        assert!(matches!(visitors.enter(at(AT_A_TIME + 1), now), Err(AccountError::Visits)));
        drop(inside);
    }
}
