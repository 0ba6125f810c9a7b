//! The ledger on a real disk.

#[cfg(test)]
mod crash;
#[cfg(test)]
mod damage;
#[cfg(test)]
mod disk;
#[cfg(test)]
mod fixture;
#[cfg(test)]
mod key;
#[cfg(test)]
mod limits;
#[cfg(test)]
mod nonce;
#[cfg(test)]
mod watch;
