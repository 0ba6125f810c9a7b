//! The program as an administrator meets it: its real binary, files on a real disk, ports on loopback.

#[cfg(test)]
mod building;
#[cfg(test)]
mod checking;
#[cfg(test)]
mod deploy;
#[cfg(test)]
mod failures;
#[cfg(test)]
mod help;
#[cfg(test)]
mod hub;
#[cfg(test)]
mod killing;
#[cfg(test)]
mod looking;
#[cfg(test)]
mod node;
#[cfg(test)]
mod serving;
#[cfg(test)]
mod site;
