//! The issuers' key sets on PostgreSQL.

use diesel::prelude::*;
use diesel::query_dsl::methods::FilterDsl as _;
use diesel::upsert::excluded;
use domain::{KeySetStore, RepositoryError, StoredKeySet, UnixTime};

use super::errors::classify;
use super::pool::PostgresPool;
use super::schema::issuer_key_sets::dsl::{document, fetched_at, issuer, issuer_key_sets};
use crate::fault::Fault;

/// The store.
pub(crate) struct PostgresKeySets {
    pool: PostgresPool,
}

impl PostgresKeySets {
    pub(crate) fn over(pool: PostgresPool) -> Self {
        Self { pool }
    }

    fn load(&self, name: &str) -> Result<Option<StoredKeySet>, Fault> {
        let row: Option<(String, i64)> =
            issuer_key_sets.find(name).select((document, fetched_at)).first(&mut *self.pool.get()?).optional()?;
        Ok(row.map(|(text, millis)| StoredKeySet { document: text, fetched_at: UnixTime::from_millis(millis) }))
    }

    fn store(&self, name: &str, set: &StoredKeySet) -> Result<(), Fault> {
        diesel::insert_into(issuer_key_sets)
            .values((issuer.eq(name), document.eq(&set.document), fetched_at.eq(set.fetched_at.as_millis())))
            .on_conflict(issuer)
            .do_update()
            .set((document.eq(excluded(document)), fetched_at.eq(excluded(fetched_at))))
            // As `StoredKeySet::gives_way_to`: a slower node must not put an older set over a newer one, but over one of a
            // time to come.
            .filter(fetched_at.le(excluded(fetched_at)).or(fetched_at.gt(set.outdone_up_to().as_millis())))
            .execute(&mut *self.pool.get()?)?;
        Ok(())
    }
}

impl KeySetStore for PostgresKeySets {
    fn load_key_set(&self, name: &str) -> Result<Option<StoredKeySet>, RepositoryError> {
        self.load(name).map_err(|fault| fault.explained(classify))
    }

    fn store_key_set(&self, name: &str, set: &StoredKeySet) -> Result<(), RepositoryError> {
        self.store(name, set).map_err(|fault| fault.explained(classify))
    }
}
