//! What stands in each kind of certificate (RFC 5280, 4.1 and 4.2).

use coda_model::Identity;
use rcgen::{
    BasicConstraints, CertificateParams, CustomExtension, DistinguishedName, DnType, Error, ExtendedKeyUsagePurpose,
    IsCa, KeyUsagePurpose, PublicKeyData, SanType, SerialNumber,
};
use rustls_pki_types::CertificateDer;
use time::{Duration, OffsetDateTime};

use crate::certificate::display_name;
use crate::chain::Issuer;
use crate::digest::{random, sha256};
use crate::key::PrivateKey;
use crate::ocsp;

const ROOT_VALIDITY: Duration = Duration::days(20 * 365);
const ISSUING_VALIDITY: Duration = Duration::days(10 * 365);

/// The extension id-pkix-ocsp-nocheck (RFC 6960, 4.2.2.2.1).
const ID_PKIX_OCSP_NOCHECK: [u64; 10] = [1, 3, 6, 1, 5, 5, 7, 48, 1, 5];

/// How far before `now` a certificate begins, for the clocks of other machines.
const BACKDATED: Duration = Duration::minutes(5);

pub(super) fn root(key: &PrivateKey, now: OffsetDateTime) -> Result<CertificateDer<'static>, Error> {
    let mut parameters = parameters(&distinct("Coda root", key), now, now + ROOT_VALIDITY);
    parameters.is_ca = IsCa::Ca(BasicConstraints::Constrained(1));
    parameters.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
    Ok(parameters.self_signed(key.pair())?.into())
}

pub(super) fn issuing(
    kind: Issuer,
    key: &PrivateKey,
    root: &CertificateDer<'_>,
    root_key: &PrivateKey,
    now: OffsetDateTime,
) -> Result<CertificateDer<'static>, Error> {
    let name = match kind {
        Issuer::Nodes => "Coda issuing authority for nodes",
        Issuer::People => "Coda issuing authority for people",
    };
    let mut parameters = parameters(&distinct(name, key), now, now + ISSUING_VALIDITY);
    parameters.is_ca = IsCa::Ca(BasicConstraints::Constrained(0));
    parameters.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
    // webpki holds an issuer's usages against its leaves, so nobody named by the authority for people can be a server.
    parameters.extended_key_usages = purposes(kind);
    parameters.subject_alt_names = vec![SanType::URI(kind.uri().try_into()?)];
    parameters.use_authority_key_identifier_extension = true;
    let issuer = rcgen::Issuer::from_ca_cert_der(root, root_key.pair())?;
    Ok(parameters.signed_by(key.pair(), &issuer)?.into())
}

pub(super) fn leaf(
    identity: &Identity,
    public_key: &impl PublicKeyData,
    issuing: &CertificateDer<'_>,
    issuing_key: &PrivateKey,
    now: OffsetDateTime,
    not_after: OffsetDateTime,
) -> Result<CertificateDer<'static>, Error> {
    let mut parameters = parameters(&display_name(identity), now, not_after);
    parameters.is_ca = IsCa::ExplicitNoCa;
    parameters.key_usages = vec![KeyUsagePurpose::DigitalSignature];
    parameters.extended_key_usages = purposes(Issuer::of(identity));
    parameters.subject_alt_names = vec![SanType::URI(identity.to_string().try_into()?)];
    parameters.use_authority_key_identifier_extension = true;
    let issuer = rcgen::Issuer::from_ca_cert_der(issuing, issuing_key.pair())?;
    Ok(parameters.signed_by(public_key, &issuer)?.into())
}

/// A responder that answers for an issuing authority in its stead (RFC 6960, 4.2.2.2), and is not asked about itself (4.2.2.2.1):
/// who would answer?
pub(super) fn responder(
    kind: Issuer,
    public_key: &impl PublicKeyData,
    issuing: &CertificateDer<'_>,
    issuing_key: &PrivateKey,
    now: OffsetDateTime,
    not_after: OffsetDateTime,
) -> Result<CertificateDer<'static>, Error> {
    let mut parameters = parameters(&ocsp::display_name(kind), now, not_after);
    parameters.is_ca = IsCa::ExplicitNoCa;
    parameters.key_usages = vec![KeyUsagePurpose::DigitalSignature];
    parameters.extended_key_usages = vec![ExtendedKeyUsagePurpose::OcspSigning];
    parameters.subject_alt_names = vec![SanType::URI(ocsp::uri(kind).try_into()?)];
    // An extension whose value is NULL.
    parameters.custom_extensions = vec![CustomExtension::from_oid_content(&ID_PKIX_OCSP_NOCHECK, vec![5, 0])];
    parameters.use_authority_key_identifier_extension = true;
    let issuer = rcgen::Issuer::from_ca_cert_der(issuing, issuing_key.pair())?;
    Ok(parameters.signed_by(public_key, &issuer)?.into())
}

/// The name of an authority ends in a piece of its key's hash: two authorities of one name would be taken for each other when
/// a path is looked for.
fn distinct(name: &str, key: &PrivateKey) -> String {
    let [a, b, c, d, ..] = sha256(&key.pair().subject_public_key_info());
    format!("{name} {a:02x}{b:02x}{c:02x}{d:02x}")
}

fn purposes(kind: Issuer) -> Vec<ExtendedKeyUsagePurpose> {
    match kind {
        Issuer::Nodes => vec![ExtendedKeyUsagePurpose::ServerAuth, ExtendedKeyUsagePurpose::ClientAuth],
        Issuer::People => vec![ExtendedKeyUsagePurpose::ClientAuth],
    }
}

fn parameters(name: &str, now: OffsetDateTime, not_after: OffsetDateTime) -> CertificateParams {
    let mut parameters = CertificateParams::default();
    parameters.distinguished_name = DistinguishedName::new();
    parameters.distinguished_name.push(DnType::CommonName, name);
    parameters.not_before = now - BACKDATED;
    parameters.not_after = not_after;
    // 128 random bits: unique without a counter to keep, and not to be guessed (RFC 5280, 4.1.2.2).
    parameters.serial_number = Some(SerialNumber::from_slice(&random::<16>()));
    parameters
}
