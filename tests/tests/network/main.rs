//! A whole network in one process: hub, sites, mutual TLS on loopback, real files.

#[cfg(test)]
mod answers;
#[cfg(test)]
mod population;
#[cfg(test)]
mod refusals;
#[cfg(test)]
mod truth;
#[cfg(test)]
mod world;
