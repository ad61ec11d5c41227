//! Used proofs on PostgreSQL, shared by all nodes.

use std::sync::atomic::{AtomicU64, Ordering};

use diesel::prelude::*;
use diesel::query_dsl::methods::FilterDsl as _;
use diesel::sql_query;
use diesel::sql_types::BigInt;
use diesel::upsert::excluded;
use domain::{ProofUse, ReplayStore, RepositoryError, UsedProof};

use super::errors::classify;
use super::pool::PostgresPool;
use super::schema::dpop_proofs_used::dsl::{digest, dpop_proofs_used, forget_at};
use crate::fault::Fault;
use crate::used_proofs::FORGET_EVERY;

/// Another node that forgets the same rows is not waited for.
const FORGET: &str = "DELETE FROM dpop_proofs_used WHERE digest IN (SELECT digest FROM dpop_proofs_used \
                      WHERE forget_at <= $1 ORDER BY forget_at LIMIT 1000 FOR UPDATE SKIP LOCKED)";

/// The store.
pub(crate) struct PostgresUsedProofs {
    pool: PostgresPool,
    remembered: AtomicU64,
}

impl PostgresUsedProofs {
    pub(crate) fn over(pool: PostgresPool) -> Self {
        Self { pool, remembered: AtomicU64::new(0) }
    }

    fn insert(&self, proof: &UsedProof) -> Result<ProofUse, Fault> {
        let mut connection = self.pool.get()?;
        let now = proof.used_at.as_millis();
        let rows = diesel::insert_into(dpop_proofs_used)
            .values((digest.eq(proof.digest.as_slice()), forget_at.eq(proof.forget_at.as_millis())))
            .on_conflict(digest)
            .do_update()
            .set(forget_at.eq(excluded(forget_at)))
            // What counts no more is as good as forgotten.
            .filter(forget_at.le(now))
            .execute(&mut *connection)?;
        if self.remembered.fetch_add(1, Ordering::Relaxed).is_multiple_of(FORGET_EVERY) {
            sql_query(FORGET).bind::<BigInt, _>(now).execute(&mut *connection)?;
        }
        Ok(if rows == 1 { ProofUse::First } else { ProofUse::Repeated })
    }
}

impl ReplayStore for PostgresUsedProofs {
    fn remember(&self, proof: &UsedProof) -> Result<ProofUse, RepositoryError> {
        self.insert(proof).map_err(|fault| fault.explained(classify))
    }

    fn answers_at_once(&self) -> bool {
        false
    }
}
