//! What it takes to accept a token, to refuse one, and to read a key set: `cargo bench -p auth0-verify --bench verify`.

#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    missing_docs,
    reason = "a measurement says by failing what it cannot do"
)]

mod stage;

use std::hint::black_box;

use auth0_verify::KeySet;
use criterion::{Criterion, criterion_group, criterion_main};
use fake_auth0::{Algorithm, BadToken};

use stage::Stage;

/// Refused before any key is asked for, in the order of the checks; then those that need a key.
const REJECTIONS: [BadToken; 9] = [
    BadToken::TooLong,
    BadToken::Opaque,
    BadToken::HeaderNotBase64,
    BadToken::AlgNone,
    BadToken::IssuerOther,
    BadToken::IdToken,
    BadToken::Expired,
    BadToken::KidUnknown,
    BadToken::SignatureFlipped,
];

fn accept(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("accept");
    for algorithm in [Algorithm::Rs256, Algorithm::Es256] {
        let stage = Stage::for_algorithm(algorithm);
        let good = stage.good();
        let bare = stage.bare(&good);
        assert!(stage.verify(&good) && bare.check());
        group.bench_function(format!("{}/verify", algorithm.name()), |b| b.iter(|| stage.verify(black_box(&good))));
        group.bench_function(format!("{}/bare signature", algorithm.name()), |b| b.iter(|| black_box(&bare).check()));
    }
}

fn refuse(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("refuse");
    let stage = Stage::for_algorithm(Algorithm::Rs256);
    for kind in REJECTIONS {
        let bad = stage.bad(kind);
        assert!(!stage.verify(&bad));
        group.bench_function(kind.name(), |b| b.iter(|| stage.verify(black_box(&bad))));
    }
}

fn key_set(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("key set");
    for algorithm in [Algorithm::Rs256, Algorithm::Es256] {
        let keys = Stage::for_algorithm(algorithm).tenant.jwks();
        assert!(KeySet::parse(&keys).is_ok());
        group.bench_function(algorithm.name(), |b| b.iter(|| KeySet::parse(black_box(&keys)).is_ok()));
    }
}

criterion_group!(benches, accept, refuse, key_set);
criterion_main!(benches);
