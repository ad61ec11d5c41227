//! Flaws of the signature.

use super::super::{elliptic, published, rsa, signature};

bad_tokens! {
    "bad_signature", "RFC 7515 §5.2" {
        /// Signed by a stranger under the current `kid`.
        SignatureOfStranger => "signature_of_stranger", signature::of_stranger;
        /// An empty signature.
        SignatureEmpty => "signature_empty", |token| signature::changed(token, |_| Vec::new());
        /// A signature of one byte.
        SignatureOneByte => "signature_one_byte", |token| signature::changed(token, |_| vec![0]);
        /// One byte short.
        SignatureTruncated => "signature_truncated", signature::truncated;
        /// The first byte is missing.
        SignatureBeheaded => "signature_beheaded",
            |token| signature::changed(token, |bytes| bytes.into_iter().skip(1).collect());
        /// One byte long.
        SignatureExtended => "signature_extended", signature::extended;
        /// Twice the same signature.
        SignatureTwice => "signature_twice",
            |token| signature::changed(token, |bytes| [bytes.as_slice(), &bytes].concat());
        /// One bit changed.
        SignatureFlipped => "signature_flipped", signature::flipped;
        /// All zero.
        SignatureZero => "signature_zero", |token| signature::changed(token, |bytes| vec![0; bytes.len()]);
        /// The bytes in reverse order.
        SignatureReversed => "signature_reversed",
            |token| signature::changed(token, |bytes| bytes.into_iter().rev().collect());
        /// The SHA-256 of what should be signed.
        SignatureIsHash => "signature_is_hash", signature::hash;
        /// The signature of a token for somebody else.
        SignatureOfOtherClaims => "signature_of_other_claims", signature::of_other_claims;
        /// The signature of a token with another header.
        SignatureOfOtherHeader => "signature_of_other_header", signature::of_other_header;
        /// The signature is over the JSON, not over its base64url (`b64` without `crit`, RFC 7797 §6).
        SignatureOverPlainClaims => "signature_over_plain_claims", signature::over_plain_claims;
    }
    "bad_signature", "RFC 7515 §2" {
        /// Not base64url.
        SignatureNotBase64 => "signature_not_base64", signature::not_base64;
        /// The right signature with `=` behind it.
        SignaturePadded => "signature_padded", signature::padded;
        /// The right signature in the alphabet with `+` and `/`.
        SignatureStandardAlphabet => "signature_standard_alphabet", signature::standard_alphabet;
        /// The right signature with bits set behind its end.
        SignatureStrayBits => "signature_stray_bits", signature::stray_bits;
        /// The right signature in hexadecimal.
        SignatureHexadecimal => "signature_hexadecimal", signature::hexadecimal;
        /// A space inside of the right signature.
        SignatureSpaced => "signature_spaced", signature::spaced;
        /// Text behind the right signature.
        TrailingGarbage => "trailing_garbage", |token| format!("{};garbage", token.mint());
        /// A fragment behind the right signature, as of an address.
        TrailingFragment => "trailing_fragment", |token| format!("{}#", token.mint());
        /// Disclosures behind the right signature, as of a token that discloses selectively.
        TrailingDisclosure => "trailing_disclosure", |token| format!("{}~WyJzYWx0IiwiYSIsMV0~", token.mint());
    }
    "bad_signature", "CVE-2022-21449; FIPS 186-5 §6.4.2" {
        /// ES256 with r and s zero, which verified everything in some Java.
        EcdsaZero => "ecdsa_zero", |token| elliptic::signature_of(token, |_, _| (elliptic::ZERO, elliptic::ZERO));
        /// ES256 with r zero.
        EcdsaZeroR => "ecdsa_zero_r", |token| elliptic::signature_of(token, |_, s| (elliptic::ZERO, s));
        /// ES256 with s zero.
        EcdsaZeroS => "ecdsa_zero_s", |token| elliptic::signature_of(token, |r, _| (r, elliptic::ZERO));
        /// ES256 with r and s the order of the curve, which is zero again.
        EcdsaOrder => "ecdsa_order", |token| elliptic::signature_of(token, |_, _| (elliptic::ORDER, elliptic::ORDER));
        /// ES256 with r the order of the curve.
        EcdsaOrderR => "ecdsa_order_r", |token| elliptic::signature_of(token, |_, s| (elliptic::ORDER, s));
        /// ES256 with s the order of the curve.
        EcdsaOrderS => "ecdsa_order_s", |token| elliptic::signature_of(token, |r, _| (r, elliptic::ORDER));
        /// ES256 with r and s one.
        EcdsaOne => "ecdsa_one", |token| elliptic::signature_of(token, |_, _| (elliptic::ONE, elliptic::ONE));
        /// ES256 with all bits of r and s set.
        EcdsaGreatest => "ecdsa_greatest", |token| elliptic::signature_of(token, |_, _| ([0xff; 32], [0xff; 32]));
        /// ES256 with r and s in each other's place.
        EcdsaSwapped => "ecdsa_swapped", |token| elliptic::signature_of(token, |r, s| (s, r));
    }
    "bad_signature", "RFC 7518 §3.4" {
        /// ES256 in DER, as certificates have it.
        EcdsaDer => "ecdsa_der", elliptic::der;
        /// ES256 with a zero in front of both numbers.
        EcdsaLeadingZeros => "ecdsa_leading_zeros", |token| elliptic::resized(token, 33);
        /// ES256 with both numbers in the width of ES384.
        EcdsaWide => "ecdsa_wide", |token| elliptic::resized(token, 48);
        /// ES256, one byte short.
        EcdsaTruncated => "ecdsa_truncated", |token| signature::truncated(elliptic::on_p256(token));
        /// ES256, one byte long.
        EcdsaExtended => "ecdsa_extended", |token| signature::extended(elliptic::on_p256(token));
        /// ES256 by a stranger under the `kid` of a published key.
        EcdsaOfStranger => "ecdsa_of_stranger", elliptic::of_stranger;
    }
    "bad_signature", "RFC 8017 §8.2.2" {
        /// RS256 with the modulus added: the same number for whoever forgets to compare.
        RsaPlusModulus => "rsa_plus_modulus", rsa::plus_modulus;
        /// RS256 with a zero byte in front.
        RsaLeadingZero => "rsa_leading_zero", |token| rsa::changed(token, |_, bytes| [&[0], bytes].concat());
        /// RS256 with the number one, which stays one whatever the exponent.
        RsaOne => "rsa_one", |token| rsa::changed(token, |modulus, _| rsa::small(modulus.len(), 1));
        /// RS256 with the modulus itself, which is zero.
        RsaModulus => "rsa_modulus", |token| rsa::changed(token, |modulus, _| modulus.to_vec());
        /// RS256 with the modulus less one, which is minus one whatever the exponent.
        RsaModulusLessOne => "rsa_modulus_less_one", |token| rsa::changed(token, |modulus, _| rsa::less_one(modulus));
        /// RS256 with all bits set, more than the modulus.
        RsaGreatest => "rsa_greatest", |token| rsa::changed(token, |modulus, _| vec![0xff; modulus.len()]);
        /// RS256 with the padded hash itself, as if the exponent were one.
        RsaUnsigned => "rsa_unsigned", rsa::unsigned;
        /// RS256 forged for a published key of exponent 3: a cube root, for whoever does not look behind the hash.
        RsaCubeRoot => "rsa_cube_root", published::cube_root;
    }
    "bad_signature", "RFC 7518 §3.3" {
        /// RS256 in name, signed as PS256 with the same key.
        RsaPssInDisguise => "rsa_pss_in_disguise", |token| rsa::in_disguise(token, crate::Algorithm::Ps256);
        /// RS256 in name, signed as RS384 with the same key.
        RsaSha384InDisguise => "rsa_sha384_in_disguise", |token| rsa::in_disguise(token, crate::Algorithm::Rs384);
        /// RS256 in name, signed as RS512 with the same key.
        RsaSha512InDisguise => "rsa_sha512_in_disguise", |token| rsa::in_disguise(token, crate::Algorithm::Rs512);
    }
    "bad_signature", "RFC 7518 §3.5" {
        /// PS256 in name, signed as RS256, under a key that is published without `alg`.
        PssPkcs1InDisguise => "pss_pkcs1_in_disguise", published::pkcs1_under_ps256;
    }
}
