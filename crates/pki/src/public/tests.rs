use rcgen::{KeyPair, PublicKeyData as _, RsaKeySize};
use x509_parser::prelude::FromDer as _;

use super::*;

/// A value in DER (X.690, 8.1).
fn value(tag: u8, content: &[u8]) -> Vec<u8> {
    let length = content.len();
    let mut bytes = vec![tag];
    match length {
        0..0x80 => bytes.push(length as u8),
        0x80..0x100 => bytes.extend([0x81, length as u8]),
        _ => bytes.extend([0x82, (length / 256) as u8, (length % 256) as u8]),
    }
    bytes.extend(content);
    bytes
}

/// The public key of RSA with this modulus and the exponent 65537 (RFC 3279, 2.3.1).
fn rsa(modulus: &[u8]) -> Vec<u8> {
    let key = value(0x30, &[value(0x02, modulus), value(0x02, &[1, 0, 1])].concat());
    let bits = value(0x03, &[vec![0], key].concat());
    let algorithm = value(0x06, &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, 0x01]);
    value(0x30, &[value(0x30, &[algorithm, vec![5, 0]].concat()), bits].concat())
}

/// An odd number of so many bits.
fn modulus(bits: usize) -> Vec<u8> {
    let mut bytes = vec![0xff; bits / 8 + 1];
    bytes[0] = ((1u16 << (bits % 8)) - 1) as u8;
    bytes
}

fn kind_of(der: &[u8]) -> Option<Kind> {
    kind(&SubjectPublicKeyInfo::from_der(der).unwrap().1)
}

#[test]
fn rsa_counts_by_the_bits_of_its_modulus() {
    for bits in [1024, 2048, 3064, 3071, 8193, 8200, 16384] {
        assert_eq!(kind_of(&rsa(&modulus(bits))), None, "{bits}");
    }
    for bits in [3072, 3073, 4095, 4096, 8191, 8192] {
        assert_eq!(kind_of(&rsa(&modulus(bits))), Some(Kind::Rsa { bits }));
    }
}

#[test]
fn zeros_before_a_modulus_make_it_no_longer() {
    let padded = [vec![0; 256], modulus(2048)].concat();
    assert_eq!((kind_of(&rsa(&padded)), bits(&padded)), (None, Some(2048)));
    for none in [&[][..], &[0, 0], &[0xff; 512]] {
        assert_eq!(kind_of(&rsa(none)), None, "{none:?}");
    }
}

#[test]
fn two_curves_are_taken() {
    let of = |algorithm| kind_of(&KeyPair::generate_for(algorithm).unwrap().subject_public_key_info());
    assert_eq!(of(&rcgen::PKCS_ECDSA_P256_SHA256), Some(Kind::P256));
    assert_eq!(of(&rcgen::PKCS_ECDSA_P384_SHA384), Some(Kind::P384));
    assert_eq!(of(&rcgen::PKCS_ECDSA_P521_SHA512), None);
    assert_eq!(of(&rcgen::PKCS_ED25519), None);
    let small = KeyPair::generate_rsa_for(&rcgen::PKCS_RSA_SHA256, RsaKeySize::_2048).unwrap();
    assert_eq!(kind_of(&small.subject_public_key_info()), None);
}
