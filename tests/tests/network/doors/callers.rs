//! Everybody who may come to a door, with the certificate that they show.

use std::{net::SocketAddr, sync::Arc};

use coda_model::Identity;
use coda_pki::{Algorithm, Authority, Credentials, connect};
use coda_runtime::ManualClock;
use rustls::{
    ClientConfig, DigitallySignedStruct, SignatureScheme,
    client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier},
    crypto::{CryptoProvider, aws_lc_rs},
};
use rustls_pki_types::{CertificateDer, PrivateKeyDer, ServerName, UnixTime, pem::PemObject as _};
use tonic::transport::Channel;

use crate::world::{RESEARCHER, World, site, user};

/// Somebody who comes to a door.
pub(super) struct Caller {
    pub(super) name: String,
    /// Who a valid certificate of this network says it is.
    pub(super) identity: Option<Identity>,
    /// Whether the certificate was revoked; a service learns of it within moments.
    pub(super) is_revoked: bool,
    /// What is shown: certificate and key.
    shown: Option<(Vec<CertificateDer<'static>>, PrivateKeyDer<'static>)>,
}

/// Everybody. Two hours pass meanwhile.
pub(super) async fn callers(world: &World, clock: &ManualClock) -> Vec<Caller> {
    let (north, south) = (site("north"), site("south"));
    let eve = user("eve@north.example");
    world.network.name_researcher(&eve, std::slice::from_ref(&north)).await.unwrap();
    let identities = [
        Identity::User(user(RESEARCHER)),
        Identity::User(eve),
        Identity::Compute(north.clone()),
        Identity::Storage(north.clone()),
        Identity::Compute(south.clone()),
        Identity::Storage(south),
        Identity::Coordinator,
        Identity::Auth,
    ];
    let of = |authority: &Authority, identity: &Identity, hours| {
        let now = world.network.now()();
        authority.credentials(identity, Algorithm::P256, time::Duration::hours(hours), now).unwrap()
    };
    let elsewhere = Authority::create(&world.path("elsewhere"), Algorithm::P256, world.network.now()()).unwrap();
    let brief: Vec<Credentials> = identities.iter().map(|who| of(world.network.authority(), who, 1)).collect();
    clock.advance(time::Duration::hours(2));
    let mut found =
        vec![Caller { name: "nobody in particular".to_owned(), identity: None, is_revoked: false, shown: None }];
    for (identity, brief) in identities.into_iter().zip(brief) {
        let (valid, foreign) = (of(world.network.authority(), &identity, 24), of(&elsewhere, &identity, 24));
        found.push(Caller::new(world, format!("{identity} whose time is over"), None, &brief));
        found.push(Caller::new(world, format!("{identity} of another network"), None, &foreign));
        let revoked = of(world.network.authority(), &identity, 24);
        let (folder, days, now) = (world.path("authority"), time::Duration::days(30), world.network.now()());
        world.network.authority().revoke(&folder, &revoked.chain()[0], days, now).unwrap();
        let revoked = Caller::new(world, format!("{identity} whose certificate was revoked"), None, &revoked);
        found.push(Caller { is_revoked: true, ..revoked });
        found.push(Caller::new(world, format!("{identity}"), Some(identity), &valid));
    }
    found
}

impl Caller {
    fn new(world: &World, name: String, identity: Option<Identity>, credentials: &Credentials) -> Self {
        let path = |end: &str| world.path(&format!("caller-{}.{end}", name.replace([':', '/', ' '], "-")));
        let (chain, key) = (path("pem"), path("key"));
        credentials.save(&chain, &key, &path("roots")).unwrap();
        let certificates = CertificateDer::pem_file_iter(chain).unwrap().map(Result::unwrap).collect();
        Self {
            name,
            identity,
            is_revoked: false,
            shown: Some((certificates, PrivateKeyDer::from_pem_file(key).unwrap())),
        }
    }

    /// A connection that trusts every server, so that it is the server who refuses.
    pub(super) fn channel(&self, world: &World, address: SocketAddr) -> Channel {
        let provider = Arc::new(aws_lc_rs::default_provider());
        let config = ClientConfig::builder_with_details(provider.clone(), Arc::new(Time(world.network.now())))
            .with_protocol_versions(&[&rustls::version::TLS13])
            .unwrap()
            .dangerous()
            .with_custom_certificate_verifier(Arc::new(Trusting(provider)));
        let mut config = match &self.shown {
            None => config.with_no_client_auth(),
            Some((chain, key)) => config.with_client_auth_cert(chain.clone(), key.clone_key()).unwrap(),
        };
        config.alpn_protocols = vec![b"h2".to_vec()];
        connect::channel(&address.to_string(), Arc::new(config), connect::Timeouts::default()).unwrap()
    }
}

struct Time(coda_pki::Now);

impl std::fmt::Debug for Time {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Time")
    }
}

impl rustls::time_provider::TimeProvider for Time {
    fn current_time(&self) -> Option<UnixTime> {
        let seconds = u64::try_from((self.0)().unix_timestamp()).ok()?;
        Some(UnixTime::since_unix_epoch(std::time::Duration::from_secs(seconds)))
    }
}

/// Takes every server for the right one.
#[derive(Debug)]
struct Trusting(Arc<CryptoProvider>);

impl ServerCertVerifier for Trusting {
    fn verify_server_cert(
        &self,
        _: &CertificateDer<'_>,
        _: &[CertificateDer<'_>],
        _: &ServerName<'_>,
        _: &[u8],
        _: UnixTime,
    ) -> Result<ServerCertVerified, rustls::Error> {
        Ok(ServerCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        _: &[u8],
        _: &CertificateDer<'_>,
        _: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        Err(rustls::Error::General("TLS 1.2 is not spoken".to_owned()))
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        let algorithms = &self.0.signature_verification_algorithms;
        rustls::crypto::verify_tls13_signature(message, certificate, signature, algorithms)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.0.signature_verification_algorithms.supported_schemes()
    }
}
