//! Everything a tenant knows, shared by the handle in the test and the thread that serves.

use std::fmt;
use std::sync::atomic::AtomicBool;
use std::sync::{Arc, Mutex, MutexGuard};

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::Value;

use crate::clock::TenantClock;
use crate::events::Events;
use crate::faults::Faults;
use crate::jobs::Jobs;
use crate::keys::{AnswerHeaders, KeyRing, PublishedKeys};
use crate::lock::lock;
use crate::login::Login;
use crate::machine_client::{Grants, MachineClient};
use crate::request_budget::RequestBudget;
use crate::request_log::RequestLog;
use crate::users::Users;

pub(crate) struct Tenant {
    pub(crate) issuer: String,
    pub(crate) audience: String,
    /// Where the tenant is really reached, whatever it calls itself: scheme, host and port.
    pub(crate) base: String,
    pub(crate) clock: Arc<TenantClock>,
    pub(crate) faults: Faults,
    pub(crate) requests: Arc<RequestLog>,
    pub(crate) budget: RequestBudget,
    pub(crate) keys: Mutex<KeyRing>,
    pub(crate) published: Mutex<PublishedKeys>,
    pub(crate) jwks_headers: Mutex<AnswerHeaders>,
    pub(crate) users: Mutex<Users>,
    pub(crate) jobs: Mutex<Jobs>,
    pub(crate) events: Arc<Events>,
    pub(crate) machine_client: Mutex<MachineClient>,
    pub(crate) grants: Mutex<Grants>,
    pub(crate) login: Login,
    /// Set while the tenant is down: a connection that is still open then gets no answer either.
    pub(crate) down: AtomicBool,
    /// Whether the routes under `/dev/` are served.
    pub(crate) development: bool,
}

impl Tenant {
    pub(crate) fn issuer(&self) -> &str {
        &self.issuer
    }

    pub(crate) fn audience(&self) -> &str {
        &self.audience
    }

    /// The audience of Management API tokens.
    pub(crate) fn management_audience(&self) -> String {
        format!("{}api/v2/", self.issuer)
    }

    pub(crate) fn keys(&self) -> MutexGuard<'_, KeyRing> {
        lock(&self.keys)
    }

    pub(crate) fn users(&self) -> MutexGuard<'_, Users> {
        lock(&self.users)
    }

    pub(crate) fn jobs(&self) -> MutexGuard<'_, Jobs> {
        lock(&self.jobs)
    }

    pub(crate) fn now(&self) -> i64 {
        self.clock.now()
    }

    /// The key set as it is published at this moment.
    pub(crate) fn jwks(&self) -> Vec<u8> {
        let keys = self.keys();
        lock(&self.published).body(&keys)
    }

    /// The `sub` of an access token that one of the tenant's keys signed, that has not ended and that is good for
    /// `/userinfo`.
    pub(crate) fn userinfo_subject(&self, token: &str) -> Option<String> {
        let (message, signature) = token.rsplit_once('.')?;
        let (header, claims) = message.split_once('.')?;
        let (header, claims) = (json_part(header)?, json_part(claims)?);
        let key = self.keys().by_kid(header.get("kid")?.as_str()?)?.clone();
        if !key.verifies(message.as_bytes(), &URL_SAFE_NO_PAD.decode(signature).ok()?) {
            return None;
        }
        let userinfo = format!("{}userinfo", self.issuer);
        let meant = claims.get("aud")?.as_array()?.iter().any(|audience| audience.as_str() == Some(&userinfo));
        #[expect(clippy::cast_precision_loss, reason = "a time of this era fits")]
        let lasts = claims.get("exp")?.as_f64()? > self.now() as f64;
        (meant && lasts).then(|| claims.get("sub")?.as_str().map(str::to_owned)).flatten()
    }
}

impl fmt::Debug for Tenant {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Tenant").field("issuer", &self.issuer).finish_non_exhaustive()
    }
}

fn json_part(encoded: &str) -> Option<Value> {
    serde_json::from_slice(&URL_SAFE_NO_PAD.decode(encoded).ok()?).ok()
}
