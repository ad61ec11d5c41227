//! A bounded run of every fuzz target: its seeds, and mutations of them. `cargo xtask fuzz` runs them for long.
//!
//! The same numbers each time, unless `AUTHSYNC_FUZZ_SEED` and `AUTHSYNC_FUZZ_RUNS` say otherwise.

#[path = "../../fuzz/src/lib.rs"]
#[allow(unreachable_pub, reason = "a crate of its own when it is fuzzed")]
mod bodies;

use std::path::Path;

const RUNS: u64 = 3_000;

/// What libFuzzer has in its dictionary, too.
static WORDS: &str = include_str!("../../fuzz/jwt.dict");

#[test]
fn an_authorization_header_gives_no_more_than_it_holds_whatever_comes() {
    run("authorization_header", bodies::authorization_header);
}

#[test]
fn a_proof_of_possession_is_judged_as_strictly_whatever_comes() {
    run("dpop_proof", bodies::dpop_proof);
}

#[test]
fn a_header_is_read_as_strictly_whatever_comes() {
    run("header", bodies::header);
}

#[test]
fn claims_are_judged_as_strictly_whatever_comes() {
    run("claims", bodies::claims);
}

#[test]
fn a_key_set_is_read_as_strictly_whatever_comes() {
    run("key_set", bodies::key_set);
}

/// Calls the body with every seed, and with mutations of seeds.
fn run(target: &str, body: fn(&[u8])) {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("fuzz/seeds").join(target);
    let mut files: Vec<_> =
        std::fs::read_dir(folder).expect("a folder of seeds").map(|file| file.expect("a seed").path()).collect();
    files.sort();
    let seeds: Vec<Vec<u8>> = files.iter().map(|file| std::fs::read(file).expect("a seed")).collect();
    assert!(!seeds.is_empty());
    for seed in &seeds {
        body(seed);
    }
    let words: Vec<Vec<u8>> = WORDS.lines().filter_map(word).collect();
    assert!(words.len() > 20);
    let mut dice = Dice(number("AUTHSYNC_FUZZ_SEED", 1));
    for _ in 0..number("AUTHSYNC_FUZZ_RUNS", RUNS) {
        let mut input = seeds[dice.below(seeds.len())].clone();
        for _ in 0..=dice.below(4) {
            mutate(&mut input, &mut dice, &seeds, &words);
        }
        body(&input);
    }
}

fn mutate(input: &mut Vec<u8>, dice: &mut Dice, seeds: &[Vec<u8>], words: &[Vec<u8>]) {
    let at = dice.below(input.len() + 1);
    let end = at + dice.below(input.len() - at + 1).min(16);
    match dice.below(8) {
        0 if at < input.len() => input[at] ^= 1 << dice.below(8),
        1 if at < input.len() => input[at] = dice.byte(),
        2 => input.insert(at, dice.byte()),
        3 => drop(input.drain(at..end)),
        4 => drop(input.splice(at..end, words[dice.below(words.len())].iter().copied())),
        5 => drop(input.splice(at..at, words[dice.below(words.len())].iter().copied())),
        6 => {
            let copied = input[at..end].to_vec();
            drop(input.splice(end..end, copied));
        }
        _ => {
            let other = &seeds[dice.below(seeds.len())];
            let from = dice.below(other.len() + 1);
            input.truncate(at);
            input.extend_from_slice(&other[from..]);
        }
    }
}

/// The text of a dictionary's line `"…"`, its escapes resolved.
fn word(line: &str) -> Option<Vec<u8>> {
    let quoted = line.strip_prefix('"')?.strip_suffix('"')?;
    Some(quoted.replace("\\\"", "\"").replace("\\\\", "\\").into_bytes())
}

#[expect(clippy::disallowed_methods, reason = "settings of a test run, not of the service")]
fn number(variable: &str, otherwise: u64) -> u64 {
    let given = std::env::var(variable).ok();
    given.map_or(otherwise, |text| text.parse().unwrap_or_else(|_| panic!("{variable} is no number")))
}

/// Numbers that look like chance and are the same each time (splitmix64).
struct Dice(u64);

impl Dice {
    fn roll(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    fn below(&mut self, bound: usize) -> usize {
        usize::try_from(self.roll() % bound as u64).expect("below a size")
    }

    fn byte(&mut self) -> u8 {
        self.roll().to_le_bytes()[0]
    }
}
