//! What a known token takes up: `cargo bench -p auth0-verify --bench memory`. Linux alone tells.

#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::print_stdout,
    reason = "a measurement says by failing what it cannot do"
)]

mod stage;

use fake_auth0::Algorithm;

use stage::Stage;

const TOKENS: usize = 40_000;

fn main() {
    for entries in [0, TOKENS] {
        // The signature is not kept, so its kind is of no account.
        let stage = Stage::with_known_tokens(Algorithm::Es256, entries);
        let come = |from: usize| {
            for number in from..from + TOKENS {
                let token = stage.good_of(number);
                assert!(stage.verify(&token) && stage.verify(&token));
            }
        };
        let before = resident_bytes();
        come(0);
        let first = resident_bytes();
        come(TOKENS);
        let second = resident_bytes();
        let kept = stage.cache().entries;
        let each = second.saturating_sub(before).checked_div(kept).unwrap_or(0);
        println!(
            "room for {entries}: {kept} kept; resident +{} KiB after {TOKENS} tokens, +{} KiB after twice as many; \
             {each} bytes for each that is kept",
            first.saturating_sub(before) / 1024,
            second.saturating_sub(before) / 1024,
        );
    }
}

fn resident_bytes() -> usize {
    let status = std::fs::read_to_string("/proc/self/status").expect("Linux");
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).expect("the resident set");
    let kib: usize = line.trim().trim_end_matches("kB").trim().parse().expect("a number");
    kib * 1024
}
