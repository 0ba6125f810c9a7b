//! A whole network in one process: hub, sites, mutual TLS on loopback, real files.

#[cfg(test)]
mod answers;
#[cfg(test)]
mod audit;
#[cfg(test)]
mod connections;
#[cfg(test)]
mod courier;
#[cfg(test)]
mod doors;
#[cfg(test)]
mod enrolled;
#[cfg(test)]
mod envelopes;
#[cfg(test)]
mod heart;
#[cfg(test)]
mod intrusions;
#[cfg(test)]
mod ledger;
#[cfg(test)]
mod played;
#[cfg(test)]
mod population;
#[cfg(test)]
mod refusals;
#[cfg(test)]
mod replays;
#[cfg(test)]
mod revoked;
#[cfg(test)]
mod signing;
#[cfg(test)]
mod silence;
#[cfg(test)]
mod sites;
#[cfg(test)]
mod stopping;
#[cfg(test)]
mod truth;
#[cfg(test)]
mod world;
