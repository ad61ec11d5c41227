//! What names a key whatever is written around it (RFC 7638).

use std::fmt;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

use jsonwebtoken::jwk::{
    AlgorithmParameters, CommonParameters, EllipticCurve, EllipticCurveKeyParameters, EllipticCurveKeyType, Jwk,
    RSAKeyParameters, RSAKeyType, ThumbprintHash,
};

/// The SHA-256 thumbprint of a public key.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct KeyThumbprint([u8; 32]);

impl KeyThumbprint {
    /// Reads the 43 characters of base64url that `cnf.jkt` holds (RFC 9449 §6.1).
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let bytes = URL_SAFE_NO_PAD.decode(text).ok()?;
        bytes.try_into().ok().map(Self)
    }

    /// Of an elliptic curve key, by the coordinates as they stand in its JWK (RFC 7638 §3.2).
    ///
    /// They go into JSON as they are: what is not base64url must be refused elsewhere.
    pub(super) fn of_ec(curve: EllipticCurve, x: &str, y: &str) -> Option<Self> {
        let (x, y) = (x.to_owned(), y.to_owned());
        let key = EllipticCurveKeyParameters { key_type: EllipticCurveKeyType::EC, curve, x, y };
        Self::of(AlgorithmParameters::EllipticCurve(key))
    }

    /// Of an RSA key, likewise.
    pub(super) fn of_rsa(exponent: &str, modulus: &str) -> Option<Self> {
        let (n, e) = (modulus.to_owned(), exponent.to_owned());
        Self::of(AlgorithmParameters::RSA(RSAKeyParameters { key_type: RSAKeyType::RSA, n, e }))
    }

    fn of(algorithm: AlgorithmParameters) -> Option<Self> {
        let jwk = Jwk { common: CommonParameters::default(), algorithm };
        Self::parse(&jwk.thumbprint(ThumbprintHash::SHA256).ok()?)
    }

    pub(super) fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }
}

impl fmt::Display for KeyThumbprint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&URL_SAFE_NO_PAD.encode(self.0))
    }
}

impl fmt::Debug for KeyThumbprint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "KeyThumbprint({self})")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// RFC 7638 §3.1.
    #[test]
    fn the_thumbprint_of_the_rfcs_rsa_key_is_the_rfcs() {
        let modulus = "0vx7agoebGcQSuuPiLJXZptN9nndrQmbXEps2aiAFbWhM78LhWx4cbbfAAtVT86zwu1RK7aPFFxuhDR1L6tSoc_BJECPebWKRXjBZCiFV4n3oknjhMstn64tZ_2W-5JsGY4Hc5n9yBXArwl93lqt7_RN5w6Cf0h4QyQ5v-65YGjQR0_FDW2QvzqY368QQMicAtaSqzs8KJZgnYb9c7d0zgdAZHzu6qMQvRL5hajrn1n91CbOpbISD08qNLyrdkt-bFTWhAI4vMQFh6WeZu0fM4lFd2NcRwr3XPksINHaQ-G_xBniIqbw0Ls1jF44-csFCur-kEgU8awapJzKnqDKgw";
        let thumbprint = KeyThumbprint::of_rsa("AQAB", modulus).map(|thumbprint| thumbprint.to_string());
        assert_eq!(thumbprint.as_deref(), Some("NzbLsXh8uDCcd-6MNwXF4W_7noWXFZAfHkxZsRGC9Xs"));
    }

    #[test]
    fn a_thumbprint_is_43_characters_of_base64url() {
        let text = "0ZcOCORZNYy-DWpqq30jZyJGHTN0d2HglBV3uiguA4I";
        assert_eq!(KeyThumbprint::parse(text).map(|thumbprint| thumbprint.to_string()).as_deref(), Some(text));
        for other in ["", "0ZcO", &text[1..], &format!("{text}A"), &format!("{text}="), &text.replace('-', "+")] {
            assert_eq!(KeyThumbprint::parse(other), None, "{other:?}");
        }
        // The last character has two bits that are no part of the 32 bytes.
        assert_eq!(KeyThumbprint::parse(&text.replace("A4I", "A4J")), None);
    }
}
