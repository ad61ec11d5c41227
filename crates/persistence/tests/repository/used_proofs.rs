//! The promises of `ReplayStore`, kept by both databases.

use std::sync::Arc;

use domain::{ProofUse, ReplayStore, RepositoryError, UnixTime, UsedProof};
use persistence::{Database, DatabaseUrl, PoolSettings};
use scratch_database::ScratchDatabase;

use crate::bench::at_once;

macro_rules! on_both_databases {
    ($($case:ident,)+) => {
        mod sqlite { $(#[test] fn $case() { super::$case(&scratch_database::ScratchDatabase::sqlite()); })+ }
        mod postgres { $(#[test] fn $case() { super::$case(&scratch_database::ScratchDatabase::postgres()); })+ }
    };
}

on_both_databases! {
    a_proof_is_new_once,
    another_node_knows_of_it,
    of_many_uses_at_once_one_is_the_first,
    what_counts_no_more_is_as_good_as_forgotten,
    what_counts_no_more_does_not_pile_up,
    an_unmigrated_database_cannot_tell,
}

fn open(scratch: &ScratchDatabase) -> Database {
    let url = DatabaseUrl::parse(scratch.url()).expect("a URL");
    Database::open(&url, &PoolSettings::default()).expect("a pool")
}

fn node(scratch: &ScratchDatabase) -> Arc<dyn ReplayStore> {
    let database = open(scratch);
    database.migrator().up().expect("a schema");
    database.used_proofs()
}

/// A proof used at a second, that counts for a minute.
fn proof(name: u32, secs: i64) -> UsedProof {
    let mut digest = [0; 32];
    digest[..4].copy_from_slice(&name.to_be_bytes());
    UsedProof { digest, used_at: UnixTime::from_secs(secs), forget_at: UnixTime::from_secs(secs + 60) }
}

fn a_proof_is_new_once(scratch: &ScratchDatabase) {
    let store = node(scratch);
    assert_eq!(store.remember(&proof(1, 1_000)).expect("an answer"), ProofUse::First);
    assert_eq!(store.remember(&proof(2, 1_000)).expect("an answer"), ProofUse::First);
    assert_eq!(store.remember(&proof(1, 1_000)).expect("an answer"), ProofUse::Repeated);
    assert_eq!(store.remember(&proof(1, 1_059)).expect("an answer"), ProofUse::Repeated);
    assert!(!store.answers_at_once());
}

fn another_node_knows_of_it(scratch: &ScratchDatabase) {
    let (one, other) = (node(scratch), node(scratch));
    assert_eq!(one.remember(&proof(1, 1_000)).expect("an answer"), ProofUse::First);
    assert_eq!(other.remember(&proof(1, 1_001)).expect("an answer"), ProofUse::Repeated);
}

fn of_many_uses_at_once_one_is_the_first(scratch: &ScratchDatabase) {
    let nodes = [node(scratch), node(scratch)];
    let uses = at_once(8, |at| nodes[at % 2].remember(&proof(7, 1_000)).expect("an answer"));
    assert_eq!(uses.iter().filter(|used| **used == ProofUse::First).count(), 1, "{uses:?}");
}

fn what_counts_no_more_is_as_good_as_forgotten(scratch: &ScratchDatabase) {
    let store = node(scratch);
    assert_eq!(store.remember(&proof(1, 1_000)).expect("an answer"), ProofUse::First);
    assert_eq!(store.remember(&proof(1, 1_060)).expect("an answer"), ProofUse::First);
    assert_eq!(store.remember(&proof(1, 1_061)).expect("an answer"), ProofUse::Repeated);
}

fn what_counts_no_more_does_not_pile_up(scratch: &ScratchDatabase) {
    let store = node(scratch);
    for name in 0..300 {
        store.remember(&proof(name, 1_000)).expect("an answer");
    }
    for name in 300..600 {
        store.remember(&proof(name, 2_000)).expect("an answer");
    }
    let left = |which: &str| scratch.scalar(&format!("SELECT CAST(COUNT(*) AS TEXT) FROM dpop_proofs_used {which}"));
    assert_eq!(left("WHERE forget_at <= 2000000").as_deref(), Some("0"), "of the first three hundred");
    assert_eq!(left("").as_deref(), Some("300"));
}

fn an_unmigrated_database_cannot_tell(scratch: &ScratchDatabase) {
    let store = open(scratch).used_proofs();
    assert!(matches!(store.remember(&proof(1, 1_000)), Err(RepositoryError::Unavailable(_))));
}
