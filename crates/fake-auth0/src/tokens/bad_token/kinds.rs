//! The list.

use super::{claims, header, shape, signature};
use crate::tokens::TokenBuilder;

bad_tokens! {
    /// Ended an hour ago.
    Expired => "expired", claims::expired;
    /// Ended 61 seconds ago, just beyond the greatest leeway.
    ExpiredBeyondLeeway => "expired_beyond_leeway", claims::expired_beyond_leeway;
    /// `exp` is before 1970.
    ExpNegative => "exp_negative", |token| token.expires_at(-1).mint();
    /// No `exp`.
    ExpMissing => "exp_missing", |token| token.without("exp").mint();
    /// `exp` is the right number as a string: taken for absent by some libraries.
    ExpString => "exp_string", claims::exp_string;
    /// `exp` is `null`.
    ExpNull => "exp_null", |token| token.claim_text("exp", "null").mint();
    /// `exp` is `true`.
    ExpBool => "exp_bool", |token| token.claim("exp", true).mint();
    /// `exp` is an array with the right number.
    ExpArray => "exp_array", claims::exp_array;
    /// `exp` is an object.
    ExpObject => "exp_object", |token| token.claim_text("exp", "{}").mint();
    /// `exp` is `1e400`, which is infinite as a 64-bit number.
    ExpHuge => "exp_huge", |token| token.claim_text("exp", "1e400").mint();
    /// `exp` is `NaN`, which is no JSON.
    ExpNan => "exp_nan", |token| token.claim_text("exp", "NaN").mint();
    /// `nbf` is in an hour.
    NotYetValid => "not_yet_valid", claims::not_yet_valid;
    /// `nbf` is a past time as a string.
    NbfString => "nbf_string", |token| token.claim("nbf", "1500000000").mint();
    /// `nbf` is `null`.
    NbfNull => "nbf_null", |token| token.claim_text("nbf", "null").mint();
    /// `nbf` is `false`.
    NbfBool => "nbf_bool", |token| token.claim("nbf", false).mint();
    /// `iat` is in an hour.
    IssuedInFuture => "issued_in_future", claims::issued_in_future;
    /// `iat` is a past time as a string.
    IatString => "iat_string", |token| token.claim("iat", "1500000000").mint();
    /// `iat` is `null`.
    IatNull => "iat_null", |token| token.claim_text("iat", "null").mint();
    /// `iat` is `false`.
    IatBool => "iat_bool", |token| token.claim("iat", false).mint();

    /// Another tenant's `iss`.
    IssuerOther => "issuer_other", |token| token.claim("iss", "https://another-tenant.example.test/").mint();
    /// `iss` without the slash at the end.
    IssuerWithoutSlash => "issuer_without_slash", claims::issuer_without_slash;
    /// `iss` in capitals.
    IssuerOtherCase => "issuer_other_case", claims::issuer_other_case;
    /// `iss` with the other of http and https.
    IssuerOtherScheme => "issuer_other_scheme", claims::issuer_other_scheme;
    /// `iss` goes on after the right one.
    IssuerLonger => "issuer_longer", claims::issuer_longer;
    /// No `iss`.
    IssuerMissing => "issuer_missing", |token| token.without("iss").mint();
    /// `iss` is an array with the right one.
    IssuerArray => "issuer_array", claims::issuer_array;
    /// `iss` is a number.
    IssuerNumber => "issuer_number", |token| token.claim("iss", 7).mint();

    /// `aud` is another API.
    AudienceOther => "audience_other", |token| token.claim("aud", "https://another-api.example.test").mint();
    /// No `aud`.
    AudienceMissing => "audience_missing", |token| token.without("aud").mint();
    /// `aud` is an array of other APIs.
    AudienceArrayWithout => "audience_array_without", claims::audience_array_without;
    /// `aud` is an empty array.
    AudienceEmptyArray => "audience_empty_array", |token| token.claim_text("aud", "[]").mint();
    /// `aud` goes on after the right one.
    AudienceLonger => "audience_longer", claims::audience_longer;
    /// `aud` lacks the last character of the right one.
    AudienceShorter => "audience_shorter", claims::audience_shorter;
    /// `aud` in capitals.
    AudienceOtherCase => "audience_other_case", claims::audience_other_case;
    /// `aud` is a list in one string, the right one among them.
    AudienceJoined => "audience_joined", claims::audience_joined;
    /// `aud` is a number.
    AudienceNumber => "audience_number", |token| token.claim("aud", 7).mint();
    /// `aud` is `null`.
    AudienceNull => "audience_null", |token| token.claim_text("aud", "null").mint();
    /// `aud` is an object with the right one.
    AudienceObject => "audience_object", claims::audience_object;

    /// No `sub`.
    SubjectMissing => "subject_missing", |token| token.without("sub").mint();
    /// `sub` is empty.
    SubjectEmpty => "subject_empty", |token| token.claim("sub", "").mint();
    /// `sub` is a number.
    SubjectNumber => "subject_number", |token| token.claim("sub", 7).mint();
    /// `sub` is `null`.
    SubjectNull => "subject_null", |token| token.claim_text("sub", "null").mint();
    /// `sub` has 256 bytes.
    SubjectTooLong => "subject_too_long", |token| token.claim("sub", "a".repeat(256)).mint();
    /// `sub` has 128 characters in 256 bytes.
    SubjectTooManyBytes => "subject_too_many_bytes", |token| token.claim("sub", "ü".repeat(128)).mint();
    /// `sub` holds U+0000, which PostgreSQL cannot store.
    SubjectWithNul => "subject_with_nul", |token| token.claim("sub", "auth0|\0").mint();
    /// `cnf` binds the token to a key whose proof is not sent (RFC 7800, RFC 9449).
    KeyBound => "key_bound", claims::key_bound;
    /// An ID token: `aud` is the frontend's client, with `nonce` and `at_hash`.
    IdToken => "id_token", claims::id_token;

    /// `alg` is `none` and there is no signature.
    AlgNone => "alg_none", |token| header::unsigned(token, "none");
    /// The same, spelt `None`.
    AlgNoneCapitalised => "alg_none_capitalised", |token| header::unsigned(token, "None");
    /// The same, spelt `NONE`.
    AlgNoneCapitals => "alg_none_capitals", |token| header::unsigned(token, "NONE");
    /// The same, spelt `nOnE`.
    AlgNoneMixed => "alg_none_mixed", |token| header::unsigned(token, "nOnE");
    /// `alg` is `none`, but the signature would be good.
    AlgNoneSigned => "alg_none_signed", |token| token.header("alg", "none").mint();
    /// No `alg`; the signature is good.
    AlgMissing => "alg_missing", |token| token.without_header("alg").mint();
    /// `alg` is empty; the signature is good.
    AlgEmpty => "alg_empty", |token| token.header("alg", "").mint();
    /// `alg` in small letters; the signature is good.
    AlgLowerCase => "alg_lower_case", header::alg_lower_case;
    /// `alg` is a number.
    AlgNumber => "alg_number", |token| token.header("alg", 256).mint();
    /// `alg` is `null`.
    AlgNull => "alg_null", |token| token.header("alg", serde_json::Value::Null).mint();
    /// `alg` is an array with the right one.
    AlgArray => "alg_array", header::alg_array;
    /// HS256 with the public key's PEM as the secret.
    HmacWithPublicKeyPem => "hmac_with_public_key_pem", header::hmac_with_pem;
    /// HS256 with the public key's DER as the secret.
    HmacWithPublicKeyDer => "hmac_with_public_key_der", header::hmac_with_der;
    /// HS256 with the published JWK as the secret.
    HmacWithPublicJwk => "hmac_with_public_jwk", header::hmac_with_jwk;
    /// ES256 under the `kid` of an RSA key (RS256 under that of an elliptic one).
    AlgOfAnotherKeyType => "alg_of_another_key_type", header::alg_of_another_key_type;
    /// PS256 by a key that is published for RS256 (or the like): a good signature of the wrong algorithm.
    AlgNotTheKeys => "alg_not_the_keys", header::alg_not_the_keys;
    /// No `kid`.
    KidMissing => "kid_missing", |token| token.without_header("kid").mint();
    /// `kid` is empty.
    KidEmpty => "kid_empty", |token| token.kid("").mint();
    /// `kid` is a number.
    KidNumber => "kid_number", |token| token.header("kid", 7).mint();
    /// `kid` is `null`.
    KidNull => "kid_null", |token| token.header("kid", serde_json::Value::Null).mint();
    /// `kid` names no key; a new one in each token.
    KidUnknown => "kid_unknown", |token| token.kid(crate::random::token(15)).mint();
    /// `kid` is a path.
    KidPath => "kid_path", |token| token.kid("../../../../../../dev/null").mint();
    /// `kid` names another of the tenant's keys than the one that signed.
    KidOfAnotherKey => "kid_of_another_key", header::kid_of_another_key;
    /// `crit` names `exp`.
    Crit => "crit", |token| token.header("crit", serde_json::json!(["exp"])).mint();
    /// `crit` names an extension that is not in the header.
    CritUnknown => "crit_unknown", |token| token.header("crit", serde_json::json!(["urn:example:extension"])).mint();
    /// `crit` is empty, which RFC 7515 §4.1.11 forbids.
    CritEmpty => "crit_empty", |token| token.header("crit", serde_json::json!([])).mint();
    /// Signed by a stranger whose key set `jku` points to.
    JkuInjected => "jku_injected", header::jku_injected;
    /// Signed by a stranger whose key is in `jwk`.
    JwkInjected => "jwk_injected", header::jwk_injected;
    /// Signed by a stranger whose key is in `jwk`, under its own `kid`.
    JwkInjectedWithKid => "jwk_injected_with_kid", header::jwk_injected_with_kid;
    /// Signed by a stranger whose certificate `x5u` points to.
    X5uInjected => "x5u_injected", header::x5u_injected;
    /// Signed by a stranger whose certificate is in `x5c`.
    X5cInjected => "x5c_injected", header::x5c_injected;
    /// `typ` is that of a logout token.
    TypLogout => "typ_logout", |token| token.header("typ", "logout+jwt").mint();
    /// `typ` is that of a DPoP proof.
    TypDpop => "typ_dpop", |token| token.header("typ", "dpop+jwt").mint();
    /// `typ` is that of a security event.
    TypSecurityEvent => "typ_security_event", |token| token.header("typ", "secevent+jwt").mint();
    /// `typ` is a number.
    TypNumber => "typ_number", |token| token.header("typ", 7).mint();

    /// Signed by a stranger under the current `kid`.
    SignatureOfStranger => "signature_of_stranger", signature::of_stranger;
    /// An empty signature.
    SignatureEmpty => "signature_empty", signature::empty;
    /// One byte short.
    SignatureTruncated => "signature_truncated", signature::truncated;
    /// One byte long.
    SignatureExtended => "signature_extended", signature::extended;
    /// One bit changed.
    SignatureFlipped => "signature_flipped", signature::flipped;
    /// All zero.
    SignatureZero => "signature_zero", signature::zero;
    /// The signature of a token for somebody else.
    SignatureOfOtherClaims => "signature_of_other_claims", signature::of_other_claims;
    /// The signature of a token with another header.
    SignatureOfOtherHeader => "signature_of_other_header", signature::of_other_header;
    /// Not base64url.
    SignatureNotBase64 => "signature_not_base64", signature::not_base64;
    /// The right signature with `=` behind it.
    SignaturePadded => "signature_padded", signature::padded;
    /// Text behind the right signature.
    TrailingGarbage => "trailing_garbage", |token| format!("{};garbage", token.mint());

    /// The header is not base64url.
    HeaderNotBase64 => "header_not_base64", shape::header_not_base64;
    /// The header has `=` behind it; the signature is over it so.
    HeaderPadded => "header_padded", shape::header_padded;
    /// The header is in the alphabet with `+` and `/`; the signature is over it so.
    HeaderStandardAlphabet => "header_standard_alphabet", shape::header_standard_alphabet;
    /// The header is no JSON.
    HeaderNotJson => "header_not_json", |token| token.raw_header("alg=RS256").mint();
    /// The header is an array with the object in it.
    HeaderArray => "header_array", shape::header_array;
    /// The header is followed by another object.
    HeaderTrailingData => "header_trailing_data", shape::header_trailing_data;
    /// The header holds a byte that is not UTF-8.
    HeaderInvalidUtf8 => "header_invalid_utf8", shape::header_invalid_utf8;
    /// The claims are not base64url.
    ClaimsNotBase64 => "claims_not_base64", shape::claims_not_base64;
    /// The claims have `=` behind them; the signature is over them so.
    ClaimsPadded => "claims_padded", shape::claims_padded;
    /// The claims are in the alphabet with `+` and `/`; the signature is over them so.
    ClaimsStandardAlphabet => "claims_standard_alphabet", shape::claims_standard_alphabet;
    /// The claims are no JSON.
    ClaimsNotJson => "claims_not_json", |token| token.raw_claims("sub=me").mint();
    /// The claims are empty.
    ClaimsEmpty => "claims_empty", |token| token.raw_claims("").mint();
    /// The claims are an array with the object in it.
    ClaimsArray => "claims_array", shape::claims_array;
    /// The claims are followed by another object.
    ClaimsTrailingData => "claims_trailing_data", shape::claims_trailing_data;
    /// The claims hold a byte that is not UTF-8.
    ClaimsInvalidUtf8 => "claims_invalid_utf8", shape::claims_invalid_utf8;

    /// `alg` twice: `none`, then the right one.
    DuplicateAlg => "duplicate_alg", |token| token.leading_header("alg", "none").mint();
    /// `kid` twice, both right.
    DuplicateKid => "duplicate_kid", header::duplicate_kid;
    /// `exp` twice: a past one, then the right one.
    DuplicateExp => "duplicate_exp", |token| token.leading_claim("exp", 1_000_000_000).mint();
    /// `exp` twice: the right one, then a past one.
    DuplicateExpPastLast => "duplicate_exp_past_last", |token| token.second_claim("exp", 1_000_000_000).mint();
    /// `exp` twice, one of them spelt with an escape.
    DuplicateExpEscaped => "duplicate_exp_escaped", shape::duplicate_exp_escaped;
    /// `sub` twice: somebody else, then the right one.
    DuplicateSub => "duplicate_sub", |token| token.leading_claim("sub", "auth0|somebody-else").mint();
    /// `iss` twice: another one, then the right one.
    DuplicateIss => "duplicate_iss", |token| token.leading_claim("iss", "https://another-tenant.example.test/").mint();
    /// `aud` twice: another one, then the right one.
    DuplicateAud => "duplicate_aud", |token| token.leading_claim("aud", "https://another-api.example.test").mint();

    /// Nothing.
    Empty => "empty", |_| String::new();
    /// 32 characters without a dot, as Auth0 gives where no API was asked for.
    Opaque => "opaque", |_| crate::random::token(24);
    /// Two dots and nothing else.
    DotsAlone => "dots_alone", |_| "..".to_owned();
    /// Header and claims without a signature part.
    TwoParts => "two_parts", shape::two_parts;
    /// A fourth part.
    FourParts => "four_parts", |token| format!("{}.e30", token.mint());
    /// A token encrypted for Auth0's own userinfo endpoint: five parts.
    Encrypted => "encrypted", shape::encrypted;
    /// A space after the first dot; the signature is over it too.
    SpaceInside => "space_inside", shape::space_inside;
    /// A tabulator before the second dot; the signature is over it too.
    TabInside => "tab_inside", shape::tab_inside;
    /// More than 16 KiB.
    TooLong => "too_long", |token| token.claim("filler", "x".repeat(16 * 1024)).mint();
}
