//! See `fuzz_bodies::dpop_proof`.
#![no_main]

libfuzzer_sys::fuzz_target!(|input: &[u8]| fuzz_bodies::dpop_proof(input));
