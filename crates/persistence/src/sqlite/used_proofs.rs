//! Used proofs on SQLite, shared by all processes that have the file open.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use diesel::prelude::*;
use diesel::query_dsl::methods::FilterDsl as _;
use diesel::r2d2::{ConnectionManager, Pool};
use diesel::sql_query;
use diesel::sql_types::BigInt;
use diesel::upsert::excluded;
use domain::{ProofUse, ReplayStore, RepositoryError, UsedProof};

use super::errors::classify;
use super::schema::dpop_proofs_used::dsl::{digest, dpop_proofs_used, forget_at};
use super::write_turns::WriteTurns;
use crate::fault::Fault;
use crate::used_proofs::FORGET_EVERY;

const FORGET: &str = "DELETE FROM dpop_proofs_used WHERE digest IN (SELECT digest FROM dpop_proofs_used \
                      WHERE forget_at <= ? ORDER BY forget_at LIMIT 1000)";

/// The store.
pub(crate) struct SqliteUsedProofs {
    pool: Pool<ConnectionManager<SqliteConnection>>,
    turns: Arc<WriteTurns>,
    patience: Duration,
    remembered: AtomicU64,
}

impl SqliteUsedProofs {
    /// The turns are those of everybody who writes much; `patience` is how long a write waits for its own.
    pub(crate) fn over(
        pool: Pool<ConnectionManager<SqliteConnection>>,
        turns: Arc<WriteTurns>,
        patience: Duration,
    ) -> Self {
        Self { pool, turns, patience, remembered: AtomicU64::new(0) }
    }

    fn insert(&self, proof: &UsedProof) -> Result<ProofUse, Fault> {
        let _turn = self.turns.take(self.patience).ok_or(Fault::NoTurn)?;
        let mut connection = self.pool.get()?;
        let now = proof.used_at.as_millis();
        let rows = diesel::insert_into(dpop_proofs_used)
            .values((digest.eq(proof.digest.as_slice()), forget_at.eq(proof.forget_at.as_millis())))
            .on_conflict(digest)
            .do_update()
            .set(forget_at.eq(excluded(forget_at)))
            // What counts no more is as good as forgotten.
            .filter(forget_at.le(now))
            .execute(&mut connection)?;
        if self.remembered.fetch_add(1, Ordering::Relaxed).is_multiple_of(FORGET_EVERY) {
            sql_query(FORGET).bind::<BigInt, _>(now).execute(&mut connection)?;
        }
        Ok(if rows == 1 { ProofUse::First } else { ProofUse::Repeated })
    }
}

impl ReplayStore for SqliteUsedProofs {
    fn remember(&self, proof: &UsedProof) -> Result<ProofUse, RepositoryError> {
        self.insert(proof).map_err(|fault| fault.explained(classify))
    }

    fn answers_at_once(&self) -> bool {
        false
    }
}
