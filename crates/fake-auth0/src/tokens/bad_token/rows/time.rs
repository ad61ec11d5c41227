//! Flaws of `exp`, `nbf` and `iat`.

use super::super::claims;

/// The first moment of the year 10000.
const YEAR_10000: i64 = 253_402_300_800;

bad_tokens! {
    "expired", "RFC 7519 §4.1.4" {
        /// Ended an hour ago.
        Expired => "expired", claims::expired;
        /// Ended 61 seconds ago, just beyond the greatest leeway.
        ExpiredBeyondLeeway => "expired_beyond_leeway", claims::expired_beyond_leeway;
        /// Ended 60.5 seconds ago.
        ExpiredByAFraction => "expired_by_a_fraction", claims::expired_by_a_fraction;
        /// `exp` is before 1970.
        ExpNegative => "exp_negative", |token| token.expires_at(-1).mint();
        /// `exp` is 0, which some libraries take for absent.
        ExpZero => "exp_zero", |token| token.expires_at(0).mint();
        /// `exp` is `-0`.
        ExpNegativeZero => "exp_negative_zero", |token| token.claim_text("exp", "-0").mint();
        /// `exp` is so small that it is no 64-bit integer.
        ExpTiny => "exp_tiny", |token| token.claim_text("exp", "1e-300").mint();
    }
    "missing_expiry", "RFC 9068 §2.2" {
        /// No `exp`.
        ExpMissing => "exp_missing", |token| token.without("exp").mint();
        /// `EXP` in place of `exp`: names are case-sensitive.
        ExpOtherCase => "exp_other_case", claims::exp_other_case;
        /// `exp` stands one level down.
        ExpNested => "exp_nested", claims::exp_nested;
    }
    "malformed_claim", "RFC 7519 §2" {
        /// `exp` is the right number as a string: taken for absent by some libraries.
        ExpString => "exp_string", claims::exp_string;
        /// `exp` is the empty string.
        ExpEmptyString => "exp_empty_string", |token| token.claim("exp", "").mint();
        /// `exp` is a date as text.
        ExpDateText => "exp_date_text", |token| token.claim("exp", "2199-01-01T00:00:00Z").mint();
        /// `exp` is `null`.
        ExpNull => "exp_null", |token| token.claim_text("exp", "null").mint();
        /// `exp` is `true`.
        ExpBool => "exp_bool", |token| token.claim("exp", true).mint();
        /// `exp` is an array with the right number.
        ExpArray => "exp_array", claims::exp_array;
        /// `exp` is an object.
        ExpObject => "exp_object", |token| token.claim_text("exp", "{}").mint();
        /// `nbf` is a past time as a string.
        NbfString => "nbf_string", |token| token.claim("nbf", "1500000000").mint();
        /// `nbf` is the empty string, which some libraries take for absent.
        NbfEmptyString => "nbf_empty_string", |token| token.claim("nbf", "").mint();
        /// `nbf` is `null`.
        NbfNull => "nbf_null", |token| token.claim_text("nbf", "null").mint();
        /// `nbf` is `false`.
        NbfBool => "nbf_bool", |token| token.claim("nbf", false).mint();
        /// `nbf` is an array.
        NbfArray => "nbf_array", |token| token.claim_text("nbf", "[1500000000]").mint();
        /// `nbf` is an object.
        NbfObject => "nbf_object", |token| token.claim_text("nbf", "{}").mint();
        /// `iat` is a past time as a string.
        IatString => "iat_string", |token| token.claim("iat", "1500000000").mint();
        /// `iat` is the empty string, which some libraries take for absent.
        IatEmptyString => "iat_empty_string", |token| token.claim("iat", "").mint();
        /// `iat` is `null`.
        IatNull => "iat_null", |token| token.claim_text("iat", "null").mint();
        /// `iat` is `false`.
        IatBool => "iat_bool", |token| token.claim("iat", false).mint();
        /// `iat` is an array.
        IatArray => "iat_array", |token| token.claim_text("iat", "[1500000000]").mint();
        /// `iat` is an object.
        IatObject => "iat_object", |token| token.claim_text("iat", "{}").mint();
    }
    "malformed_claim", "ours: no date after the year 9999" {
        /// `exp` is in milliseconds, as JavaScript counts: the token would not end in this millennium.
        ExpMilliseconds => "exp_milliseconds", claims::exp_milliseconds;
        /// `exp` is the first moment of the year 10000.
        ExpYear10000 => "exp_year_10000", |token| token.expires_at(YEAR_10000).mint();
        /// `exp` is the greatest unsigned integer of 64 bits.
        ExpGreatestInteger => "exp_greatest_integer", |token| token.expires_at(u64::MAX).mint();
        /// `exp` is the right time and 2 to the 64th: the right time again where integers wrap.
        ExpWrapping => "exp_wrapping", claims::exp_wrapping;
        /// `exp` is `-1e300`.
        ExpNegativeHuge => "exp_negative_huge", |token| token.claim_text("exp", "-1e300").mint();
        /// `nbf` is in milliseconds.
        NbfMilliseconds => "nbf_milliseconds", claims::nbf_milliseconds;
        /// `nbf` is `-1e300`, a past time for whoever takes it for a number.
        NbfNegativeHuge => "nbf_negative_huge", |token| token.claim_text("nbf", "-1e300").mint();
        /// `iat` is in milliseconds.
        IatMilliseconds => "iat_milliseconds", claims::iat_milliseconds;
    }
    "malformed", "RFC 8259 §6" {
        /// `exp` is `1e400`, which is infinite as a 64-bit number.
        ExpHuge => "exp_huge", |token| token.claim_text("exp", "1e400").mint();
        /// `exp` is `NaN`, which is no JSON.
        ExpNan => "exp_nan", |token| token.claim_text("exp", "NaN").mint();
        /// `exp` is `Infinity`, which is no JSON.
        ExpInfinity => "exp_infinity", |token| token.claim_text("exp", "Infinity").mint();
        /// `exp` is hexadecimal.
        ExpHexadecimal => "exp_hexadecimal", |token| token.claim_text("exp", "0xffffffff").mint();
        /// `exp` has a plus sign.
        ExpPlus => "exp_plus", |token| token.claim_text("exp", "+4102444800").mint();
        /// `exp` has a zero in front.
        ExpLeadingZero => "exp_leading_zero", |token| token.claim_text("exp", "04102444800").mint();
        /// `exp` ends in a point.
        ExpTrailingPoint => "exp_trailing_point", |token| token.claim_text("exp", "4102444800.").mint();
        /// `exp` begins with a point.
        ExpLeadingPoint => "exp_leading_point", |token| token.claim_text("exp", ".41e10").mint();
        /// `exp` has separators.
        ExpSeparators => "exp_separators", |token| token.claim_text("exp", "4_102_444_800").mint();
        /// `nbf` is `-1e400`.
        NbfHuge => "nbf_huge", |token| token.claim_text("nbf", "-1e400").mint();
        /// `iat` is `-1e400`.
        IatHuge => "iat_huge", |token| token.claim_text("iat", "-1e400").mint();
    }
    "not_yet_valid", "RFC 7519 §4.1.5" {
        /// `nbf` is in an hour.
        NotYetValid => "not_yet_valid", claims::not_yet_valid;
        /// `nbf` is in 61 seconds, just beyond the greatest leeway.
        NbfBeyondLeeway => "nbf_beyond_leeway", claims::nbf_beyond_leeway;
        /// `nbf` is the last second of the year 9999.
        NbfFar => "nbf_far", |token| token.not_before(YEAR_10000 - 1).mint();
    }
    "issued_in_future", "RFC 7519 §4.1.6" {
        /// `iat` is in an hour.
        IssuedInFuture => "issued_in_future", claims::issued_in_future;
        /// `iat` is in 61 seconds, just beyond the greatest leeway.
        IatBeyondLeeway => "iat_beyond_leeway", claims::iat_beyond_leeway;
        /// `iat` is the last second of the year 9999.
        IatFar => "iat_far", |token| token.issued_at(YEAR_10000 - 1).mint();
    }
}
