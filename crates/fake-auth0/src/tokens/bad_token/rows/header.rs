//! Flaws of `alg`, `typ`, `crit` and `kid`.

use serde_json::{Value, json};

use super::super::{elliptic, header, hmac};

bad_tokens! {
    "algorithm_not_allowed", "RFC 8725 §2.1" {
        /// `alg` is `none` and there is no signature.
        AlgNone => "alg_none", |token| header::unsigned(token, "none");
        /// The same, spelt `None`.
        AlgNoneCapitalised => "alg_none_capitalised", |token| header::unsigned(token, "None");
        /// The same, spelt `NONE`.
        AlgNoneCapitals => "alg_none_capitals", |token| header::unsigned(token, "NONE");
        /// The same, spelt `nOnE`.
        AlgNoneMixed => "alg_none_mixed", |token| header::unsigned(token, "nOnE");
        /// The same, spelt `nonE`.
        AlgNoneLastCapital => "alg_none_last_capital", |token| header::unsigned(token, "nonE");
        /// The same with a space in front.
        AlgNoneLeadingSpace => "alg_none_leading_space", |token| header::unsigned(token, " none");
        /// The same with a space behind.
        AlgNoneTrailingSpace => "alg_none_trailing_space", |token| header::unsigned(token, "none ");
        /// The same with U+0000 behind.
        AlgNoneNul => "alg_none_nul", |token| header::unsigned(token, "none\0");
        /// The same with a line break behind.
        AlgNoneLineBreak => "alg_none_line_break", |token| header::unsigned(token, "none\n");
        /// The same in letters of full width, which some normalisations turn into the usual ones.
        AlgNoneFullWidth => "alg_none_full_width", |token| header::unsigned(token, "\u{ff4e}\u{ff4f}\u{ff4e}\u{ff45}");
        /// `alg` is `none`, but the signature would be good.
        AlgNoneSigned => "alg_none_signed", |token| token.header("alg", "none").mint();
        /// HS256 with the public key's PEM as the secret.
        HmacWithPublicKeyPem => "hmac_with_public_key_pem", hmac::with_pem;
        /// The same without the line break at the end.
        HmacWithTrimmedPem => "hmac_with_trimmed_pem", |token| hmac::with_key(token, "HS256", hmac::trimmed_pem);
        /// HS384 with the public key's PEM as the secret.
        Hmac384WithPublicKeyPem => "hmac_384_with_public_key_pem", |token| hmac::with_key(token, "HS384", hmac::pem);
        /// HS512 with the public key's PEM as the secret.
        Hmac512WithPublicKeyPem => "hmac_512_with_public_key_pem", |token| hmac::with_key(token, "HS512", hmac::pem);
        /// HS256 with the public key's DER as the secret.
        HmacWithPublicKeyDer => "hmac_with_public_key_der", hmac::with_der;
        /// HS256 with the published JWK as the secret.
        HmacWithPublicJwk => "hmac_with_public_jwk", hmac::with_jwk;
        /// HS256 with the bytes of the modulus (or of the first coordinate) as the secret.
        HmacWithModulus => "hmac_with_modulus", |token| hmac::with_key(token, "HS256", hmac::modulus);
        /// HS256 with the modulus (or the first coordinate) as the key set spells it.
        HmacWithModulusText => "hmac_with_modulus_text", |token| hmac::with_key(token, "HS256", hmac::modulus_text);
        /// HS256 with no secret at all.
        HmacWithNothing => "hmac_with_nothing", |token| hmac::with_secret(token, b"");
        /// HS256 with the word `secret`.
        HmacWithSecret => "hmac_with_secret", |token| hmac::with_secret(token, b"secret");
        /// HS256 with the `kid` as the secret.
        HmacWithKid => "hmac_with_kid", |token| hmac::with_key(token, "HS256", |key| key.kid().as_bytes().to_vec());
        /// HS256 with a secret that the header brings along in `jwk`.
        HmacWithJwkOfHeader => "hmac_with_jwk_of_header", hmac::with_jwk_of_header;
        /// `alg` is HS256, but the signature is the tenant's own and good.
        HmacInName => "hmac_in_name", |token| token.header("alg", "HS256").mint();
    }
    "algorithm_not_allowed", "RFC 8725 §3.1" {
        /// No `alg`; the signature is good.
        AlgMissing => "alg_missing", |token| token.without_header("alg").mint();
        /// `alg` is empty; the signature is good.
        AlgEmpty => "alg_empty", |token| token.header("alg", "").mint();
        /// `ALG` in place of `alg`.
        AlgMemberOtherCase => "alg_member_other_case", header::alg_member_other_case;
        /// `alg` in small letters; the signature is good.
        AlgLowerCase => "alg_lower_case", header::alg_lower_case;
        /// `alg` with a space behind; the signature is good.
        AlgTrailingSpace => "alg_trailing_space", |token| header::alg_with(token, " ");
        /// `alg` with U+0000 behind; the signature is good.
        AlgNul => "alg_nul", |token| header::alg_with(token, "\0");
        /// RS384, properly signed with a key that is published for it, where RS384 is not allowed.
        AlgRs384 => "alg_rs384", |token| header::signed_for(token, crate::Algorithm::Rs384);
        /// RS512, the same.
        AlgRs512 => "alg_rs512", |token| header::signed_for(token, crate::Algorithm::Rs512);
        /// ES384, the same.
        AlgEs384 => "alg_es384", |token| header::signed_for(token, crate::Algorithm::Es384);
        /// ES512 with a key on P-521 that is published for it.
        AlgEs512 => "alg_es512", elliptic::es512;
        /// ES256K with a key on secp256k1 that is published for it.
        AlgEs256k => "alg_es256k", elliptic::es256k;
        /// EdDSA with an Ed25519 key that is published for it.
        AlgEdDsa => "alg_ed_dsa", elliptic::ed_dsa;
        /// `alg` is the signature's name in XML.
        AlgUri => "alg_uri", |token| token.header("alg", "http://www.w3.org/2001/04/xmldsig-more#rsa-sha256").mint();
    }
    "malformed", "RFC 7515 §4.1.1" {
        /// `alg` is a number.
        AlgNumber => "alg_number", |token| token.header("alg", 256).mint();
        /// `alg` is `null`.
        AlgNull => "alg_null", |token| token.header("alg", Value::Null).mint();
        /// `alg` is `false`.
        AlgBool => "alg_bool", |token| token.header("alg", false).mint();
        /// `alg` is an array with the right one.
        AlgArray => "alg_array", header::alg_array;
        /// `alg` is an object.
        AlgObject => "alg_object", |token| token.header("alg", json!({ "name": "RS256" })).mint();
    }
    "wrong_type", "RFC 8725 §3.11" {
        /// `typ` is that of a logout token.
        TypLogout => "typ_logout", |token| token.header("typ", "logout+jwt").mint();
        /// `typ` is that of a DPoP proof.
        TypDpop => "typ_dpop", |token| token.header("typ", "dpop+jwt").mint();
        /// `typ` is that of a security event.
        TypSecurityEvent => "typ_security_event", |token| token.header("typ", "secevent+jwt").mint();
        /// `typ` is that of an answer to a token introspection.
        TypIntrospection => "typ_introspection", |token| token.header("typ", "token-introspection+jwt").mint();
        /// `typ` is that of an authorization request.
        TypRequest => "typ_request", |token| token.header("typ", "oauth-authz-req+jwt").mint();
        /// `typ` is that of a verifiable credential.
        TypCredential => "typ_credential", |token| token.header("typ", "vc+sd-jwt").mint();
        /// `typ` is that of a key binding.
        TypKeyBinding => "typ_key_binding", |token| token.header("typ", "kb+jwt").mint();
        /// `typ` is empty.
        TypEmpty => "typ_empty", |token| token.header("typ", "").mint();
        /// `typ` begins like the right one.
        TypLonger => "typ_longer", |token| token.header("typ", "at+jwt+more").mint();
        /// `typ` is the right one with a space.
        TypTrailingSpace => "typ_trailing_space", |token| token.header("typ", "JWT ").mint();
        /// `typ` is the right one in letters of full width.
        TypFullWidth => "typ_full_width", |token| token.header("typ", "\u{ff2a}\u{ff37}\u{ff34}").mint();
    }
    "malformed", "RFC 7515 §4.1.9" {
        /// `typ` is a number.
        TypNumber => "typ_number", |token| token.header("typ", 7).mint();
        /// `typ` is `null`.
        TypNull => "typ_null", |token| token.header("typ", Value::Null).mint();
        /// `typ` is an array with the right one.
        TypArray => "typ_array", |token| token.header("typ", json!(["at+jwt"])).mint();
    }
    "critical_header", "RFC 7515 §4.1.11" {
        /// `crit` names `exp`.
        Crit => "crit", |token| token.header("crit", json!(["exp"])).mint();
        /// `crit` names an extension that is not in the header.
        CritUnknown => "crit_unknown", |token| token.header("crit", json!(["urn:example:extension"])).mint();
        /// `crit` names an extension that is in the header and unknown.
        CritPresent => "crit_present",
            |token| token.header("urn:example:x", 1).header("crit", json!(["urn:example:x"])).mint();
        /// `crit` names `b64`, which is false: the claims would not be encoded (RFC 7797).
        CritB64 => "crit_b64", |token| token.header("b64", false).header("crit", json!(["b64"])).mint();
        /// `crit` names `alg`, which it must not.
        CritAlg => "crit_alg", |token| token.header("crit", json!(["alg"])).mint();
        /// `crit` is empty, which RFC 7515 §4.1.11 forbids.
        CritEmpty => "crit_empty", |token| token.header("crit", json!([])).mint();
        /// `crit` is `null`.
        CritNull => "crit_null", |token| token.header("crit", Value::Null).mint();
        /// `crit` is a string.
        CritString => "crit_string", |token| token.header("crit", "exp").mint();
        /// `crit` is an object.
        CritObject => "crit_object", |token| token.header("crit", json!({ "exp": true })).mint();
    }
    "missing_key_id", "RFC 7515 §4.1.4; ours: no key is guessed" {
        /// No `kid`.
        KidMissing => "kid_missing", |token| token.without_header("kid").mint();
        /// `kid` is empty.
        KidEmpty => "kid_empty", |token| token.kid("").mint();
        /// `KID` in place of `kid`.
        KidMemberOtherCase => "kid_member_other_case", header::kid_member_other_case;
    }
    "malformed", "RFC 7515 §4.1.4" {
        /// `kid` is a number.
        KidNumber => "kid_number", |token| token.header("kid", 7).mint();
        /// `kid` is `null`.
        KidNull => "kid_null", |token| token.header("kid", Value::Null).mint();
        /// `kid` is an array with the right one.
        KidArray => "kid_array", header::kid_array;
        /// `kid` is an object that databases without SQL take for a condition.
        KidObject => "kid_object", |token| token.header("kid", json!({ "$ne": "" })).mint();
    }
}
