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
    println!("| algorithm | bare signature | accepted | refused forgery | accepted / bare | forgery / accepted |");
    println!("|---|---|---|---|---|---|");
    for algorithm in [Algorithm::Rs256, Algorithm::Es256] {
        let stage = Stage::for_algorithm(algorithm);
        // One bit is wrong. A number above the modulus would be refused before any arithmetic.
        let (good, forged) = (stage.good(), stage.bad(BadToken::SignatureFlipped));
        let bare = stage.bare(&good);
        assert!(bare.check() && stage.verify(&good) && !stage.verify(&forged));
        let [bare, accepted, refused] =
            medians([&|| assert!(black_box(&bare).check()), &|| assert!(stage.verify(black_box(&good))), &|| {
                assert!(!stage.verify(black_box(&forged)))
            }]);
        println!(
            "| {} | {:.2} µs | {:.2} µs | {:.2} µs | {:.3} | {:.3} |",
            algorithm.name(),
            micros(bare),
            micros(accepted),
            micros(refused),
            accepted.as_secs_f64() / bare.as_secs_f64(),
            refused.as_secs_f64() / accepted.as_secs_f64(),
        );
    }
}

/// The median time of one call of each, measured in turns.
fn medians(works: [&dyn Fn(); 3]) -> [Duration; 3] {
    let mut times: [Vec<Duration>; 3] = Default::default();
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
