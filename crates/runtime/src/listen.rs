//! Opening a port, with an error that says what to do.

use std::io::{self, ErrorKind};
use std::net::SocketAddr;

use tokio::net::TcpListener;

/// Why a port was not opened. Its text is one line.
#[derive(Debug, thiserror::Error)]
pub enum ListenError {
    /// Another program has the port.
    #[error("cannot listen on {0}: address in use; stop the other program or set another port in `listen`")]
    InUse(SocketAddr),
    /// Ports under 1024 are for privileged programs.
    #[error("cannot listen on {0}: not permitted; set a port above 1023 in `listen`")]
    NotPermitted(SocketAddr),
    /// The address is not one of this machine's.
    #[error("cannot listen on {0}: not an address of this machine; set one of its own in `listen`")]
    NotOurs(SocketAddr),
    /// Anything else.
    #[error("cannot listen on {address}; check `listen`")]
    Other {
        /// The address.
        address: SocketAddr,
        /// What the system said.
        source: io::Error,
    },
}

/// Listens on `address`; port 0 lets the system choose one.
///
/// # Errors
/// [`ListenError`] naming the address, the cause and the remedy.
pub async fn bind(address: SocketAddr) -> Result<TcpListener, ListenError> {
    TcpListener::bind(address).await.map_err(|source| match source.kind() {
        ErrorKind::AddrInUse => ListenError::InUse(address),
        ErrorKind::PermissionDenied => ListenError::NotPermitted(address),
        ErrorKind::AddrNotAvailable => ListenError::NotOurs(address),
        _ => ListenError::Other { address, source },
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_taken_port_is_said_in_one_line() {
        let first = bind("127.0.0.1:0".parse().unwrap()).await.unwrap();
        let taken = first.local_addr().unwrap();
        assert_eq!(
            bind(taken).await.unwrap_err().to_string(),
            format!("cannot listen on {taken}: address in use; stop the other program or set another port in `listen`")
        );
    }

    #[tokio::test]
    async fn an_address_of_another_machine_is_said_to_be_one() {
        // 192.0.2.0/24 is for documentation (RFC 5737), so no machine has it; binding sends nothing.
        let outcome = bind("192.0.2.1:0".parse().unwrap()).await;
        assert!(matches!(outcome, Err(ListenError::NotOurs(_))), "{outcome:?}");
    }
}
