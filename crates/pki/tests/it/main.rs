//! Real mutual TLS on loopback: who gets in, who is refused and for which reason.

#[cfg(test)]
mod accept;
#[cfg(test)]
mod cut;
#[cfg(test)]
mod forged;
#[cfg(test)]
mod grpc;
#[cfg(test)]
mod handshake;
#[cfg(test)]
mod kinds;
#[cfg(test)]
mod network;
#[cfg(test)]
mod ocsp;
#[cfg(test)]
mod openssl;
#[cfg(test)]
mod reloading;
#[cfg(test)]
mod revocation;
#[cfg(test)]
mod rsa;
#[cfg(test)]
mod signed;
