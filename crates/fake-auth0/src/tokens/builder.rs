//! One access token, as Auth0 would write it or as nobody should.

use std::fmt;
use std::sync::Arc;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Value, json};

use super::members::{Edit, Members};
use super::signer::Signer;
use super::{Dialect, SigningKeyChoice};
use crate::algorithm::Algorithm;
use crate::tenant::Tenant;

/// A token in the making. Without further calls it is a good one: see
/// [`FakeAuth0::token_for`](crate::FakeAuth0::token_for).
///
/// Changes to header and claims apply in the order of the calls, on top of what the dialect brings.
#[derive(Clone)]
#[must_use = "a token is made by `mint`"]
pub struct TokenBuilder {
    tenant: Arc<Tenant>,
    subject: String,
    dialect: Dialect,
    client_id: String,
    scope: Option<String>,
    lifetime: i64,
    algorithm: Option<Algorithm>,
    choice: Option<SigningKeyChoice>,
    header_edits: Vec<Edit>,
    claim_edits: Vec<Edit>,
    raw_header: Option<Vec<u8>>,
    raw_claims: Option<Vec<u8>>,
}

impl TokenBuilder {
    pub(crate) fn new(tenant: Arc<Tenant>, subject: &str) -> Self {
        Self {
            tenant,
            subject: subject.to_owned(),
            dialect: Dialect::Auth0,
            client_id: crate::FRONTEND_CLIENT_ID.to_owned(),
            scope: Some("openid profile email".to_owned()),
            lifetime: 86_400,
            algorithm: None,
            choice: None,
            header_edits: Vec::new(),
            claim_edits: Vec::new(),
            raw_header: None,
            raw_claims: None,
        }
    }

    pub(crate) fn machine(tenant: Arc<Tenant>, client_id: &str) -> Self {
        Self::new(tenant, &format!("{client_id}@clients"))
            .client_id(client_id)
            .without_scope()
            .claim("gty", "client-credentials")
    }

    /// The form of the token; [`Dialect::Auth0`] unless set.
    pub fn dialect(mut self, dialect: Dialect) -> Self {
        self.dialect = dialect;
        self
    }

    /// The client that the token was issued to: `azp` or `client_id`.
    pub fn client_id(mut self, client_id: impl Into<String>) -> Self {
        self.client_id = client_id.into();
        self
    }

    /// The granted scopes, separated by spaces. With `openid` among them `aud` is an array of the audience and the
    /// userinfo endpoint, without it the audience alone, as a string.
    pub fn scope(mut self, scope: impl Into<String>) -> Self {
        self.scope = Some(scope.into());
        self
    }

    /// No `scope` member, and so no userinfo audience.
    pub fn without_scope(mut self) -> Self {
        self.scope = None;
        self
    }

    /// Seconds from `iat` to `exp`; a day unless set.
    pub fn expires_in(mut self, seconds: i64) -> Self {
        self.lifetime = seconds;
        self
    }

    /// `iat`: seconds since 1970, fractions allowed.
    pub fn issued_at(self, time: impl Into<Value>) -> Self {
        self.claim("iat", time)
    }

    /// `exp`: seconds since 1970, fractions allowed.
    pub fn expires_at(self, time: impl Into<Value>) -> Self {
        self.claim("exp", time)
    }

    /// `nbf`: seconds since 1970, fractions allowed. Auth0 writes none.
    pub fn not_before(self, time: impl Into<Value>) -> Self {
        self.claim("nbf", time)
    }

    /// The claims `email` and `email_verified`, as an Action may add them.
    pub fn email(self, address: impl Into<String>, verified: bool) -> Self {
        self.claim("email", address.into()).claim("email_verified", verified)
    }

    /// The claim `name`.
    pub fn name(self, name: impl Into<String>) -> Self {
        self.claim("name", name.into())
    }

    /// The claim `picture`.
    pub fn picture(self, url: impl Into<String>) -> Self {
        self.claim("picture", url.into())
    }

    /// Binds the token to the key of this thumbprint (RFC 9449 §6.1): see [`DpopKey`](crate::DpopKey).
    pub fn bound_to(self, thumbprint: &str) -> Self {
        self.claim("cnf", json!({ "jkt": thumbprint }))
    }

    /// Sets a claim.
    pub fn claim(self, name: &str, value: impl Into<Value>) -> Self {
        let text = value.into().to_string();
        self.claim_text(name, &text)
    }

    /// Sets a claim to this JSON text as it stands: `1e400`, or no JSON at all.
    pub fn claim_text(mut self, name: &str, text: &str) -> Self {
        self.claim_edits.push(Edit::Set(name.to_owned(), text.to_owned()));
        self
    }

    /// Adds a claim at the end, even if there is one of that name.
    pub fn second_claim(mut self, name: &str, value: impl Into<Value>) -> Self {
        self.claim_edits.push(Edit::Append(name.to_owned(), value.into().to_string()));
        self
    }

    /// Adds a claim at the front, even if there is one of that name.
    pub fn leading_claim(mut self, name: &str, value: impl Into<Value>) -> Self {
        self.claim_edits.push(Edit::Prepend(name.to_owned(), value.into().to_string()));
        self
    }

    /// Takes a claim out.
    pub fn without(mut self, name: &str) -> Self {
        self.claim_edits.push(Edit::Remove(name.to_owned()));
        self
    }

    /// Sets a header member.
    pub fn header(mut self, name: &str, value: impl Into<Value>) -> Self {
        self.header_edits.push(Edit::Set(name.to_owned(), value.into().to_string()));
        self
    }

    /// Adds a header member at the end, even if there is one of that name.
    pub fn second_header(mut self, name: &str, value: impl Into<Value>) -> Self {
        self.header_edits.push(Edit::Append(name.to_owned(), value.into().to_string()));
        self
    }

    /// Adds a header member at the front, even if there is one of that name.
    pub fn leading_header(mut self, name: &str, value: impl Into<Value>) -> Self {
        self.header_edits.push(Edit::Prepend(name.to_owned(), value.into().to_string()));
        self
    }

    /// Takes a header member out.
    pub fn without_header(mut self, name: &str) -> Self {
        self.header_edits.push(Edit::Remove(name.to_owned()));
        self
    }

    /// The header's `kid`, whatever key signs.
    pub fn kid(self, kid: impl Into<String>) -> Self {
        self.header("kid", kid.into())
    }

    /// `alg`, in the header and in deed. Signs with the tenant's published key of the fitting kind, the current one
    /// first; without one, with a stranger's key under the `kid` of the current key.
    pub fn algorithm(mut self, algorithm: Algorithm) -> Self {
        self.algorithm = Some(algorithm);
        self
    }

    /// Whose key signs. A key that does not fit [`algorithm`](Self::algorithm) lends its `kid` to a stranger's.
    pub fn sign_with(mut self, choice: SigningKeyChoice) -> Self {
        self.choice = Some(choice);
        self
    }

    /// The whole header as bytes, well-formed or not. Other header settings are then without effect.
    pub fn raw_header(mut self, bytes: impl Into<Vec<u8>>) -> Self {
        self.raw_header = Some(bytes.into());
        self
    }

    /// The whole claims set as bytes, well-formed or not. Other claim settings are then without effect.
    pub fn raw_claims(mut self, bytes: impl Into<Vec<u8>>) -> Self {
        self.raw_claims = Some(bytes.into());
        self
    }

    /// The header as JSON text, before base64url.
    #[must_use]
    pub fn header_json(&self) -> String {
        self.header_members(&self.signer()).to_json()
    }

    /// The claims as JSON text, before base64url.
    #[must_use]
    pub fn claims_json(&self) -> String {
        self.claim_members().to_json()
    }

    /// Signs: JWS compact serialisation.
    #[must_use]
    pub fn mint(&self) -> String {
        let signer = self.signer();
        let header = self.raw_header.clone().unwrap_or_else(|| self.header_members(&signer).to_json().into_bytes());
        let claims = self.raw_claims.clone().unwrap_or_else(|| self.claims_json().into_bytes());
        let message = format!("{}.{}", URL_SAFE_NO_PAD.encode(header), URL_SAFE_NO_PAD.encode(claims));
        let signature = signer.sign(message.as_bytes());
        format!("{message}.{}", URL_SAFE_NO_PAD.encode(signature))
    }

    /// Signs these two parts as they stand, base64url or not.
    #[must_use]
    pub(crate) fn sign_parts(&self, header: &str, claims: &str) -> String {
        let message = format!("{header}.{claims}");
        let signature = self.signer().sign(message.as_bytes());
        format!("{message}.{}", URL_SAFE_NO_PAD.encode(signature))
    }

    pub(crate) fn tenant(&self) -> &Arc<Tenant> {
        &self.tenant
    }

    fn signer(&self) -> Signer {
        Signer::choose(&self.tenant.keys(), self.choice.as_ref(), self.algorithm)
    }

    fn header_members(&self, signer: &Signer) -> Members {
        let typ = match self.dialect {
            Dialect::Auth0 => "JWT",
            Dialect::Rfc9068 => "at+jwt",
        };
        let mut members =
            Members::default().with("alg", signer.alg.as_str()).with("typ", typ).with("kid", signer.kid.as_str());
        self.header_edits.iter().for_each(|edit| members.apply(edit));
        members
    }

    fn claim_members(&self) -> Members {
        let issued_at = self.tenant.now();
        let mut members = Members::default()
            .with("iss", self.tenant.issuer())
            .with("sub", self.subject.as_str())
            .with("aud", self.audience())
            .with("iat", issued_at)
            .with("exp", issued_at.saturating_add(self.lifetime));
        if self.dialect == Dialect::Rfc9068 {
            members = members.with("jti", crate::random::token(16)).with("client_id", self.client_id.as_str());
        }
        if let Some(scope) = &self.scope {
            members = members.with("scope", scope.as_str());
        }
        if self.dialect == Dialect::Auth0 {
            members = members.with("azp", self.client_id.as_str());
        }
        self.claim_edits.iter().for_each(|edit| members.apply(edit));
        members
    }

    fn audience(&self) -> Value {
        let openid = self.scope.iter().flat_map(|scope| scope.split(' ')).any(|scope| scope == "openid");
        if openid {
            json!([self.tenant.audience(), format!("{}userinfo", self.tenant.issuer())])
        } else {
            json!(self.tenant.audience())
        }
    }
}

impl fmt::Debug for TokenBuilder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TokenBuilder").field("subject", &self.subject).finish_non_exhaustive()
    }
}
