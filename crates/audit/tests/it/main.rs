//! The log on a real disk: what its lines say, which changes are noticed, and by whom.

#[cfg(test)]
mod chain;
#[cfg(test)]
mod checkpoints;
#[cfg(test)]
mod fixture;
#[cfg(test)]
mod hostile;
#[cfg(test)]
mod independent;
#[cfg(test)]
mod insider;
#[cfg(test)]
mod keys;
#[cfg(test)]
mod lines;
#[cfg(test)]
mod processes;
#[cfg(test)]
mod proofs;
#[cfg(test)]
mod volumes;
#[cfg(test)]
mod witnesses;
