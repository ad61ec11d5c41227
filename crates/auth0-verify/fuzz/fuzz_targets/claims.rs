//! See `fuzz_bodies::claims`.
#![no_main]

libfuzzer_sys::fuzz_target!(|input: &[u8]| fuzz_bodies::claims(input));
