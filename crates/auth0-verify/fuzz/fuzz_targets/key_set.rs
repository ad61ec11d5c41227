//! See `fuzz_bodies::key_set`.
#![no_main]

libfuzzer_sys::fuzz_target!(|input: &[u8]| fuzz_bodies::key_set(input));
