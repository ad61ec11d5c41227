//! Tokens in plain words, and a verifier that believes them: the tenant that signs real ones links actix-web, which has no
//! place here even in tests. Real tokens come to this adapter in `examples/axum-notes`.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use domain::{
    AtOnce, Grants, IssuerKeys, Presented, Profile, Rejection, Subject, TokenVerifier, UnixTime, VerifiedClaims,
    VerifiedToken, VerifyError,
};

#[derive(Default)]
pub(crate) struct Tenant(Arc<Believer>);

impl Tenant {
    pub(crate) fn start() -> Self {
        Self::default()
    }

    pub(crate) fn publish_nothing(&self) {
        self.0.is_blind.store(true, Ordering::SeqCst);
    }

    pub(crate) fn verifier(&self) -> Arc<dyn TokenVerifier> {
        self.0.clone()
    }

    pub(crate) fn token(&self, sub: &str) -> String {
        self.scoped(sub, "openid")
    }

    pub(crate) fn scoped(&self, sub: &str, scope: &str) -> String {
        format!("{sub};{scope};;")
    }

    pub(crate) fn permitted(&self, sub: &str, permissions: &[&str]) -> String {
        format!("{sub};openid;{};", permissions.join(" "))
    }

    pub(crate) fn of_organization(&self, sub: &str, id: &str) -> String {
        format!("{sub};openid;;{id}")
    }

    pub(crate) fn expired(&self, _: &str) -> String {
        "expired".to_owned()
    }
}

#[derive(Default)]
struct Believer {
    is_blind: AtomicBool,
}

impl TokenVerifier for Believer {
    fn verify(&self, presented: &Presented) -> Result<Arc<VerifiedToken>, VerifyError> {
        if self.is_blind.load(Ordering::SeqCst) {
            return Err(VerifyError::KeysUnavailable("no keys".into()));
        }
        let parts: Vec<&str> = presented.token().reveal().split(';').collect();
        let [sub, scope, permissions, organization] = parts[..] else {
            return Err(VerifyError::Rejected(Rejection::Opaque));
        };
        let names = |text: &str| text.split_whitespace().map(Box::from).collect();
        Ok(Arc::new(VerifiedToken::assert_verified(VerifiedClaims {
            subject: Subject::parse(sub).expect("a subject"),
            issued_at: None,
            expires_at: UnixTime::from_secs(2_000_000_000),
            profile: Profile::default(),
            grants: Grants {
                scopes: names(scope),
                permissions: names(permissions),
                organization: Some(organization).filter(|id| !id.is_empty()).map(Box::from),
            },
        })))
    }

    /// As where the issuer has to be asked: the guard waits.
    fn verify_at_once(&self, _: &Presented) -> AtOnce {
        AtOnce::NeedsKeys { issuer: 0 }
    }

    fn key_reports(&self) -> Vec<IssuerKeys> {
        Vec::new()
    }
}
