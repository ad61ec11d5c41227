//! Flaws of encoding, JSON and shape.

use super::super::{claims, header, shape};

bad_tokens! {
    "malformed", "RFC 7515 §2" {
        /// The header is not base64url.
        HeaderNotBase64 => "header_not_base64", |token| shape::header_text(token, "%%%not-base64%%%");
        /// The header has `=` behind it; the signature is over it so.
        HeaderPadded => "header_padded", shape::header_padded;
        /// The header is in the alphabet with `+` and `/`; the signature is over it so.
        HeaderStandardAlphabet => "header_standard_alphabet", shape::header_standard_alphabet;
        /// The header has bits set behind its end; the signature is over it so.
        HeaderStrayBits => "header_stray_bits", shape::header_stray_bits;
        /// The header lacks its last character.
        HeaderCut => "header_cut", shape::header_cut;
        /// The header is encoded twice.
        HeaderTwiceEncoded => "header_twice_encoded", shape::header_twice_encoded;
        /// The header is JSON as it stands.
        HeaderPlain => "header_plain", |token| shape::header_text(token, "{\"alg\":\"RS256\",\"kid\":\"key\"}");
        /// `Bearer` stands before the token, as if the scheme were part of it.
        HeaderBearer => "header_bearer", |token| format!("Bearer {}", token.mint());
        /// A quotation mark stands before the token.
        HeaderQuote => "header_quote", |token| format!("\"{}", token.mint());
        /// The claims are not base64url.
        ClaimsNotBase64 => "claims_not_base64", |token| shape::claims_text(token, |_| "%%%not-base64%%%".to_owned());
        /// The claims have `=` behind them; the signature is over them so.
        ClaimsPadded => "claims_padded", shape::claims_padded;
        /// The claims are in the alphabet with `+` and `/`; the signature is over them so.
        ClaimsStandardAlphabet => "claims_standard_alphabet", shape::claims_standard_alphabet;
        /// The claims have bits set behind their end; the signature is over them so.
        ClaimsStrayBits => "claims_stray_bits", shape::claims_stray_bits;
        /// The claims have one character more than a whole number of bytes.
        ClaimsDangling => "claims_dangling", shape::claims_dangling;
        /// A space after the first dot; the signature is over it too.
        SpaceInside => "space_inside", |token| shape::claims_text(token, |claims| format!(" {claims}"));
        /// A tabulator before the second dot; the signature is over it too.
        TabInside => "tab_inside", |token| shape::claims_text(token, |claims| format!("{claims}\t"));
    }
    "malformed", "RFC 7515 §4" {
        /// The header is no JSON.
        HeaderNotJson => "header_not_json", |token| token.raw_header("alg=RS256").mint();
        /// The header is an array with the object in it.
        HeaderArray => "header_array", |token| shape::header_json(token, |json| format!("[{json}]"));
        /// The header is an array of its values in order, which some deserialisers take for the object.
        HeaderValues => "header_values", |token| token.raw_header("[\"RS256\",\"key\"]").mint();
        /// The header is a string with the object in it.
        HeaderString => "header_string",
            |token| shape::header_json(token, |json| serde_json::Value::from(json).to_string());
        /// The header is `null`.
        HeaderNull => "header_null", |token| token.raw_header("null").mint();
        /// The header is followed by another object.
        HeaderTrailingData => "header_trailing_data", |token| shape::header_json(token, |json| format!("{json}{{}}"));
        /// The header is followed by U+0000.
        HeaderTrailingNul => "header_trailing_nul", |token| shape::header_json(token, |json| format!("{json}\0"));
        /// The header ends in a comma.
        HeaderTrailingComma => "header_trailing_comma",
            |token| shape::header_json(token, |json| json.replace('}', ",}"));
        /// The header has quotation marks of one stroke.
        HeaderSingleQuotes => "header_single_quotes", |token| shape::header_json(token, |json| json.replace('"', "'"));
        /// The header lacks its last bracket.
        HeaderUnclosed => "header_unclosed", |token| shape::header_json(token, |json| json.replace('}', ""));
        /// `typ` is 3,000 arrays, one in the other.
        HeaderDeep => "header_deep",
            |token| shape::header_json(token, |json| json.replacen('{', &format!("{{\"typ\":{},", claims::deep(3_000)), 1));
    }
    "malformed", "RFC 8259 §8.1" {
        /// The header holds a byte that is not UTF-8.
        HeaderInvalidUtf8 => "header_invalid_utf8", |token| shape::header_bytes(token, b"\xff\xff");
        /// The header begins with a byte order mark.
        HeaderByteOrderMark => "header_byte_order_mark",
            |token| shape::header_json(token, |json| format!("\u{feff}{json}"));
        /// The header is in UTF-16.
        HeaderUtf16 => "header_utf16", shape::header_utf16;
        /// The claims hold a byte that is not UTF-8.
        ClaimsInvalidUtf8 => "claims_invalid_utf8", |token| shape::claims_bytes(token, b"\xff\xff");
        /// The claims hold a character in more bytes than it needs.
        ClaimsOverlong => "claims_overlong", |token| shape::claims_bytes(token, b"\xc0\xaf");
        /// The claims hold half of a surrogate pair in UTF-8.
        ClaimsSurrogateBytes => "claims_surrogate_bytes", |token| shape::claims_bytes(token, b"\xed\xa0\x80");
        /// The claims hold a character that is cut off.
        ClaimsCutCharacter => "claims_cut_character", |token| shape::claims_bytes(token, b"\xe2\x82");
        /// The claims begin with a byte order mark.
        ClaimsByteOrderMark => "claims_byte_order_mark",
            |token| shape::claims_json(token, |json| format!("\u{feff}{json}"));
        /// The claims are in UTF-16.
        ClaimsUtf16 => "claims_utf16", shape::claims_utf16;
    }
    "malformed", "RFC 8259 §8.2; ours: no half characters where we read" {
        /// `sub` holds half of a surrogate pair as an escape.
        ClaimsHalfCharacter => "claims_half_character", |token| token.claim_text("sub", "\"auth0|\\ud800\"").mint();
    }
    "malformed", "RFC 7519 §7.2" {
        /// The claims are no JSON.
        ClaimsNotJson => "claims_not_json", |token| token.raw_claims("sub=me").mint();
        /// The claims are empty.
        ClaimsEmpty => "claims_empty", |token| token.raw_claims("").mint();
        /// The claims are an array with the object in it.
        ClaimsArray => "claims_array", |token| shape::claims_json(token, |json| format!("[{json}]"));
        /// The claims are a string with the object in it.
        ClaimsString => "claims_string",
            |token| shape::claims_json(token, |json| serde_json::Value::from(json).to_string());
        /// The claims are `null`.
        ClaimsNull => "claims_null", |token| token.raw_claims("null").mint();
        /// The claims are a number.
        ClaimsNumber => "claims_number", |token| token.raw_claims("7").mint();
        /// The claims are followed by another object.
        ClaimsTrailingData => "claims_trailing_data", |token| shape::claims_json(token, |json| format!("{json}{{}}"));
        /// The claims are followed by U+0000.
        ClaimsTrailingNul => "claims_trailing_nul", |token| shape::claims_json(token, |json| format!("{json}\0"));
        /// The claims end in a comma.
        ClaimsTrailingComma => "claims_trailing_comma",
            |token| shape::claims_json(token, |json| json.replace('}', ",}"));
        /// The claims have a comment.
        ClaimsComment => "claims_comment", |token| shape::claims_json(token, |json| json.replacen('{', "{/**/", 1));
        /// The claims have names without quotation marks.
        ClaimsBareNames => "claims_bare_names",
            |token| shape::claims_json(token, |json| json.replace("\"sub\"", "sub"));
        /// A string in the claims holds a line break that is not escaped.
        ClaimsLineBreakInText => "claims_line_break_in_text", |token| token.claim_text("filler", "\"a\nb\"").mint();
        /// The claims lack their last bracket.
        ClaimsUnclosed => "claims_unclosed", |token| shape::claims_json(token, |json| json.replace('}', ""));
        /// The claims are 10,000 brackets that open.
        ClaimsOpenBrackets => "claims_open_brackets", |token| token.raw_claims("[".repeat(10_000)).mint();
        /// The claims are 2,000 objects that open, one in the other.
        ClaimsOpenObjects => "claims_open_objects", |token| token.raw_claims("{\"a\":".repeat(2_000)).mint();
        /// The claims are compressed (`zip`), as only an encrypted token's may be.
        ClaimsZipped => "claims_zipped", shape::claims_zipped;
        /// The claims are a signed token (`cty` is `JWT`).
        ClaimsNestedToken => "claims_nested_token", shape::claims_nested_token;
    }
    "malformed", "RFC 7515 §4" {
        /// `alg` twice: `none`, then the right one.
        DuplicateAlg => "duplicate_alg", |token| token.leading_header("alg", "none").mint();
        /// `alg` twice: the right one, then `none`, spelt with an escape.
        DuplicateAlgEscaped => "duplicate_alg_escaped",
            |token| shape::header_json(token, |json| json.replace('}', ",\"\\u0061lg\":\"none\"}"));
        /// `kid` twice, both right.
        DuplicateKid => "duplicate_kid", header::duplicate_kid;
        /// `typ` twice: that of a logout token, then the right one.
        DuplicateTyp => "duplicate_typ", |token| token.leading_header("typ", "logout+jwt").mint();
        /// A header member that nobody knows, twice.
        DuplicateHeaderUnknown => "duplicate_header_unknown", |token| token.header("x", 1).second_header("x", 1).mint();
    }
    "malformed_claim", "RFC 7519 §4" {
        /// `exp` twice: a past one, then the right one.
        DuplicateExp => "duplicate_exp", |token| token.leading_claim("exp", 1_000_000_000).mint();
        /// `exp` twice: the right one, then a past one.
        DuplicateExpPastLast => "duplicate_exp_past_last", |token| token.second_claim("exp", 1_000_000_000).mint();
        /// `exp` twice, one of them spelt with an escape.
        DuplicateExpEscaped => "duplicate_exp_escaped",
            |token| shape::claims_json(token, |json| json.replacen('{', "{\"ex\\u0070\":1000000000,", 1));
        /// `nbf` twice, both past.
        DuplicateNbf => "duplicate_nbf", |token| token.not_before(1).second_claim("nbf", 1).mint();
        /// `sub` twice: somebody else, then the right one.
        DuplicateSub => "duplicate_sub", |token| token.leading_claim("sub", "auth0|somebody-else").mint();
        /// `sub` twice: the right one, then somebody else.
        DuplicateSubLast => "duplicate_sub_last", |token| token.second_claim("sub", "auth0|somebody-else").mint();
        /// `iss` twice: another one, then the right one.
        DuplicateIss => "duplicate_iss",
            |token| token.leading_claim("iss", "https://another-tenant.example.test/").mint();
        /// `aud` twice: another one, then the right one.
        DuplicateAud => "duplicate_aud", |token| token.leading_claim("aud", "https://another-api.example.test").mint();
        /// A claim that nobody knows, twice.
        DuplicateUnknown => "duplicate_unknown", |token| token.claim("x", 1).second_claim("x", 2).mint();
    }
    "opaque", "RFC 7515 §7.1" {
        /// Nothing.
        Empty => "empty", |_| String::new();
        /// 32 characters without a dot, as Auth0 gives where no API was asked for.
        Opaque => "opaque", |_| crate::random::token(24);
        /// The word `undefined`, as some frontends send it.
        OpaqueUndefined => "opaque_undefined", |_| "undefined".to_owned();
        /// The other serialisation of a JWS, JSON (RFC 7515 §7.2), without a dot.
        OpaqueJson => "opaque_json", shape::flattened;
        /// A token encrypted for Auth0's own userinfo endpoint: five parts.
        Encrypted => "encrypted", |token| shape::encrypted(token, r#"{"alg":"dir","enc":"A256GCM"}"#);
        /// An encrypted token that asks for two thousand million rounds of work (CVE-2023-52428).
        EncryptedPassword => "encrypted_password", |token| shape::encrypted(token, shape::MANY_ROUNDS);
        /// An encrypted token whose content would unfold (CVE-2024-28180).
        EncryptedZip => "encrypted_zip",
            |token| shape::encrypted(token, r#"{"alg":"dir","enc":"A256GCM","zip":"DEF"}"#);
        /// Two tokens with a comma between.
        TwoTokens => "parts_two_tokens", |token| format!("{},{}", token.mint(), token.mint());
    }
    "malformed", "RFC 7515 §7.1" {
        /// Two dots and nothing else.
        DotsAlone => "dots_alone", |_| "..".to_owned();
        /// Header and claims without a signature part.
        TwoParts => "two_parts", shape::two_parts;
        /// A fourth part.
        FourParts => "four_parts", |token| format!("{}.e30", token.mint());
        /// Six parts.
        SixParts => "parts_six", |token| format!("{}.a.b.c", token.mint());
        /// A dot before the token.
        LeadingDot => "parts_leading_dot", |token| format!(".{}", token.mint());
        /// A dot behind the token.
        TrailingDot => "parts_trailing_dot", |token| format!("{}.", token.mint());
        /// The header is missing before its dot.
        HeaderMissing => "parts_header_missing", shape::header_missing;
    }
    "too_long", "ours: 16 KiB" {
        /// More than 16 KiB.
        TooLong => "too_long", |token| token.claim("filler", "x".repeat(16 * 1024)).mint();
        /// One byte more than 16 KiB.
        TooLongByOne => "too_long_by_one", |token| shape::of_length(token, 16 * 1024 + 1).mint();
        /// The header alone has more than 16 KiB.
        TooLongHeader => "too_long_header", |token| token.header("x", "x".repeat(13 * 1024)).mint();
        /// The signature alone has 18 KiB.
        TooLongSignature => "too_long_signature", |token| format!("{}{}", token.mint(), "A".repeat(18 * 1024));
    }
}
