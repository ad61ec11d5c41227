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

    /// Whether the signature is this key's over the message. A key that is not one for the algorithm verifies nothing.
    pub(crate) fn verifies(&self, algorithm: Algorithm, message: &[u8], signature: &[u8]) -> bool {
        let key =
            self.ready.get(algorithm as usize).map(|ready| ready.get_or_init(|| self.numbers.ready_for(algorithm)));
        key.and_then(Option::as_ref).is_some_and(|key| key.verify_sig(message, signature).is_ok())
    }
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
