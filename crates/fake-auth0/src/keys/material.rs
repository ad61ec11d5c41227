//! One key pair and the three things done with it: sign, verify, publish.
#![expect(clippy::expect_used, reason = "fails only when the machine has no memory or no random numbers left")]

use std::fmt;

use aws_lc_rs::encoding::AsDer;
use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::rsa::{KeyPair as RsaKeyPair, KeySize};
use aws_lc_rs::signature::{self, EcdsaKeyPair, KeyPair, UnparsedPublicKey};
use aws_lc_rs::{digest, rsa};
use base64::Engine;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use serde_json::{Map, Value, json};

use crate::algorithm::{Algorithm, KeyType};

/// A private key. An RSA key comes with the self-signed certificate that Auth0 publishes beside it.
pub(crate) enum Material {
    Rsa { pair: Box<RsaKeyPair>, certificate: Vec<u8> },
    Ec { pair: Box<EcdsaKeyPair>, key_type: KeyType },
}

impl Material {
    pub(super) fn generate(key_type: KeyType) -> Self {
        let ec = |algorithm| Box::new(EcdsaKeyPair::generate(algorithm).expect("an elliptic curve key is generated"));
        match key_type {
            KeyType::Rsa => {
                let pair = RsaKeyPair::generate(KeySize::Rsa2048).expect("an RSA key is generated");
                let certificate = self_signed_certificate(&pair);
                Self::Rsa { pair: Box::new(pair), certificate }
            }
            KeyType::P256 => Self::Ec { pair: ec(&signature::ECDSA_P256_SHA256_FIXED_SIGNING), key_type },
            KeyType::P384 => Self::Ec { pair: ec(&signature::ECDSA_P384_SHA384_FIXED_SIGNING), key_type },
        }
    }

    pub(super) fn key_type(&self) -> KeyType {
        match self {
            Self::Rsa { .. } => KeyType::Rsa,
            Self::Ec { key_type, .. } => *key_type,
        }
    }

    /// Signs, if the algorithm is one for this kind of key.
    pub(super) fn sign(&self, algorithm: Algorithm, message: &[u8]) -> Option<Vec<u8>> {
        if algorithm.key_type() != self.key_type() {
            return None;
        }
        match self {
            Self::Rsa { pair, .. } => {
                let encoding: &'static dyn signature::RsaEncoding = match algorithm {
                    Algorithm::Rs384 => &signature::RSA_PKCS1_SHA384,
                    Algorithm::Rs512 => &signature::RSA_PKCS1_SHA512,
                    Algorithm::Ps256 => &signature::RSA_PSS_SHA256,
                    Algorithm::Ps384 => &signature::RSA_PSS_SHA384,
                    Algorithm::Ps512 => &signature::RSA_PSS_SHA512,
                    _ => &signature::RSA_PKCS1_SHA256,
                };
                Some(rsa_signature(pair, encoding, message))
            }
            Self::Ec { pair, .. } => {
                let signature = pair.sign(&SystemRandom::new(), message).expect("an elliptic curve key signs");
                Some(signature.as_ref().to_vec())
            }
        }
    }

    /// Whether the signature is this key's.
    pub(super) fn verifies(&self, algorithm: Algorithm, message: &[u8], signature: &[u8]) -> bool {
        let verification: &'static dyn signature::VerificationAlgorithm = match algorithm {
            Algorithm::Rs256 => &signature::RSA_PKCS1_2048_8192_SHA256,
            Algorithm::Rs384 => &signature::RSA_PKCS1_2048_8192_SHA384,
            Algorithm::Rs512 => &signature::RSA_PKCS1_2048_8192_SHA512,
            Algorithm::Ps256 => &signature::RSA_PSS_2048_8192_SHA256,
            Algorithm::Ps384 => &signature::RSA_PSS_2048_8192_SHA384,
            Algorithm::Ps512 => &signature::RSA_PSS_2048_8192_SHA512,
            Algorithm::Es256 => &signature::ECDSA_P256_SHA256_FIXED,
            Algorithm::Es384 => &signature::ECDSA_P384_SHA384_FIXED,
        };
        algorithm.key_type() == self.key_type()
            && UnparsedPublicKey::new(verification, self.public_key_bytes()).verify(message, signature).is_ok()
    }

    /// The members of a JWK that depend on the key alone (RFC 7518 §6).
    pub(super) fn jwk_members(&self) -> Map<String, Value> {
        let members = match self {
            Self::Rsa { pair, certificate } => {
                let public: &rsa::PublicKey = pair.public_key();
                json!({
                    "kty": "RSA",
                    "n": URL_SAFE_NO_PAD.encode(public.modulus().big_endian_without_leading_zero()),
                    "e": URL_SAFE_NO_PAD.encode(public.exponent().big_endian_without_leading_zero()),
                    "x5t": thumbprint(certificate),
                    "x5c": [STANDARD.encode(certificate)],
                })
            }
            Self::Ec { pair, key_type } => {
                let curve = if *key_type == KeyType::P384 { "P-384" } else { "P-256" };
                // An uncompressed point: 0x04, x, y (SEC 1 §2.3.3).
                let point = pair.public_key().as_ref().get(1..).unwrap_or_default();
                let (x, y) = point.split_at(point.len() / 2);
                json!({ "kty": "EC", "crv": curve, "x": URL_SAFE_NO_PAD.encode(x), "y": URL_SAFE_NO_PAD.encode(y) })
            }
        };
        match members {
            Value::Object(members) => members,
            _ => Map::new(),
        }
    }

    /// The public key as `SubjectPublicKeyInfo`.
    pub(super) fn public_key_der(&self) -> Vec<u8> {
        let der = match self {
            Self::Rsa { pair, .. } => pair.public_key().as_der(),
            Self::Ec { pair, .. } => pair.public_key().as_der(),
        };
        der.expect("a public key is encoded").as_ref().to_vec()
    }

    fn public_key_bytes(&self) -> &[u8] {
        match self {
            Self::Rsa { pair, .. } => pair.public_key().as_ref(),
            Self::Ec { pair, .. } => pair.public_key().as_ref(),
        }
    }
}

impl fmt::Debug for Material {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Material({:?})", self.key_type())
    }
}

/// `x5t`: SHA-1 by definition (RFC 7517 §4.8).
fn thumbprint(certificate: &[u8]) -> String {
    URL_SAFE_NO_PAD.encode(digest::digest(&digest::SHA1_FOR_LEGACY_USE_ONLY, certificate))
}

fn rsa_signature(pair: &RsaKeyPair, encoding: &'static dyn signature::RsaEncoding, message: &[u8]) -> Vec<u8> {
    let mut signature = vec![0; pair.public_modulus_len()];
    pair.sign(encoding, &SystemRandom::new(), message, &mut signature).expect("an RSA key signs");
    signature
}

/// Lends an RSA key to the certificate library.
struct CertificateKey<'a>(&'a RsaKeyPair);

impl rcgen::PublicKeyData for CertificateKey<'_> {
    fn der_bytes(&self) -> &[u8] {
        self.0.public_key().as_ref()
    }

    fn algorithm(&self) -> &'static rcgen::SignatureAlgorithm {
        &rcgen::PKCS_RSA_SHA256
    }
}

impl rcgen::SigningKey for CertificateKey<'_> {
    fn sign(&self, message: &[u8]) -> Result<Vec<u8>, rcgen::Error> {
        Ok(rsa_signature(self.0, &signature::RSA_PKCS1_SHA256, message))
    }
}

fn self_signed_certificate(pair: &RsaKeyPair) -> Vec<u8> {
    let mut parameters = rcgen::CertificateParams::default();
    parameters.distinguished_name = rcgen::DistinguishedName::new();
    parameters.distinguished_name.push(rcgen::DnType::CommonName, "fake-auth0 signing key");
    parameters.self_signed(&CertificateKey(pair)).expect("a certificate is signed").der().to_vec()
}
