//! The JOSE header, read strictly.

use serde::Deserialize;
use serde::de::IgnoredAny;

use domain::Rejection;

use crate::algorithm::{Algorithm, AllowedAlgorithms};
use crate::key_id::KeyId;
use crate::segment::{present, read_part};

/// The members that decide; `jku`, `jwk`, `x5u` and `x5c` are not even read, so nothing can follow them.
#[derive(Deserialize)]
struct RawHeader {
    #[serde(default, deserialize_with = "present")]
    alg: Option<String>,
    #[serde(default, deserialize_with = "present")]
    kid: Option<String>,
    #[serde(default, deserialize_with = "present")]
    typ: Option<String>,
    #[serde(default, deserialize_with = "present")]
    crit: Option<IgnoredAny>,
}

/// How a token says it is signed.
pub(crate) struct Header {
    pub(crate) algorithm: Algorithm,
    pub(crate) key_id: KeyId,
}

impl Header {
    pub(crate) fn read(encoded: &str, allowed: &AllowedAlgorithms) -> Result<Self, Rejection> {
        let raw: RawHeader = read_part(encoded).map_err(|_| Rejection::Malformed)?;
        let algorithm = raw
            .alg
            .and_then(|name| Algorithm::from_name(&name))
            .filter(|algorithm| allowed.contains(*algorithm))
            .ok_or(Rejection::AlgorithmNotAllowed)?;
        if !raw.typ.is_none_or(|typ| is_access_token_type(&typ)) {
            return Err(Rejection::WrongType);
        }
        // RFC 7515 §4.1.11: an extension that is not understood makes the token invalid, and we understand none.
        if raw.crit.is_some() {
            return Err(Rejection::CriticalHeader);
        }
        let key_id = raw.kid.filter(|kid| !kid.is_empty()).map(KeyId::new).ok_or(Rejection::MissingKeyId)?;
        Ok(Self { algorithm, key_id })
    }
}

/// Auth0's own dialect says `JWT`, RFC 9068 §2.1 says `at+jwt`. Other types (a logout token, a DPoP proof) are JWTs for
/// another purpose and must not pass for an access token (RFC 8725 §3.11). Media types ignore case (RFC 7515 §4.1.9).
fn is_access_token_type(typ: &str) -> bool {
    ["JWT", "at+jwt", "application/at+jwt"].iter().any(|known| known.eq_ignore_ascii_case(typ))
}

#[cfg(test)]
mod tests {
    use super::*;
    use base64::Engine as _;
    use base64::engine::general_purpose::URL_SAFE_NO_PAD;

    fn read(json: &str) -> Result<String, Rejection> {
        let header = Header::read(&URL_SAFE_NO_PAD.encode(json), &AllowedAlgorithms::default())?;
        Ok(header.key_id.as_str().to_owned())
    }

    #[test]
    fn both_of_auth0s_dialects_and_no_type_at_all_are_access_tokens() {
        for typ in [r#""typ":"JWT","#, r#""typ":"at+jwt","#, r#""typ":"application/AT+JWT","#, ""] {
            assert_eq!(read(&format!(r#"{{{typ}"alg":"RS256","kid":"k"}}"#)).as_deref(), Ok("k"), "{typ}");
        }
    }

    #[test]
    fn each_flaw_has_its_rejection() {
        for (json, rejection) in [
            (r#"{"kid":"k"}"#, Rejection::AlgorithmNotAllowed),
            (r#"{"alg":"none","kid":"k"}"#, Rejection::AlgorithmNotAllowed),
            (r#"{"alg":"HS256","kid":"k"}"#, Rejection::AlgorithmNotAllowed),
            (r#"{"alg":"ES256","kid":"k"}"#, Rejection::AlgorithmNotAllowed),
            (r#"{"alg":"rs256","kid":"k"}"#, Rejection::AlgorithmNotAllowed),
            (r#"{"alg":["RS256"],"kid":"k"}"#, Rejection::Malformed),
            (r#"{"alg":"RS256"}"#, Rejection::MissingKeyId),
            (r#"{"alg":"RS256","kid":""}"#, Rejection::MissingKeyId),
            (r#"{"alg":"RS256","kid":7}"#, Rejection::Malformed),
            (r#"{"alg":"RS256","kid":"k","typ":"logout+jwt"}"#, Rejection::WrongType),
            (r#"{"alg":"RS256","kid":"k","crit":["exp"]}"#, Rejection::CriticalHeader),
            (r#"{"alg":"RS256","kid":"k","crit":null}"#, Rejection::CriticalHeader),
            (r#"{"alg":"RS256","kid":"k","kid":"k"}"#, Rejection::Malformed),
        ] {
            assert_eq!(read(json), Err(rejection), "{json}");
        }
    }
}
