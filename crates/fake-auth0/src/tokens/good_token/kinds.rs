//! The list.

use serde_json::json;

use super::super::bad_token::of_length;
use super::{LONG_KID, UNUSUAL_KID};
use crate::tokens::{Dialect, TokenBuilder};

good_tokens! {
    "Auth0: access token profiles" {
        /// Auth0's own dialect.
        Auth0Dialect => "auth0_dialect", |token| token;
        /// RFC 9068.
        Rfc9068Dialect => "rfc9068_dialect", |token| token.dialect(Dialect::Rfc9068);
    }
    "RFC 7519 §4.1.3" {
        /// `aud` is a string.
        AudienceString => "audience_string", |token| token.scope("read:things");
        /// `aud` is an array of one.
        AudienceArrayOfOne => "audience_array_of_one", |token| {
            let audience = json!([token.tenant().audience()]);
            token.claim("aud", audience)
        };
        /// `aud` is an array with ours at the end.
        AudienceLast => "audience_last", |token| {
            let (issuer, audience) = (token.tenant().issuer(), token.tenant().audience());
            let audiences = json!([format!("{issuer}userinfo"), "https://another-api.example.test", audience]);
            token.claim("aud", audiences)
        };
        /// `aud` names ours twice.
        AudienceTwice => "audience_twice", |token| {
            let audience = token.tenant().audience().to_owned();
            token.claim("aud", json!([audience, audience]))
        };
        /// `aud` is an array of a hundred, ours in the middle.
        AudienceAmongMany => "audience_among_many", |token| {
            let others = (0..99).map(|n| format!("https://api-{n}.example.test"));
            let mut audiences: Vec<String> = others.collect();
            audiences.insert(50, token.tenant().audience().to_owned());
            token.claim("aud", audiences)
        };
        /// `nonce` and `at_hash`, as in an ID token, but our audience: it is an access token.
        IdTokenClaims => "id_token_claims",
            |token| token.claim("nonce", "n-0S6_WzA2Mj").claim("at_hash", "77QmUPtjPfzWtF2AnpK9RQ");
    }
    "RFC 7519 §2" {
        /// `iat`, `nbf` and `exp` have fractions (RFC 7519 §2).
        FractionalTimes => "fractional_times", |token| {
            let (past, future) = (before(&token, 10), before(&token, -3_600));
            token
                .claim_text("iat", &format!("{past}.25"))
                .claim_text("nbf", &format!("{past}.123456789"))
                .claim_text("exp", &format!("{future}.5"))
        };
        /// `exp` is `1e10`, in the year 2286.
        ExponentExp => "exponent_exp", |token| token.claim_text("exp", "1e10");
        /// `exp` is `1.0E+10` and `iat` is `1.5e9`.
        ExponentTimes => "exponent_times", |token| token.claim_text("exp", "1.0E+10").claim_text("iat", "1.5e9");
        /// `exp` lies beyond 32 bits, in the year 2554.
        ExpBeyond32Bits => "exp_beyond_32_bits", |token| token.expires_at(1_i64 << 34);
        /// `exp` is the last second of the year 9999.
        ExpLastOfAll => "exp_last_of_all", |token| token.expires_at(253_402_300_799_i64);
    }
    "RFC 7519 §4.1.6" {
        /// No `iat`.
        NoIat => "no_iat", |token| token.without("iat");
        /// `iat` is 20 seconds ahead, within a leeway of 30.
        IatSlightlyAhead => "iat_slightly_ahead", |token| {
            let ahead = before(&token, -20);
            token.issued_at(ahead)
        };
        /// `iat` is 0.
        IatZero => "iat_zero", |token| token.issued_at(0);
    }
    "RFC 7519 §4.1.5" {
        /// `nbf` is 20 seconds ahead, within a leeway of 30.
        NbfSlightlyAhead => "nbf_slightly_ahead", |token| {
            let ahead = before(&token, -20);
            token.not_before(ahead)
        };
        /// `nbf` is 0.
        NbfZero => "nbf_zero", |token| token.not_before(0);
        /// `nbf` is before 1970.
        NbfNegative => "nbf_negative", |token| token.not_before(-1);
    }
    "RFC 7519 §4.1.4" {
        /// `exp` was 20 seconds ago, within a leeway of 30.
        ExpiredWithinLeeway => "expired_within_leeway", |token| {
            let (hour_ago, ago) = (before(&token, 3_600), before(&token, 20));
            token.issued_at(hour_ago).expires_at(ago)
        };
    }
    "RFC 7515 §4.1.9" {
        /// No `typ`.
        NoTyp => "no_typ", |token| token.without_header("typ");
        /// `typ` is `jwt`: media types ignore case.
        TypLowerCase => "typ_lower_case", |token| token.header("typ", "jwt");
        /// `typ` is `at+jwt`.
        TypAtJwt => "typ_at_jwt", |token| token.header("typ", "at+jwt");
        /// `typ` is `AT+JWT`.
        TypAtJwtCapitals => "typ_at_jwt_capitals", |token| token.header("typ", "AT+JWT");
        /// `typ` is `application/at+jwt`.
        TypApplicationAtJwt => "typ_application_at_jwt", |token| token.header("typ", "application/at+jwt");
    }
    "RFC 7519 §4.1.2" {
        /// `sub` is filled up to 255 bytes with letters of two bytes.
        LongSubject => "long_subject", |token| token;
        /// `sub` names a connection and a person in it, with an address.
        SubjectOfManyParts => "subject_of_many_parts", |token| token;
        /// `sub` has spaces inside.
        SubjectWithSpaces => "subject_with_spaces", |token| token;
        /// `sub` has letters that are written from right to left, and a character of several code points.
        SubjectBeyondAscii => "subject_beyond_ascii", |token| token;
    }
    "RFC 7515 §4.2" {
        /// Header members that nobody knows.
        UnknownHeaderMembers => "unknown_header_members", |token| {
            token.header("cty", "example").header("urn:example:extra", json!({ "deep": [1, null, "x"] }))
        };
        /// The header carries a stranger's `jku`, `x5u` and `x5c`, but the tenant signed: they are not read.
        KeyMembersUnread => "key_members_unread", |token| {
            token
                .header("jku", "http://127.0.0.1:1/jwks.json")
                .header("x5u", "http://127.0.0.1:1/x.pem")
                .header("x5c", json!(["AA=="]))
        };
        /// The header carries the tenant's own public key in `jwk`.
        OwnJwk => "own_jwk", |token| {
            let jwk = token.tenant().keys().current().jwk();
            token.header("jwk", jwk)
        };
        /// `zip` says that the claims are compressed, which means nothing where nothing is encrypted; they are not.
        ZipUnread => "zip_unread", |token| token.header("zip", "DEF");
        /// The header's members stand in another order.
        HeaderInOtherOrder => "header_in_other_order", |token| {
            let kid = token.tenant().keys().current().kid().to_owned();
            token.without_header("kid").leading_header("kid", kid)
        };
    }
    "RFC 7519 §4" {
        /// Claims that nobody knows, a namespaced one among them.
        UnknownClaims => "unknown_claims", |token| {
            token.claim("https://example.test/roles", json!(["admin"])).claim("permissions", json!(["read:things"]))
        };
        /// Claims inside claims, with names that matter only at the top.
        NestedClaims => "nested_claims", |token| {
            token.claim("act", json!({ "sub": "auth0|somebody-else", "exp": "never", "act": { "iss": 7, "aud": [] } }))
        };
        /// A claim without a name, and one with a name of 1,000 characters.
        OddClaimNames => "odd_claim_names", |token| token.claim("", 1).claim(&"n".repeat(1_000), 2);
        /// Claims whose names differ from ours in their case alone, with values that would spoil the token.
        ClaimsOfOtherCase => "claims_of_other_case",
            |token| token.claim("EXP", 1).claim("Iss", "x").claim("AUD", "x").claim("Sub", 7);
        /// A claim that nobody knows, 100 arrays deep.
        DeepClaim => "deep_claim", |token| token.claim_text("deep", &format!("{}{}", "[".repeat(100), "]".repeat(100)));
        /// Numbers that nobody asks for, greater than 64 bits hold.
        LargeNumbers => "large_numbers",
            |token| token.claim_text("a", "18446744073709551616").claim_text("b", "-1e300");
        /// The permissions of a role, and an organisation.
        PermissionsAndOrganisation => "permissions_and_organisation", |token| {
            token.claim("permissions", json!(["read:things"])).claim("org_id", "org_0123456789abcdef")
        };
        /// No scope, and no permissions.
        NoScope => "no_scope", |token| token.claim("scope", "").claim("permissions", json!([]));
    }
    "RFC 7515 §4.1.4" {
        /// `kid` has a slash, quotes, a backslash, a space and a letter beyond ASCII.
        UnusualKid => "unusual_kid", |token| token.kid(UNUSUAL_KID);
        /// `kid` has more characters than any hash.
        LongKid => "long_kid", |token| token.kid(LONG_KID);
    }
    "RFC 8259 §2" {
        /// The JSON has spaces and line breaks.
        SpacedJson => "spaced_json", |token| {
            let (header, claims) = (spaced(&token.header_json()), spaced(&token.claims_json()));
            token.raw_header(header).raw_claims(claims)
        };
        /// The JSON has white space of every kind before and behind it.
        SurroundedJson => "surrounded_json", |token| {
            let (header, claims) = (token.header_json(), token.claims_json());
            token.raw_header(format!("\r\n\t {header} \t\r\n")).raw_claims(format!("\n\n{claims}\n"))
        };
    }
    "RFC 8259 §7" {
        /// Names and values are spelt with escapes.
        EscapedJson => "escaped_json", |token| {
            let claims = token.claims_json().replacen("\"exp\"", "\"\\u0065xp\"", 1).replace("https:", "\\u0068ttps:");
            token.raw_claims(claims)
        };
        /// Every character of the header's values is an escape.
        EscapedHeader => "escaped_header", |token| {
            let header = token.header_json().replace("\"alg\"", "\"\\u0061\\u006c\\u0067\"").replace("JWT", "\\u004a\\u0057\\u0054");
            token.raw_header(header)
        };
    }
    "Auth0: Actions" {
        /// The person's profile is in the claims.
        ProfileClaims => "profile_claims", |token| {
            token
                .email("ada@example.test", true)
                .name("Ada Lovelace")
                .picture("https://example.test/ada.png")
        };
        /// Profile claims of types that nobody expects; they decide nothing about the token.
        OddProfileClaims => "odd_profile_claims", |token| {
            token.claim("email", 7).claim("email_verified", "true").claim("name", json!([])).claim("picture", json!({}))
        };
    }
    "ours: 16 KiB" {
        /// 12 KiB long, below any sensible limit of 16 KiB.
        Long => "long", |token| token.claim("permissions", json!(vec!["read:things"; 600]));
        /// 16 KiB to the byte.
        Longest => "longest", |token| of_length(token, 16 * 1024);
    }
}

/// The tenant's time, so many seconds earlier.
fn before(token: &TokenBuilder, seconds: i64) -> i64 {
    token.tenant().now() - seconds
}

/// The same JSON with white space between members.
fn spaced(json: &str) -> String {
    serde_json::from_str::<serde_json::Value>(json)
        .and_then(|value| serde_json::to_string_pretty(&value))
        .unwrap_or_else(|_| json.to_owned())
}
