//! Keys of a running tenant.

use serde_json::Value;

use super::FakeAuth0;
use crate::algorithm::Algorithm;
use crate::keys::{KeyInfo, SigningKey};
use crate::lock::lock;

/// Keys.
impl FakeAuth0 {
    /// The tenant's keys: the current one, the next, then the others, withdrawn ones among them.
    #[must_use]
    pub fn keys(&self) -> Vec<KeyInfo> {
        self.tenant.keys().infos()
    }

    /// The key that signs at present: its `kid`, its JWK, and a way to sign another tenant's tokens with it.
    #[must_use]
    pub fn signing_key(&self) -> SigningKey {
        self.tenant.keys().current().clone()
    }

    /// Rotates as Auth0 does: the key published ahead signs from now on, a new one is published ahead, and the old
    /// one stays listed until it is withdrawn. Returns the `kid` that signs.
    pub fn rotate(&self) -> String {
        self.tenant.keys().rotate()
    }

    /// Signs from now on with a key that was published nowhere before. Returns its `kid`.
    pub fn rotate_suddenly(&self) -> String {
        self.tenant.keys().rotate_suddenly()
    }

    /// Takes a key out of the key set. Tokens can still be signed with it. `false`: it was not listed.
    pub fn withdraw(&self, kid: &str) -> bool {
        self.tenant.keys().withdraw(kid)
    }

    /// Takes all previous keys out of the key set and names them.
    pub fn withdraw_previous(&self) -> Vec<String> {
        self.tenant.keys().withdraw_previous()
    }

    /// Publishes one more key, for tokens of another algorithm. Returns its `kid`.
    pub fn publish_key(&self, algorithm: Algorithm) -> String {
        self.tenant.keys().publish_another(algorithm)
    }

    /// Publishes the current key under one more name.
    pub fn publish_current_key_as(&self, kid: &str) {
        self.tenant.keys().publish_current_as(kid);
    }

    /// Lists one more entry in the key set, well-formed or not.
    pub fn publish_extra_jwk(&self, jwk: Value) {
        lock(&self.tenant.published).add(jwk);
    }

    /// Answers with these bytes in place of the key set.
    pub fn publish_raw_jwks(&self, bytes: impl Into<Vec<u8>>) {
        lock(&self.tenant.published).replace(bytes.into());
    }

    /// Back to the tenant's own keys, after [`publish_extra_jwk`](Self::publish_extra_jwk) and
    /// [`publish_raw_jwks`](Self::publish_raw_jwks).
    pub fn publish_own_jwks(&self) {
        lock(&self.tenant.published).reset();
    }

    /// Gives the answers of the key set these values of a header in place of the usual ones; none of them: no such header.
    /// `Cache-Control`, `ETag` (which `If-None-Match` is compared with) and `Date` are the interesting ones.
    ///
    /// # Panics
    /// For what is no name or no value of a header.
    #[expect(clippy::panic, reason = "a test that orders nonsense has failed")]
    pub fn set_jwks_header(&self, name: &str, values: &[&str]) {
        if let Err(problem) = lock(&self.tenant.jwks_headers).set(name, values) {
            panic!("{problem}");
        }
    }

    /// Back to Auth0's own headers.
    pub fn reset_jwks_headers(&self) {
        lock(&self.tenant.jwks_headers).reset();
    }

    /// The key set as it is published at this moment.
    #[must_use]
    pub fn jwks(&self) -> Vec<u8> {
        self.tenant.jwks()
    }
}
