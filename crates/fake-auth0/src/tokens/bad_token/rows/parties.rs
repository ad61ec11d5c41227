//! Flaws of `iss`, `aud`, `sub`, `cnf` and what is granted: who speaks, to whom, about whom.

use serde_json::json;

use super::super::claims::{self, audience, bare, issuer};

bad_tokens! {
    "wrong_issuer", "RFC 7519 §4.1.1" {
        /// Another tenant's `iss`.
        IssuerOther => "issuer_other", |token| token.claim("iss", "https://another-tenant.example.test/").mint();
        /// No `iss`.
        IssuerMissing => "issuer_missing", |token| token.without("iss").mint();
        /// `ISS` in place of `iss`: names are case-sensitive.
        IssuerMemberOtherCase => "issuer_member_other_case", |token| claims::other_case(token, "iss");
        /// `iss` is empty.
        IssuerEmpty => "issuer_empty", |token| token.claim("iss", "").mint();
    }
    "wrong_issuer", "RFC 9068 §4" {
        /// `iss` without the slash at the end.
        IssuerWithoutSlash => "issuer_without_slash", |token| issuer(token, bare);
        /// `iss` in capitals.
        IssuerOtherCase => "issuer_other_case", |token| issuer(token, str::to_uppercase);
        /// `iss` with the other of http and https.
        IssuerOtherScheme => "issuer_other_scheme", |token| issuer(token, claims::other_scheme);
        /// `iss` goes on after the right one.
        IssuerLonger => "issuer_longer", |token| issuer(token, |iss| format!("{iss}.example.test/"));
        /// `iss` with two slashes at the end.
        IssuerTwoSlashes => "issuer_two_slashes", |token| issuer(token, |iss| format!("{iss}/"));
        /// `iss` with an empty query behind it.
        IssuerQuery => "issuer_query", |token| issuer(token, |iss| format!("{iss}?"));
        /// `iss` with an empty fragment behind it.
        IssuerFragment => "issuer_fragment", |token| issuer(token, |iss| format!("{iss}#"));
        /// `iss` leads back to the right one by `..`.
        IssuerPathTraversal => "issuer_path_traversal", |token| issuer(token, |iss| format!("{iss}evil/../"));
        /// `iss` has the right one as its user name.
        IssuerUserInfo => "issuer_user_info", |token| issuer(token, |iss| bare(iss) + "@evil.example.test/");
        /// `iss` with a space in front.
        IssuerLeadingSpace => "issuer_leading_space", |token| issuer(token, |iss| format!(" {iss}"));
        /// `iss` with a line break behind it.
        IssuerLineBreak => "issuer_line_break", |token| issuer(token, |iss| format!("{iss}\n"));
        /// `iss` with U+0000 behind it, where text ends for C.
        IssuerNul => "issuer_nul", |token| issuer(token, |iss| format!("{iss}\0.evil.example.test/"));
        /// `iss` with a character of no width in it.
        IssuerZeroWidth => "issuer_zero_width", |token| issuer(token, |iss| iss.replacen("://", "://\u{200b}", 1));
        /// `iss` with a Cyrillic letter that looks like the Latin one.
        IssuerHomoglyph => "issuer_homoglyph", |token| issuer(token, |iss| iss.replacen('p', "\u{0440}", 1));
        /// `iss` with slashes of full width, which some normalisations turn into the right ones.
        IssuerFullWidth => "issuer_full_width", |token| issuer(token, |iss| iss.replacen("//", "\u{ff0f}\u{ff0f}", 1));
        /// `iss` with an encoded slash.
        IssuerPercentEncoded => "issuer_percent_encoded", |token| issuer(token, |iss| bare(iss) + "%2F");
        /// `iss` with a dot behind the host, the same host for DNS.
        IssuerTrailingDot => "issuer_trailing_dot", |token| issuer(token, |iss| bare(iss) + "./");
    }
    "malformed_claim", "RFC 7519 §4.1.1" {
        /// `iss` is an array with the right one.
        IssuerArray => "issuer_array", claims::issuer_array;
        /// `iss` is a number.
        IssuerNumber => "issuer_number", |token| token.claim("iss", 7).mint();
        /// `iss` is `null`.
        IssuerNull => "issuer_null", |token| token.claim_text("iss", "null").mint();
        /// `iss` is an object.
        IssuerObject => "issuer_object", |token| token.claim_text("iss", "{}").mint();
    }
    "wrong_audience", "RFC 7519 §4.1.3" {
        /// `aud` is another API.
        AudienceOther => "audience_other", |token| token.claim("aud", "https://another-api.example.test").mint();
        /// No `aud`.
        AudienceMissing => "audience_missing", |token| token.without("aud").mint();
        /// `AUD` in place of `aud`: names are case-sensitive.
        AudienceMemberOtherCase => "audience_member_other_case", |token| claims::other_case(token, "aud");
        /// `aud` is an array of other APIs.
        AudienceArrayWithout => "audience_array_without", claims::audience_array_without;
        /// `aud` is an empty array.
        AudienceEmptyArray => "audience_empty_array", |token| token.claim_text("aud", "[]").mint();
        /// `aud` is empty.
        AudienceEmpty => "audience_empty", |token| token.claim("aud", "").mint();
        /// `aud` is a star.
        AudienceWildcard => "audience_wildcard", |token| token.claim("aud", "*").mint();
        /// `aud` goes on after the right one.
        AudienceLonger => "audience_longer", |token| audience(token, |aud| format!("{aud}/"));
        /// `aud` lacks the last character of the right one.
        AudienceShorter => "audience_shorter", claims::audience_shorter;
        /// `aud` in capitals.
        AudienceOtherCase => "audience_other_case", |token| audience(token, str::to_uppercase);
        /// `aud` is a list in one string, the right one among them.
        AudienceJoined => "audience_joined", claims::audience_joined;
        /// `aud` is a list with a comma in one string.
        AudienceCommaJoined => "audience_comma_joined", |token| audience(token, |aud| format!("{aud},{aud}"));
        /// `aud` with a line break behind it.
        AudienceLineBreak => "audience_line_break", |token| audience(token, |aud| format!("{aud}\n"));
        /// `aud` with U+0000 behind it, where text ends for C.
        AudienceNul => "audience_nul", |token| audience(token, |aud| format!("{aud}\0"));
        /// `aud` with a Cyrillic letter that looks like the Latin one.
        AudienceHomoglyph => "audience_homoglyph", |token| audience(token, |aud| aud.replacen('a', "\u{0430}", 1));
        /// `aud` is an array of the characters of the right one.
        AudienceCharacters => "audience_characters", |token| {
            audience(token, |aud| aud.chars().map(String::from).collect::<Vec<_>>())
        };
        /// `aud` is the userinfo endpoint, as in a token that was asked for without an API.
        AudienceUserInfo => "audience_user_info", claims::audience_user_info;
        /// `aud` is the issuer.
        AudienceIssuer => "audience_issuer", claims::audience_issuer;
        /// `aud` is the frontend's client, without anything else that tells an ID token.
        AudienceClient => "audience_client", |token| token.claim("aud", crate::FRONTEND_CLIENT_ID).mint();
    }
    "malformed_claim", "RFC 7519 §4.1.3" {
        /// `aud` is a number.
        AudienceNumber => "audience_number", |token| token.claim("aud", 7).mint();
        /// `aud` is `true`.
        AudienceBool => "audience_bool", |token| token.claim("aud", true).mint();
        /// `aud` is `null`.
        AudienceNull => "audience_null", |token| token.claim_text("aud", "null").mint();
        /// `aud` is an object with the right one.
        AudienceObject => "audience_object", |token| audience(token, |aud| json!({ "aud": aud }));
        /// `aud` is an array in an array.
        AudienceNested => "audience_nested", |token| audience(token, |aud| json!([[aud]]));
        /// `aud` is the right one and a number.
        AudienceWithNumber => "audience_with_number", |token| audience(token, |aud| json!([aud, 7]));
        /// `aud` is the right one and `null`.
        AudienceWithNull => "audience_with_null", |token| audience(token, |aud| json!([aud, null]));
        /// `aud` is 3,000 arrays, one in the other.
        AudienceDeep => "audience_deep", |token| token.claim_text("aud", &claims::deep(3_000)).mint();
    }
    "id_token", "OpenID Connect Core §2" {
        /// An ID token: `aud` is the frontend's client, with `nonce` and `at_hash`.
        IdToken => "id_token", claims::id_token;
        /// An ID token that only `nonce` tells.
        IdTokenWithNonce => "id_token_with_nonce", |token| claims::id_token_with(token, "nonce");
        /// An ID token that only `c_hash` tells.
        IdTokenWithCodeHash => "id_token_with_code_hash", |token| claims::id_token_with(token, "c_hash");
    }
    "bad_subject", "RFC 9068 §2.2" {
        /// No `sub`.
        SubjectMissing => "subject_missing", |token| token.without("sub").mint();
        /// `SUB` in place of `sub`: names are case-sensitive.
        SubjectMemberOtherCase => "subject_member_other_case", |token| claims::other_case(token, "sub");
        /// `sub` is empty.
        SubjectEmpty => "subject_empty", |token| token.claim("sub", "").mint();
    }
    "bad_subject", "ours: what the users table can hold" {
        /// `sub` has 256 bytes.
        SubjectTooLong => "subject_too_long", |token| token.claim("sub", "a".repeat(256)).mint();
        /// `sub` has 128 characters in 256 bytes.
        SubjectTooManyBytes => "subject_too_many_bytes", |token| token.claim("sub", "ü".repeat(128)).mint();
        /// `sub` has 8 KiB.
        SubjectHuge => "subject_huge", |token| token.claim("sub", "a".repeat(8 * 1024)).mint();
        /// `sub` holds U+0000, which PostgreSQL cannot store.
        SubjectWithNul => "subject_with_nul", |token| token.claim("sub", "auth0|\0").mint();
        /// `sub` ends in a line break, which would begin a line of a log.
        SubjectWithLineBreak => "subject_with_line_break", |token| token.claim("sub", "auth0|ada\n").mint();
        /// `sub` holds the escape character of terminals.
        SubjectWithEscape => "subject_with_escape", |token| token.claim("sub", "auth0|\u{1b}[2J").mint();
        /// `sub` holds U+007F.
        SubjectWithDelete => "subject_with_delete", |token| token.claim("sub", "auth0|\u{7f}").mint();
        /// `sub` holds U+0085, a line break of the second control block.
        SubjectWithNextLine => "subject_with_next_line", |token| token.claim("sub", "auth0|\u{85}").mint();
    }
    "malformed_claim", "RFC 7519 §4.1.2" {
        /// `sub` is a number.
        SubjectNumber => "subject_number", |token| token.claim("sub", 7).mint();
        /// `sub` is `null`.
        SubjectNull => "subject_null", |token| token.claim_text("sub", "null").mint();
        /// `sub` is `true`.
        SubjectBool => "subject_bool", |token| token.claim("sub", true).mint();
        /// `sub` is an array.
        SubjectArray => "subject_array", |token| token.claim("sub", json!(["auth0|ada"])).mint();
        /// `sub` is an object.
        SubjectObject => "subject_object", |token| token.claim("sub", json!({ "id": "auth0|ada" })).mint();
    }
    "key_bound", "RFC 9449 §7.1" {
        /// `cnf` binds the token to a key whose proof is not sent (RFC 7800, RFC 9449).
        KeyBound => "key_bound", |token| token.claim("cnf", json!({ "jkt": claims::THUMBPRINT })).mint();
    }
    "key_bound", "RFC 8705 §3.1" {
        /// `cnf` binds the token to a certificate that is not shown.
        KeyBoundByCertificate => "key_bound_by_certificate",
            |token| token.claim("cnf", json!({ "x5t#S256": claims::THUMBPRINT })).mint();
    }
    "key_bound", "RFC 7800 §3; ours: what is bound to anything is no bearer token" {
        /// `cnf` holds a whole key.
        KeyBoundByJwk => "key_bound_by_jwk", |token| token.claim("cnf", json!({ "jwk": { "kty": "EC" } })).mint();
        /// `cnf` is empty.
        KeyBoundToNothing => "key_bound_to_nothing", |token| token.claim("cnf", json!({})).mint();
    }
    "malformed_claim", "RFC 7800 §3.1" {
        /// `cnf` is `null`.
        ConfirmationNull => "confirmation_null", |token| token.claim_text("cnf", "null").mint();
        /// `cnf` is a string.
        ConfirmationString => "confirmation_string", |token| token.claim("cnf", claims::THUMBPRINT).mint();
        /// `jkt` is a number.
        ConfirmationOfNumber => "confirmation_of_number", |token| token.claim("cnf", json!({ "jkt": 7 })).mint();
    }
    "malformed_claim", "RFC 8693 §4.2" {
        /// `scope` is an array, as some issuers write it.
        ScopeArray => "scope_array", |token| token.claim("scope", json!(["read:things"])).mint();
        /// `scope` is a number.
        ScopeNumber => "scope_number", |token| token.claim("scope", 7).mint();
        /// `scope` is `null`.
        ScopeNull => "scope_null", |token| token.claim_text("scope", "null").mint();
    }
    "malformed_claim", "Auth0: role-based access control" {
        /// `permissions` is a string.
        PermissionsString => "permissions_string", |token| token.claim("permissions", "read:things").mint();
        /// `permissions` holds a number.
        PermissionsWithNumber => "permissions_with_number",
            |token| token.claim("permissions", json!(["read:things", 7])).mint();
        /// `permissions` is an object.
        PermissionsObject => "permissions_object",
            |token| token.claim("permissions", json!({ "read:things": true })).mint();
    }
    "malformed_claim", "Auth0: organizations" {
        /// `org_id` is a number.
        OrganisationNumber => "organisation_number", |token| token.claim("org_id", 7).mint();
        /// `org_id` is an array.
        OrganisationArray => "organisation_array", |token| token.claim("org_id", json!(["org_1"])).mint();
    }
}
