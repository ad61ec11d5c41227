//! Everything a tenant knows, shared by the handle in the test and the thread that serves.

use std::sync::{Arc, Mutex, MutexGuard};

use crate::clock::TenantClock;
use crate::faults::Faults;
use crate::keys::{KeyRing, PublishedKeys};
use crate::lock::lock;
use crate::request_log::RequestLog;

#[derive(Debug)]
pub(crate) struct Tenant {
    pub(crate) issuer: String,
    pub(crate) audience: String,
    pub(crate) clock: TenantClock,
    pub(crate) faults: Faults,
    pub(crate) requests: Arc<RequestLog>,
    pub(crate) keys: Mutex<KeyRing>,
    pub(crate) published: Mutex<PublishedKeys>,
}

impl Tenant {
    pub(crate) fn issuer(&self) -> &str {
        &self.issuer
    }

    pub(crate) fn audience(&self) -> &str {
        &self.audience
    }

    pub(crate) fn keys(&self) -> MutexGuard<'_, KeyRing> {
        lock(&self.keys)
    }

    pub(crate) fn now(&self) -> i64 {
        self.clock.now()
    }

    /// The key set as it is published at this moment.
    pub(crate) fn jwks(&self) -> Vec<u8> {
        let keys = self.keys();
        lock(&self.published).body(&keys)
    }
}
