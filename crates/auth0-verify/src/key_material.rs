//! The numbers of a public key, and what the cryptographic library makes of them.

use std::sync::OnceLock;

use aws_lc_rs::signature::{
    ECDSA_P256_SHA256_FIXED, ECDSA_P384_SHA384_FIXED, EcdsaVerificationAlgorithm, ParsedPublicKey,
    RSA_PKCS1_2048_8192_SHA256, RSA_PKCS1_2048_8192_SHA384, RSA_PKCS1_2048_8192_SHA512, RSA_PSS_2048_8192_SHA256,
    RSA_PSS_2048_8192_SHA384, RSA_PSS_2048_8192_SHA512, RsaParameters, RsaPublicKeyComponents,
};

use crate::algorithm::Algorithm;

/// A public key that is made ready for an algorithm once, by the first signature: that costs a sixth of an RSA check.
pub(crate) struct KeyMaterial {
    numbers: Numbers,
    /// By the algorithm's place in [`Algorithm::ALL`]; `None` where the library refuses the numbers.
    ready: [OnceLock<Option<ParsedPublicKey>>; Algorithm::ALL.len()],
}

#[derive(PartialEq, Eq)]
enum Numbers {
    /// Modulus and exponent, the greatest byte first, without leading zeros.
    Rsa { n: Vec<u8>, e: Vec<u8> },
    /// An uncompressed point (SEC 1 §2.3.3).
    Ec(Vec<u8>),
}

impl KeyMaterial {
    /// The longest exponent of an RSA key that the library checks signatures with.
    const MAX_EXPONENT_BITS: usize = 33;

    /// An RSA key.
    pub(crate) fn rsa(n: Vec<u8>, e: Vec<u8>) -> Self {
        Self::of(Numbers::Rsa { n, e })
    }

    /// A key on a curve whose coordinates have these widths.
    pub(crate) fn ec(x: &[u8], y: &[u8]) -> Self {
        Self::of(Numbers::Ec([&[4], x, y].concat()))
    }

    fn of(numbers: Numbers) -> Self {
        Self { numbers, ready: Default::default() }
    }

    /// Whether the numbers are the same.
    pub(crate) fn is_like(&self, other: &Self) -> bool {
        self.numbers == other.numbers
    }

    /// Whether the numbers are those of a key that can verify anything: the library takes others, too, and refuses each
    /// signature. An elliptic key is made ready by that.
    pub(crate) fn is_sound(&self) -> bool {
        match &self.numbers {
            Numbers::Rsa { n, e } => is_odd(n) && is_odd(e) && (2..=Self::MAX_EXPONENT_BITS).contains(&bits(e)),
            Numbers::Ec(_) => [Algorithm::Es256, Algorithm::Es384].into_iter().any(|it| self.ready_for(it).is_some()),
        }
    }

    /// Whether the signature is this key's over the message. A key that is not one for the algorithm verifies nothing.
    pub(crate) fn verifies(&self, algorithm: Algorithm, message: &[u8], signature: &[u8]) -> bool {
        self.ready_for(algorithm).is_some_and(|key| key.verify_sig(message, signature).is_ok())
    }

    fn ready_for(&self, algorithm: Algorithm) -> Option<&ParsedPublicKey> {
        self.ready.get(algorithm as usize)?.get_or_init(|| self.numbers.ready_for(algorithm)).as_ref()
    }
}

/// How many bits a number has that is written without leading zeros, the greatest byte first.
pub(crate) fn bits(number: &[u8]) -> usize {
    number.len() * 8 - number.first().map_or(0, |byte| byte.leading_zeros() as usize)
}

fn is_odd(number: &[u8]) -> bool {
    number.last().is_some_and(|byte| byte % 2 == 1)
}

impl Numbers {
    fn ready_for(&self, algorithm: Algorithm) -> Option<ParsedPublicKey> {
        match self {
            Self::Rsa { n, e } => RsaPublicKeyComponents { n, e }.to_parsed_public_key(rsa_parameters(algorithm)?).ok(),
            Self::Ec(point) => ParsedPublicKey::new(curve(algorithm)?, point).ok(),
        }
    }
}

fn rsa_parameters(algorithm: Algorithm) -> Option<&'static RsaParameters> {
    match algorithm {
        Algorithm::Rs256 => Some(&RSA_PKCS1_2048_8192_SHA256),
        Algorithm::Rs384 => Some(&RSA_PKCS1_2048_8192_SHA384),
        Algorithm::Rs512 => Some(&RSA_PKCS1_2048_8192_SHA512),
        Algorithm::Ps256 => Some(&RSA_PSS_2048_8192_SHA256),
        Algorithm::Ps384 => Some(&RSA_PSS_2048_8192_SHA384),
        Algorithm::Ps512 => Some(&RSA_PSS_2048_8192_SHA512),
        Algorithm::Es256 | Algorithm::Es384 => None,
    }
}

/// Signatures are the two numbers in full width, one behind the other (RFC 7518 §3.4).
fn curve(algorithm: Algorithm) -> Option<&'static EcdsaVerificationAlgorithm> {
    match algorithm {
        Algorithm::Es256 => Some(&ECDSA_P256_SHA256_FIXED),
        Algorithm::Es384 => Some(&ECDSA_P384_SHA384_FIXED),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_algorithm_has_a_place_of_its_own() {
        for (place, algorithm) in Algorithm::ALL.into_iter().enumerate() {
            assert_eq!(algorithm as usize, place, "{}", algorithm.name());
            assert!(rsa_parameters(algorithm).is_some() != curve(algorithm).is_some(), "{}", algorithm.name());
        }
    }

    #[test]
    fn numbers_that_are_no_key_verify_nothing() {
        let off_the_curve = KeyMaterial::ec(&[1; 32], &[1; 32]);
        let even = KeyMaterial::rsa(vec![0x80; 256], vec![1, 0, 1]);
        let exponent_one = KeyMaterial::rsa([vec![0xff; 255], vec![1]].concat(), vec![1]);
        for algorithm in Algorithm::ALL {
            for key in [&off_the_curve, &even, &exponent_one] {
                assert!(!key.verifies(algorithm, b"message", &[0; 64]), "{}", algorithm.name());
                assert!(!key.verifies(algorithm, b"message", &[1; 256]), "{}", algorithm.name());
            }
        }
    }
}
