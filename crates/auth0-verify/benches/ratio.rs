//! Verification against the bare check of the same signature, and against the refusal of a forged one, in turns, so that
//! whatever else the machine does falls on all of them: `cargo bench -p auth0-verify --bench ratio`.

#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::print_stdout,
    reason = "a measurement says by failing what it cannot do"
)]

mod stage;

use std::cell::Cell;
use std::hint::black_box;
use std::time::{Duration, Instant};

use domain::{AccessToken, Presented};
use fake_auth0::Algorithm;

use stage::Stage;

const ROUNDS: usize = 400;
const CALLS: u32 = 50;

fn main() {
    println!(
        "| algorithm | bare signature | accepted | refused forgery | known | accepted / bare | forgery / accepted | accepted / known |"
    );
    println!("|---|---|---|---|---|---|---|---|");
    for algorithm in [Algorithm::Rs256, Algorithm::Es256] {
        // As a server runs it: each token is looked for among the known ones.
        let stage = Stage::with_known_tokens(algorithm, 16);
        let known = stage.good();
        let bare = stage.bare(&known);
        assert!(bare.check() && (0..3).all(|_| stage.verify(&known)));
        // Too many for the table of sightings, so that each is as good as new every time.
        let strangers: Vec<_> = (0..1_000).map(|number| stage.good_of(number)).collect();
        // Each with the signature of another, which costs all the arithmetic that a good one does.
        let forged: Vec<_> = strangers.iter().zip(strangers.iter().cycle().skip(1)).map(with_signature_of).collect();
        let next = Cell::new(0);
        let one_of = |tokens: &[Presented]| {
            let token = tokens.get(next.replace((next.get() + 1) % tokens.len()));
            token.is_some_and(|token| stage.verify(black_box(token)))
        };
        let [bare, accepted, refused, known] = medians([
            &|| assert!(black_box(&bare).check()),
            &|| assert!(one_of(&strangers)),
            &|| assert!(!one_of(&forged)),
            &|| assert!(stage.verify(black_box(&known))),
        ]);
        let cache = stage.cache();
        assert!(cache.hits > 1_000 && cache.admissions < cache.misses / 100, "{cache:?}");
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

fn with_signature_of((token, other): (&Presented, &Presented)) -> Presented {
    let parts = |token: &Presented| {
        let (signed, signature) = token.token().reveal().rsplit_once('.').expect("a token");
        (signed.to_owned(), signature.to_owned())
    };
    Presented::Bearer(AccessToken::new(format!("{}.{}", parts(token).0, parts(other).1)))
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
