//! The claims of an access token, read strictly and judged.

use serde::de::{self, IgnoredAny, SeqAccess, Visitor};
use serde::{Deserialize, Deserializer};
use serde_json::Value;

use domain::{
    ClaimedEmail, ClaimedProfile, DisplayName, EmailAddress, Grants, PictureUrl, Rejection, Subject, UnixTime,
    VerifiedClaims,
};

use crate::dpop::Confirmation;
use crate::lifetime::{Leeway, Lifetime};
use crate::segment::{PartError, present, read_part};
use crate::{Audience, Issuer};

#[derive(Deserialize)]
struct RawClaims {
    #[serde(default, deserialize_with = "present")]
    iss: Option<String>,
    #[serde(default, deserialize_with = "present")]
    aud: Option<Audiences>,
    #[serde(default, deserialize_with = "present")]
    sub: Option<String>,
    #[serde(default, deserialize_with = "present")]
    exp: Option<NumericDate>,
    #[serde(default, deserialize_with = "present")]
    nbf: Option<NumericDate>,
    #[serde(default, deserialize_with = "present")]
    iat: Option<NumericDate>,
    #[serde(default, deserialize_with = "present")]
    cnf: Option<Confirmation>,
    #[serde(default, deserialize_with = "present")]
    nonce: Option<IgnoredAny>,
    #[serde(default, deserialize_with = "present")]
    at_hash: Option<IgnoredAny>,
    #[serde(default, deserialize_with = "present")]
    c_hash: Option<IgnoredAny>,
    #[serde(default, deserialize_with = "present")]
    scope: Option<String>,
    #[serde(default, deserialize_with = "present")]
    permissions: Option<Box<[Box<str>]>>,
    #[serde(default, deserialize_with = "present")]
    org_id: Option<Box<str>>,
    /// What an Action may add about the person; a wrong type here is no reason to refuse the token.
    email: Option<Value>,
    email_verified: Option<Value>,
    name: Option<Value>,
    picture: Option<Value>,
}

/// What was read from a token and judged, all but the signature.
pub(crate) struct Judged {
    /// Which of the trusted issuers it names.
    pub(crate) issuer: usize,
    /// The key that its sender must hold, if it is bound to one.
    pub(crate) confirmation: Option<Confirmation>,
    pub(crate) lifetime: Lifetime,
    subject: Subject,
    /// Not looked at before the signature was checked.
    rest: RawClaims,
}

/// What claims are judged by.
pub(crate) struct Expected<'a> {
    pub(crate) issuers: &'a [Issuer],
    pub(crate) audiences: &'a [Audience],
    pub(crate) leeway: Leeway,
    pub(crate) now: UnixTime,
}

impl Expected<'_> {
    /// Judges everything that can be judged without a key, so that rubbish costs no signature check and no fetch.
    pub(crate) fn judge(&self, encoded: &str) -> Result<Judged, Rejection> {
        let raw: RawClaims = read_part(encoded).map_err(|error| match error {
            PartError::NotAnObject => Rejection::Malformed,
            PartError::BadMember => Rejection::MalformedClaim,
        })?;
        // RFC 7519 §4.1.1.
        let issuer = raw
            .iss
            .as_deref()
            .and_then(|iss| self.issuers.iter().position(|issuer| issuer.as_str() == iss))
            .ok_or(Rejection::WrongIssuer)?;
        self.judge_audience(&raw)?;
        let lifetime = raw.lifetime()?;
        lifetime.judge(self.now, self.leeway)?;
        let subject = raw
            .sub
            .as_deref()
            .filter(|sub| sub.len() <= Subject::MAX_CHARS)
            .and_then(|sub| Subject::parse(sub).ok())
            .ok_or(Rejection::BadSubject)?;
        Ok(Judged { issuer, confirmation: raw.cnf, lifetime, subject, rest: raw })
    }

    /// RFC 7519 §4.1.3: one of the values must be ours.
    fn judge_audience(&self, raw: &RawClaims) -> Result<(), Rejection> {
        let is_ours = |aud: &String| self.audiences.iter().any(|audience| audience.as_str() == aud);
        if raw.aud.as_ref().is_some_and(|aud| aud.0.iter().any(is_ours)) {
            return Ok(());
        }
        // OpenID Connect Core §2 puts these into ID tokens alone, whose audience is the frontend.
        let is_id_token = raw.nonce.is_some() || raw.at_hash.is_some() || raw.c_hash.is_some();
        Err(if is_id_token { Rejection::IdToken } else { Rejection::WrongAudience })
    }
}

impl Judged {
    /// All that the token says. To be asked for once its signature was checked.
    pub(crate) fn into_claims(self) -> VerifiedClaims {
        let Lifetime { expires_at, issued_at, .. } = self.lifetime;
        let (profile, grants) = (self.rest.profile(), self.rest.grants());
        VerifiedClaims { subject: self.subject, issued_at, expires_at, profile, grants }
    }
}

impl RawClaims {
    fn lifetime(&self) -> Result<Lifetime, Rejection> {
        let date = |claim: Option<NumericDate>| claim.map(|NumericDate(at)| at);
        let expires_at = date(self.exp).ok_or(Rejection::MissingExpiry)?;
        Ok(Lifetime { expires_at, not_before: date(self.nbf), issued_at: date(self.iat) })
    }

    /// The claims about the person, as far as they are what they should be.
    fn profile(&self) -> ClaimedProfile {
        let text = |claim: &Option<Value>| claim.as_ref().and_then(Value::as_str).map(str::to_owned);
        ClaimedProfile {
            email: text(&self.email)
                .and_then(|email| EmailAddress::from_outside(&email).ok())
                .map(|address| ClaimedEmail { address, verified: self.vouching() }),
            name: text(&self.name).and_then(|name| DisplayName::said_by_auth0(&name)),
            picture: text(&self.picture).and_then(|picture| PictureUrl::parse(&picture).ok()),
        }
    }
}

impl RawClaims {
    /// OpenID Connect Core §5.1 makes `email_verified` a JSON boolean: nothing but `true` vouches, and what is none is no silence.
    fn vouching(&self) -> Option<bool> {
        self.email_verified.as_ref().map(|claim| *claim == Value::Bool(true))
    }

    /// Scopes are set apart by spaces (RFC 6749 §3.3).
    fn grants(self) -> Grants {
        let scopes = self.scope.as_deref().unwrap_or_default().split(' ').filter(|scope| !scope.is_empty());
        Grants {
            scopes: scopes.map(Box::from).collect(),
            permissions: self.permissions.unwrap_or_default(),
            organization: self.org_id,
        }
    }
}

/// A string or an array of strings (RFC 7519 §4.1.3).
struct Audiences(Vec<String>);

impl<'de> Deserialize<'de> for Audiences {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct OneOrMany;
        impl<'de> Visitor<'de> for OneOrMany {
            type Value = Audiences;

            fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str("a string or an array of strings")
            }

            fn visit_str<E: de::Error>(self, one: &str) -> Result<Audiences, E> {
                Ok(Audiences(vec![one.to_owned()]))
            }

            fn visit_seq<A: SeqAccess<'de>>(self, mut many: A) -> Result<Audiences, A::Error> {
                let mut values = Vec::new();
                while let Some(value) = many.next_element()? {
                    values.push(value);
                }
                Ok(Audiences(values))
            }
        }
        deserializer.deserialize_any(OneOrMany)
    }
}

/// A JSON number of seconds since 1970, with a fraction if need be (RFC 7519 §2). Nothing after the year 9999: such a
/// number is milliseconds by mistake, and would make a token that never ends.
#[derive(Clone, Copy)]
pub(crate) struct NumericDate(pub(crate) UnixTime);

impl NumericDate {
    const END_OF_9999: f64 = 253_402_300_800.0;
}

impl<'de> Deserialize<'de> for NumericDate {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let secs = f64::deserialize(deserializer)?;
        if secs.abs() >= Self::END_OF_9999 {
            return Err(de::Error::custom("not a date"));
        }
        #[expect(clippy::cast_possible_truncation, reason = "bounded just above")]
        let millis = (secs * 1000.0).floor() as i64;
        Ok(Self(UnixTime::from_millis(millis)))
    }
}

#[cfg(test)]
mod tests;
