//! See `fuzz_bodies::header`.
#![no_main]

libfuzzer_sys::fuzz_target!(|input: &[u8]| fuzz_bodies::header(input));
