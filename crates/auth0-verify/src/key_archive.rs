//! An issuer's keys beyond this process.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;

use domain::{KeySetStore, RepositoryError, StoredKeySet, UnixTime, in_one_line};

use crate::{Issuer, KeySet};

/// The place where the last good key set of one issuer is kept.
#[derive(Clone)]
pub struct KeyArchive {
    store: Arc<dyn KeySetStore>,
    issuer: Issuer,
}

impl KeyArchive {
    /// The place of that issuer in a store.
    #[must_use]
    pub fn new(store: Arc<dyn KeySetStore>, issuer: Issuer) -> Self {
        Self { store, issuer }
    }

    /// The set that was kept, judged as if it had come from the issuer just now, and when it did come. One that does
    /// not parse any more is none.
    pub(crate) fn load(&self) -> Result<Option<(KeySet, UnixTime)>, RepositoryError> {
        let Some(kept) = self.ask(|store, issuer| store.load_key_set(issuer))? else { return Ok(None) };
        match KeySet::parse(kept.document.as_bytes()) {
            Ok(set) => Ok(Some((set, kept.fetched_at))),
            Err(error) => {
                log::warn!("the kept keys of the issuer are of no use: {error}");
                Ok(None)
            }
        }
    }

    /// Keeps a set. A failure costs nothing but a line in the log: the keys are in use all the same.
    pub(crate) fn keep(&self, set: &KeySet, fetched_at: UnixTime) {
        let kept = StoredKeySet { document: set.document().to_owned(), fetched_at };
        if let Err(error) = self.ask(|store, issuer| store.store_key_set(issuer, &kept)) {
            log::warn!("the issuer's keys could not be kept for a restart: {}", in_one_line(&error));
        }
    }

    /// Asks a store that may have defects: a panic of it is a failure, and no end of fetching.
    fn ask<T>(
        &self,
        question: impl FnOnce(&dyn KeySetStore, &str) -> Result<T, RepositoryError>,
    ) -> Result<T, RepositoryError> {
        let answer = catch_unwind(AssertUnwindSafe(|| question(&*self.store, self.issuer.as_str())));
        answer.unwrap_or_else(|_| Err(RepositoryError::Failed("a defect of the store of keys".into())))
    }
}

impl std::fmt::Debug for KeyArchive {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("KeyArchive").field("issuer", &self.issuer).finish_non_exhaustive()
    }
}
