//! What our servers say to Debian's `openssl s_client`. Without `openssl` these tests fail, and are never skipped.

use std::process::{Output, Stdio};

use coda_pki::Algorithm;
use time::Duration;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio::process::Command;

use crate::network::{Greeter, Network, START, named};

const NODE: &str = "coda://site/a/compute";
const USER: &str = "coda://user/ana";

/// A server, and a person's files.
struct World {
    network: Network,
    greeter: Greeter,
}

impl World {
    async fn start(algorithm: Algorithm) -> Self {
        let network = Network::new();
        let month = Duration::days(30);
        let node = network.authority.credentials(&named(NODE), algorithm, month, START).unwrap();
        let at = |name: &str| network.folder.path().join(name);
        network.credentials(USER, month).save(&at("ana.pem"), &at("ana.key"), &at("roots.pem")).unwrap();
        let greeter = Greeter::start(network.server_with(&node)).await;
        Self { network, greeter }
    }

    /// Connects and reads until the server closes. The network's root alone is trusted.
    async fn s_client(&self, arguments: &[&str]) -> (Output, String) {
        let (address, moment) = (self.greeter.address.to_string(), START.unix_timestamp().to_string());
        let mut command = Command::new("openssl");
        command.current_dir(self.network.folder.path()).stdin(Stdio::null());
        command.args(["s_client", "-connect", &address, "-CAfile", "roots.pem", "-attime", &moment]);
        command.args(["-verify_return_error", "-alpn", "h2", "-ign_eof"]);
        let output = command.args(arguments).output().await.expect("openssl is installed");
        let told = format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
        (output, told)
    }

    /// With a person's certificate and these arguments, the server refuses for `why`.
    async fn refuses(&self, arguments: &[&str], why: &str) {
        let with = [&["-cert", "ana.pem", "-cert_chain", "people.pem", "-key", "ana.key"], arguments].concat();
        let (output, told) = self.s_client(&with).await;
        assert!(!output.status.success() && told.contains(why), "{arguments:?}: {told}");
        assert!(!told.contains(USER), "{arguments:?}: {told}");
    }
}

#[tokio::test]
async fn tls_1_3_with_rsa_4096_is_negotiated() {
    let world = World::start(Algorithm::Rsa4096).await;
    let (output, told) = world.s_client(&["-cert", "ana.pem", "-cert_chain", "people.pem", "-key", "ana.key"]).await;
    assert!(output.status.success(), "{told}");
    for word in [
        "New, TLSv1.3, Cipher is TLS_AES_256_GCM_SHA384",
        "Server public key is 4096 bit",
        "Peer signature type: RSA-PSS",
        "Verify return code: 0 (ok)",
        "Acceptable client certificate CA names",
        "ALPN protocol: h2",
        USER,
    ] {
        assert!(told.contains(word), "{word}: {told}");
    }
    assert!(!told.contains("Early data was accepted") && !told.contains("Post-Handshake New Session Ticket"), "{told}");
}

#[tokio::test]
async fn a_client_certificate_is_required() {
    let world = World::start(Algorithm::P256).await;
    let (output, told) = world.s_client(&[]).await;
    assert!(!output.status.success() && told.contains("alert certificate required"), "{told}");
    assert!(told.contains("Verify return code: 0 (ok)"), "the server itself is good: {told}");
}

#[tokio::test]
async fn older_versions_and_weak_suites_are_refused_by_the_server() {
    let world = World::start(Algorithm::P256).await;
    // At level 0 the client itself would take them. A hello of 1.1 or before has no signature algorithms, which is seen first.
    let old = [("-tls1", "alert handshake failure"), ("-tls1_1", "alert handshake failure")];
    for (version, why) in old.into_iter().chain([("-tls1_2", "alert protocol version")]) {
        world.refuses(&[version, "-cipher", "ALL:@SECLEVEL=0"], why).await;
    }
    for suite in ["TLS_AES_128_CCM_8_SHA256", "TLS_AES_128_CCM_SHA256"] {
        world.refuses(&["-tls1_3", "-ciphersuites", suite], "alert handshake failure").await;
    }
}

#[tokio::test]
async fn plain_text_is_answered_with_an_alert_and_the_end() {
    let world = World::start(Algorithm::P256).await;
    for text in ["GET / HTTP/1.1\r\nHost: hub\r\n\r\n", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"] {
        let mut stream = TcpStream::connect(world.greeter.address).await.unwrap();
        stream.write_all(text.as_bytes()).await.unwrap();
        let mut answer = Vec::new();
        // The end may be a reset.
        let _ = stream.read_to_end(&mut answer).await;
        // Nothing, or one alert (RFC 8446, 5.1 and 6).
        assert!(answer.is_empty() || (answer[0] == 21 && answer.len() == 7), "{answer:?}");
    }
}
