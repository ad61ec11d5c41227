//! Verification against the bare check of the same signature, and against the refusal of a forged one, in turns, so that
//! whatever else the machine does falls on all of them: `cargo bench -p auth0-verify --bench ratio`.

#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::print_stdout,
    reason = "a measurement says by failing what it cannot do"
)]

mod stage;

use std::hint::black_box;
use std::time::{Duration, Instant};

use fake_auth0::{Algorithm, BadToken};

use stage::Stage;

const ROUNDS: usize = 400;
const CALLS: u32 = 50;

fn main() {
    println!(
        "| algorithm | bare signature | accepted | refused forgery | known | accepted / bare | forgery / accepted | accepted / known |"
    );
    println!("|---|---|---|---|---|---|---|---|");
    for algorithm in [Algorithm::Rs256, Algorithm::Es256] {
        // Room for one: it is the known token's, and the others come in turns that are too long for a place.
        let stage = Stage::with_known_tokens(algorithm, 1);
        let known = stage.good();
        // One bit is wrong. A number above the modulus would be refused before any arithmetic.
        let forged = stage.bad(BadToken::SignatureFlipped);
        let bare = stage.bare(&known);
        assert!(bare.check() && !stage.verify(&forged) && (0..3).all(|_| stage.verify(&known)));
        let unknown = Stage::for_algorithm(algorithm);
        let good = unknown.good();
        let [bare, accepted, refused, known] = medians([
            &|| assert!(black_box(&bare).check()),
            &|| assert!(unknown.verify(black_box(&good))),
            &|| assert!(!stage.verify(black_box(&forged))),
            &|| assert!(stage.verify(black_box(&known))),
        ]);
        assert!(stage.cache().hits > 1_000);
        println!(
            "| {} | {:.2} µs | {:.2} µs | {:.2} µs | {:.2} µs | {:.3} | {:.3} | {:.1} |",
            algorithm.name(),
            micros(bare),
            micros(accepted),
            micros(refused),
            micros(known),
            accepted.as_secs_f64() / bare.as_secs_f64(),
            refused.as_secs_f64() / accepted.as_secs_f64(),
            accepted.as_secs_f64() / known.as_secs_f64(),
        );
    }
}

/// The median time of one call of each, measured in turns.
fn medians<const N: usize>(works: [&dyn Fn(); N]) -> [Duration; N] {
    let mut times = [const { Vec::new() }; N];
    for _ in 0..ROUNDS {
        for (work, times) in works.iter().zip(&mut times) {
            let begun = Instant::now();
            for _ in 0..CALLS {
                work();
            }
            times.push(begun.elapsed() / CALLS);
        }
    }
    times.map(|mut times| {
        times.sort();
        times[times.len() / 2]
    })
}

fn micros(time: Duration) -> f64 {
    time.as_secs_f64() * 1e6
}
