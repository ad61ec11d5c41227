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
use criterion::{BatchSize, Criterion, criterion_group, criterion_main};
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

/// With room for so few that nearly every admission displaces another token.
const ENTRIES: usize = 256;

fn known(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("known");
    for algorithm in [Algorithm::Rs256, Algorithm::Es256] {
        let stage = Stage::with_known_tokens(algorithm, ENTRIES);
        let tokens: Vec<_> = (0..2_048).map(|number| stage.good_of(number)).collect();
        let name = algorithm.name();
        let mut next = tokens.iter().cycle();
        group.bench_function(format!("{name}/comes for the first time"), |b| {
            b.iter(|| next.next().is_some_and(|token| stage.verify(black_box(token))))
        });
        group.bench_function(format!("{name}/comes for the second time and is kept"), |b| {
            let once_seen = || next.next().inspect(|token| assert!(stage.verify(token)));
            b.iter_batched(
                once_seen,
                |token| token.is_some_and(|token| stage.verify(black_box(token))),
                BatchSize::PerIteration,
            )
        });
        let good = stage.good();
        assert!(stage.verify(&good) && stage.verify(&good));
        let before = stage.cache().hits;
        group.bench_function(format!("{name}/is known"), |b| b.iter(|| stage.verify(black_box(&good))));
        assert!(stage.cache().hits > before);
    }
}

fn bound(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("bound, with a new proof each time");
    for (name, entries) in [("token judged from the beginning", 0), ("token is known", ENTRIES)] {
        let stage = Stage::with_known_tokens(Algorithm::Rs256, entries);
        let token = stage.bound();
        assert!((0..3).all(|_| stage.verify(&stage.with_proof(&token))));
        assert_eq!(stage.cache().hits > 0, entries > 0);
        group.bench_function(name, |b| {
            b.iter_batched(
                || stage.with_proof(&token),
                |presented| stage.verify(black_box(&presented)),
                BatchSize::SmallInput,
            )
        });
    }
}

fn refuse(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("refuse");
    // As a server runs it: what is refused has been looked for among the known tokens.
    let stage = Stage::with_known_tokens(Algorithm::Rs256, ENTRIES);
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

criterion_group!(benches, accept, known, bound, refuse, key_set);
criterion_main!(benches);
