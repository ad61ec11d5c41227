//! Tokens that are unusual and must be accepted all the same.

use std::sync::Arc;

use serde_json::json;

use super::{Dialect, TokenBuilder};
use crate::FakeAuth0;
use crate::tenant::Tenant;

/// A published name of the current key that only exact comparison of parsed JSON finds.
const UNUSUAL_KID: &str = "key/1+2=3 \"ä\" \\ ../{}";

macro_rules! good_tokens {
    ($($(#[$doc:meta])* $variant:ident => $name:literal, $change:expr;)+) => {
        /// A kind of good token that a strict verifier may stumble over.
        #[non_exhaustive]
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        pub enum GoodToken { $($(#[$doc])* $variant,)+ }

        impl GoodToken {
            /// Every kind there is.
            pub const ALL: &[Self] = &[$(Self::$variant,)+];

            /// A stable name: the variant's in snake case.
            #[must_use]
            pub fn name(self) -> &'static str {
                match self { $(Self::$variant => $name,)+ }
            }

            fn change(self, token: TokenBuilder) -> TokenBuilder {
                let change: fn(TokenBuilder) -> TokenBuilder = match self { $(Self::$variant => $change,)+ };
                change(token)
            }
        }
    };
}

impl GoodToken {
    /// The kind of this name.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|good| good.name() == name)
    }

    /// A token of this kind for [`subject`](Self::subject)`(sub)`.
    ///
    /// [`UnusualKid`](Self::UnusualKid) publishes the current key under one more name, so a verifier that has fetched
    /// the key set before must fetch it again.
    #[must_use]
    pub fn mint(self, tenant: &FakeAuth0, sub: &str) -> String {
        self.mint_from(tenant.tenant(), sub)
    }

    /// The `sub` that the token has: the one asked for, except in [`LongSubject`](Self::LongSubject).
    #[must_use]
    pub fn subject(self, sub: &str) -> String {
        if self == Self::LongSubject { long_subject(sub) } else { sub.to_owned() }
    }

    pub(crate) fn mint_from(self, tenant: &Arc<Tenant>, sub: &str) -> String {
        if self == Self::UnusualKid {
            tenant.keys().publish_current_as(UNUSUAL_KID);
        }
        self.change(TokenBuilder::new(Arc::clone(tenant), &self.subject(sub))).mint()
    }
}

good_tokens! {
    /// Auth0's own dialect.
    Auth0Dialect => "auth0_dialect", |token| token;
    /// RFC 9068.
    Rfc9068Dialect => "rfc9068_dialect", |token| token.dialect(Dialect::Rfc9068);
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
    /// No `iat`.
    NoIat => "no_iat", |token| token.without("iat");
    /// `iat` is 20 seconds ahead, within a leeway of 30.
    IatSlightlyAhead => "iat_slightly_ahead", |token| {
        let ahead = before(&token, -20);
        token.issued_at(ahead)
    };
    /// `nbf` is 20 seconds ahead, within a leeway of 30.
    NbfSlightlyAhead => "nbf_slightly_ahead", |token| {
        let ahead = before(&token, -20);
        token.not_before(ahead)
    };
    /// `exp` was 20 seconds ago, within a leeway of 30.
    ExpiredWithinLeeway => "expired_within_leeway", |token| {
        let (hour_ago, ago) = (before(&token, 3_600), before(&token, 20));
        token.issued_at(hour_ago).expires_at(ago)
    };
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
    /// `sub` is filled up to 255 bytes with letters of two bytes.
    LongSubject => "long_subject", |token| token;
    /// Header members that nobody knows.
    UnknownHeaderMembers => "unknown_header_members", |token| {
        token.header("cty", "example").header("urn:example:extra", json!({ "deep": [1, null, "x"] }))
    };
    /// Claims that nobody knows, a namespaced one among them.
    UnknownClaims => "unknown_claims", |token| {
        token.claim("https://example.test/roles", json!(["admin"])).claim("permissions", json!(["read:things"]))
    };
    /// Claims inside claims, with names that matter only at the top.
    NestedClaims => "nested_claims", |token| {
        token.claim("act", json!({ "sub": "auth0|somebody-else", "exp": "never", "act": { "iss": 7, "aud": [] } }))
    };
    /// `kid` has a slash, quotes, a backslash, a space and a letter beyond ASCII.
    UnusualKid => "unusual_kid", |token| token.kid(UNUSUAL_KID);
    /// The JSON has spaces and line breaks.
    SpacedJson => "spaced_json", |token| {
        let (header, claims) = (spaced(&token.header_json()), spaced(&token.claims_json()));
        token.raw_header(header).raw_claims(claims)
    };
    /// Names and values are spelt with escapes.
    EscapedJson => "escaped_json", |token| {
        let claims = token.claims_json().replacen("\"exp\"", "\"\\u0065xp\"", 1).replace("https:", "\\u0068ttps:");
        token.raw_claims(claims)
    };
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
    /// 12 KiB long, below any sensible limit of 16 KiB.
    Long => "long", |token| token.claim("permissions", json!(vec!["read:things"; 600]));
}

/// The tenant's time, so many seconds earlier.
fn before(token: &TokenBuilder, seconds: i64) -> i64 {
    token.tenant().now() - seconds
}

fn long_subject(sub: &str) -> String {
    let mut long = sub.to_owned();
    while long.len() + 'ü'.len_utf8() <= 255 {
        long.push('ü');
    }
    while long.len() < 255 {
        long.push('u');
    }
    long
}

/// The same JSON with white space between members.
fn spaced(json: &str) -> String {
    serde_json::from_str::<serde_json::Value>(json)
        .and_then(|value| serde_json::to_string_pretty(&value))
        .unwrap_or_else(|_| json.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_long_subject_has_255_bytes() {
        assert_eq!(GoodToken::LongSubject.subject("auth0|1").len(), 255);
        assert_eq!(GoodToken::LongSubject.subject("auth0|12").len(), 255);
        assert_eq!(GoodToken::NoIat.subject("auth0|1"), "auth0|1");
    }
}
