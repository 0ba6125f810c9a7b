//! The program as an administrator meets it: its real binary, files on a real disk, ports on loopback.

#[cfg(test)]
mod authority;
#[cfg(test)]
mod checking;
#[cfg(test)]
mod deploy;
#[cfg(test)]
mod failures;
#[cfg(test)]
mod files;
#[cfg(test)]
mod help;
#[cfg(test)]
mod hub;
#[cfg(test)]
mod killing;
#[cfg(test)]
mod master;
#[cfg(test)]
mod serving;
#[cfg(test)]
mod setting_up;
