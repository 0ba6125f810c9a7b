//! The default of a real network once through: RSA 4096 from the root to a handshake and a signature.

use coda_pki::{Algorithm, PrivateKey, SignatureError, verify_signed};
use time::Duration;

use crate::network::{Greeter, Network, START, named};

const NODE: &str = "coda://site/a/compute";

#[tokio::test]
async fn rsa_4096_works_from_root_to_signature() {
    let network = Network::with(Algorithm::Rsa4096);
    let validity = Duration::days(30);
    let node = network.authority.credentials(&named(NODE), Algorithm::Rsa4096, validity, START).unwrap();
    assert_eq!(node.key().algorithm(), Algorithm::Rsa4096);

    let greeter = Greeter::start(network.server_with(&node)).await;
    greeter.greets(&network.client_with(&node, NODE), NODE).await;

    let mut signature = node.key().sign(b"receipt").unwrap();
    assert_eq!(signature.len(), 512);
    let roots = network.authority.roots();
    let signer = verify_signed(node.chain(), roots, b"receipt", &signature, START).unwrap();
    assert_eq!(signer.identity, named(NODE));
    signature[100] ^= 1;
    let outcome = verify_signed(node.chain(), roots, b"receipt", &signature, START);
    assert!(matches!(outcome, Err(SignatureError::Signature)), "{outcome:?}");

    let path = network.folder.path().join("node.key");
    node.key().save(&path).unwrap();
    assert_eq!(PrivateKey::load(&path).unwrap().algorithm(), Algorithm::Rsa4096);
}
